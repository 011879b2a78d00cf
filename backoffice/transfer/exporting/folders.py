"""Several files at once, laid out as a folder run reads them: files of a store lie in the folder of the store
(spec: import-export 1.11)."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet

from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting.sheets import Archive
from backoffice.transfer.exporting.streams import Shape, records_of, write_file

RowsOf = Callable[[FileResource], QuerySet | None]


class Part(NamedTuple):
    """One file: a format, or the rows of one store of it."""

    resource: FileResource
    folder: str
    rows: QuerySet | None

    def path(self, kind: str) -> Path:
        return Path(self.folder) / f"{self.resource.file}.{kind}"


def parts(resources: Iterable[FileResource], rows_of: RowsOf, *, in_folders: bool) -> Iterator[Part]:
    """The files, in the order of import."""
    for resource in resources:
        rows, path = rows_of(resource), store_path(resource)
        if not in_folders or resource.file not in formats.PER_STORE or not path:
            yield Part(resource, "", rows)
            continue
        records = records_of(resource, rows)
        for store in sorted(records.order_by().values_list(path, flat=True).distinct(), key=str):
            found = resource.model._default_manager.filter(pk__in=records.order_by().values("pk"))
            yield Part(resource, store or "", found.filter(**{path: store}))


def store_path(resource: FileResource) -> str:
    """By what a query asks for the store of a record; nothing where records belong to none."""
    column = resource.store_column
    if column is None:
        return ""
    try:
        resource.model._meta.get_field(column.attribute)
    except FieldDoesNotExist:
        return ""
    widget = column.widget
    return f"{column.attribute}__{widget.field}" if isinstance(widget, Ref) else column.attribute


def of_stores(resource: FileResource, rows: QuerySet | None, stores: list[str]) -> QuerySet | None:
    """Only the rows of these stores, and those that are for every store."""
    path = store_path(resource)
    if not stores or not path:
        return rows
    every = Q(**{f"{resource.store_column.attribute}__isnull": True})
    found = resource.model._default_manager.all() if rows is None else rows
    return found.filter(Q(**{f"{path}__in": stores}) | every)


def write_parts(
    folder: Path,
    wanted: Iterable[Part],
    kind: str,
    shape: Shape,
    *,
    step: Callable[[Part, int], object] = lambda part, line: None,
) -> Iterator[Path]:
    """Write the files below ``folder``, one by one. ``step`` is told each line, the header being line 1."""
    for part in wanted:
        target = folder / part.path(kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_file(
            target, kind, part.resource, part.rows, shape, step=lambda line, part=part: step(part, line)
        )
        yield target


@contextmanager
def packing(target: IO[bytes] | Path) -> Iterator[Path]:
    """A folder to be filled, whose files are packed at the end: the same files give the same bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield folder
        with Archive(target, "w") as archive:
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(folder).as_posix())


def temporary_archive(wanted: Iterable[Part], kind: str, shape: Shape) -> IO[bytes]:
    """The files as an archive without a name, open at its beginning."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        with packing(file) as folder:
            list(write_parts(folder, wanted, kind, shape))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
