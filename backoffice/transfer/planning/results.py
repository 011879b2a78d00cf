"""What a run found, kept for its pages and downloads."""

import json
from collections import Counter
from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from backoffice.transfer.models import JobFile, RowResult
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import WARNING, Problem, visible
from backoffice.transfer.staging.keys import JOIN

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch
    from backoffice.transfer.planning.runs import Run

Outcome = RowResult.Outcome
WRITTEN = (Outcome.NEW, Outcome.CHANGED)
BETWEEN = " · "
"""What stands between the parts of a key that people read."""


class Tally:
    """The counts of one file."""

    def __init__(self) -> None:
        self.new = self.changed = self.unchanged = self.skipped = self.errors = self.warnings = 0

    def count(self, batch: "Batch") -> None:
        for outcome, number in Counter([row.outcome for row in batch.rows]).items():
            name = "errors" if outcome == Outcome.ERROR else outcome
            setattr(self, name, getattr(self, name) + number)
        for row in batch.rows:
            if (
                row.problems
                and row.outcome != Outcome.ERROR
                and any(p.level == WARNING for p in row.problems)
            ):
                self.warnings += 1

    def save(self, file: JobFile) -> None:
        for name, value in vars(self).items():
            setattr(file, name, value)
        file.save(update_fields=[*vars(self)])


def clear_results(run: "Run", file: JobFile) -> None:
    """An apply leaves what the check said of the rows it will write; :func:`store_results` puts right what has
    become of them."""
    found = RowResult.objects.filter(file=file)
    if run.is_apply and run.job.check_began_at:
        found = found.exclude(outcome__in=WRITTEN, problems__isnull=True)
    found.delete()


def store_results(batch: "Batch") -> None:
    """Keep the rows that have something to show. What an apply without a check has written is in the history
    only."""
    rows = [row for row in batch.rows if row.problems or row.outcome == Outcome.SKIPPED]
    written = [row for row in batch.with_outcome(*WRITTEN) if not row.problems]
    if not batch.run.is_apply:
        rows += written
    elif batch.run.job.check_began_at:
        rows += _not_checked(batch, written)
    if not rows:
        return
    table = connection.ops.quote_name(RowResult._meta.db_table)
    columns = "file_id, row, line, key, outcome, has_warning, changes, problems"
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(_as_stored(batch, row))


def _not_checked(batch: "Batch", written: list[Planned]) -> list[Planned]:
    """The written rows that the check did not announce. What it announced and is not written is removed."""
    numbers = {row.number for row in written}
    kept = RowResult.objects.filter(file=batch.file, row__range=_span(batch), outcome__in=WRITTEN)
    announced = {row.number for row in batch.rows} & set(kept.values_list("row", flat=True))
    if announced - numbers:
        kept.filter(row__in=announced - numbers).delete()
    return [row for row in written if row.number not in announced]


def _span(batch: "Batch") -> tuple[int, int]:
    numbers = [row.number for row in batch.rows]
    return min(numbers), max(numbers)


def _as_stored(batch: "Batch", row: Planned) -> tuple:
    shows_changes = row.outcome in WRITTEN and (not batch.run.is_apply or batch.run.job.check_began_at)
    problems = [_placed(batch, row, _spelled(batch, row, each)).as_json() for each in row.problems]
    changes = batch.comparison.changes(row, is_shown=True) | (row.changes or {}) if shows_changes else None
    return (
        batch.file.pk,
        row.number,
        row.line,
        visible(row.key.replace(JOIN, BETWEEN)),
        row.outcome,
        any(problem.level == WARNING for problem in row.problems),
        json.dumps(changes, cls=DjangoJSONEncoder) if changes else None,
        json.dumps(problems) if problems else None,
    )


def _spelled(batch: "Batch", row: Planned, problem: Problem) -> Problem:
    """Its value as the cell held it; where cells are not kept, as the format writes it."""
    if isinstance(problem.value, str):
        return problem
    place = next((each for each in batch.header.places if each.name == problem.column), None)
    if place is None:
        return problem._replace(value="" if problem.value is None else str(problem.value))
    cell = str(row.cells[place.position]) if row.cells else place.column.widget.shown(problem.value)
    return problem._replace(value=cell)


def _placed(batch: "Batch", row: Planned, problem: Problem) -> Problem:
    """In a workbook the cell is named, too."""
    letter = batch.letters.get(problem.column)
    return problem._replace(cell=f"{letter}{row.line}") if letter else problem
