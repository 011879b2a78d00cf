"""Narrowing hundred thousands of products by what hangs on them, whether few or nearly all of them match.

One plan for all cases would read a whole table in one of them: a rare fact is best looked up in its own index, a
frequent one is soon met by walking the list. So the number of owners is looked at first, up to a limit.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.lookups import IsNull

from backoffice.console.paging import COUNT_CAP
from catalog.stores.glossary import EqualsAny

FEW = 10_000
"""So many owners of one fact are sent back to the database as ids."""
MANY = 50_000
"""So many owners of several facts; beyond, so many rows match that walking meets them soon."""
ROWS_EACH = 10
"""A frequent fact has fewer rows for each owner than this, such as one per store or per variant."""


def one_of(ids: Iterable[int], field: str = "pk") -> EqualsAny:
    """``field = ANY(ids)``: one parameter, however many ids."""
    return _listed(f"{{{','.join(map(str, ids))}}}", field)


def _listed(literal: str, field: str = "pk", leaves: int | None = None) -> EqualsAny:
    """The same for ids as the database spells an array: ten thousand of them never become numbers here. Of ids that
    are known to exist ``leaves`` is the number, so that a list need not count them again."""
    condition = EqualsAny(F(field), Value(literal, output_field=ArrayField(BigIntegerField())))
    condition.leaves = leaves
    return condition


def named(skus: Iterable[str], field: str = "sku") -> EqualsAny:
    """``field = ANY(skus)``, as :func:`one_of` for texts."""
    return EqualsAny(F(field), Value(list(skus), output_field=ArrayField(TextField())))


class Frequent(Func):
    """The condition that one of several ``links`` points to a row, where more rows have the first one than a list
    counts. A list in the order of ids that asks nothing else reads the owners from the end it shows (``firsts``);
    all others are read when a query needs them."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, links: Sequence[QuerySet], owner: str, leaves: int | None) -> None:
        super().__init__(F("pk"))
        self.links, self.owner, self.leaves = links, owner, leaves
        self.found: list[Owners | None] = []
        """Shared by the copies that queries make of this."""

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        if not self.found:
            self.found.append(few_owners(self.links, self.owner, MANY))
        held = self.found[0]
        if held is None:
            walked = ExpressionWrapper(_walked(self.links, self.owner), BooleanField())
            return compiler.compile(walked.resolve_expression(compiler.query.clone()))
        sql, params = compiler.compile(*self.source_expressions)
        return f"({sql} = ANY(%s::bigint[]))", [*params, held.ids]

    def firsts(self, number: int, *, is_descending: bool, beyond: int | None = None) -> list[int]:
        """The first owners in the order of their ids, after ``beyond``."""
        name, lookup = _owner_field(self.owner), "lt" if is_descending else "gt"
        parts = []
        for each in self.links:
            part = each if beyond is None else each.filter(**{f"{name}__{lookup}": beyond})
            part = part.order_by(f"-{name}" if is_descending else name).values_list(name, flat=True)
            parts.append(part.distinct()[:number])
        found, params = _together(parts)
        if not found:
            return []
        direction = "DESC" if is_descending else "ASC"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT owner FROM ({found}) found(owner) ORDER BY owner {direction} LIMIT %s",  # noqa: S608
                [*params, number],
            )
            return [pk for (pk,) in cursor.fetchall()]


def having(links: Sequence[QuerySet], owner: str = "product", few_of: QuerySet | None = None) -> Q:
    """The condition that at least one of the ``links`` points to a row with ``owner``. It stands alone: joined by OR
    with another one use :func:`either`. ``few_of`` is a simpler link that holds for more rows; it is looked at
    first, and where it is frequent the ``links`` are too costly to be joined. Of several links name the one first
    that most rows have."""
    if few_of is not None and few_owners([few_of], owner, FEW) is None:
        return _walked(links, owner)
    if len(links) > 1:
        number = _owners(links[0], owner).distinct()[: COUNT_CAP + 1].count()
        if number > min(FEW, COUNT_CAP):
            return Q(Frequent(links, owner, number if number > COUNT_CAP else None))
    found = few_owners(links, owner, FEW if len(links) == 1 else MANY)
    if found is not None:
        return Q(_listed(found.ids, leaves=found.number))
    return Q(_exists(links[0], owner)) if len(links) == 1 else _walked(links, owner)


def either(links: Sequence[QuerySet], owner: str = "product") -> Q:
    """The same condition as one half of an OR, where the planner cannot join."""
    found = few_owners(links, owner, FEW)
    if found is None:
        return _walked(links, owner)
    return Q(_listed(found.ids)) if found.number else Q(pk__in=())


def lacking(links: Sequence[QuerySet], owner: str = "product") -> Q:
    """The condition that none of the ``links`` points to a row."""
    return ~having(links, owner)


class Owners(NamedTuple):
    """Ids as the database spells an array, and how many."""

    ids: str
    number: int


def few_owners(links: Sequence[QuerySet], owner: str, at_most: int) -> Owners | None:
    """The owners of all ``links`` together, or None when they are more than ``at_most``.

    A single fact that has more rows than that is frequent, unless its first ones belong to a few owners again and
    again; no more are read of it.
    """
    most = max(at_most, 0)
    if len(links) == 1:
        rows, found = _told([_owners(links[0], owner)[: most + 1]])
        if rows <= most:
            return found if found.number <= at_most else None
        if found.number * ROWS_EACH > most:
            return None
    _rows, found = _told([_owners(each, owner).distinct()[: most + 1] for each in links])
    return found if found.number <= at_most else None


def _told(parts: Sequence[QuerySet]) -> tuple[int, Owners]:
    """The number of rows, and their owners in order, in one query."""
    together, params = _together(parts)
    if not together:
        return 0, Owners("{}", 0)
    with connection.cursor() as cursor:
        # The owners are sorted once; UNION would sort all parts before.
        cursor.execute(
            "SELECT number, coalesce(ids::text, '{}'), coalesce(cardinality(ids), 0) "  # noqa: S608
            "FROM (SELECT count(*) AS number, array_agg(DISTINCT owner) AS ids "
            f"FROM ({together}) found(owner)) told",
            params,
        )
        number, *found = cursor.fetchone()
    return number, Owners(*found)


def _together(parts: Sequence[QuerySet]) -> tuple[str, list[Any]]:
    """The rows of all parts in one statement, none where each of them is known to be empty, and its parameters."""
    queries, params = [], []
    for part in parts:
        with suppress(EmptyResultSet):
            query, values = part.query.sql_with_params()
            queries.append(f"SELECT * FROM ({query}) part")  # noqa: S608 - compiled
            params += values
    return " UNION ALL ".join(queries), params


def _owners(links: QuerySet, owner: str) -> QuerySet:
    return links.order_by().values_list(_owner_field(owner), flat=True)


def _owner_field(owner: str) -> str:
    """``owner`` is a reference, or ``pk`` for the links themselves."""
    return owner if owner == "pk" else f"{owner}_id"


def _exists(links: QuerySet, owner: str) -> Exists:
    return Exists(links.order_by().filter(**{owner: OuterRef("pk")}))


def _walked(links: Sequence[QuerySet], owner: str) -> Q:
    """One question per row. As EXISTS the planner would read all links into a table of hashes first."""
    hit = Q()
    for each in links:
        first = each.order_by().filter(**{owner: OuterRef("pk")}).values("pk")[:1]
        hit |= Q(IsNull(Subquery(first), False))
    return hit
