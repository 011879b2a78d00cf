"""Writing a format: streamed from one query, in the order of the natural key, so that two exports of the same
data are byte-identical and a file that was not edited imports to "0 changes" (spec: import-export 1.9)."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from backoffice.actor import current
from backoffice.spreadsheets import guarded
from backoffice.texts import content_locales
from backoffice.transfer.declaring.columns import Column, numbered_name
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting.reports import csv_line
from backoffice.transfer.exporting.sheets import Cell, checked, protected, typed, write_sheet

MARK = "\ufeff"
_CHUNK = 2_000
CSV, XLSX = "csv", "xlsx"


class Shape(NamedTuple):
    """``extra_columns`` are ours and left out by default; ``is_guarded`` protects texts from being read as a
    formula; ``has_mark`` begins with a byte-order mark, which some spreadsheets want."""

    extra_columns: bool = False
    is_guarded: bool = True
    has_mark: bool = False


class Written(NamedTuple):
    name: str
    column: Column
    locale: str
    number: int = 0


def columns_of(
    resource: FileResource, shape: Shape, numbers: Mapping[str, int] | None = None
) -> list[Written]:
    """The columns of the file; one per content locale for a text of several. ``numbers`` says how often the numbered
    ones come, by default as in a sample."""
    found: list[Written] = []
    for column in resource.columns:
        if column.extra and not shape.extra_columns:
            continue
        if column.numbered:
            if column is resource.numbered_columns[0]:
                found += _numbered(resource, resource.sample_numbers if numbers is None else numbers)
        elif column.localized:
            found += [Written(f"{column.column_name}.{code}", column, code) for code in content_locales()]
        else:
            found.append(Written(column.column_name, column, ""))
    return found


def _numbered(resource: FileResource, numbers: Mapping[str, int]) -> Iterator[Written]:
    """Number by number: the columns without a locale, then those of each language."""
    for number in range(1, max(numbers.values(), default=0) + 1):
        for locale in ("", *content_locales()):
            if number <= numbers.get(locale, 0):
                for column in resource.numbered_columns:
                    yield Written(numbered_name(column.column_name, number, locale), column, locale, number)


def records_of(resource: FileResource, rows: QuerySet | None = None) -> QuerySet:
    """What is written: all records of the format, or those in the filtered list ``rows``; what hangs on them as the
    person at work sees it."""
    records = resource.rows(current().user)
    return records if rows is None else records.filter(pk__in=rows.order_by().values("pk"))


def csv_lines(
    resource: FileResource,
    rows: QuerySet | None = None,
    shape: Shape = Shape(),  # noqa: B008
) -> Generator[str, None, None]:
    """The file line by line, from a cursor of the server: memory stays flat. ``rows`` is the filtered list."""
    written = records_of(resource, rows)
    columns = columns_of(resource, shape, resource.numbers_of(written))
    head = csv_line([column.name for column in columns])
    yield MARK + head if shape.has_mark else head
    with closing(written.iterator(chunk_size=_CHUNK)) as records:
        for record in records:
            yield csv_line([_cell(resource, record, column, shape) for column in columns])


def _text(resource: FileResource, record: Any, written: Written) -> str:
    if written.number:
        return resource.numbered_cell(record, written.column, written.locale, written.number)
    return resource.cell(record, written.column, written.locale)


def _cell(resource: FileResource, record: Any, written: Written, shape: Shape) -> str:
    text = _text(resource, record, written)
    return guarded(text) if shape.is_guarded and written.column.widget.is_text else text


def sheet_rows(
    resource: FileResource,
    rows: QuerySet | None = None,
    shape: Shape = Shape(),  # noqa: B008
) -> Generator[list[Cell], None, None]:
    """The same file as rows of a workbook. Raises CannotHold at a text that is too long for a spreadsheet."""
    written = records_of(resource, rows)
    columns = columns_of(resource, shape, resource.numbers_of(written))
    yield [column.name for column in columns]
    with closing(written.iterator(chunk_size=_CHUNK)) as records:
        for record in records:
            yield [checked(_sheet_cell(resource, record, column, shape)) for column in columns]


def _sheet_cell(resource: FileResource, record: Any, written: Written, shape: Shape) -> Cell:
    text, widget = _text(resource, record, written), written.column.widget
    if widget.is_text:
        return protected(text, is_code=widget.is_code) if shape.is_guarded else text
    return typed(text, widget)


def write_file(
    path: Path,
    kind: str,
    resource: FileResource,
    rows: QuerySet | None = None,
    shape: Shape = Shape(),  # noqa: B008
    *,
    step: Callable[[int], object] = lambda line: None,
) -> None:
    """The export as a file on disk. ``step`` is told each line that was written, the header being line 1."""
    if kind == XLSX:
        write_sheet(path, resource.file, _told(sheet_rows(resource, rows, shape), step))
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(_told(csv_lines(resource, rows, shape), step))


def _told(lines: Generator[Any, None, None], step: Callable[[int], object]) -> Iterator[Any]:
    """The lines, counted. Their cursor is closed with them, also when ``step`` ends the job."""
    with closing(lines):
        for number, line in enumerate(lines, 1):
            step(number)
            yield line


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Everything that is read inside shows the same moment."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
