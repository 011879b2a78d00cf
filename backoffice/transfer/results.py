"""What a run found, kept for its pages and downloads."""

import json
from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from backoffice.transfer.cleaning import Planned
from backoffice.transfer.keys import JOIN
from backoffice.transfer.models import JobFile, RowResult
from backoffice.transfer.problems import WARNING, visible

if TYPE_CHECKING:
    from backoffice.transfer.planning import Batch

Outcome = RowResult.Outcome


class Tally:
    """The counts of one file."""

    def __init__(self) -> None:
        self.new = self.changed = self.unchanged = self.skipped = self.errors = self.warnings = 0

    def count(self, batch: "Batch") -> None:
        for row in batch.rows:
            name = "errors" if row.outcome == Outcome.ERROR else row.outcome
            setattr(self, name, getattr(self, name) + 1)
            if row.outcome != Outcome.ERROR and any(p.level == WARNING for p in row.problems):
                self.warnings += 1

    def save(self, file: JobFile) -> None:
        for name, value in vars(self).items():
            setattr(file, name, value)
        file.save(update_fields=[*vars(self)])


def clear_results(file: JobFile) -> None:
    RowResult.objects.filter(file=file).delete()


def store_results(batch: "Batch") -> None:
    """Keep the rows that have something to show. After an apply the history has the changes."""
    rows = [
        row for row in batch.rows if row.problems or (row.outcome != Outcome.UNCHANGED and _shows(batch, row))
    ]
    if not rows:
        return
    table = connection.ops.quote_name(RowResult._meta.db_table)
    columns = "file_id, row, line, key, outcome, has_warning, changes, problems"
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(_as_stored(batch, row))


def _shows(batch: "Batch", row: Planned) -> bool:
    return not batch.run.is_apply or row.outcome == Outcome.SKIPPED


def _as_stored(batch: "Batch", row: Planned) -> tuple:
    shows_changes = not batch.run.is_apply and row.outcome in {Outcome.NEW, Outcome.CHANGED}
    changes = batch.comparison.changes(row) if shows_changes else None
    return (
        batch.file.pk,
        row.number,
        row.line,
        visible(row.key.replace(JOIN, " · ")),
        row.outcome,
        any(problem.level == WARNING for problem in row.problems),
        json.dumps(changes, cls=DjangoJSONEncoder) if changes else None,
        json.dumps([problem.as_json() for problem in row.problems]) if row.problems else None,
    )
