"""Narrowing hundred thousands of products by what hangs on them, whether few or nearly all of them match.

One plan for all cases would read a whole table in one of them: a rare fact is best looked up in its own index, a
frequent one is soon met by walking the list. So the number of owners is looked at first, up to a limit.
"""

from collections.abc import Iterable, Sequence

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.lookups import IsNull

from catalog.stores.glossary import EqualsAny

FEW = 10_000
"""So many ids are sent back to the database."""
MANY = 50_000
"""So many owners are put together from several facts; beyond, so many rows match that walking meets them soon."""


def one_of(ids: Iterable[int], field: str = "pk") -> EqualsAny:
    """``field = ANY(ids)``: one parameter, however many ids."""
    return EqualsAny(F(field), Value(list(ids), output_field=ArrayField(BigIntegerField())))


def named(skus: Iterable[str], field: str = "sku") -> EqualsAny:
    """``field = ANY(skus)``, as :func:`one_of` for texts."""
    return EqualsAny(F(field), Value(list(skus), output_field=ArrayField(TextField())))


def having(links: Sequence[QuerySet], owner: str = "product", few_of: QuerySet | None = None) -> Q:
    """The condition that at least one of the ``links`` points to a row with ``owner``. It stands alone: joined by OR
    with another one use :func:`either`. ``few_of`` is a simpler link that holds for more rows; it is looked at
    first, and where it is frequent the ``links`` are too costly to be joined."""
    if few_of is not None and few_owners([few_of], owner, FEW) is None:
        return _walked(links, owner)
    found = few_owners(links, owner, FEW if len(links) == 1 else MANY)
    if found is not None and len(found) <= FEW:
        return Q(one_of(found))
    if len(links) == 1:
        return Q(_exists(links[0], owner))
    return _walked(links, owner) if found is None else Q(pk__in=_together(links, owner))


def either(links: Sequence[QuerySet], owner: str = "product") -> Q:
    """The same condition as one half of an OR, where the planner cannot join."""
    found = few_owners(links, owner, FEW)
    return _walked(links, owner) if found is None else Q(one_of(found))


def lacking(links: Sequence[QuerySet], owner: str = "product") -> Q:
    """The condition that none of the ``links`` points to a row."""
    return ~having(links, owner)


def few_owners(links: Sequence[QuerySet], owner: str, at_most: int) -> set[int] | None:
    """The owners of all ``links`` together, or None when they are more than ``at_most``."""
    found: set[int] = set()
    for each in links:
        found.update(_owners(each, owner).distinct()[: max(at_most, 0) + 1])
        if len(found) > at_most:
            return None
    return found


def _owners(links: QuerySet, owner: str) -> QuerySet:
    """``owner`` is a reference, or ``pk`` for the links themselves."""
    return links.order_by().values_list(owner if owner == "pk" else f"{owner}_id", flat=True)


def _together(links: Sequence[QuerySet], owner: str) -> QuerySet:
    first, *rest = (_owners(each, owner).distinct() for each in links)
    return first.union(*rest, all=True)


def _exists(links: QuerySet, owner: str) -> Exists:
    return Exists(links.order_by().filter(**{owner: OuterRef("pk")}))


def _walked(links: Sequence[QuerySet], owner: str) -> Q:
    """One question per row. As EXISTS the planner would read all links into a table of hashes first."""
    hit = Q()
    for each in links:
        first = each.order_by().filter(**{owner: OuterRef("pk")}).values("pk")[:1]
        hit |= Q(IsNull(Subquery(first), False))
    return hit
