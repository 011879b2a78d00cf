"""Where what readiness misses is mended (spec: products 6.1)."""

from collections.abc import Callable, Mapping

from django.urls import reverse

from catalog.products.models import Discontinued, Product, Variant
from catalog.products.readiness.checks import Check


def address(check: Check, product: Product) -> str:
    """The page and tab that mend a failing check; nothing where its sentence says what to do instead."""
    found = _ON_VARIANTS[check.code](product) if check.code in _ON_VARIANTS else ""
    return found or (f"{form_of(product)}#{check.tab}" if check.tab else "")


def form_of(record: Product | Variant) -> str:
    return reverse(f"admin:products_{record._meta.model_name}_change", args=[record.pk])


def of_variant(variant: Variant, tab: str) -> str:
    """The form of a variant at a tab; without one its head, where the switch is."""
    return form_of(variant) + (f"#{tab}" if tab else "")


def _searchable(product: Product) -> str:
    """Each language is ticked on the form of a variant."""
    first = Variant.objects.filter(product=product).order_by("sku").first()
    return of_variant(first, "general") if first else ""


def _phased_out(product: Product) -> str:
    held = Discontinued.objects.filter(variant__product=product).select_related("variant")
    first = held.order_by("variant__sku").first()
    return of_variant(first.variant, "discontinue") if first else ""


_ON_VARIANTS: Mapping[str, Callable[[Product], str]] = {
    "not_searchable": _searchable,
    "discontinued": _phased_out,
}
