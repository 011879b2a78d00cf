"""What the page of an uploaded file shows: as what it was read, its columns, its first rows."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.columns import Header, understand
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.models import JobFile
from backoffice.transfer.problems import FileRefused, Problem
from backoffice.transfer.reading.sniffing import encoding_name
from backoffice.transfer.reading.sources import Source
from backoffice.transfer.reading.tables import SEPARATORS, preview

_NAMED = 30
_ONE_LIST = {
    "unknown_column": (
        gettext_lazy("%(count)s columns are not known and are left out: %(columns)s."),
        gettext_lazy("%(count)s columns are not known and are left out: %(columns)s and %(more)s more."),
    ),
    "unknown_locale_column": (
        gettext_lazy("No store uses the languages of %(count)s columns; they are left out: %(columns)s."),
        gettext_lazy(
            "No store uses the languages of %(count)s columns; they are left out: %(columns)s and %(more)s more."
        ),
    ),
}


class ReadingPage:
    """How a file was read: the guess in words, its columns, its first rows."""

    def __init__(self, file: JobFile, locales: Iterable[str]) -> None:
        self.file = file
        self.known: list[str] = []
        self.absent: list[str] = []
        self.problems: list[Problem] = []
        self.head: list[str] = []
        self.rows: list[list[str]] = []
        if not file.stored or not file.reading:
            return
        try:
            self._read(list(locales))
        except (FileRefused, UnicodeError, LookupError) as error:
            if isinstance(error, FileRefused) and not file.refusal:
                self.problems = [error.problem]

    def _read(self, locales: list[str]) -> None:
        rows = Source.of(self.file).rows()
        self.head = next(rows).cells
        self.rows = preview(islice(rows, 20))
        resource = formats.resource_of(self.file.format)
        if resource:
            header = understand(self.head, resource.columns, locales, resource._meta.ignored)
            self.known = [place.name for place in header.places]
            self.absent = absent_columns(resource, header, locales)
            self.problems = gathered(header.notes)

    @property
    def is_guessed(self) -> bool:
        """Whether the user is asked to confirm the encoding."""
        return bool(self.file.reading.get("guessed"))

    @property
    def words(self) -> str:
        """Such as: Read as UTF-8, semicolon, decimal comma."""
        return reading_words(self.file.reading)


def reading_words(reading: Mapping[str, Any]) -> str:
    """As what a file was read."""
    if not reading:
        return ""
    if reading["kind"] == "xlsx" and reading.get("sheet"):
        return _("Read as XLSX, sheet “%(sheet)s”") % {"sheet": reading["sheet"]}
    if reading["kind"] == "xlsx":
        return _("Read as XLSX, first sheet")
    sign = _("decimal comma") if reading["decimal_sign"] == "," else _("decimal point")
    return _("Read as %(encoding)s, %(separator)s, %(sign)s") % {
        "encoding": encoding_name(reading["encoding"]),
        "separator": SEPARATORS.get(reading["separator"], reading["separator"]),
        "sign": sign,
    }


def absent_columns(resource: FileResource, header: Header, locales: Iterable[str]) -> list[str]:
    """The names of the declared columns that the header lacks, texts once per content locale."""
    found = {(place.column, place.locale) for place in header.places}
    absent: list[str] = []
    for column in resource.columns:
        if column.localized:
            absent += [f"{column.column_name}.{code}" for code in locales if (column, code) not in found]
        elif not header.has(column):
            absent.append(column.column_name)
    return absent


def gathered(problems: Iterable[Problem]) -> list[Problem]:
    """The same list with all unknown columns told in one sentence, each with the nearest known name, and all columns
    in languages that no store uses in another one."""
    problems = list(problems)
    lists = [[each for each in problems if each.code == code] for code in _ONE_LIST]
    long = [each for each in lists if len(each) > 1]
    told = {each[0].code for each in long}
    return [*map(_in_one, long), *(each for each in problems if each.code not in told)]


def _in_one(problems: list[Problem]) -> Problem:
    names = [
        _("%(column)s (did you mean “%(nearest)s”?)") % {"column": p.column, "nearest": p.params["nearest"]}
        if "nearest" in p.params
        else p.column
        for p in problems[:_NAMED]
    ]
    more = len(problems) - len(names)
    facts = {"count": len(problems), "columns": ", ".join(names), "more": more}
    message = _ONE_LIST[problems[0].code][bool(more)]
    return Problem(problems[0].level, problems[0].code, params=facts, message=message)
