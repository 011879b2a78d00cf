"""Variants, and the record that one is discontinued (spec: products 7, 13, 14)."""

import datetime

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When, functions
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.fields import LocalizedField, MapField
from backoffice.records import Record
from backoffice.texts import SearchField
from catalog.products.models.keys import HELD_KEYS
from catalog.products.models.products import SKU, SKU_LENGTH, Product
from catalog.products.names import CatalogueNames
from catalog.stores.names import shown_name

PADDED_GTIN = functions.LPad("gtin", 14, Value("0"))
"""The GTIN as 14 digits: 12 and 13 digits with leading zeros are the same number (21.3)."""

WITH_WINDOW = Q(valid_from__isnull=False) | Q(valid_to__isnull=False)


def live_by_itself(at: datetime.datetime | None = None, prefix: str = "") -> Q:
    """Switched on, inside the validity window, discontinue period not over (13.1); what a bundle's components
    add is not asked. ``prefix`` leads to the variant, such as ``item__``."""
    at = at or timezone.now()
    began = Q(**{f"{prefix}valid_from__isnull": True}) | Q(**{f"{prefix}valid_from__lte": at})
    lasts = Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gte": at})
    kept = Q(**{f"{prefix}discontinued__isnull": True}) | Q(
        **{
            f"{prefix}discontinued__active_until__gte": timezone.localdate(
                at, timezone.get_default_timezone()
            )
        }
    )
    return Q(**{f"{prefix}is_active": True}) & began & lasts & kept


def dead_components(at: datetime.datetime | None = None) -> Exists:
    """Whether a variant holds a component that is not live (12.8)."""
    from catalog.products.models.bundles import BundleItem

    lives = Case(When(live_by_itself(at, "item__"), then=Value(True)), default=Value(False))
    return Exists(
        BundleItem.objects.filter(bundle=OuterRef("pk")).annotate(item_lives=lives).filter(item_lives=False)
    )


class VariantQuerySet(CatalogueNames, models.QuerySet["Variant"]):
    """Questions about many variants."""

    def live(self, at: datetime.datetime | None = None) -> "VariantQuerySet":
        """Variants that are live at a moment (13.1); a bundle only while all its components are."""
        return self.filter(live_by_itself(at)).exclude(dead_components(at))

    def with_live(self, at: datetime.datetime | None = None) -> "VariantQuerySet":
        """Adds ``is_live`` and ``is_bundle``, for the rows shown only."""
        from catalog.products.models.bundles import BundleItem

        by_itself = Case(When(live_by_itself(at), then=Value(True)), default=Value(False))
        return self.annotate(
            is_bundle=Exists(BundleItem.objects.filter(bundle=OuterRef("pk"))),
            is_live=Case(When(dead_components(at), then=Value(False)), default=by_itself),
        )


class Variant(Record):
    """What is sold: a product in one combination of its super attributes."""

    sku = models.CharField(_("SKU"), max_length=SKU_LENGTH)
    product = models.ForeignKey(Product, models.CASCADE, related_name="variants", verbose_name=_("product"))
    is_active = models.BooleanField(_("active"), default=False)
    was_active = models.BooleanField(default=False, editable=False)
    """Whether it was ever switched on: then it is not deleted (0.9), and its product's former addresses redirect
    (18.5). The database keeps it, whoever writes."""
    name = LocalizedField(_("name"))
    description = LocalizedField(_("description"), max_length=None, multiline=True)
    attributes = MapField(_("attributes"))
    attributes_localized = MapField(_("attributes per locale"), levels=2)
    is_searchable = MapField(_("searchable"))
    is_complete = MapField(_("translation finished"))
    is_quantity_splittable = models.BooleanField(_("quantity splittable"), default=True)
    gtin = models.CharField(_("GTIN"), max_length=14, null=True, blank=True)  # noqa: DJ001 - unique where given
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)
    search = SearchField(sources=("sku", "name"))

    objects = VariantQuerySet.as_manager()
    history_parent = "product"
    history_excluded = ("was_active",)

    class Meta:
        default_permissions = ()
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ("sku",)
        indexes = [
            models.Index(fields=["product", "sku"], name="products_variant_of_product"),
            models.Index(fields=["is_active", "product"], name="products_variant_switched"),
            GinIndex(HELD_KEYS, name="products_variant_keys"),
            models.Index(
                fields=["product"],
                name="products_variant_with_window",
                condition=WITH_WINDOW,
                include=["valid_from", "valid_to"],
            ),
            models.Index(
                fields=["id"],
                name="products_variant_hardly_live",
                condition=Q(is_active=False) | WITH_WINDOW,
                include=["is_active", "valid_from", "valid_to"],
            ),
        ]
        constraints = [
            UniqueRule(
                fields=["sku"],
                name="products_variant_sku_unique",
                column="sku",
                code="taken",
                message=_("Another variant has this SKU."),
            ),
            UniqueRule(
                OpClass(functions.Lower("sku"), name="text_pattern_ops"),
                name="products_variant_sku_any_case",
                column="sku",
                code="taken",
                message=_("Another variant has this SKU in other letters."),
            ),
            UniqueRule(
                PADDED_GTIN,
                name="products_variant_gtin_unique",
                column="gtin",
                code="taken",
                message=_("Another variant has this GTIN."),
            ),
            CheckRule(
                condition=Q(sku__regex=SKU),
                name="products_variant_sku_letters",
                column="sku",
                code="bad_key",
                message=_("Use letters, digits, dot, dash and underscore only."),
            ),
            CheckRule(
                condition=Q(gtin__isnull=True) | Q(gtin__regex=r"^([0-9]{8}|[0-9]{12,14})$"),
                name="products_variant_gtin_digits",
                column="gtin",
                code="bad_gtin",
                message=_("A GTIN has 8, 12, 13 or 14 digits."),
            ),
            CheckRule(
                condition=Q(valid_from__isnull=True)
                | Q(valid_to__isnull=True)
                | Q(valid_from__lt=models.F("valid_to")),
                name="products_variant_window_order",
                column="valid_to",
                code="conflict",
                message=_("“Valid to” must be after “valid from”."),
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    def name_in(self, locale: str = "") -> str:
        """The name for a user with this content locale; the SKU where no text exists (0.2)."""
        return shown_name(self.sku, self.name, locale)


class Discontinued(Record):
    """A variant that is phased out: offered until ``active_until`` inclusive, not live from the day after (14)."""

    variant = models.OneToOneField(
        Variant, models.CASCADE, related_name="discontinued", verbose_name=_("variant")
    )
    active_until = models.DateField(_("active until"))
    note = LocalizedField(_("note"), max_length=None, multiline=True)

    history_parent = "variant"

    class Meta:
        default_permissions = ()
        verbose_name = _("discontinued variant")
        verbose_name_plural = _("discontinued variants")
        ordering = ("active_until", "pk")

    def __str__(self) -> str:
        return str(self.variant)
