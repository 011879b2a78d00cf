"""Products, their stores and categories (spec: products 1, 19.3)."""

import datetime

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q, functions
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.fields import LocalizedField, MapField
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField
from catalog.categories.models import Category
from catalog.products.models.keys import HELD_KEYS
from catalog.products.names import CatalogueNames
from catalog.stores.models import Store
from catalog.stores.names import shown_name
from catalog.taxes.models import TaxSet

SKU = r"^[A-Za-z0-9._-]+$"
SKU_LENGTH = 255
COLOURS = (
    *("aliceblue", "antiquewhite", "aqua", "aquamarine", "azure", "beige", "bisque", "black"),
    *("blanchedalmond", "blue", "blueviolet", "brown", "burlywood", "cadetblue", "chartreuse", "chocolate"),
    *("coral", "cornflowerblue", "cornsilk", "crimson", "cyan", "darkblue", "darkcyan", "darkgoldenrod"),
    *("darkgray", "darkgreen", "darkgrey", "darkkhaki", "darkmagenta", "darkolivegreen", "darkorange"),
    *("darkorchid", "darkred", "darksalmon", "darkseagreen", "darkslateblue", "darkslategray"),
    *("darkslategrey", "darkturquoise", "darkviolet", "deeppink", "deepskyblue", "dimgray", "dimgrey"),
    *("dodgerblue", "firebrick", "floralwhite", "forestgreen", "fuchsia", "gainsboro", "ghostwhite"),
    *("gold", "goldenrod", "gray", "green", "greenyellow", "grey", "honeydew", "hotpink", "indianred"),
    *("indigo", "ivory", "khaki", "lavender", "lavenderblush", "lawngreen", "lemonchiffon", "lightblue"),
    *("lightcoral", "lightcyan", "lightgoldenrodyellow", "lightgray", "lightgreen", "lightgrey"),
    *("lightpink", "lightsalmon", "lightseagreen", "lightskyblue", "lightslategray", "lightslategrey"),
    *("lightsteelblue", "lightyellow", "lime", "limegreen", "linen", "magenta", "maroon"),
    *("mediumaquamarine", "mediumblue", "mediumorchid", "mediumpurple", "mediumseagreen"),
    *("mediumslateblue", "mediumspringgreen", "mediumturquoise", "mediumvioletred", "midnightblue"),
    *("mintcream", "mistyrose", "moccasin", "navajowhite", "navy", "oldlace", "olive", "olivedrab"),
    *("orange", "orangered", "orchid", "palegoldenrod", "palegreen", "paleturquoise", "palevioletred"),
    *("papayawhip", "peachpuff", "peru", "pink", "plum", "powderblue", "purple", "rebeccapurple", "red"),
    *("rosybrown", "royalblue", "saddlebrown", "salmon", "sandybrown", "seagreen", "seashell", "sienna"),
    *("silver", "skyblue", "slateblue", "slategray", "slategrey", "snow", "springgreen", "steelblue"),
    *("tan", "teal", "thistle", "tomato", "turquoise", "violet", "wheat", "white", "whitesmoke", "yellow"),
    "yellowgreen",
)
"""The colour names of CSS, level 4."""
COLOUR_LENGTH = max(map(len, COLOURS))
SHORT_SEARCH = Q(LessThanOrEqual(functions.Length("search"), 600))
"""Rows whose searched text fits into an index in whatever letters: it is read there, as the rows themselves lie far
apart. A few long ones are read where they are."""
NO_COLOUR = _("Write #RRGGBB or a colour name of CSS such as navy.")


class ProductQuerySet(CatalogueNames, models.QuerySet["Product"]):
    """Questions about many products."""

    def active(self, at: datetime.datetime | None = None) -> "ProductQuerySet":
        """Products with at least one live variant (1, 13.1)."""
        from catalog.products.models.variants import Variant

        return self.filter(Exists(Variant.objects.live(at).filter(product=OuterRef("pk"))))

    def with_facts(self, at: datetime.datetime | None = None) -> "ProductQuerySet":
        """Adds ``variant_count``, ``is_live`` (computed status) and ``is_bundle``, for the rows shown only."""
        from catalog.products.models.bundles import BundleItem
        from catalog.products.models.variants import Variant

        variants = Variant.objects.filter(product=OuterRef("pk")).order_by()
        counted = variants.values("product").annotate(number=models.Count("pk")).values("number")
        return self.annotate(
            variant_count=functions.Coalesce(models.Subquery(counted), 0),
            is_live=Exists(Variant.objects.live(at).filter(product=OuterRef("pk"))),
            is_bundle=Exists(BundleItem.objects.filter(bundle__product=OuterRef("pk"))),
        )

    def new(self, at: datetime.datetime | None = None) -> "ProductQuerySet":
        """Products that are new at a moment; a ``new_to`` at midnight counts until the end of its day (13.6)."""
        at = at or timezone.now()
        midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
        ended = Q(new_to__lt=at) & ~Q(new_to=midnight)
        began = Q(new_from__isnull=True) | Q(new_from__lte=at)
        return self.filter(began & ~ended).exclude(new_from__isnull=True, new_to__isnull=True)


class Product(Record):
    """The catalogue entry. Its variants are what is sold."""

    class Approval(models.TextChoices):
        """The states of approval; none is a draft (16.1)."""

        DRAFT = "draft", _("Draft")
        WAITING = "waiting_for_approval", _("Waiting for approval")
        APPROVED = "approved", _("Approved")
        DENIED = "denied", _("Denied")

    sku = models.CharField(_("SKU"), max_length=SKU_LENGTH)
    name = LocalizedField(_("name"))
    description = LocalizedField(_("description"), max_length=None, multiline=True)
    meta_title = LocalizedField(_("title"))
    meta_keywords = LocalizedField(_("keywords"), max_length=None)
    meta_description = LocalizedField(_("description for search engines"), max_length=None, multiline=True)
    attributes = MapField(_("attributes"))
    attributes_localized = MapField(_("attributes per locale"), levels=2)
    tax_set = models.ForeignKey(
        TaxSet, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("tax set")
    )
    stores = models.ManyToManyField(
        Store, through="ProductStore", related_name="products", blank=True, verbose_name=_("stores")
    )
    categories = models.ManyToManyField(
        Category, through="CategoryProduct", related_name="products", blank=True, verbose_name=_("categories")
    )
    new_from = models.DateTimeField(_("new from"), null=True, blank=True)
    new_to = models.DateTimeField(_("new to"), null=True, blank=True)
    approval_status = models.CharField(
        _("approval"), max_length=20, blank=True, default="", choices=Approval.choices
    )
    color_code = models.CharField(_("colour code"), max_length=COLOUR_LENGTH, blank=True, default="")
    search = SearchField(sources=("sku", "name"))

    objects = ProductQuerySet.as_manager()

    class Meta:
        default_permissions = (*RIGHTS, "activate", "discontinue", "approve")
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["tax_set", "id"], name="products_product_tax_set"),
            models.Index(fields=["approval_status", "id"], name="products_product_approval"),
            models.Index(fields=["updated_at", "id"], name="products_product_changed"),
            GinIndex(HELD_KEYS, name="products_product_keys"),
            models.Index(
                fields=["id"],
                name="products_product_short_search",
                condition=SHORT_SEARCH,
                include=["search"],
            ),
            models.Index(fields=["id"], name="products_product_long_search", condition=~SHORT_SEARCH),
        ]
        constraints = [
            UniqueRule(
                fields=["sku"],
                name="products_product_sku_unique",
                column="sku",
                code="taken",
                message=_("Another product has this SKU."),
            ),
            UniqueRule(
                OpClass(functions.Lower("sku"), name="text_pattern_ops"),
                name="products_product_sku_any_case",
                column="sku",
                code="taken",
                message=_("Another product has this SKU in other letters."),
            ),
            CheckRule(
                condition=Q(sku__regex=SKU),
                name="products_product_sku_letters",
                column="sku",
                code="bad_key",
                message=_("Use letters, digits, dot, dash and underscore only."),
            ),
            CheckRule(
                condition=Q(new_from__isnull=True)
                | Q(new_to__isnull=True)
                | Q(new_from__lt=models.F("new_to")),
                name="products_product_new_order",
                column="new_to",
                code="conflict",
                message=_("“New to” must be after “new from”."),
            ),
            CheckRule(
                condition=Q(color_code="")
                | Q(color_code__regex=r"^#[0-9A-Fa-f]{6}$")
                | Q(color_code__iregex=rf"^({'|'.join(COLOURS)})$"),
                name="products_product_colour_known",
                column="color_code",
                code="bad_choice",
                message=NO_COLOUR,
            ),
            CheckRule(
                condition=Q(approval_status__in=["", "draft", "waiting_for_approval", "approved", "denied"]),
                name="products_product_approval_known",
                column="approval_status",
                code="bad_choice",
                message=_("Choose draft, waiting for approval, approved or denied."),
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    def name_in(self, locale: str = "") -> str:
        """The name for a user with this content locale; the SKU where no text exists (0.2)."""
        return shown_name(self.sku, self.name, locale)

    @property
    def approval(self) -> str:
        """The state of approval, where none counts as a draft."""
        return self.approval_status or self.Approval.DRAFT


class ProductStore(Record):
    """A product offered in a store; its variants inherit it (0.3)."""

    product = models.ForeignKey(
        Product, models.CASCADE, related_name="store_links", verbose_name=_("product")
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="product_links", verbose_name=_("store"))

    history_parent = "product"

    class Meta:
        default_permissions = ()
        verbose_name = _("store of a product")
        verbose_name_plural = _("stores of a product")
        ordering = ("store__name",)
        indexes = [models.Index(fields=["store", "product"], name="products_productstore_store")]
        constraints = [
            UniqueRule(
                fields=["product", "store"],
                name="products_productstore_once",
                column="store_name",
                code="taken",
                message=_("The product is in this store already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.store}"


class CategoryProduct(models.Model):
    """A product in a category. Lower ``product_order`` first, ties by name (19.3). Part of the product's history."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="category_links")
    category = models.ForeignKey(Category, models.CASCADE, related_name="product_links")
    product_order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        default_permissions = ()
        verbose_name = _("category of a product")
        verbose_name_plural = _("categories of a product")
        ordering = ("product_order", "pk")
        indexes = [
            models.Index(fields=["category", "product_order", "product"], name="products_category_order")
        ]
        constraints = [
            UniqueRule(
                fields=["product", "category"],
                name="products_categoryproduct_once",
                column="category",
                code="taken",
                message=_("The product is in this category already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.category}"
