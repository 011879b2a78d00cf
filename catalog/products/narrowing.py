"""Narrowing hundred thousands of products by what hangs on them, whether few or nearly all of them match."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.lookups import IsNull

from catalog.stores.glossary import EqualsAny

FEW = 30_000
"""So many ids are sent back to the database; beyond, so many rows match that walking the list finds them soon."""


def one_of(ids: Iterable[int], field: str = "pk") -> EqualsAny:
    """``field = ANY(ids)``: one parameter, however many ids."""
    return EqualsAny(F(field), Value(list(ids), output_field=ArrayField(BigIntegerField())))


def having(links: Sequence[QuerySet], owner: str = "product", few_of: Sequence[QuerySet] = ()) -> Q:
    """The condition that at least one of the ``links`` points to a row with ``owner``.

    A rare fact is read from its own index and its few owners are looked up; for a frequent one the rows are walked
    in the order of the list and asked one by one, which soon fills a page. One plan for both would read a whole
    table in one of the cases. ``few_of`` are simpler links that hold for more rows and tell which case it is."""
    if few_of and few_owners(few_of, owner) is None:
        return _walked(links, owner)
    few = few_owners(links, owner)
    return Q(one_of(few)) if few is not None else _walked(links, owner)


def lacking(links: Sequence[QuerySet], owner: str = "product") -> Q:
    """The condition that none of the ``links`` points to a row."""
    return ~having(links, owner)


def few_owners(links: Sequence[QuerySet], owner: str = "product", at_most: int = FEW) -> set[int] | None:
    """The owners of all ``links`` together, or None when they are more than ``at_most``."""
    found: set[int] = set()
    for each in links:
        found.update(_distinct(each, owner)[: at_most + 1])
        if len(found) > at_most:
            return None
    return found


def _distinct(links: QuerySet, owner: str) -> Any:
    return links.order_by(f"{owner}_id").values_list(f"{owner}_id", flat=True).distinct()


def _walked(links: Sequence[QuerySet], owner: str) -> Q:
    """One question per row. EXISTS would let the planner read all links into a table of hashes first."""
    hit = Q()
    for each in links:
        first = each.filter(**{owner: OuterRef("pk")}).values("pk")[:1]
        hit |= Q(IsNull(Subquery(first), False))
    return hit
