"""The list of products: columns, search, filters, what a row offers (spec: products 2)."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar, NamedTuple

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import rows as scoped
from backoffice.console.filters import MANY, Choice, DateRange, Filter, Words
from backoffice.console.lists import Column, tags
from backoffice.console.screens import Action
from catalog.categories import paths
from catalog.categories.models import Category
from catalog.products import approval, attribute_use, finding
from catalog.products.admin.readiness_column import READINESS, readiness_of
from catalog.products.models import Product, ProductStore
from catalog.products.narrowing import one_of
from catalog.products.pictures import pictured, show_pictures
from catalog.products.readiness import checks
from catalog.stores.filters import NAME_MISSING
from catalog.stores.models import Store
from catalog.taxes.models import TaxSet

SHOWN = ("sku", "name", "approval_status", "tax_set__name", "version", "created_at", "updated_at")
"""What a row of the list holds; texts and attributes of a product are large and stay where they are."""
NO_TAX_SET = "none"
SHORT = 20
"""So many characters of a name need no second line."""
STATUSES = (
    (finding.ACTIVE, gettext_lazy("Active")),
    (finding.DEACTIVATED, gettext_lazy("Deactivated")),
)
TYPES = ((finding.PRODUCT, gettext_lazy("Product")), (finding.BUNDLE, gettext_lazy("Bundle")))


class Facts(NamedTuple):
    """What one more query tells of the rows shown."""

    variant_count: int
    is_live: bool
    is_bundle: bool


def status_words(is_live: bool) -> str:
    return _("Active") if is_live else _("Deactivated")


def type_words(is_bundle: bool) -> SafeString:
    return format_html('<span class="bo-nowrap">{}</span>', _("Bundle") if is_bundle else _("Product"))


def tax_words(row: Product) -> SafeString | str:
    """The tax set; a short name stays on one line, however narrow the column is."""
    name = row.tax_set.name if row.tax_set else ""
    return format_html('<span class="bo-nowrap">{}</span>', name) if 0 < len(name) <= SHORT else name


def store_tags(names: list[str]) -> SafeString:
    """The stores of a row; a few of them stay on one line."""
    return format_html('<span class="bo-nowrap">{}</span>', tags(names)) if len(names) < 4 else tags(names)


def store_choices(request: HttpRequest) -> list[tuple[int, str]]:
    return list(Store.objects.order_by("name").values_list("pk", "name"))


def tax_choices(request: HttpRequest) -> list[tuple[Any, str]]:
    named = TaxSet.objects.order_by("name").values_list("pk", "name")[: MANY - 1]
    return [*named, (NO_TAX_SET, _("without a tax set"))]


def taxed_with(rows: QuerySet[Product], ids: Collection[str]) -> QuerySet[Product]:
    hit = Q(tax_set__in=[pk for pk in ids if pk != NO_TAX_SET])
    return rows.filter(hit | Q(tax_set__isnull=True) if NO_TAX_SET in ids else hit)


def check_choices(request: HttpRequest) -> list[tuple[str, str]]:
    """The stored checks by what is missing, approval only while it is on."""
    known = checks.shown_checks(stored=True)
    return [(check.code, str(check.told).partition(". ")[0].rstrip(".")) for check in known]


def category_choices(request: HttpRequest) -> list[tuple[str, str]]:
    """The categories this user may see, in the order of the tree, named by the way that leads to them."""
    seen = list(scoped.visible(Category.objects.all(), request.user, "view").order_by("path")[:MANY])
    names = paths.full_names(seen, request.user.content_locale)
    return [(each.key, names[each.pk]) for each in seen]


def of_categories(rows: QuerySet[Product], keys: Collection[str]) -> QuerySet[Product]:
    return finding.in_categories(rows, Category.objects.filter(key__in=keys))


def of_typed_category(rows: QuerySet[Product], text: str) -> QuerySet[Product]:
    """The category with this key, else all whose key or name holds the text."""
    exact = Category.objects.filter(key=text)
    return finding.in_categories(rows, exact if exact.exists() else Category.objects.named_like(text))


VARIANT_STATUS = Choice(
    "status", gettext_lazy("Variant status"), choices=STATUSES, apply=finding.of_variant_status
)
STORES = Choice("store", gettext_lazy("Stores"), choices=store_choices, apply=finding.in_stores)
TYPE = Choice("type", gettext_lazy("Type"), choices=TYPES, apply=finding.of_type)
CATEGORY = Choice("category", gettext_lazy("Category"), choices=category_choices, apply=of_categories)
TYPED_CATEGORY = Words(
    "category", gettext_lazy("Category"), apply=of_typed_category, suggest="admin:categories_category_suggest"
)
TAX_SET = Choice("tax_set", gettext_lazy("Tax set"), choices=tax_choices, apply=taxed_with)
APPROVAL = Choice(
    "approval", gettext_lazy("Approval"), choices=Product.Approval.choices, apply=finding.of_approval
)
BLOCKED = Choice("blocked", gettext_lazy("Blocked by"), choices=check_choices, apply=finding.blocked_by)
ATTRIBUTE = Words("attribute", gettext_lazy("Attribute"), apply=attribute_use.using)
CHANGED = DateRange("updated_at", gettext_lazy("Changed"))


def pictured_name(row: Product) -> SafeString:
    return pictured(row, row.shown_name or _("without name"))


NAME = Column("shown_name", gettext_lazy("Name"), value=pictured_name, link=True, sort="sort_name")
COLUMNS = (
    Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=3),
    NAME,
    Column("sku", sort="sku", mono=True),
    Column("tax_set", value=tax_words, sort="tax_set__name", priority=3),
    Column(
        "variants", gettext_lazy("Variants"), value=lambda row: row.facts.variant_count, num=True, priority=1
    ),
    Column(
        "status",
        gettext_lazy("Status"),
        value=lambda row: status_words(row.facts.is_live),
        badge=lambda row: "is-ok" if row.facts.is_live else "",
    ),
    Column(
        "type",
        gettext_lazy("Type"),
        value=lambda row: type_words(row.facts.is_bundle),
        priority=2,
    ),
    READINESS,
    Column("stores", gettext_lazy("Stores"), value=lambda row: store_tags(row.store_names), priority=1),
)
APPROVAL_COLUMN = Column(
    "approval",
    gettext_lazy("Approval"),
    value=lambda row: Product.Approval(row.approval).label,
    badge=lambda row: approval.BADGES[row.approval],
    priority=1,
)


def just_in(category: Category) -> dict[str, str]:
    """The filter shows what is below a category, too."""
    return {} if category.numchild else {"category": category.key}


class ProductList:
    """Columns, filters, search and row actions of the screen of products."""

    listed_by: ClassVar = {
        "products.Product.tax_set": lambda tax_set: {"tax_set": tax_set.pk},
        "products.CategoryProduct.category": just_in,
    }
    search_hint = gettext_lazy("Name, SKU or GTIN")
    code_field = "sku"
    empty_text = gettext_lazy("A product is what your catalogue shows; its variants are what you sell.")
    list_order = ("-pk",)

    def columns(self, request: HttpRequest) -> tuple[Column, ...]:
        """The columns; approval only while it is on (2.2)."""
        if not approval.is_on():
            return COLUMNS
        return (*COLUMNS[:5], APPROVAL_COLUMN, *COLUMNS[5:])

    def filters(self, request: HttpRequest) -> list[Filter]:
        many = Category.objects.order_by()[MANY : MANY + 1].exists()
        category = TYPED_CATEGORY if many else CATEGORY
        found: list[Filter] = [VARIANT_STATUS, STORES, category, TYPE, TAX_SET, BLOCKED]
        if approval.is_on():
            found.insert(1, APPROVAL)
        return [*found, ATTRIBUTE, NAME_MISSING, CHANGED]

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        named = narrowed.with_sort_name(request.user.content_locale)
        return named.select_related("tax_set").only(*SHOWN)

    def prepared(self, request: HttpRequest, found: list[Product]) -> list[Product]:
        ids, locale = [row.pk for row in found], request.user.content_locale
        facts = Product.objects.filter(one_of(ids)).order_by().with_facts()
        told = {pk: Facts(*rest) for pk, *rest in facts.values_list("pk", *Facts._fields)}
        names: dict[int, list[str]] = {}
        links = ProductStore.objects.filter(one_of(ids, "product")).order_by("store__name")
        for product, name in links.values_list("product_id", "store__name"):
            names.setdefault(product, []).append(name)
        told_readiness = readiness_of(ids)
        for row in found:
            row.shown_name, row.facts = row.name_in(locale), told[row.pk]
            row.store_names = names.get(row.pk, [])
            row.readiness_told = told_readiness.get(row.pk)
        show_pictures(found, locale)
        return found

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        return finding.search_products(found, text)

    def exact_ids(self, found: QuerySet, text: str) -> list[int]:
        """Products with just this SKU, then those whose variant has it or has this GTIN."""
        return list(dict.fromkeys([*super().exact_ids(found, text), *finding.products_of_code(text)]))

    def hit_text(self, row: Product) -> str:
        return f"{getattr(row, 'shown_name', '') or row.name_in()} · {row.sku}"

    def named(self, request: HttpRequest, rows: list[Product]) -> list[Product]:
        for row in rows:
            row.shown_name = row.name_in(request.user.content_locale)
        return rows

    def row_buttons(self, request: HttpRequest) -> int:
        """The column of approval takes the width that buttons would need."""
        return 1 if approval.is_on() else super().row_buttons(request)

    def row_actions_maker(self, request: HttpRequest, back: str) -> Callable[[Any], list[Action]]:
        """View, Edit, Manage Attributes and the short moves of approval (2.7)."""
        tail = f"?{back}" if back else ""
        pages = [("view", _("View"), "eye", "view"), ("change", _("Edit"), "pencil", "change")]
        pages += [("attributes", _("Attributes"), "sliders-horizontal", "change")]
        known = {"view", "change", *(screen.name for screen in self.screens)}
        linked = [
            (label, self.url(name, pk=0), icon)
            for name, label, icon, right in pages
            if name in known and self.may(request, right)
        ]
        approves = approval.is_on() and self.may(request, "approve")

        def actions(row: Product) -> list[Action]:
            found = [
                Action(label, url.replace("/0/", f"/{row.pk}/", 1) + tail, icon)
                for label, url, icon in linked
            ]
            if approves:
                found += self.approval_actions(row, tail, only_short=True)
            return found

        return actions
