"""A workbook, written row by row: texts as text cells, amounts as numbers, never a formula.

The same rows give the same bytes: nothing in the file tells when it was written.
"""

import datetime
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NamedTuple

from django.utils.translation import gettext_noop
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from backoffice.transfer.declaring.numbers import Dec, Int
from backoffice.transfer.declaring.widgets import CellWidget, unguarded

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
_TEXT = "@"
_DIGITS = 15
_BEGAN = (1980, 1, 1, 0, 0, 0)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")

Cell = str | int | Decimal


class CannotHold(Exception):
    """A workbook has no room for this; the sentence says what to do."""

    LENGTH = gettext_noop("A text is longer than the 32,767 characters a workbook can hold. Export as CSV.")
    CONTROL = gettext_noop("A text holds a control character that a workbook cannot hold. Export as CSV.")
    ROWS = gettext_noop("A workbook holds at most 1,048,575 rows. Export as CSV, or filter the list first.")


def protected(text: str, *, is_code: bool = False) -> str:
    """The text of a text cell such that reading it back gives the same: a quote that protects is doubled. A code
    may not begin like a formula even in a text cell."""
    return f"'{text}" if unguarded(text) != text or (is_code and text[:1] == "=") else text


def typed(text: str, widget: CellWidget) -> Cell:
    """A quantity or an amount as a number, unless a spreadsheet would round it."""
    if not text or not isinstance(widget, Int | Dec):
        return text
    number = Decimal(text)
    if len(number.as_tuple().digits) > _DIGITS:
        return text
    return int(number) if isinstance(widget, Int) else number


def checked(cell: Cell) -> Cell:
    """The cell, if a spreadsheet can hold it. Raises CannotHold."""
    if isinstance(cell, str):
        if len(cell) > MOST_CHARACTERS:
            raise CannotHold(CannotHold.LENGTH)
        if _CONTROL.search(cell):
            raise CannotHold(CannotHold.CONTROL)
    return cell


class Sheet(NamedTuple):
    """A sheet to be written. ``widths`` are those of its columns in letters; what people type later into the columns
    ``texts``, counted from 0, stays text."""

    title: str
    rows: Iterable[Iterable[Cell]]
    widths: Sequence[int] = ()
    texts: Sequence[int] = ()


def write_sheet(target: IO[bytes] | Path, title: str, rows: Iterable[Iterable[Cell]]) -> None:
    """Write ``rows`` with their header. Memory stays flat, whatever their number."""
    write_sheets(target, Sheet(title, rows))


def write_sheets(target: IO[bytes] | Path, *sheets: Sheet) -> None:
    """Write a workbook."""
    book = Workbook(write_only=True)
    try:
        for each in sheets:
            sheet = book.create_sheet(each.title[:31])
            for place, width in enumerate(each.widths):
                sheet.column_dimensions[get_column_letter(place + 1)].width = width
            for place in each.texts:
                sheet.column_dimensions[get_column_letter(place + 1)].number_format = _TEXT
            _fill(sheet, each.rows)
        save(book, target)
    except BaseException:
        for sheet in book.worksheets:
            _give_up(sheet)
        raise


def _fill(sheet: Any, rows: Iterable[Iterable[Cell]]) -> None:
    text = WriteOnlyCell(sheet)
    text.number_format = _TEXT
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise CannotHold(CannotHold.ROWS)
        sheet.append(_cells(row, text))
    sheet.close()


def temporary_sheet(title: str, rows: Iterable[Iterable[Cell]]) -> IO[bytes]:
    """A workbook of one sheet in a file without a name, open at its beginning."""
    return temporary_sheets(Sheet(title, rows))


def temporary_sheets(*sheets: Sheet) -> IO[bytes]:
    """A workbook in a file without a name, open at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        write_sheets(file, *sheets)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _cells(row: Iterable[Cell], text: Any) -> Iterator[Any]:
    """One text cell is used again and again: each is on paper before the next is asked for."""
    for value in row:
        if value == "":
            yield None
        elif isinstance(value, str):
            text._value, text.data_type = _escaped(value), "s"
            yield text
        else:
            yield value


def _escaped(text: str) -> str:
    """A carriage return would be read as a line feed, so it is spelled out as spreadsheets do it."""
    if "_x" in text:
        text = _LOOKS_ESCAPED.sub("_x005F_", text)
    return text.replace("\r", "_x000D_") if "\r" in text else text


def save(book: Workbook, target: IO[bytes] | Path) -> None:
    """Write the workbook so that the same content gives the same bytes."""
    moment = datetime.datetime(*_BEGAN)
    book.properties.created = book.properties.modified = moment
    with Archive(target, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()


def _give_up(sheet: Any) -> None:
    """Remove what lies on disk of a sheet that nobody finishes."""
    if sheet._writer is None:
        return
    if sheet._rows is not None:
        sheet._rows.close()
    sheet._writer.close()
    Path(sheet._writer.out).unlink(missing_ok=True)


class Archive(zipfile.ZipFile):
    """A zip whose entries all have the same time."""

    def writestr(self, name: Any, data: Any, *others: Any, **options: Any) -> None:
        super().writestr(_entry(name), data)

    def write(self, filename: Any, arcname: Any = None, *others: Any, **options: Any) -> None:
        path, entry = Path(filename), _entry(arcname)
        entry.file_size = path.stat().st_size
        with path.open("rb") as source, self.open(entry, "w") as place:
            shutil.copyfileobj(source, place, 1 << 20)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _BEGAN)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
    return entry
