"""The drift report of an undo as a file: what was changed since and stays, what cannot come back, and why
(import-export 1.5.4)."""

import csv
import io
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.contrib import messages
from django.db import OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.console.logs import on_export
from backoffice.console.past import shown
from backoffice.console.rights import Refused, Right
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.restoring import CANNOT, LEFT, FieldLine, Gate, Line, Report
from backoffice.history.screens.access import gate_for, has_undo_right
from backoffice.spreadsheets import guarded

COLUMNS = ("outcome", "type", "record", "field", "recorded", "current", "by", "at", "reason")
COMPARED = 100_000
"""Changes of a set that are compared for the file, the last ones; it is written while somebody waits for it."""
_IN_MEMORY = 1 << 20


class Told(Report):
    """Keeps every line, not the first ones only, in a file: memory stays flat."""

    def __init__(self) -> None:
        super().__init__()
        self.file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by the response
        self._write(COLUMNS)

    def tell(self, outcome: str, line: Line | None = None) -> None:
        self.counts[outcome] += 1
        if line and outcome in {LEFT, CANNOT}:
            for row in cells(outcome, line):
                self._write(map(guarded, row))

    def _write(self, row: Iterable[str]) -> None:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        self.file.write(line.getvalue().encode())


def cells(outcome: str, line: Line) -> Iterator[list[str]]:
    """One row per field; a record that stays as a whole has one without."""
    change = line.change
    record = [outcome, change.object_type, change.label]
    for each in line.fields or [FieldLine("", None, None)]:
        by, at = (each.by.user_name or _("System"), each.by.at.isoformat()) if each.by else ("", "")
        yield [*record, each.name, shown(each.recorded), shown(each.current), by, at, line.reason]


def written(change_set: ChangeSet, gate: Gate) -> IO[bytes]:
    """The report as a file, found out as the preview is: by an undo that is rolled back."""
    report = Told()
    undoing.rehearse(change_set, gate, report, COMPARED)
    report.file.seek(0)
    return report.file


class ReportPage:
    """The part of the history's screen that hands the report out."""

    def drift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        change_set: ChangeSet = self.record_or_404(request, pk)
        refusal = undoing.refusal(change_set, request.user, has_right=has_undo_right(request.user))
        if refusal and refusal.needs_right:
            raise Refused(Right(ChangeSet, "undo"), refusal.reason)
        try:
            file = written(change_set, gate_for(change_set, request.user))
        except OperationalError:
            messages.error(request, _("These records are being written at this moment. Try again later."))
            return redirect(self.url("view", pk=pk))
        for tell in on_export:
            tell(self.name, change_set.pk, "drift")
        return attached(file, f"change-set-{pk}-drift.csv")


def attached(file: Any, name: str) -> FileResponse:
    response = FileResponse(file, content_type="text/csv; charset=utf-8", as_attachment=True, filename=name)
    response["Cache-Control"] = "no-store"
    return response
