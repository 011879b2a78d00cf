"""The writer: a planned batch goes into its table and into the history with a constant number of statements. New rows
are copied; changed rows, and new ones among which the database refuses one, come from the shelf. Unchanged rows
write nothing."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction

from backoffice.database import running
from backoffice.history.models import Change
from backoffice.history.recording import masked, parent_field
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.constraints import referenced, stage
from backoffice.transfer.planning.shelf import Shelf, give_ids, spelled
from backoffice.transfer.staging import copying
from backoffice.transfer.staging.copying import copy_columns, copy_lines

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch

Outcome = RowResult.Outcome
_encode = DjangoJSONEncoder(ensure_ascii=False).encode


def write(batch: "Batch") -> None:
    """Write the new and changed rows of a batch. Rows that the database refuses, or that somebody else wrote
    meanwhile, turn into errors."""
    rows = batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
    if not rows or (batch.run.stops and any(row.is_bad for row in batch.rows)):
        return
    batch.run.recorder.change_set  # noqa: B018 - written before the savepoint that may be rolled back
    is_built = _make_built_in(batch, rows)
    staged = _copy_new(batch, rows) if batch.resource.is_copied else rows
    if staged:
        if is_built:
            batch.shelf.fill(staged)
        else:
            batch.shelf.keep(staged)
        batch.resource.before_write(batch)
        _write(batch, staged)
    refused = [row for row in rows if row.is_bad]
    for row in refused:
        row.outcome = Outcome.ERROR
    if refused:
        batch.run.keys.mark_bad(batch.file.position, [row.number for row in refused])
    batch.resource.after_write(batch)


def _copy_new(batch: "Batch", rows: list[Planned]) -> list[Planned]:
    """Copy the new records straight into their table. Gives the rows that have to be written from the shelf: the
    changed ones, and all if the database refuses the copy, because the shelf can tell which one it means."""
    fresh = [row for row in rows if row.stored is None]
    changed = [row for row in rows if row.stored is not None]
    if not fresh:
        return changed
    give_ids(batch.resource.model, fresh)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            _copy_records(batch, cursor, fresh)
            _remember(cursor, _history(batch, fresh))
            if batch.resource.parts:
                _write_parts(batch, fresh)
        return changed
    except (IntegrityError, DataError):
        stage(batch, rows)
        return [row for row in rows if not row.is_bad]


def _copy_records(batch: "Batch", cursor: Any, rows: list[Planned]) -> None:
    comparison, meta = batch.comparison, batch.resource.model._meta
    pk = batch.position(meta.pk.name)
    for row in rows:
        row.record[pk] = row.pk
    quote = connection.ops.quote_name
    names = [quote(field.column) for field in comparison.fields]
    copy_columns(cursor, quote(meta.db_table), names, partial(spelled, batch), rows)


def _history(batch: "Batch", rows: Iterable[Planned]) -> Iterator[str]:
    """Line by line what history holds of the rows: of a new one that it came, of a changed one the differences."""
    model, label, differences = batch.resource.model, batch.resource.label, batch.comparison.changes
    pk, parent = batch.position(model._meta.pk.name), parent_field(model)
    place = batch.position(parent.name) if parent else None
    added, changed = (_head(batch, action) for action in (Change.Action.ADD, Change.Action.CHANGE))
    for row in rows:
        record, is_new = row.record, row.stored is None
        fields = copying.NULL if is_new else copying.text(_encode(masked(model, differences(row))))
        on = copying.NULL if place is None else copying.plain(record[place])
        name = copying.text(label(row.values)[:300])
        yield f"{added if is_new else changed}{record[pk]}\t{name}\t{on}\t{fields}\n"


def _head(batch: "Batch", action: str) -> str:
    """What all lines of the history share."""
    model = batch.resource.model
    parent = parent_field(model)
    parent_type = parent.related_model._meta.label_lower if parent else ""
    facts = (batch.run.recorder.change_set.pk, model._meta.label_lower, action, parent_type)
    return "".join(f"{copying.plain(fact)}\t" for fact in facts)


def _remember(cursor: Any, lines: Iterable[str]) -> None:
    columns = (
        "change_set_id",
        "object_type",
        "action",
        "parent_type",
        "object_id",
        "label",
        "parent_id",
        "fields",
    )
    copy_lines(cursor, connection.ops.quote_name(Change._meta.db_table), columns, lines)


def _write(batch: "Batch", rows: list[Planned]) -> None:
    """Write what lies on the shelf, halving a batch that the database refuses until the row is found."""
    try:
        with transaction.atomic():
            late = _write_together(batch, rows)
    except (IntegrityError, DataError) as error:
        if len(rows) == 1:
            _explain(batch, rows[0], error)
            return
        middle = len(rows) // 2
        for half in (rows[:middle], rows[middle:]):
            batch.shelf.fill(half)
            _write(batch, half)
        return
    for row in rows:
        if row.number in late:
            row.fail("stale", batch.key_column)


def _write_together(batch: "Batch", rows: list[Planned]) -> set[int]:
    """Gives the numbers of rows that somebody else wrote meanwhile; they are left as they are."""
    changed = [row for row in rows if row.stored is not None]
    fresh = [row for row in rows if row.stored is None]
    written: dict[int, bool] = {}
    lines: list[str] = []
    if changed:
        with running(_update(batch.shelf), [batch.run.began_at]) as cursor:
            lines += _history(batch, changed)
        written.update(cursor)
    if fresh:
        with running(_insert(batch)) as cursor:
            lines += _history(batch, fresh)
        written.update(cursor)
    with connection.cursor() as cursor:
        # A row that was taken from the shelf is part of another record's.
        _remember(cursor, compress(lines, [written.get(row.number) for row in (*changed, *fresh)]))
    late = {number for number, is_written in written.items() if not is_written}
    if batch.resource.parts:
        _write_parts(batch, [row for row in rows if row.number not in late])
    return late


def _write_parts(batch: "Batch", rows: list[Planned]) -> None:
    parts, comparison, pk = batch.resource.parts, batch.comparison, batch.position("id")
    parts.add((row.pk, row.record[comparison.parts_at]) for row in rows if row.stored is None)
    changed = [row for row in rows if row.stored is not None and comparison.has_other_parts(row)]
    at = comparison.parts_at
    parts.replace([(row.stored[pk], row.stored[at], row.record[at]) for row in changed])


def _insert(batch: "Batch") -> str:
    """A record that somebody else made meanwhile is left as it is; other clashes are errors of the database."""
    shelf = batch.shelf
    columns = ", ".join(shelf.columns)
    key = ", ".join(connection.ops.quote_name(field.column) for field in batch.resource.identity)
    return (
        f"WITH written AS (INSERT INTO {shelf.target} ({columns}) SELECT {columns} FROM {shelf.table} "  # noqa: S608
        f"WHERE row_is_new ORDER BY row_number ON CONFLICT ({key}) DO NOTHING RETURNING id) "
        f"{_written(shelf)} WHERE row_is_new"
    )


def _update(shelf: Shelf) -> str:
    """The ids are named once more, so that the table is not read as a whole for every batch."""
    columns = [shelf.columns[i] for i in shelf.batch.comparison.written]
    values = ", ".join(f"{name} = s.{name}" for name in columns)
    return (
        f"WITH written AS (UPDATE {shelf.target} t SET {values}, version = t.version + 1, updated_at = %s "  # noqa: S608
        f"FROM {shelf.table} s WHERE NOT s.row_is_new AND t.id = s.id AND t.version = s.row_version "
        f"AND t.id = ANY(ARRAY(SELECT id FROM {shelf.table} WHERE NOT row_is_new)) "
        f"RETURNING t.id) "
        f"{_written(shelf)} WHERE NOT row_is_new"
    )


def _written(shelf: Shelf) -> str:
    """Number by number, whether the row was written."""
    return f"SELECT row_number, w.id IS NOT NULL FROM {shelf.table} s LEFT JOIN written w ON w.id = s.id"  # noqa: S608


def _make_built_in(batch: "Batch", rows: list[Planned]) -> bool:
    """Records known without a file, such as ISO currencies, are made when a row first needs them. Gives
    whether any was."""
    some = False
    for place in batch.header.places:
        found = batch.resolved.get(place.name)
        if not found or not found.built:
            continue
        ref: Ref = place.column.widget
        position = batch.position(place.column.attribute)
        made: dict[str, int] = {}
        for row in rows:
            text = row.values.get(place.name)
            if text in found.built:
                if text not in made:
                    made[text] = _made(batch, ref, text, found.built[text])
                row.record[position] = made[text]
                some = True
    return some


def _made(batch: "Batch", ref: Ref, text: str, values: Any) -> int:
    record, is_made = ref.model._default_manager.get_or_create(**{ref.field: text}, defaults=dict(values))
    if is_made:
        batch.run.recorder.added(record)
        batch.run.recorder.flush()
    return record.pk


def _explain(batch: "Batch", row: Planned, error: DatabaseError) -> None:
    """Say in the words of the constraint why the database refused a row."""
    diagnosis = getattr(error.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "") or ""
    columns = {column.attribute: column.column_name for column in batch.resource.columns}
    for constraint in batch.resource.model._meta.constraints:
        if constraint.name == name:
            fields = getattr(constraint, "fields", ()) or tuple(
                referenced(getattr(constraint, "condition", None))
            )
            column = next((columns[field] for field in fields if field in columns), batch.key_column)
            code = constraint.violation_error_code or "taken"
            row.fail(code, column, constraint.violation_error_message)
            return
    row.fail("conflict", batch.key_column)
