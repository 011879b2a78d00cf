"""The categories that product_abstract.csv names (spec: import-export 4.5.1, products 0.12)."""

from typing import Any

from django.db.models import QuerySet

from backoffice.transfer.declaring.parts import Part
from backoffice.transfer.declaring.resources import Values
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.unseen import seen_rows
from catalog.categories.models import Category
from catalog.products.models import CategoryProduct

Outcome = RowResult.Outcome
_KIND = 0
"""Where the categories stand among the parts of a product."""


def wanted(values: Values, held: list[Part], replaces: bool) -> list[Part]:
    """The categories as the row wants them: those of the cell are added to the stored ones."""
    keys = values.get("category_key")
    if not keys:
        return [] if replaces and "category_key" in values else held
    found = dict(held)
    orders = values.get("category_product_order") or ()
    wanted = {} if replaces else dict(found)
    for place, key in enumerate(keys):
        order = orders[place] if place < len(orders) else None
        wanted[key] = found.get(key, 0) if order is None else order
    return sorted([key, order] for key, order in wanted.items())


def seen_links(user: Any) -> QuerySet[CategoryProduct]:
    """The places of products in categories that the user sees; for nobody in particular all."""
    links = CategoryProduct.objects.all()
    seen = seen_rows(Category, user)
    return links if seen is None else links.filter(category__in=seen.values("pk"))


def keep_unseen(batch: Batch) -> None:
    """A list that replaces takes away no category that the user may not see."""
    changed = [row for row in batch.with_outcome(Outcome.CHANGED) if not row.is_bad]
    seen = seen_rows(Category, batch.run.user)
    if seen is None or not batch.comparison.replaces or not changed:
        return
    at = batch.comparison.parts_at
    gone = {row: _gone(row.stored[at], row.record[at]) for row in changed}
    keys = {part[0] for parts in gone.values() for part in parts}
    known = set(seen.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    for row, parts in gone.items():
        kept = [part for part in parts if part[0] not in known]
        if kept:
            value = list(row.record[at]) or [[], []]
            value[_KIND] = sorted([*value[_KIND], *kept])
            row.record[at] = value
            row.outcome = Outcome.CHANGED if batch.comparison.differs(row) else Outcome.UNCHANGED


def _gone(stored: list[list[Part]], wanted: list[list[Part]]) -> list[Part]:
    held = stored[_KIND] if stored else []
    keys = {part[0] for part in wanted[_KIND]} if wanted else set()
    return [part for part in held if part[0] not in keys]
