"""Readiness in the list of products, from the stored codes of the failing checks (spec: products 6)."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.columns import Column
from catalog.products.models import ReadinessCodes
from catalog.products.narrowing import one_of
from catalog.products.readiness.checks import shown_checks


class Readiness(NamedTuple):
    """How many of the stored checks a product passes in all its stores, and what those are called that fail."""

    passed: int
    asked: int
    failing: list[str]


def readiness_of(products: Collection[int]) -> dict[int, Readiness]:
    """By id; what has no stored codes is left out. One query."""
    codes: dict[int, set[str]] = {}
    rows = ReadinessCodes.objects.order_by().filter(one_of(products, "product"))
    for product, failing in rows.values_list("product_id", "codes"):
        codes.setdefault(product, set()).update(failing)
    checks = shown_checks(stored=True)
    found = {}
    for product, failing in codes.items():
        labels = [str(check.label) for check in checks if check.code in failing]
        found[product] = Readiness(len(checks) - len(labels), len(checks), labels)
    return found


def meter(passed: int, asked: int, failing: Collection[str] = ()) -> SafeString:
    """A bar with its figures; red, amber and green at the same shares everywhere."""
    words = _("%(passed)s of %(all)s checks pass") % {"passed": passed, "all": asked}
    title = format_html(' title="{}"', " · ".join(failing)) if failing else ""
    bar = '<span class="bo-meter"{}><meter min="0" max="{}" low="{}" high="{}" optimum="{}" value="{}" aria-label="{}">'
    low, high = f"{asked * 0.6:.1f}", f"{asked * 0.9:.1f}"
    return format_html(
        bar + "</meter>{}/{}</span>", title, asked, low, high, asked, passed, words, passed, asked
    )


def _shown(row: Any) -> SafeString | str:
    return meter(*row.readiness_told) if row.readiness_told else ""


READINESS = Column("readiness", gettext_lazy("Readiness"), value=_shown)
