"""The drift report of an undo as a file: what was changed since and stays, what cannot come back, and why
(import-export 1.5.4)."""

import csv
import io
from collections.abc import Iterator

from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.console.logs import on_export
from backoffice.console.past import shown
from backoffice.console.rights import Refused, Right
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.outcomes import CANNOT, LEFT, FieldLine, Line, Report
from backoffice.history.restoring import Gate
from backoffice.history.screens.access import gate_for, has_undo_right
from backoffice.spreadsheets import guarded

COLUMNS = ("outcome", "type", "record", "field", "recorded", "current", "by", "at", "reason")
COMPARED = 100_000
"""Changes of a set that are compared for the file, the last ones; it is written while somebody waits for it."""


class Told(Report):
    """Keeps every line, not the first ones only, as the text of the file; the number of changes bounds it."""

    def __init__(self) -> None:
        super().__init__()
        self.clear()

    def clear(self) -> None:
        super().clear()
        self.text = io.StringIO()
        self._lines = csv.writer(self.text, lineterminator="\n")
        self._lines.writerow(COLUMNS)

    def tell(self, outcome: str, line: Line | None = None) -> None:
        self.counts[outcome] += 1
        if line and outcome in {LEFT, CANNOT}:
            self._lines.writerows(map(guarded, row) for row in cells(outcome, line))


def cells(outcome: str, line: Line) -> Iterator[list[str]]:
    """One row per field; a record that stays as a whole has one without."""
    change = line.change
    record = [outcome, change.object_type, change.label]
    for each in line.fields or [FieldLine("", None, None)]:
        by, at = (each.by.user_name or _("System"), each.by.at.isoformat()) if each.by else ("", "")
        yield [*record, each.name, shown(each.recorded), shown(each.current), by, at, line.reason]


def told(change_set: ChangeSet, gate: Gate) -> Told:
    """The report, found out as the preview is: by an undo that is rolled back."""
    report = Told()
    undoing.rehearse(change_set, gate, report, COMPARED)
    return report


class ReportPage:
    """The part of the history's screen that hands the report out."""

    def drift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        change_set: ChangeSet = self.record_or_404(request, pk)
        refusal = undoing.refusal(change_set, request.user, has_right=has_undo_right(request.user))
        if refusal and refusal.needs_right:
            raise Refused(Right(ChangeSet, "undo"), refusal.reason)
        try:
            report = told(change_set, gate_for(change_set, request.user))
        except OperationalError:
            messages.error(request, _("These records are being written at this moment. Try again later."))
            return redirect(self.url("view", pk=pk))
        for tell in on_export:
            tell(f"{self.name} {pk}", report.counts[LEFT] + report.counts[CANNOT], "csv")
        response = HttpResponse(report.text.getvalue(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="change-set-{pk}-drift.csv"'
        response["Cache-Control"] = "no-store"
        return response
