"""What each column of a format is for and how its cells are spelled, in words made from the declaration
(spec: import-export 1.10)."""

from collections.abc import Iterator
from functools import singledispatch
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models.fields import NOT_PROVIDED
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.transfer.declaring import dates, numbers, widgets
from backoffice.transfer.declaring.columns import CREATE, KEY, ONE_OF, Column
from backoffice.transfer.declaring.references import Ref, Refs
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting.templates import ROWS, columns

REQUIRED = {
    KEY: gettext_lazy("Key"),
    ONE_OF: gettext_lazy("Key, one of several"),
    CREATE: gettext_lazy("For new records"),
    "": gettext_lazy("Optional"),
}
HEADINGS = (
    gettext_lazy("Column"),
    gettext_lazy("Required"),
    gettext_lazy("Meaning"),
    gettext_lazy("Spelling"),
    gettext_lazy("Example"),
    gettext_lazy("An empty cell"),
    gettext_lazy("Refers to"),
)


class Explained(NamedTuple):
    """A column in words. ``reference`` is the format whose records it names."""

    name: str
    required: str
    meaning: str
    spelling: str
    example: str
    empty: str
    reference: str = ""


def explain(resource: FileResource) -> Iterator[Explained]:
    """The columns in the order of the file, then those that are never kept."""
    for column in resource.columns:
        widget = column.widget
        yield Explained(
            f"{column.column_name}.<{_('locale')}>" if column.localized else column.column_name,
            str(REQUIRED[column.required]),
            _meaning(resource, column),
            str(spelling(widget)),
            _example(resource, column),
            _empty(column),
            _reference(widget),
        )
    for name in resource._meta.unkept:
        never = _("Removed while the file is uploaded; never read, stored or shown.")
        yield Explained(name, str(REQUIRED[""]), never, "–", "", "–")


def table(resource: FileResource) -> list[list[str]]:
    """The guide as rows under a header, for CSV and the second sheet of a template."""
    return [[str(heading) for heading in HEADINGS], *(list(each) for each in explain(resource))]


def _meaning(resource: FileResource, column: Column) -> str:
    """The help of the column, else what its field is called."""
    words = str(column.help)
    if not words:
        try:
            name = resource.model._meta.get_field(column.attribute).verbose_name
        except FieldDoesNotExist:
            name = column.column_name
        words = f"{capfirst(str(name))}."
    if column.aliases:
        also = _("Also read as %(names)s.") % {"names": ", ".join(column.aliases)}
        words = f"{words} {also}"
    return words


def _reference(widget: Any) -> str:
    """The format whose records a column names."""
    ref = widget.ref if isinstance(widget, Refs) else widget
    return ref.file if isinstance(ref, Ref) else ""


def _example(resource: FileResource, column: Column) -> str:
    """The first cell of the sample that is not empty."""
    for row in range(ROWS):
        for written in columns(resource):
            if written.column is column and (cell := column.sample(row, written.locale)):
                return cell
    return ""


def _empty(column: Column) -> str:
    if column.adds:
        if column.required == CREATE:
            return _("Changes nothing; a new record needs one")
        return _("Changes nothing")
    if column.required == KEY or (column.required == CREATE and not column.localized):
        return _("Not allowed")
    if column.localized:
        if column.required == CREATE:
            return _("Not allowed, unless this language has no text yet")
        return _("Empties this language")
    default = None if column.default is NOT_PROVIDED else column.widget.render(column.default)
    return _("Sets %(value)s") % {"value": default} if default else _("Empties the field")


@singledispatch
def spelling(widget: Any) -> str:
    """How a cell is spelled. A room with a widget of its own may register a sentence for it."""
    return _("Text")


@spelling.register
def _text(widget: widgets.Text) -> str:
    if widget.max_length:
        return _("Text of at most %(limit)s characters") % {"limit": widget.max_length}
    return _("Text")


@spelling.register
def _code(widget: widgets.Code) -> str:
    if widget.max_length:
        return _("Code of at most %(limit)s characters, compared exactly") % {"limit": widget.max_length}
    return _("Code, compared exactly")


@spelling.register
def _ref(widget: Ref) -> str:
    return _("Key of a known record: %(record)s") % {"record": widget.model._meta.verbose_name}


@spelling.register
def _refs(widget: Refs) -> str:
    facts = {"record": widget.ref.model._meta.verbose_name}
    return _("Keys of known records, parted by commas: %(record)s") % facts


@spelling.register
def _locale(widget: widgets.Locale) -> str:
    return _("Language and country, such as de_DE")


@spelling.register
def _bool(widget: widgets.Bool) -> str:
    return _("%(yes)s or %(no)s") % {"yes": widget.true, "no": widget.false}


@spelling.register
def _int(widget: numbers.Int) -> str:
    if (widget.least, widget.most) == (-(2**31), 2**31 - 1):
        return _("Whole number")
    if widget.most == 2**31 - 1:
        return _("Whole number, at least %(least)s") % {"least": widget.least}
    return _("Whole number from %(least)s to %(most)s") % {"least": widget.least, "most": widget.most}


@spelling.register
def _money(widget: numbers.Money) -> str:
    return _("Whole cents: 1490 is 14.90")


@spelling.register
def _dec(widget: numbers.Dec) -> str:
    if widget.least is None:
        return _("Number with a point, such as 12.5")
    if widget.most is None:
        return _("Number with a point, at least %(least)s") % {"least": widget.least}
    facts = {"least": widget.least, "most": widget.most}
    return _("Number with a point, from %(least)s to %(most)s") % facts


@spelling.register
def _day(widget: dates.Day) -> str:
    return _("Date, such as 2026-12-31")


@spelling.register
def _moment(widget: dates.Moment) -> str:
    return _("Date, or date and time, such as 2026-12-31 08:30:00; in UTC unless it names an offset")


@spelling.register
def _choice(widget: widgets.Choice) -> str:
    return _("One of: %(words)s") % {"words": ", ".join(widget.words)}


@spelling.register
def _listed(widget: widgets.Listed) -> str:
    return _("List parted by commas; an item with a comma stands in quotes")


@spelling.register
def _words(widget: widgets.Words) -> str:
    return _("List of: %(words)s") % {"words": ", ".join(widget.words.values())}


@spelling.register
def _json(widget: widgets.Json) -> str:
    return _("JSON")
