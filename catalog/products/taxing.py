"""Giving products a tax set (spec: products 2.8)."""

from collections.abc import Iterable

from django.db.models import F
from django.utils import timezone

from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.products import facts
from catalog.products.models import Product
from catalog.products.narrowing import one_of
from catalog.products.outcomes import Outcome
from catalog.taxes.models import TaxSet


def set_tax_set(products: Iterable[int], tax_set: TaxSet, *, recorder: Recorder) -> Outcome:
    """Give products this tax set, in the caller's transaction."""
    rows = Product.objects.filter(one_of(products)).select_related("tax_set").only("sku", "tax_set__name")
    outcome = Outcome()
    for row in rows.order_by("pk").select_for_update(of=("self",)):
        if row.tax_set_id == tax_set.pk:
            outcome.unchanged.add(row.pk)
            continue
        outcome.changed.add(row.pk)
        recorder.changed(row, {"tax_set": _recorded(row.tax_set)}, {"tax_set": _recorded(tax_set)})
    if outcome.changed:
        Product.objects.filter(one_of(outcome.changed)).update(
            tax_set=tax_set, version=F("version") + 1, updated_at=timezone.now()
        )
        report(facts.TAX_SET, outcome.changed)
    return outcome


def _recorded(tax_set: TaxSet | None) -> dict[str, object] | None:
    return {"id": tax_set.pk, "key": str(tax_set)} if tax_set else None
