"""Rows of a delimited text, one at a time, with the physical line on which each begins."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.limits import limit
from backoffice.transfer.problems import FileRefused

SEPARATORS = {",": _("comma"), ";": _("semicolon"), "\t": _("tab"), "|": _("bar")}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DECIMAL_COMMA = re.compile(r"\s*-?\d{1,10},\d{1,10}\s*")
_SAMPLE_ROWS = 1_000


class Reading(NamedTuple):
    """As what a file is read; shown above the preview and changeable there. ``chosen`` is what the user said of
    it, the rest was found out."""

    kind: str = "csv"
    encoding: str = "utf-8"
    separator: str = ","
    decimal_sign: str = "."
    marked: bool = False
    guessed: bool = False
    chosen: Mapping[str, str] = {}
    sheet: str = ""
    """The sheet of a workbook; the first one if it is not named."""


class Row(NamedTuple):
    """A record as read. ``is_plain`` means: every sign in it is an ordinary printable one."""

    number: int
    line: int
    cells: list[str]
    is_plain: bool


class _Lines:
    """The physical lines of a text; knows when the reader asked for more than there is."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.exhausted = False
        self.longest = limit("LINE_CHARACTERS")

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.file.readline(self.longest)
        if not line:
            self.exhausted = True
            raise StopIteration
        if len(line) == self.longest and line[-1] not in "\r\n":
            raise FileRefused("too_large", what=_("a line is longer than any table's"))
        return line


def records(file: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    """``(line, cells)`` for every record that is neither blank nor of empty cells. A quote that never closes refuses
    the file."""
    csv.field_size_limit(limit("CELL_CHARACTERS"))
    lines = _Lines(file)
    reader = csv.reader(lines, delimiter=separator, quotechar='"', doublequote=True)
    while True:
        begins = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            spans = reader.line_num > begins
            raise _too_much(file, separator, begins, spans) from None
        if lines.exhausted:
            raise FileRefused("unclosed_quote", line=_opening_line(file, separator, begins))
        if not cells or (not cells[0].strip() and not any(map(str.strip, cells))):
            continue
        if reader.line_num > begins:
            cells = [cell.replace("\r\n", "\n") for cell in cells]
        yield begins, cells


def _too_much(file: TextIO, separator: str, line: int, spans: bool) -> FileRefused:
    if spans:
        return FileRefused("unclosed_quote", line=_opening_line(file, separator, line))
    return FileRefused(
        "too_large",
        _("Line %(line)s has a cell of more than %(limit)s characters."),
        _("Check the quotes of this line, or shorten the text."),
        line=line,
        limit=limit("CELL_CHARACTERS"),
    )


def _opening_line(file: TextIO, separator: str, begins: int) -> int:
    """The line of the quote that stays open in the record that begins on line ``begins``."""
    file.seek(0)
    for _skipped in range(begins - 1):
        file.readline()
    inside, closing, at_start, opened_on = False, False, True, begins
    for line, text in enumerate(file, begins):
        for sign in text:
            if inside:
                inside, closing = sign != '"', sign == '"'
            elif sign == '"' and closing:
                inside, closing = True, False
            elif sign == '"' and at_start:
                inside, opened_on = True, line
            else:
                closing, at_start = False, sign == separator or sign in "\r\n"
                continue
            at_start = False
    return opened_on


@contextmanager
def opened(path: Path, reading: Reading) -> Iterator[TextIO]:
    """The file as text, line ends untouched."""
    with path.open("rb") as raw:
        name = "utf-8-sig" if reading.encoding == "utf-8" else reading.encoding
        with io.TextIOWrapper(raw, encoding=name, errors="strict", newline="") as text:
            try:
                yield text
            except UnicodeError:
                message = _("The file is not %(encoding)s throughout.")
                raise FileRefused("mixed_encoding", message, encoding=name.upper()) from None


def csv_rows(path: Path, reading: Reading) -> Iterator[Row]:
    """The header as row 0, then the rows, counted from 1."""
    most = limit("ROWS")
    with opened(path, reading) as text:
        for number, (line, cells) in enumerate(records(text, reading.separator)):
            if number > most:
                raise FileRefused("too_large", what=_("more than %(limit)s rows") % {"limit": intcomma(most)})
            if number == 0 and len(cells) > limit("COLUMNS"):
                raise FileRefused(
                    "too_large",
                    _("The file has %(found)s columns, at most %(limit)s are read."),
                    _("Remove the columns that are not needed."),
                    found=len(cells),
                    limit=limit("COLUMNS"),
                )
            yield Row(number, line, cells, "".join(cells).isprintable())


def guess_separator(path: Path, encoding: str, known: Collection[str]) -> str:
    """The sign that gives the most header cells, known names counting double."""
    with opened(path, Reading(encoding=encoding)) as text:
        head = text.readline(limit("HEADER_BYTES") + 1)
        while head and not head.strip():
            head = text.readline(limit("HEADER_BYTES") + 1)
    if len(head) > limit("HEADER_BYTES"):
        raise FileRefused("too_large", what=_("the header is longer than 64 KB"))
    points: Counter[str] = Counter()
    for separator in SEPARATORS:
        cells = next(csv.reader([head], delimiter=separator), [])
        points[separator] = len(cells) + sum(cell.strip().lower() in known for cell in cells)
    return points.most_common(1)[0][0]


def guess_decimal_sign(path: Path, reading: Reading, decimal_columns: Collection[str]) -> str:
    """A comma, if the separator is none and decimal columns hold numbers with one."""
    if reading.separator == "," or not decimal_columns:
        return "."
    places: list[int] = []
    for row in csv_rows(path, reading):
        if row.number == 0:
            places = [i for i, cell in enumerate(row.cells) if cell.strip().lower() in decimal_columns]
        elif any(i < len(row.cells) and _DECIMAL_COMMA.fullmatch(row.cells[i]) for i in places):
            return ","
        if not places or row.number > _SAMPLE_ROWS:
            break
    return "."


def preview(rows: Iterator[Row], count: int = 20) -> list[list[str]]:
    """The first rows, long cells cut, for the page."""
    shown: list[list[str]] = []
    for row in rows:
        if row.number:
            shown.append([cell if len(cell) <= 80 else cell[:79] + "…" for cell in row.cells])
        if len(shown) == count:
            break
    return shown


def has_control(cell: str) -> bool:
    return CONTROL.search(cell) is not None
