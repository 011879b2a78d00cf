"""What an undo left as it was, as it was written down with it: on its own page, on that of its job, and as a file."""

import csv
import datetime
import io
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.logs import on_export
from backoffice.console.past import shown
from backoffice.console.seen import seen_changes
from backoffice.history.models import ChangeSet, Left
from backoffice.history.outcomes import SHOWN, FieldLine, Line
from backoffice.history.screens.parts import Part, row_of
from backoffice.history.screens.report import COLUMNS
from backoffice.spreadsheets import guarded

HEADINGS = (
    (Left.Outcome.LEFT, gettext_lazy("Changed since, left alone")),
    (Left.Outcome.CANNOT, gettext_lazy("Could not be restored")),
    (Left.Outcome.RESTORED, gettext_lazy("Restored, worth knowing")),
)


def left_parts(undo: ChangeSet, user: Any) -> list[Part]:
    """The lists of an undo, of records that this user may view; those without a record are left out."""
    rows = undo.left.filter(seen_changes(user)).order_by()
    counts = dict(rows.values_list("outcome").annotate(number=Count("pk")))
    return [
        Part(
            str(name),
            str(heading),
            counts[name],
            [row_of(str(name), line(row)) for row in rows.filter(outcome=name).order_by("pk")[:SHOWN]],
        )
        for name, heading in HEADINGS
        if name in counts
    ]


def has_left(undo: ChangeSet) -> bool:
    """Whether something stayed as it was."""
    return undo.left.exclude(outcome=Left.Outcome.RESTORED).exists()


def line(row: Left) -> Line:
    """A stored line as the report of an undo has it."""
    fields = [
        FieldLine(each["name"], each["recorded"], each["current"], _deed(each["by"], each["at"]))
        for each in row.fields
    ]
    return Line(row, row.action, fields, row.reason)


def _deed(by: str | None, at: str | None) -> ChangeSet | None:
    return ChangeSet(user_name=by or "", at=datetime.datetime.fromisoformat(at)) if at else None


class LeftPage:
    """The part of the history's screen that hands the list of an undo out."""

    def left_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        undo: ChangeSet = self.record_or_404(request, pk)
        rows = undo.left.exclude(outcome=Left.Outcome.RESTORED).filter(seen_changes(request.user))
        for tell in on_export:
            tell(f"{self.name} {pk}", rows.count(), "csv")
        response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="change-set-{pk}-left.csv"'
        response["Cache-Control"] = "no-store"
        return response


def _lines(rows: Any) -> Any:
    yield _written(COLUMNS)
    for row in rows.order_by("pk").iterator():
        for each in row.fields or [{}]:
            by = each.get("by") or (_("System") if each.get("at") else "")
            values = (shown(each.get("recorded")), shown(each.get("current")))
            cells = [row.outcome, row.object_type, row.label, each.get("name", ""), *values]
            yield _written(map(guarded, [*cells, by, each.get("at") or "", row.reason]))


def _written(cells: Any) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()
