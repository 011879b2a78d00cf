"""Columns that may not be kept, such as passwords: taken out of an upload before it is stored (spec: import-export
1.2.12). A format names them in its ``Meta.unkept``.

What a file holds may be guessed wrongly and corrected later, so the columns of all formats are taken out of every file.
"""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting.sheets import save
from backoffice.transfer.limits import limit
from backoffice.transfer.problems import FileRefused
from backoffice.transfer.reading import archives
from backoffice.transfer.reading.sniffing import content_kind, wide_encoding
from backoffice.transfer.reading.tables import SEPARATORS, Reading, opened, records
from backoffice.transfer.reading.workbooks import judge_workbook, whole

BYTES = "latin-1"
"""Every byte is a letter of its own and comes back as it was: what the signs mean does not matter here."""
_CUT = "?"
_MARKS = "\ufeff\u00ef\u00bb\u00bf"


def names() -> frozenset[str]:
    return frozenset(name.lower() for resource in formats.resources() for name in resource._meta.unkept)


@contextmanager
def without_secrets(path: Path) -> Iterator[Path]:
    """The file as it may be stored: itself, or a copy without the columns that may not be kept. Raises FileRefused
    when it has such a column and cannot be read."""
    secret = names()
    if not secret:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "kept"
        yield copy if _copied(path, copy, secret) else path


def _copied(path: Path, copy: Path, secret: frozenset[str]) -> bool:
    """Whether there was something to leave out."""
    try:
        kind = content_kind(path)
    except FileRefused:
        return False
    if kind == "zip":
        return archives.is_workbook(path) and _copy_workbook(path, copy, secret)
    return _copy_text(path, copy, secret)


# --- delimited text ------------------------------------------------------------------------------


def _copy_text(path: Path, copy: Path, secret: frozenset[str]) -> bool:
    with path.open("rb") as file:
        head = file.read(limit("HEADER_BYTES"))
    encoding = wide_encoding(head) or BYTES
    if not any(name in head.decode(encoding, "ignore").lower() for name in secret):
        return False
    reading = _separated(path, encoding, secret)
    if reading is None:
        return False
    with opened(path, reading) as source, copy.open("w", encoding=encoding, newline="") as target:
        target.writelines(_lines(source, reading.separator, secret))
    return True


def _separated(path: Path, encoding: str, secret: frozenset[str]) -> Reading | None:
    """With which separator the header has such a column."""
    for separator in SEPARATORS:
        reading = Reading(encoding=encoding, separator=separator)
        with opened(path, reading) as source:
            _line, header = next(records(source, separator), (0, []))
        if _secret_places(header, secret):
            return reading
    return None


def _secret_places(header: Iterable[Any], secret: frozenset[str]) -> set[int]:
    return {place for place, name in enumerate(header) if str(name).strip().strip(_MARKS).lower() in secret}


def _lines(source: Any, separator: str, secret: frozenset[str]) -> Iterator[str]:
    """The records without these cells, each on the line on which it stood."""
    at, places, width = 1, set(), 0
    for line, cells in records(source, separator):
        if not places:
            places, width = _secret_places(cells, secret), len(cells)
        text = _line(_kept(cells, places, width), separator)
        yield "\n" * (line - at) + text
        at = line + text.count("\n") + text.count("\r") - text.count("\r\n")


def _kept(cells: list[str], places: set[int], width: int) -> list[str]:
    """The cells without the secret ones. In a row of another width nobody knows where they stand: it is cut before
    the first one and keeps a width that does not fit."""
    if len(cells) == width or (len(cells) > width and not any(cell.strip() for cell in cells[width:])):
        return [cell for place, cell in enumerate(cells) if place not in places]
    kept = [*cells[: min(places)], _CUT]
    return kept if len(kept) != width - len(places) else [*kept, _CUT]


def _line(cells: list[str], separator: str) -> str:
    """A record with LF; a carriage return is among what needs quotes."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()[:-2] + "\n"


# --- workbooks -----------------------------------------------------------------------------------


def _copy_workbook(path: Path, copy: Path, secret: frozenset[str]) -> bool:
    """The columns are emptied rather than taken out, so that rows and letters stay what people see in their file."""
    judge_workbook(path)
    with path.open("rb") as stream, whole():
        book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
        try:
            if not any(_secret_places(_header(sheet), secret) for sheet in book.worksheets):
                return False
            kept = Workbook(write_only=True)
            for sheet in book.worksheets:
                _copy_sheet(sheet, kept.create_sheet(sheet.title), secret)
            save(kept, copy)
        finally:
            book.close()
    return True


def _header(sheet: Any) -> list[Any]:
    """The first row that is not empty."""
    rows = sheet.iter_rows(max_col=limit("COLUMNS"), values_only=True)
    return next((list(row) for row in rows if any(value is not None for value in row)), [])


def _copy_sheet(sheet: Any, target: Any, secret: frozenset[str]) -> None:
    places = _secret_places(_header(sheet), secret)
    for cells in sheet.iter_rows(max_col=limit("COLUMNS") + 1):
        target.append([None if place in places else _copy(cell, target) for place, cell in enumerate(cells)])
    target.close()


def _copy(cell: Any, target: Any) -> Any:
    """The cell as what it is: a text stays a text, also one that begins like a formula."""
    if not isinstance(cell.value, str) or cell.data_type == "f":
        return cell.value
    copied = WriteOnlyCell(target)
    copied._value, copied.data_type = cell.value, "s"
    return copied
