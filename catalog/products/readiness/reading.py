"""What the page of readiness shows: every check of a product in each of its stores, and of each of its variants."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from catalog.products.models import (
    Product,
    ProductImageSet,
    ReadinessCodes,
    Variant,
    VariantImageSet,
    live_by_itself,
)
from catalog.products.models.variants import dead_components
from catalog.products.readiness.checks import Check, pairs, shown_checks
from catalog.stores.models import Store, StoreLocale


class Line(NamedTuple):
    """A check and, per store, whether it fails; ``told`` explains what is missing, ``locales`` where."""

    check: Check
    results: list[tuple[str, bool]]
    told: str
    locales: list[str]

    @property
    def is_failing(self) -> bool:
        return any(fails for _store, fails in self.results)


class ProductReadiness(NamedTuple):
    """``stores`` are the headings of the results; an empty one stands for a product that is in no store."""

    stores: list[str]
    lines: list[Line]

    @property
    def failing(self) -> int:
        return sum(line.is_failing for line in self.lines)


def of_product(product: Product) -> ProductReadiness:
    """Every check, the time-dependent ones included, asked this moment; a constant number of queries."""
    shown = shown_checks()
    asked = pairs().filter(pk=product.pk).annotate(**{_name(c.code): _fails(c.fails()) for c in shown})
    rows = list(asked.values("at_store", *(_name(check.code) for check in shown)))
    names = dict(Store.objects.filter(pk__in=[row["at_store"] for row in rows]).values_list("pk", "name"))
    rows.sort(key=lambda row: names.get(row["at_store"], ""))
    stores = [names.get(row["at_store"], "") for row in rows]
    spoken: dict[int, list[str]] = {}
    for store, locale in StoreLocale.objects.filter(store__in=names).values_list("store", "locale"):
        spoken.setdefault(store, []).append(locale)
    lines = []
    for check in shown:
        fails = [row[_name(check.code)] for row in rows]
        missing = [
            code
            for row, failing in zip(rows, fails, strict=True)
            if failing and check.locales
            for code in spoken.get(row["at_store"], [])
        ]
        locales = check.locales(product, sorted(set(missing))) if check.locales and missing else []
        lines.append(Line(check, list(zip(stores, fails, strict=True)), str(check.told), locales))
    return ProductReadiness(stores, lines)


def at_a_glance(product: Product) -> list[Line]:
    """The same checks without stores and languages, from the stored codes; what depends on the time is asked this
    moment. Two queries."""
    held = list(ReadinessCodes.objects.order_by().filter(product=product).values_list("codes", flat=True))
    if not held:
        return of_product(product).lines
    shown, failing = shown_checks(), {code for codes in held for code in codes}
    timely = {_name(c.code): _fails(c.fails()) for c in shown if not c.is_stored}
    for row in pairs().filter(pk=product.pk).annotate(**timely).values(*timely):
        failing.update(name.removeprefix(_name("")) for name, fails in row.items() if fails)
    return [Line(each, [("", each.code in failing)], str(each.told), []) for each in shown]


def _name(code: str) -> str:
    return f"fails_{code}"


def _fails(condition: Any) -> Case:
    return Case(When(Q(condition), then=Value(True)), default=Value(False), output_field=BooleanField())


# --- variants ------------------------------------------------------------------------------------


NOWHERE = "-"
"""The tab of what no form mends."""


class VariantCheck(NamedTuple):
    """``fails`` gives a condition over variants; ``tab`` of the variant's form is where it is mended, empty for its
    head, :data:`NOWHERE` where ``told`` says what to do."""

    code: str
    label: Any
    told: Any
    fails: Callable[[], Any]
    tab: str = "general"


class VariantLine(NamedTuple):
    variant: Variant
    failing: list[VariantCheck]


VARIANT_CHECKS: dict[str, VariantCheck] = {}


def register(check: VariantCheck) -> None:
    """Rooms above add what a variant of theirs lacks, such as a price."""
    VARIANT_CHECKS[check.code] = check


def of_variants(rows: QuerySet, locale: str = "") -> list[VariantLine]:
    """The failing checks of each of these variants; one query."""
    checks = list(VARIANT_CHECKS.values())
    asked = rows.with_name(locale).annotate(**{_name(c.code): _fails(c.fails()) for c in checks})
    return [
        VariantLine(row, [check for check in checks if getattr(row, _name(check.code))])
        for row in asked.defer("description", "attributes", "attributes_localized")
    ]


def _spoken() -> QuerySet:
    """The languages of the stores of a variant's product."""
    return StoreLocale.objects.order_by().filter(store__product_links__product=OuterRef("product"))


def _nameless() -> Any:
    has_name = Func(OuterRef("name"), F("locale"), function="jsonb_exists", output_field=BooleanField())
    return Exists(_spoken().annotate(has_name=has_name).filter(has_name=False)) | Q(name={})


def _flagged(column: str, value: str) -> QuerySet:
    flag = Func(OuterRef(column), F("locale"), function="jsonb_extract_path_text", output_field=TextField())
    return _spoken().annotate(flag=flag).filter(flag=value)


def _without_picture() -> Any:
    own = VariantImageSet.objects.filter(variant=OuterRef("pk"), image_set__images__isnull=False)
    shared = ProductImageSet.objects.filter(product=OuterRef("product"), image_set__images__isnull=False)
    return Q(~Exists(own), ~Exists(shared))


def _is_out_of_time() -> Any:
    return Q(is_active=True) & ~Q(live_by_itself())


for each in (
    VariantCheck(
        "off",
        _("Switched on"),
        _("It is switched off. Activate it at the top of its page."),
        lambda: Q(is_active=False),
        tab="",
    ),
    VariantCheck(
        "out_of_time",
        _("Inside its time"),
        _("It is outside its validity, or its discontinue period is over."),
        _is_out_of_time,
    ),
    VariantCheck(
        "dead_component",
        _("Components live"),
        _("A component of the bundle is not live."),
        dead_components,
        tab="bundle",
    ),
    VariantCheck("no_name", _("Name in every language"), _("A name is missing."), _nameless),
    VariantCheck(
        "not_searchable",
        _("Found by search"),
        _("It is searchable in no language of its stores."),
        lambda: ~Exists(_flagged("is_searchable", "true")),
    ),
    VariantCheck(
        "unfinished",
        _("Translations finished"),
        _("A translation is marked as not finished. A file of variants says when it is."),
        lambda: Exists(_flagged("is_complete", "false")),
        tab=NOWHERE,
    ),
    VariantCheck(
        "no_image",
        _("A picture"),
        _("Neither the variant nor its product has a picture."),
        _without_picture,
        tab="media",
    ),
):
    register(each)


def worst_first(lines: Sequence[Line]) -> list[Line]:
    """Failing checks before passed ones, each in the order of the register."""
    return sorted(lines, key=lambda line: not line.is_failing)
