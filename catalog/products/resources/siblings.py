"""Variants of one product differ in their whole map of attributes (spec: import-export 4.5.2, attributes 5.4)."""

import hashlib
import json
from collections.abc import Iterable, Sequence
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
Map = tuple[str, str]
"""The SKU of a product and the attributes of one of its variants."""
_BETWEEN = "\x1f"
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(_BETWEEN, ":")).encode


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
    found = list(
        zip(_product_skus(batch, rows), _spelled([row.record[places[0]] for row in rows]), strict=True)
    )
    # What an apply has planned in earlier batches is stored.
    planned = None if batch.run.is_apply else _Planned(batch)
    taken = _stored({product for product, _map in found}, [row.key for row in rows], planned)
    if planned:
        taken |= planned.among(found)
    fresh = []
    for row, each in zip(rows, found, strict=True):
        sibling = taken.get(each)
        if sibling and sibling != row.key:
            _refuse(batch, row, sibling)
        else:
            taken[each] = row.key
            fresh.append((row.key, each))
    if planned:
        planned.add(fresh)


def planned_products(batch: Batch, skus: Sequence[str]) -> dict[str, str]:
    """``{variant: product}`` by SKU, of variants that a check would make or move; for the files after theirs."""
    if not hasattr(batch.run, "variant_maps") or not skus:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT sku, product FROM {TABLE} WHERE sku = ANY(%s::text[])",  # noqa: S608
            [literal(skus)],
        )
        return dict(cursor.fetchall())


def _spelled(maps: Sequence[dict[str, Any]]) -> list[str]:
    """Each map as a text that equal ones share. Encoded together: no text in JSON holds the sign between the items;
    one by one where a list in a map holds maps."""
    found = _encode(maps)[2:-2].split(f"}}{_BETWEEN}{{")
    return found if len(found) == len(maps) else [_encode(each)[1:-1] for each in maps]


def _stored(products: Iterable[str], skus: Sequence[str], planned: "_Planned | None") -> dict[Map, str]:
    """Which stored variants of these products, besides those with these SKUs and those that the run has planned
    otherwise, have which maps."""
    other = f"AND NOT EXISTS (SELECT 1 FROM {TABLE} m WHERE m.sku = v.sku)" if planned else ""  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.sku, v.sku, v.attributes::text FROM products_product p CROSS JOIN LATERAL ("  # noqa: S608
            "SELECT sku, attributes FROM products_variant WHERE product_id = p.id OFFSET 0) v "
            "WHERE p.sku = ANY(%s::text[]) "
            f"AND NOT EXISTS (SELECT 1 FROM unnest(%s::text[]) AS own(sku) WHERE own.sku = v.sku) {other}",
            [literal(sorted(products)), literal(skus)],
        )
        rows = cursor.fetchall()
    maps = _spelled([json.loads(held) for _product, _sku, held in rows])
    return {(product, each): sku for (product, sku, _held), each in zip(rows, maps, strict=True)}


class _Planned:
    """The maps that a check has planned in earlier batches: a table per file of a run, on its connection. Digests stand
    for the maps."""

    def __init__(self, batch: Batch) -> None:
        if getattr(batch.run, "variant_maps", None) == batch.file.pk:
            return
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{TABLE}")
            cursor.execute(f"CREATE TEMP TABLE {TABLE} (product text, sku text, digest bigint)")
            cursor.execute(f"CREATE INDEX ON {TABLE} (digest)")
            cursor.execute(f"CREATE INDEX ON {TABLE} (sku)")
        batch.run.variant_maps = batch.file.pk

    def among(self, maps: Sequence[Map]) -> dict[Map, str]:
        """Those of the maps that are planned, with the SKU of their variant."""
        digests = {(product, _digest(each)): (product, each) for product, each in maps}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m.product, m.digest, m.sku FROM unnest(%s::text[], %s::bigint[]) AS g(product, digest) "  # noqa: S608
                f"JOIN {TABLE} m ON m.product = g.product AND m.digest = g.digest",
                [*map(literal, zip(*digests, strict=True))],
            )
            return {digests[product, digest]: sku for product, digest, sku in cursor}

    def add(self, rows: Iterable[tuple[str, Map]]) -> None:
        lines = (f"{text(product)}\t{text(sku)}\t{_digest(each)}\n" for sku, (product, each) in rows)
        with connection.cursor() as cursor:
            copy_lines(cursor, TABLE, ("product", "sku", "digest"), lines)


def _digest(spelled: str) -> int:
    found = hashlib.blake2b(spelled.encode(), digest_size=8, usedforsecurity=False).digest()
    return int.from_bytes(found, "big", signed=True)


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
