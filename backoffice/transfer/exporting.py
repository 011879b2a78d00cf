"""Writing a format: streamed from one query, in the order of the natural key, so that two exports of the same
data are byte-identical and a file that was not edited imports to "0 changes" (spec: import-export 1.9)."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import QuerySet

from backoffice.spreadsheets import guarded
from backoffice.texts import content_locales
from backoffice.transfer.columns import Column
from backoffice.transfer.reports import csv_line
from backoffice.transfer.resources import FileResource

MARK = "\ufeff"
_CHUNK = 2_000


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


def columns_of(resource: FileResource, shape: Shape) -> list[Written]:
    """The columns of the file; one per content locale for a text of several."""
    found: list[Written] = []
    for column in resource.columns:
        if column.extra and not shape.extra_columns:
            continue
        if column.localized:
            found += [Written(f"{column.column_name}.{code}", column, code) for code in content_locales()]
        else:
            found.append(Written(column.column_name, column, ""))
    return found


def csv_lines(resource: FileResource, rows: QuerySet | None = None, shape: Shape = Shape()) -> Iterator[str]:  # noqa: B008
    """The file line by line, from a cursor of the server: memory stays flat. ``rows`` is the filtered list."""
    columns = columns_of(resource, shape)
    records = resource.rows()
    if rows is not None:
        records = records.filter(pk__in=rows.order_by().values("pk"))
    head = csv_line([column.name for column in columns])
    yield MARK + head if shape.has_mark else head
    for record in records.iterator(chunk_size=_CHUNK):
        yield csv_line([_cell(resource, record, written, shape) for written in columns])


def _cell(resource: FileResource, record: Any, written: Written, shape: Shape) -> str:
    text = resource.cell(record, written.column, written.locale)
    return guarded(text) if shape.is_guarded and written.column.widget.is_text else text


def template_line(resource: FileResource) -> str:
    """The header of an empty file, one column per content locale."""
    return csv_line([column.name for column in columns_of(resource, Shape(extra_columns=True))])
