"""A temporary table like a model's own, where the rows of a batch lie before they are written."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from backoffice.transfer.cleaning import Planned

if TYPE_CHECKING:
    from backoffice.transfer.comparing import Comparison


class Shelf:
    """One per model and session; filled anew for every batch."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        quote = connection.ops.quote_name
        self.table = quote(f"shelf_{model._meta.db_table}"[:63])
        self.target = quote(model._meta.db_table)
        self.fields = list(model._meta.concrete_fields)
        self.columns = [quote(field.column) for field in self.fields]

    def fill(self, comparison: "Comparison", rows: Sequence[Planned], facts: Callable | None = None) -> None:
        """Put the rows down. ``facts(row)`` gives label, version and differences for the history."""
        encoders = [_encoder(field) for field in self.fields]
        pk = next(i for i, field in enumerate(self.fields) if field.primary_key)
        names = ", ".join(
            [*self.columns, "row_number", "row_is_new", "row_label", "row_version", "row_fields"]
        )
        with connection.cursor() as cursor:
            self._clear(cursor)
            with cursor.copy(f"COPY {self.table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    record = [
                        encode(value) if encode else value
                        for encode, value in zip(encoders, row.record, strict=True)
                    ]
                    record[pk] = row.pk or record[pk] or 0
                    label, version, fields = facts(row) if facts else ("", 0, None)
                    copy.write_row([*record, row.number, row.stored is None, label, version, fields])

    def _clear(self, cursor: Any) -> None:
        cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{self.table}"])
        if cursor.fetchone()[0]:
            cursor.execute(f"TRUNCATE pg_temp.{self.table}")
        else:
            cursor.execute(
                f"CREATE TEMP TABLE {self.table} (LIKE {self.target}, row_number bigint, row_is_new boolean,"
                " row_label text, row_version bigint, row_fields jsonb)"
            )

    def broken(self, conditions: Sequence[str]) -> Iterator[tuple[int, list[bool]]]:
        """``(row number, [is broken …])`` for rows that break one of the conditions."""
        tests = [f"({condition}) IS FALSE" for condition in conditions]
        query = f"SELECT row_number, {', '.join(tests)} FROM {self.table} WHERE {' OR '.join(tests)}"
        with connection.cursor() as cursor:
            cursor.execute(query)
            for number, *broken in cursor:
                yield number, broken


def drop_shelves() -> None:
    """Remove the tables of this session; the next run may meet another shape of the models."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = pg_my_temp_schema() AND relname LIKE 'shelf\\_%'"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE pg_temp.{connection.ops.quote_name(name)}")


def _encoder(field: models.Field) -> Callable[[Any], Any] | None:
    if isinstance(field, models.JSONField):
        encoder, nullable = field.encoder, field.null
        return lambda value: None if value is None and nullable else json.dumps(value, cls=encoder)
    return None
