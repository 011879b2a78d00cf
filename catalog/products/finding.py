"""Finding products and variants: the search and the filters of their lists (spec: products 2.4 to 2.6)."""

import datetime
import re
from collections.abc import Callable, Collection, Iterable

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, functions
from django.utils import timezone
from django.utils.functional import cached_property

from backoffice.console.paging import COUNT_CAP
from backoffice.texts import normalise
from catalog.categories.models import Category
from catalog.products.models import (
    BundleItem,
    CategoryProduct,
    Product,
    ProductStore,
    ReadinessCodes,
    Variant,
)
from catalog.products.models.products import SHORT_SEARCH
from catalog.products.models.variants import PADDED_GTIN
from catalog.products.narrowing import either, having, lacking, one_of
from catalog.taxes.models import TaxSet

ACTIVE, DEACTIVATED = "active", "deactivated"
BUNDLE, PRODUCT = "bundle", "product"
WEEK, MONTH = "7", "30"
"""Within how many days something ends."""
GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")

found_by: list[Callable[[str], Iterable[int]]] = []
"""Rooms above add here what else finds a product by a typed text, such as a further code: they give product ids."""


class Searched(ExpressionWrapper):
    """The condition that a search finds a product. It tells by itself how many it finds and which come first: most
    texts that are searched stand side by side in an index, in the order of ids."""

    def __init__(self, hit: Q) -> None:
        super().__init__(hit, BooleanField())
        self.hit = hit

    @cached_property
    def leaves(self) -> int:
        """How many products are found, not counted beyond the cap."""
        number = 0
        for part in self._parts():
            number += part[: COUNT_CAP + 1].count()
            if number > COUNT_CAP:
                break
        return number

    def firsts(self, number: int, *, is_descending: bool, beyond: int | None = None) -> list[int]:
        """The first ids in their order, after ``beyond``."""
        found: list[int] = []
        for part in self._parts():
            if beyond is not None:
                part = part.filter(**{"pk__lt" if is_descending else "pk__gt": beyond})
            found += part.order_by("-pk" if is_descending else "pk").values_list("pk", flat=True)[:number]
        return sorted(found, reverse=is_descending)[:number]

    def _parts(self) -> tuple[QuerySet[Product], QuerySet[Product]]:
        rows = Product.objects.order_by().filter(self.hit).values("pk")
        return rows.filter(SHORT_SEARCH), rows.exclude(SHORT_SEARCH)


def search_products(rows: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Part of the SKU, of a name in any locale or of the tax set's name; variants by the beginning of their SKU and
    by their GTIN. ``PRODUCT_SEARCH_FINDS_VARIANTS`` in the settings turns the variants off."""
    part = normalise(text)
    hit = Q(search__contains=part)
    tax_sets = list(TaxSet.objects.filter(search__contains=part).order_by().values_list("pk", flat=True))
    if getattr(settings, "PRODUCT_SEARCH_FINDS_VARIANTS", True):
        hit |= either([with_sku_from(text), *with_gtin(text)])
    return rows.filter(hit | Q(one_of(tax_sets, "tax_set")) if tax_sets else Searched(hit))


def search_variants(rows: QuerySet[Variant], text: str) -> QuerySet[Variant]:
    """Part of the SKU or of a name in any locale; the whole GTIN."""
    hit = Q(search__contains=normalise(text))
    gtins = [pk for each in with_gtin(text) for pk in each.values_list("pk", flat=True)]
    return rows.filter(hit | Q(one_of(gtins)) if gtins else hit)


def with_sku_from(text: str) -> QuerySet[Variant]:
    """Variants whose SKU begins so, in whatever letters."""
    lowered = Variant.objects.annotate(lowered=functions.Lower("sku"))
    return lowered.filter(lowered__startswith=text.lower())


def with_gtin(text: str) -> list[QuerySet[Variant]]:
    """The variant with this GTIN, if the text can be one; leading zeros do not matter (21.3)."""
    digits = text.replace(" ", "").replace("-", "")
    if not GTIN.fullmatch(digits):
        return []
    return [Variant.objects.annotate(padded=PADDED_GTIN).filter(padded=digits.zfill(14))]


def products_of_code(text: str) -> list[int]:
    """Whose variant has just this SKU, in whatever letters, or this GTIN."""
    lowered = Variant.objects.annotate(lowered=functions.Lower("sku")).filter(lowered=text.lower())
    return [pk for each in (lowered, *with_gtin(text)) for pk in each.values_list("product_id", flat=True)]


# --- filters -------------------------------------------------------------------------------------


def not_live(at: datetime.datetime | None = None) -> list[QuerySet[Variant]]:
    """Variants that are not live, by each reason there is: all of them are rare, and each has an index. The last two
    are of bundles, for a component that is not live."""
    at = at or timezone.now()
    today = timezone.localdate(at, timezone.get_default_timezone())
    variants, items = Variant.objects.all(), BundleItem.objects.all()
    off = Q(item__is_active=False) | Q(item__valid_from__gt=at) | Q(item__valid_to__lt=at)
    ended = Q(item__discontinued__active_until__lt=today)
    return [
        variants.filter(is_active=False),
        variants.filter(Q(valid_from__gt=at) | Q(valid_to__lt=at)),
        variants.filter(discontinued__active_until__lt=today),
        variants.filter(pk__in=items.filter(off).values("bundle")),
        variants.filter(pk__in=items.filter(ended).values("bundle")),
    ]


def of_variant_status(rows: QuerySet[Product], states: Collection[str]) -> QuerySet[Product]:
    """Products with at least one variant in one of the states: a mixed product has both (2.5)."""
    live, on = Variant.objects.live(), Variant.objects.filter(is_active=True)
    if set(states) == {ACTIVE}:
        return rows.filter(having([live], few_of=on))
    if set(states) == {DEACTIVATED}:
        return rows.filter(having(not_live()))
    return rows.filter(either([Variant.objects.all()]))


def of_liveness(rows: QuerySet[Variant], states: Collection[str]) -> QuerySet[Variant]:
    """Variants that are live, or are not (13.1)."""
    if {ACTIVE, DEACTIVATED} <= set(states):
        return rows
    at = timezone.now()
    _off, _outside, *rest = not_live(at)
    outside = Q(is_active=False) | Q(valid_from__gt=at) | Q(valid_to__lt=at)
    hit = outside | either(rest, owner="pk")
    return rows.filter(hit) if DEACTIVATED in states else rows.live(at)


def ending(rows: QuerySet[Variant], days: Collection[str]) -> QuerySet[Variant]:
    """Switched-on variants whose validity or phase-out ends within so many days."""
    at = timezone.now()
    last = at + datetime.timedelta(days=max(map(int, days)))
    today, until = (timezone.localdate(each, timezone.get_default_timezone()) for each in (at, last))
    variants = Variant.objects.filter(is_active=True)
    links = [
        variants.filter(valid_to__gte=at, valid_to__lte=last),
        variants.filter(discontinued__active_until__gte=today, discontinued__active_until__lte=until),
    ]
    return rows.filter(having(links, owner="pk"))


def in_stores(rows: QuerySet[Product], stores: Collection[str]) -> QuerySet[Product]:
    """Products in at least one of the stores."""
    return rows.filter(having([ProductStore.objects.filter(store__in=stores)]))


def in_no_store(rows: QuerySet[Product]) -> QuerySet[Product]:
    return rows.filter(store_links__isnull=True)


def in_categories(rows: QuerySet[Product], categories: QuerySet[Category]) -> QuerySet[Product]:
    """Products in one of the categories or below it."""
    paths = list(categories.order_by("path").values_list("path", flat=True))
    below = Q(pk__in=())
    for path in paths:
        below |= Q(path__startswith=path)
    ids = list(Category.objects.filter(below).order_by().values_list("pk", flat=True))
    return rows.filter(having([CategoryProduct.objects.filter(one_of(ids, "category"))]))


def of_type(rows: QuerySet[Product], types: Collection[str]) -> QuerySet[Product]:
    """Bundles, or what is none."""
    if {BUNDLE, PRODUCT} <= set(types):
        return rows
    links = [BundleItem.objects.all()]
    hit = (
        having(links, owner="bundle__product") if BUNDLE in types else lacking(links, owner="bundle__product")
    )
    return rows.filter(hit)


def of_approval(rows: QuerySet[Product], states: Collection[str]) -> QuerySet[Product]:
    """Products in one of the states; none is a draft."""
    wanted = [*states, ""] if Product.Approval.DRAFT in states else list(states)
    return rows.filter(approval_status__in=wanted)


def blocked_by(rows: QuerySet[Product], codes: Collection[str]) -> QuerySet[Product]:
    """Products that fail one of these checks in at least one store (6.5)."""
    links = ReadinessCodes.objects.filter(codes__overlap=list(codes))
    return rows.filter(having([links]))
