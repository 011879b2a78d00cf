"""Narrowing hundred thousands of products by what hangs on them, whether few or nearly all of them match."""

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Exists, F, OuterRef, QuerySet, Value

from catalog.stores.glossary import EqualsAny

FEW = 20_000
"""So many ids are sent back to the database; beyond, nearly every row that is looked at is a hit."""


def one_of(ids: Iterable[int], field: str = "pk") -> EqualsAny:
    """``field = ANY(ids)``: one parameter, however many ids."""
    return EqualsAny(F(field), Value(list(ids), output_field=ArrayField(BigIntegerField())))


def having(rows: QuerySet, *links: QuerySet, owner: str = "product") -> QuerySet:
    """``rows`` that at least one of the ``links`` points to with ``owner``.

    A rare fact is read from its own index and its few owners are looked up; for a frequent one the rows are walked
    in their order and most of them match. One plan for both would read the whole table in one of the cases."""
    few = few_owners(*links, owner=owner)
    if few is not None:
        return rows.filter(one_of(few))
    found = Exists(links[0].filter(**{owner: OuterRef("pk")}))
    for each in links[1:]:
        found |= Exists(each.filter(**{owner: OuterRef("pk")}))
    return rows.filter(found)


def few_owners(*links: QuerySet, owner: str = "product", at_most: int = FEW) -> set[int] | None:
    """The owners of all ``links`` together, or None when they are more than ``at_most``."""
    found: set[int] = set()
    for each in links:
        found.update(distinct(each, owner)[: at_most + 1])
        if len(found) > at_most:
            return None
    return found


def distinct(links: QuerySet, owner: str) -> Any:
    """The owners' ids, each once, in the order in which an index holds them."""
    name = owner if owner.endswith("_id") else f"{owner}_id"
    return links.order_by(name).values_list(name, flat=True).distinct()
