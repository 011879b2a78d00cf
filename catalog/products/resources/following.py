"""What an import of variants tells about changes of note, and what follows from the rows it wrote."""

from collections.abc import Sequence
from operator import itemgetter

from django.db.models import Exists, OuterRef

from backoffice.reactions import report
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import WARNING, Problem
from catalog.products import addressing, discontinuing, facts, status
from catalog.products.models import Product
from catalog.products.narrowing import one_of
from catalog.products.resources import attributes
from catalog.urls.models import Url

Outcome = RowResult.Outcome
TEXTS = ("name", "description", "is_searchable", "is_complete")
ATTRIBUTES = ("attributes", "attributes_localized")
_STATUS = ("is_active", "valid_from", "valid_to")


def tell_moves(batch: Batch) -> None:
    """A variant that moves to another product, and a super attribute with another value."""
    changed = [row for row in batch.with_outcome(Outcome.CHANGED) if not row.is_bad]
    product, base = batch.position("product"), batch.position("attributes")
    for row in changed:
        if row.record[product] != row.stored[product]:
            row.tell(WARNING, "moved", "abstract_sku")
    others = {row: _changed_keys(row, base) for row in changed if row.record[base] != row.stored[base]}
    keys = {key for found in others.values() for key in found}
    supers = attributes.super_keys(batch, sorted(keys)) if keys else set()
    for row, found in others.items():
        for key in sorted(found & supers):
            row.problems.append(
                Problem(WARNING, "super_value_changed", "", str(row.record[base].get(key, "")), {"key": key})
            )


def _changed_keys(row: Planned, base: int) -> set[str]:
    before, after = row.stored[base], row.record[base]
    return {key for key, value in before.items() if after.get(key) != value}


def follow(batch: Batch) -> None:
    """Keys of attributes, phase-outs of bundles, addresses of products that had none, and the facts."""
    new, changed = batch.with_outcome(Outcome.NEW), batch.with_outcome(Outcome.CHANGED)
    if not new and not changed:
        return
    recorder, pk, product = batch.run.recorder, batch.position("id"), batch.position("product")
    attributes.make_keys(batch)
    components = [row for row in (*new, *changed) if row.values.get("bundled")]
    if components:
        _phase_out(batch, components)
    _address({row.record[product] for row in (*new, *changed)}, batch)
    recorder.flush()
    report(facts.VARIANTS, _owners(new, product) | _moved(changed, product))
    report(facts.COMPOSITION, {row.pk or row.stored[pk] for row in components})
    switched = {row.stored[pk] for row in _switched(batch, changed)}
    report(facts.STATUS, {*switched, *status.bundles_with(switched)} if switched else ())
    report(facts.TEXTS, _owners(differing(batch, changed, *TEXTS), product))
    report(facts.ATTRIBUTES, _owners(differing(batch, changed, *ATTRIBUTES), product))


def _phase_out(batch: Batch, rows: Sequence[Planned]) -> None:
    """A bundle with a discontinued component is discontinued, too (products 12.9)."""
    at = batch.comparison.parts_at
    skus = {sku for row in rows for sku, _quantity in row.record[at]}
    discontinuing.follow_skus(skus, recorder=batch.run.recorder)


def _address(products: set[int], batch: Batch) -> None:
    """Products whose first active variant came by file have no address yet."""
    held = Url.objects.pages().filter(owner_type=addressing.OWNER, owner_id=OuterRef("pk"))
    bare = Product.objects.filter(one_of(products)).exclude(Exists(held)).order_by()
    ids = list(bare.values_list("pk", flat=True))
    if ids:
        addressing.follow(ids, batch.run.recorder)


def _owners(rows: Sequence[Planned], product: int) -> set[int]:
    return {row.record[product] for row in rows}


def _moved(rows: Sequence[Planned], product: int) -> set[int]:
    """The products that a variant left, and those it came to."""
    return {
        pk
        for row in rows
        if row.record[product] != row.stored[product]
        for pk in (row.record[product], row.stored[product])
    }


def _switched(batch: Batch, rows: Sequence[Planned]) -> list[Planned]:
    others = [row for row in rows if batch.comparison.has_other_parts(row)]
    return [*differing(batch, rows, *_STATUS), *others]


def differing(batch: Batch, rows: Sequence[Planned], *names: str) -> list[Planned]:
    """The changed rows that give one of these fields another value."""
    values = itemgetter(*map(batch.position, names))
    return [row for row in rows if values(row.record) != values(row.stored)]
