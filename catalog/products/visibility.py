"""Whether something can be bought or seen, and which step says no (products 6.3): two registers, open to rooms above.

A step is a condition of the query. ``SELLABLE`` steps are asked of variants at a store (``at_store``), ``VISIBLE`` ones
of products at a store in a locale (``at_store``, ``at_locale``).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields import CharField
from django.utils.translation import gettext_lazy as _

from catalog.products import approval
from catalog.products.addressing import OWNER
from catalog.products.models import CategoryProduct, Product, ProductStore, Variant
from catalog.urls.models import Url


class Step(NamedTuple):
    """``holds`` gives the condition; ``told`` says what is wrong when it does not hold."""

    code: str
    label: Any
    told: Any
    holds: Callable[[], Any]


class Answer(NamedTuple):
    step: Step
    holds: bool


SELLABLE: dict[str, Step] = {}
VISIBLE: dict[str, Step] = {}


def sellable(rows: QuerySet, store: int) -> QuerySet:
    """The variants among ``rows`` that can be sold in a store."""
    found = _at(rows, store)
    for step in SELLABLE.values():
        found = found.filter(step.holds())
    return found


def visible(rows: QuerySet, store: int, locale: str) -> QuerySet:
    """The products among ``rows`` that a shop shows in a store and language."""
    found = _at(rows, store, locale)
    for step in VISIBLE.values():
        found = found.filter(step.holds())
    return found


def why_sellable(variant: Variant, store: int) -> list[Answer]:
    """Every step with its answer for one variant, in order; one query."""
    return _answers(_at(Variant.objects.filter(pk=variant.pk), store), SELLABLE)


def why_visible(product: Product, store: int, locale: str) -> list[Answer]:
    """Every step with its answer for one product, in order; one query."""
    return _answers(_at(Product.objects.filter(pk=product.pk), store, locale), VISIBLE)


def _at(rows: QuerySet, store: int, locale: str = "") -> QuerySet:
    found = rows.annotate(at_store=Value(store, IntegerField()))
    return found.annotate(at_locale=Value(locale, CharField())) if locale else found


def _answers(rows: QuerySet, steps: dict[str, Step]) -> list[Answer]:
    names = {f"holds_{code}": step for code, step in steps.items()}
    tests = {
        name: Case(When(Q(step.holds()), then=Value(True)), default=Value(False), output_field=BooleanField())
        for name, step in names.items()
    }
    held = rows.annotate(**tests).values(*tests).get()
    return [Answer(step, held[name]) for name, step in names.items()]


def _approved(prefix: str = "") -> Q:
    if not approval.is_on():
        return Q(pk__isnull=False)
    return Q(**{f"{prefix}approval_status": Product.Approval.APPROVED})


def _in_store(product: str) -> Exists:
    return Exists(ProductStore.objects.filter(product=OuterRef(product), store=OuterRef("at_store")))


def _is_live() -> Any:
    return Exists(Variant.objects.live().order_by().filter(pk=OuterRef("pk")))


def _in_category() -> Exists:
    return Exists(
        CategoryProduct.objects.filter(
            product=OuterRef("pk"),
            category__is_active=True,
            category__store_links__store=OuterRef("at_store"),
        )
    )


def _has_address() -> Exists:
    return Exists(
        Url.objects.pages().filter(owner_type=OWNER, owner_id=OuterRef("pk"), locale=OuterRef("at_locale"))
    )


def _has_name() -> Func:
    return Func(F("name"), F("at_locale"), function="jsonb_exists", output_field=BooleanField())


SELLABLE.update(
    {
        step.code: step
        for step in (
            Step(
                "approved", _("Approved"), _("The product is not approved."), lambda: _approved("product__")
            ),
            Step("live", _("Live"), _("The variant is not live."), _is_live),
            Step(
                "in_store",
                _("In the store"),
                _("The product is not in this store."),
                lambda: _in_store("product"),
            ),
        )
    }
)
VISIBLE.update(
    {
        step.code: step
        for step in (
            Step("approved", _("Approved"), _("The product is not approved."), _approved),
            Step(
                "active",
                _("Active"),
                _("No variant is live."),
                lambda: Exists(Variant.objects.live().order_by().filter(product=OuterRef("pk"))),
            ),
            Step(
                "in_store", _("In the store"), _("The product is not in this store."), lambda: _in_store("pk")
            ),
            Step(
                "in_category",
                _("In an active category"),
                _("No active category of this store shows it."),
                _in_category,
            ),
            Step("named", _("Name"), _("The name is missing in this language."), _has_name),
            Step("addressed", _("Address"), _("The address is missing in this language."), _has_address),
        )
    }
)
