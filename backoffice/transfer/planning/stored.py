"""The stored records of a batch, found by the keys of its rows."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.comparing import Record
from backoffice.transfer.staging.copying import array_type, literal

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch


def load_stored(batch: "Batch", rows: Sequence[Planned]) -> dict[int, Record]:
    """``{row number: stored record}``: one query for the identities of the batch. An apply locks the rows, in the
    order of their ids."""
    comparison = batch.comparison
    if not rows:
        return {}
    quote, keys = connection.ops.quote_name, identities(batch, rows)
    unread = comparison.unread(batch.run.saved_since)
    columns = ", ".join(
        "NULL" if i in unread else f"t.{quote(field.column)}" for i, field in enumerate(comparison.fields)
    )
    with connection.cursor() as cursor:
        if batch.run.is_apply:
            cursor.execute(_lock(batch.resource), keys)
            if not cursor.fetchone()[0]:
                return {}
        cursor.execute(f"SELECT k.number, {columns} FROM {found_by_key(batch.resource)}", keys)  # noqa: S608
        numbers, *columns = [*zip(*cursor.fetchall(), strict=True)] or [()]
    values = map(_read, comparison.fields, columns)
    found = dict(zip(numbers, map(list, zip(*values, strict=True)), strict=True))
    if comparison.parts:
        pk = comparison.positions[batch.resource.model._meta.pk.name]
        parts = comparison.parts.stored([record[pk] for record in found.values()])
        for record in found.values():
            record.append(parts.get(record[pk], []))
    return found


def _lock(resource: FileResource) -> str:
    meta, quote = resource.model._meta, connection.ops.quote_name
    pk = quote(meta.pk.column)
    return (
        f"SELECT count(*) FROM (SELECT 1 FROM {quote(meta.db_table)} WHERE {pk} = ANY(ARRAY("  # noqa: S608
        f"SELECT t.{pk} FROM {found_by_key(resource)})) ORDER BY {pk} FOR UPDATE) AS locked"
    )


def identities(batch: "Batch", rows: Sequence[Planned]) -> list[str]:
    """What :func:`found_by_key` takes: the numbers of the rows and their keys, column by column."""
    found: list[list[Any]] = [[row.number for row in rows]]
    for field in batch.resource.identity:
        column = next(c for c in batch.resource.columns if c.attribute == field.name)
        values = [row.values[column.column_name] for row in rows]
        if isinstance(column.widget, Ref):
            ids = batch.resolved[column.column_name].ids
            values = [ids[value] if value else None for value in values]
        found.append(values)
    return [*map(literal, found)]


def found_by_key(resource: FileResource) -> str:
    """Where a query finds the stored records ``t`` of a batch, with the number of the row as ``k.number``. An empty
    part of a key is no value. Each record is looked up in the index of the key: joined as a whole, every batch would
    read all of the table that lies before its keys."""
    quote, identity = connection.ops.quote_name, resource.identity
    names = [f"k{i}" for i in range(len(identity))]
    tests = []
    for field, name in zip(identity, names, strict=True):
        same = f"r.{quote(field.column)} = k.{name}"
        is_empty = f"r.{quote(field.column)} IS NULL AND k.{name} IS NULL"
        tests.append(f"({same} OR {is_empty})" if field.null else same)
    arrays = ", ".join(f"%s::{array_type(field)}[]" for field in identity)
    is_sure = not any(field.null for field in identity)
    return (
        f"unnest(%s::bigint[], {arrays}) AS k(number, {', '.join(names)}) CROSS JOIN LATERAL ("  # noqa: S608
        f"SELECT * FROM {quote(resource.model._meta.db_table)} r WHERE {' AND '.join(tests)}"
        f"{' OFFSET 0' if is_sure else ''}) AS t"
    )


def _read(field: models.Field, column: Sequence[Any]) -> Sequence[Any]:
    """A column of many records; their JSON is read together."""
    if not isinstance(field, models.JSONField) or not any(isinstance(value, str) for value in column):
        return column
    texts = ",".join(["null" if value is None else value for value in column])
    return json.loads(f"[{texts}]", cls=field.decoder)
