"""A temporary table like a model's own, where the rows of a batch lie before they are written."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.staging.copying import copy_columns, plain, speller_of_all
from backoffice.transfer.staging.records import next_ids

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch


class Shelf:
    """One per model and session; filled anew for every batch. In an apply the rows lie there with all that the
    writer and the history need. A loose one takes records that are not whole, to be asked about and never written."""

    TAKES = (RowResult.Outcome.NEW, RowResult.Outcome.CHANGED)

    def __init__(self, batch: "Batch", *, is_loose: bool = False) -> None:
        self.batch, self.model, self.is_loose = batch, batch.resource.model, is_loose
        self.is_written = batch.run.is_apply and not is_loose
        quote = connection.ops.quote_name
        self.held = 0
        self.version = batch.comparison.positions.get("version", 0)
        self.table = quote(f"shelf_{'loose_' if is_loose else ''}{self.model._meta.db_table}"[:63])
        self.target = quote(self.model._meta.db_table)
        self.columns = [quote(field.column) for field in batch.comparison.fields]

    def fill(self, rows: Sequence[Planned]) -> None:
        """Put the rows down, and nothing else."""
        if self.is_written:
            give_ids(self.model, rows)
        names = [*self.columns, "row_number", "row_is_new", "row_version"]
        with connection.cursor() as cursor:
            self._clear(cursor)
            if rows:
                copy_columns(cursor, self.table, names, self._spelled, rows)
        self.held = len(rows)

    def _spelled(self, rows: Sequence[Planned]) -> Iterator[Sequence[str]]:
        pk = self.batch.position(self.model._meta.pk.name)
        for row in rows:
            row.record[pk] = row.pk or row.record[pk] or 0
        yield from spelled(self.batch, rows, is_whole=not self.is_loose)
        for column in zip(*map(self._facts, rows), strict=True):
            yield [*map(plain, column)]

    def keep(self, rows: Sequence[Planned]) -> None:
        """Take away all other rows."""
        if len(rows) == self.held:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {self.table} WHERE row_number <> ALL(%s)",  # noqa: S608
                [[row.number for row in rows]],
            )

    def _facts(self, row: Planned) -> tuple[int, bool, int]:
        """Number, whether it is new, and the version that is written over."""
        if row.stored is None or not self.is_written:
            return row.number, row.stored is None, 0
        return row.number, False, row.stored[self.version]

    def _clear(self, cursor: Any) -> None:
        cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{self.table}"])
        if cursor.fetchone()[0]:
            cursor.execute(f"TRUNCATE pg_temp.{self.table}")
            return
        cursor.execute(
            f"CREATE TEMP TABLE {self.table} (LIKE {self.target}, row_number bigint, row_is_new boolean,"
            " row_version bigint)"
        )
        if self.is_loose:
            emptied = ", ".join(f"ALTER COLUMN {name} DROP NOT NULL" for name in self.columns)
            cursor.execute(f"ALTER TABLE pg_temp.{self.table} {emptied}")

    def broken(self, conditions: Sequence[str]) -> Iterator[tuple[int, list[bool]]]:
        """``(row number, [is broken …])`` for rows that break one of the conditions."""
        if not conditions:
            return
        tests = [f"({condition}) IS FALSE" for condition in conditions]
        query = f"SELECT row_number, {', '.join(tests)} FROM {self.table} WHERE {' OR '.join(tests)}"  # noqa: S608
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


def give_ids(model: type[models.Model], rows: Sequence[Planned]) -> None:
    """Take ids from the sequence for the rows whose record is new and has none."""
    fresh = [row for row in rows if row.stored is None and not row.pk]
    if not fresh:
        return
    for row, pk in zip(fresh, next_ids(model, len(fresh)), strict=True):
        row.pk = pk


def spelled(batch: "Batch", rows: Sequence[Planned], *, is_whole: bool = True) -> Iterator[Sequence[str]]:
    """The records column by column for COPY, whole ones with what the machine keeps; what a record has beyond its
    fields is left out."""
    for row in rows if is_whole else ():
        batch.comparison.finish(row, batch.run.began_at)
    columns = zip(*[row.record for row in rows], strict=True)
    for field, column in zip(batch.comparison.fields, columns, strict=False):
        yield speller_of_all(field)(column)
