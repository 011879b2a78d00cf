"""Rows of an XLSX, one at a time. Text cells are taken as they are; numbers never in exponent form.

The archive is judged before openpyxl opens it: sizes from its directory, no entities in its parts.
"""

import datetime
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from backoffice.transfer.limits import limit
from backoffice.transfer.problems import FileRefused
from backoffice.transfer.reading.archives import judge, readable
from backoffice.transfer.reading.tables import Row

STRINGS = "xl/sharedStrings.xml"
FORMULAS = "__formulas"
"""The column of a file of bad rows that names those whose cells were formulas or error values: there they are texts,
because no file that is written here holds a formula, and are refused as such until somebody puts a value in."""
_DAMAGED = _("a damaged workbook")
_ESCAPED = re.compile(r"_x(00[0-7][0-9A-Fa-f])_")
_FAULT = re.compile(r"#[A-Z0-9/_]+[!?]?")
_NO_VALUE = ("f", "e")


class Formula(str):
    """What a cell holds that is a formula, as it was typed; ``address`` says where it stands, such as C2."""

    __slots__ = ("address",)

    def __new__(cls, text: str, address: str) -> "Formula":
        found = super().__new__(cls, text)
        found.address = address
        return found

    def __getnewargs__(self) -> tuple[str, str]:
        return str(self), self.address


class Fault(Formula):
    """The word that a spreadsheet shows where it could not work out a value, such as ``#REF!``."""

    __slots__ = ()


class Number(str):
    """The digits of a cell that is a number in the sheet, so that zeros in front may be lost."""


def judge_workbook(path: Path) -> None:
    """Refuse what is too large, or would be, and what refers to anything outside."""
    if path.stat().st_size > limit("XLSX_BYTES"):
        raise FileRefused("too_large", what=f"{limit('XLSX_BYTES') // 1024 // 1024} MB")
    judge(path)
    with readable(_DAMAGED), zipfile.ZipFile(path) as archive:
        if any(e.filename == STRINGS and e.file_size > limit("STRINGS_BYTES") for e in archive.infolist()):
            raise FileRefused("too_large", what=_("too many texts in one workbook"))
        for entry in archive.infolist():
            if entry.filename.endswith((".xml", ".rels")):
                with archive.open(entry) as part:
                    head = part.read(4096)
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise FileRefused("unsafe_archive", what=_("a part of the workbook defines entities"))


def workbook_rows(path: Path, sheet: str = "") -> Iterator[Row]:
    """The sheet of this name, else the first one: the header as row 0, then the rows that are not blank; lines are
    rows of the sheet."""
    with _opened(path) as book:
        yield from _rows(next(each for each in book.worksheets if sheet in ("", each.title)))


def sheets_of(path: Path) -> list[tuple[str, list[str]]]:
    """Name and first row of the sheets that hold anything, the first sheet in any case."""
    with _opened(path) as book:
        found = []
        for place, sheet in enumerate(book.worksheets):
            first = next(_rows(sheet), None)
            if first or not place:
                found.append((sheet.title, first.cells if first else []))
        return found


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    from openpyxl import load_workbook

    with path.open("rb") as stream, whole():
        book = load_workbook(stream, read_only=True, data_only=False, keep_links=False)
        try:
            yield book
        finally:
            book.close()


@contextmanager
def whole() -> Iterator[None]:
    """Parts that are missing, cut off or nonsense refuse the workbook, whenever they are come upon."""
    try:
        with readable(_DAMAGED):
            yield
    except (LookupError, ValueError, TypeError, AttributeError, OSError, ParseError) as error:
        raise FileRefused("not_a_table", found=_DAMAGED) from error


def _rows(sheet: Any) -> Iterator[Row]:
    number, width, most = 0, 0, limit("COLUMNS")
    head: list[str] = []
    for line, cells in enumerate(sheet.iter_rows(max_col=most + 1), 1):
        texts = [_text(cell) for cell in cells]
        while len(texts) > width and not texts[-1]:
            texts.pop()
        if not any(map(str.strip, texts)):
            continue
        if FORMULAS in head:
            texts = _with_formulas(head, texts, line)
        if not number:
            head, width = texts, len(texts)
            if width > most:
                message = _("The file has more than %(limit)s columns.")
                raise FileRefused(
                    "too_large", message, _("Remove the columns that are not needed."), limit=most
                )
        has_formula = any(isinstance(text, Formula) for text in texts)
        yield Row(number, line, texts, not has_formula and "".join(texts).isprintable())
        number += 1


def _with_formulas(head: list[str], texts: list[str], line: int) -> list[str]:
    """The cells of a file of bad rows; the texts of formulas and error values are these again."""
    cells = dict(zip(head, texts, strict=False))
    names = cells.get(FORMULAS, "").split(",")
    return [
        _as_it_was(text, f"{get_column_letter(place + 1)}{line}")
        if place < len(head) and head[place] in names
        else text
        for place, text in enumerate(texts)
    ]


def _as_it_was(text: str, address: str) -> str:
    """Unless somebody put a value in."""
    if text[:1] == "=":
        return Formula(text, address)
    return Fault(text, address) if _FAULT.fullmatch(text) else text


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in _NO_VALUE:
        return _without_value(cell, value)
    if isinstance(value, str):
        return _unescaped(value).replace("\r\n", "\n")
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return Number(_digits(value))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def _without_value(cell: Any, value: Any) -> Formula:
    address = f"{cell.column_letter}{cell.row}"
    if cell.data_type == "e":
        return Fault(value, address)
    return Formula(value if isinstance(value, str) else getattr(value, "text", "="), address)


def _unescaped(text: str) -> str:
    """Signs that XML would not keep are spelled out in workbooks: ``_x000D_`` is a carriage return."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _digits(value: float) -> str:
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return f"{Decimal(repr(value)):f}"
