"""Variants of one product differ in their whole map of attributes (spec: import-export 4.5.2, attributes 5.4)."""

import json
from collections.abc import Sequence

from django.db import connection
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import ERROR, Problem
from backoffice.transfer.staging.copying import literal
from catalog.products.models import Product
from catalog.products.resources.slots import pairs

Outcome = RowResult.Outcome
TABLE = "transfer_variant_maps"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def refuse_equal(batch: Batch) -> None:
    """A new variant, or one whose attributes change, is refused where a sibling has the same map: stored, or planned
    by this run. A product that is made by this run is told by its SKU."""
    place = batch.position("attributes")
    rows = [
        row
        for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
        if not row.is_bad and (row.stored is None or row.record[place] != row.stored[place])
    ]
    if not rows:
        return
    names = _product_skus(batch, rows)
    maps = [_encode(row.record[place]) for row in rows]
    given = [
        literal([row.number for row in rows]),
        literal(names),
        literal([row.key for row in rows]),
        literal(maps),
    ]
    with connection.cursor() as cursor:
        _table(cursor, batch)
        cursor.execute(
            f"INSERT INTO {TABLE} (product, sku, map, n) SELECT product, sku, map::jsonb, n "  # noqa: S608
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) "
            "WITH ORDINALITY AS given(n, product, sku, map, place) ORDER BY place",
            given,
        )
        cursor.execute(_EQUAL, [literal([row.number for row in rows])])
        siblings = dict(cursor.fetchall())
        refused = [row for row in rows if row.number in siblings]
        for row in refused:
            _refuse(batch, row, siblings[row.number])
        if refused:
            cursor.execute(
                f"DELETE FROM {TABLE} WHERE n = ANY(%s::bigint[])",  # noqa: S608
                [literal([row.number for row in refused])],
            )


_EQUAL = f"""
SELECT g.n, min(coalesce(earlier.sku, stored.sku)) FROM {TABLE} g
LEFT JOIN {TABLE} earlier ON earlier.product = g.product AND earlier.map = g.map AND earlier.seq < g.seq
LEFT JOIN (products_variant stored JOIN products_product p ON p.id = stored.product_id)
    ON p.sku = g.product AND stored.attributes = g.map AND stored.sku <> g.sku
    AND NOT EXISTS (SELECT 1 FROM {TABLE} m WHERE m.sku = stored.sku)
WHERE g.n = ANY(%s::bigint[]) AND (earlier.sku IS NOT NULL OR stored.sku IS NOT NULL) GROUP BY g.n
"""  # noqa: S608


def _table(cursor: object, batch: Batch) -> None:
    """One per run and session; emptied when another run begins."""
    cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{TABLE}"])
    if not cursor.fetchone()[0]:
        cursor.execute(
            f"CREATE TEMP TABLE {TABLE} (product text, sku text, map jsonb, n bigint, seq bigserial)"
        )
        cursor.execute(f"CREATE INDEX ON {TABLE} (product)")
        cursor.execute(f"CREATE INDEX ON {TABLE} (sku)")
        cursor.execute(f"CREATE INDEX ON {TABLE} (n)")
    if getattr(batch.run, "variant_maps", None) != batch.file.pk:
        cursor.execute(f"TRUNCATE {TABLE}")
        batch.run.variant_maps = batch.file.pk


def _product_skus(batch: Batch, rows: Sequence[Planned]) -> list[str]:
    """The SKU of each row's product, of the file or, where it does not say, of the stored one."""
    product = batch.position("product")
    silent = {row.record[product] for row in rows if not row.values.get("abstract_sku")}
    known = dict(Product.objects.filter(pk__in=silent).values_list("pk", "sku")) if silent else {}
    return [row.values.get("abstract_sku") or known[row.record[product]] for row in rows]


def _refuse(batch: Batch, row: Planned, sibling: str) -> None:
    """Named at the first value that the row states."""
    slot = next(
        ((column, value) for _l, _k, value, column in pairs(row, batch.comparison)), ("concrete_sku", row.key)
    )
    message = _("The variant %(sibling)s of the same product has exactly these attributes.")
    row.problems.append(Problem(ERROR, "same_variant", slot[0], slot[1], {"sibling": sibling}, message))
