"""How many products fail which checks: figures for the start page that cost the same for any size of the catalogue.

Stored codes are counted up to a limit, and how far products have come is told of the newest ones, so that nobody
waits for a walk over the whole catalogue.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from catalog.products.models import Product, ReadinessCodes

AT_MOST = 20_000
"""So many rows, one per product and store, are counted of each figure."""
NEWEST = 10_000
"""Of so many products is told how many checks they fail."""


class Figure(NamedTuple):
    """A number of products; with ``is_capped`` there are more."""

    number: int
    is_capped: bool


class Spread(NamedTuple):
    """``failing`` gives products by the number of checks they fail in any store; with ``is_part`` the newest ones
    only."""

    failing: dict[int, int]
    is_part: bool

    @property
    def total(self) -> int:
        return sum(self.failing.values())


def failing(products: QuerySet[Product], groups: Mapping[str, Sequence[str]]) -> dict[str, Figure]:
    """For each group of codes, how many of ``products`` fail at least one of them in some store; one query."""
    parts: list[str] = []
    params: list[Any] = []
    for name, codes in groups.items():
        rows = ReadinessCodes.objects.order_by().filter(codes__overlap=list(codes))
        if products.query.has_filters():
            rows = rows.filter(product__in=products.order_by().values("pk"))
        part, values = rows.values("product_id")[: AT_MOST + 1].query.sql_with_params()
        parts.append(f"SELECT %s, count(DISTINCT product_id), count(*) FROM ({part}) found")  # noqa: S608 - compiled
        params += [name, *values]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return {name: Figure(number, rows > AT_MOST) for name, number, rows in cursor.fetchall()}


def spread(products: QuerySet[Product], codes: Sequence[str]) -> Spread:
    """How many of these checks the newest of ``products`` fail; one query."""
    newest, values = products.order_by("-pk").values("pk")[: NEWEST + 1].query.sql_with_params()
    table = connection.ops.quote_name(ReadinessCodes._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT missing, count(*) FROM ("  # noqa: S608 - our own names
            f"SELECT n.id, count(DISTINCT code) AS missing FROM ({newest}) n(id) LEFT JOIN {table} r "
            "ON r.product_id = n.id LEFT JOIN LATERAL unnest(r.codes) code ON code = ANY(%s) GROUP BY n.id"
            ") told GROUP BY missing ORDER BY missing",
            [*values, list(codes)],
        )
        found = dict(cursor.fetchall())
    return Spread(found, sum(found.values()) > NEWEST)
