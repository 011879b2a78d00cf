"""Variants of one product differ in their whole map of attributes (spec: import-export 4.5.2, attributes 5.4)."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import ERROR, Problem
from backoffice.transfer.staging.copying import copy_lines, literal, text
from catalog.products.models import Product
from catalog.products.resources.slots import pairs

Outcome = RowResult.Outcome
TABLE = "transfer_variant_maps"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode


def refuse_equal(batch: Batch) -> None:
    """A new variant, or one whose attributes or product change, is refused where a sibling has the same map: stored,
    or planned by this run. A product that is made by this run is told by its SKU."""
    places = batch.position("attributes"), batch.position("product")
    rows = [
        row
        for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
        if not row.is_bad and (row.stored is None or any(row.record[at] != row.stored[at] for at in places))
    ]
    if not rows:
        return
    products = _product_skus(batch, rows)
    digests = [_digest(row.record[places[0]]) for row in rows]
    with connection.cursor() as cursor:
        _table(cursor, batch)
        taken = _planned(cursor, products, digests)
        stored = _stored(cursor, products, [row.key for row in rows])
        fresh = []
        for row, product, digest in zip(rows, products, digests, strict=True):
            sibling = taken.get((product, digest)) or stored.get((product, digest))
            if sibling and sibling != row.key:
                _refuse(batch, row, sibling)
            else:
                taken[product, digest] = row.key
                fresh.append(f"{text(product)}\t{text(row.key)}\t{digest}\n")
        copy_lines(cursor, TABLE, ("product", "sku", "digest"), fresh)


def planned_products(batch: Batch, skus: Sequence[str]) -> dict[str, str]:
    """``{variant: product}`` by SKU, of variants that the run has made or moved; for the files after theirs."""
    if not hasattr(batch.run, "variant_maps") or not skus:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sku, product FROM {TABLE} WHERE sku = ANY(%s::text[])",  # noqa: S608
            [literal(skus)],
        )
        return dict(cursor.fetchall())


def _digest(attributes: dict[str, Any]) -> int:
    found = hashlib.blake2b(_encode(attributes).encode(), digest_size=8, usedforsecurity=False).digest()
    return int.from_bytes(found, "big", signed=True)


def _planned(cursor: Any, products: Sequence[str], digests: Sequence[int]) -> dict[tuple[str, int], str]:
    """``{(product, digest): SKU}`` of the rows that the run has planned in earlier batches."""
    cursor.execute(
        f"SELECT m.product, m.digest, m.sku FROM unnest(%s::text[], %s::bigint[]) AS g(product, digest) "  # noqa: S608
        f"JOIN {TABLE} m ON m.product = g.product AND m.digest = g.digest",
        [literal(products), literal(digests)],
    )
    return {(product, digest): sku for product, digest, sku in cursor}


def _stored(cursor: Any, products: Sequence[str], skus: Sequence[str]) -> dict[tuple[str, int], str]:
    """The same of the stored variants that the run has not planned otherwise."""
    cursor.execute(
        "SELECT p.sku, v.sku, v.attributes::text FROM products_product p "  # noqa: S608
        "JOIN products_variant v ON v.product_id = p.id WHERE p.sku = ANY(%s::text[]) "
        "AND NOT EXISTS (SELECT 1 FROM unnest(%s::text[]) AS own(sku) WHERE own.sku = v.sku) "
        f"AND NOT EXISTS (SELECT 1 FROM {TABLE} m WHERE m.sku = v.sku)",
        [literal(sorted(set(products))), literal(skus)],
    )
    return {(product, _digest(json.loads(held))): sku for product, sku, held in cursor}


def _table(cursor: object, batch: Batch) -> None:
    """One per file of a run, on its connection."""
    if getattr(batch.run, "variant_maps", None) == batch.file.pk:
        return
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")
    cursor.execute(f"CREATE TEMP TABLE {TABLE} (product text, sku text, digest bigint)")
    cursor.execute(f"CREATE INDEX ON {TABLE} (digest)")
    cursor.execute(f"CREATE INDEX ON {TABLE} (sku)")
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
