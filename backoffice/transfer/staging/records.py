"""Records of one model written together, as objects: added ones are copied, changed ones updated in one statement."""

import json
from collections.abc import Collection, Iterator, Sequence

from django.db import connection, models

from backoffice.history.recording import plain
from backoffice.transfer.staging.copying import copy_columns, speller_of_all


def next_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids from the sequence of the model."""
    query = (
        "SELECT nextval(s.name) FROM (SELECT pg_get_serial_sequence(%s, %s)::regclass AS name OFFSET 0) AS s, "
        "generate_series(1, %s)"
    )
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        cursor.execute(query, [table, model._meta.pk.column, count])
        return [pk for (pk,) in cursor.fetchall()]


def add(records: Sequence[models.Model]) -> None:
    """Write records that are new and give them their ids."""
    if not records:
        return
    meta, quote = records[0]._meta, connection.ops.quote_name
    for record, pk in zip(records, next_ids(type(records[0]), len(records)), strict=True):
        record.pk = pk

    def spelled(some: Sequence[models.Model]) -> Iterator[Sequence[str]]:
        for field in meta.concrete_fields:
            yield speller_of_all(field)([field.pre_save(record, True) for record in some])

    with connection.cursor() as cursor:
        names = [quote(field.column) for field in meta.concrete_fields]
        copy_columns(cursor, quote(meta.db_table), names, spelled, records)
    for record in records:
        record._state.adding, record._state.db = False, connection.alias


def change(records: Sequence[models.Model], names: Collection[str]) -> None:
    """Write these fields of stored records as the objects have them."""
    if not records:
        return
    meta, quote = records[0]._meta, connection.ops.quote_name
    fields = [meta.get_field(name) for name in names]
    table, key = quote(meta.db_table), quote(meta.pk.column)
    rows = [
        {each.column: plain(getattr(row, each.attname)) for each in [meta.pk, *fields]} for row in records
    ]
    values = ", ".join(f"{quote(field.column)} = s.{quote(field.column)}" for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET {values} "  # noqa: S608
            f"FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) s WHERE t.{key} = s.{key}",
            [json.dumps(rows)],
        )
