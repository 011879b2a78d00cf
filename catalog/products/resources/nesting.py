"""No bundle holds itself or another bundle, whatever stands where in a run (spec: import-export 4.5.2)."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.resources import Values
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import ERROR, Problem
from catalog.products.models import BundleItem

BUNDLE, COMPONENT = "product_concrete.bundle", "product_concrete.component"
"""That a row makes a bundle, and what it puts into one."""
COLUMN = "bundled"


def stated(values: Values) -> Iterator[tuple[str, str]]:
    if values.get(COLUMN):
        yield BUNDLE, values["concrete_sku"]
        for sku, _quantity in values[COLUMN]:
            yield COMPONENT, sku


def refuse(batch: Batch) -> None:
    """Rows with a composition: itself, twice, a bundle as a component, a component that becomes a bundle. A constant
    number of queries."""
    rows = [row for row in batch.rows if row.values.get(COLUMN) and not row.is_bad]
    if not rows:
        return
    items = {sku for row in rows for sku, _quantity in row.values[COLUMN]}
    own = {row.key for row in rows}
    bundles = _stored_bundles(items) | set(batch.run.keys.find(BUNDLE, items))
    used = _stored_components(own) | set(batch.run.keys.find(COMPONENT, own))
    for row in rows:
        skus = [sku for sku, _quantity in row.values[COLUMN]]
        if row.key in skus:
            _fail(row, "self_reference", row.key, _("A bundle cannot contain itself."))
            continue
        for sku in sorted({sku for sku in skus if skus.count(sku) > 1}):
            _fail(row, "bad_list", sku, _("“%(value)s” stands in the list twice, with other quantities."))
        for sku in skus:
            if sku in bundles:
                _fail(row, "nested_bundle", sku, _("“%(value)s” is a bundle itself."))
        if row.key in used:
            _fail(row, "nested_bundle", row.key, _("“%(value)s” is a component of another bundle."))


def _stored_bundles(skus: Iterable[str]) -> set[str]:
    return set(BundleItem.objects.filter(bundle__sku__in=list(skus)).values_list("bundle__sku", flat=True))


def _stored_components(skus: Iterable[str]) -> set[str]:
    return set(BundleItem.objects.filter(item__sku__in=list(skus)).values_list("item__sku", flat=True))


def _fail(row: Planned, code: str, value: str, message: object) -> None:
    row.problems.append(Problem(ERROR, code, COLUMN, value, {}, message))
