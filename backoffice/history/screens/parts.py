"""The lists of an undo as its pages print them."""

from typing import Any, NamedTuple

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from backoffice.console.past import field_label, in_words, pieces_of
from backoffice.history.models import ChangeSet
from backoffice.history.outcomes import RESTORED, SHOWN, FieldLine, Line, Report
from backoffice.history.words import Piece

DONE = {"add": gettext_lazy("comes back"), "delete": gettext_lazy("is deleted"), "change": ""}


class FieldRow(NamedTuple):
    label: str
    recorded: str
    current: str
    by: ChangeSet | None
    pieces: list[Piece] = []
    """What goes and what comes, of a list or a long text that comes back."""


class Row(NamedTuple):
    kind: str
    label: str
    words: str
    fields: list[FieldRow]


class Part(NamedTuple):
    """One of the three lists; ``count`` is complete, ``rows`` are the first ones."""

    name: str
    heading: str
    count: int
    rows: list[Row]

    @property
    def is_cut(self) -> bool:
        return self.count > SHOWN


def part(report: Report, name: str, heading: Any) -> Part:
    rows = [row_of(name, line) for line in report.lines[name]]
    return Part(name, str(heading), report.counts[name], rows)


def row_of(outcome: str, line: Line) -> Row:
    model = model_named(line.change.object_type)
    kind = capfirst(str(model._meta.verbose_name)) if model else line.change.object_type
    is_whole = outcome == RESTORED and line.action != "change"
    fields = [] if is_whole else [field_row(model, each, outcome) for each in line.fields]
    if outcome != RESTORED:
        # What stays only because it belongs to a field that was changed tells nothing.
        fields = [each for each in fields if not each.recorded or each.recorded != each.current]
    words = line.reason or (str(DONE[line.action]) if outcome == RESTORED else "")
    return Row(kind, line.change.label, words, fields)


def field_row(model: Any, line: FieldLine, outcome: str) -> FieldRow:
    recorded, current = in_words(model, line.name, line.recorded), in_words(model, line.name, line.current)
    pieces = pieces_of(line.current, line.recorded) if outcome == RESTORED else []
    return FieldRow(field_label(model, line.name), recorded, current, line.by, pieces)


def model_named(name: str) -> Any:
    try:
        return apps.get_model(name)
    except (LookupError, ValueError):
        return None
