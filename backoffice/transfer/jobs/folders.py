"""Which files a run takes from a path: one file, a folder, or an archive, in the order of import
(spec: import-export 1.2.2)."""

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from backoffice.transfer.declaring import formats
from backoffice.transfer.problems import FileRefused
from backoffice.transfer.reading import archives
from backoffice.transfer.reading.sources import quick_rows

IGNORED = re.compile(r"^(\..*|__MACOSX|Thumbs\.db)$", re.IGNORECASE)
_TABLE = (".csv", ".txt", ".tsv", ".xlsx")


class Found(NamedTuple):
    """A file of a folder, or one ``sheet`` of a workbook. ``format`` is empty when its name tells none; ``notes`` are
    what is told of it besides what its reading says."""

    path: Path
    folder: str
    format: str
    sheet: str = ""
    notes: Sequence[Mapping[str, Any]] = ()

    @property
    def name(self) -> str:
        return f"{self.path.name} [{self.sheet}]" if self.sheet else self.path.name


def collect(folder: Path) -> list[Found]:
    """The files of a folder and its sub-folders, one level deep, in the order in which they are imported. What lies
    deeper is there as its folder."""
    entries = sorted(_visible(folder))
    found = [Found(entry, "", formats.by_name(entry.name)) for entry in entries if entry.is_file()]
    for entry in entries:
        if entry.is_dir():
            found += [
                Found(inner, entry.name, formats.by_name(inner.name) if inner.is_file() else "")
                for inner in sorted(_visible(entry))
                if inner.is_file() or next(files_below(inner), None)
            ]
    return in_order(found)


def files_below(folder: Path) -> Iterator[str]:
    """The names of the files in a folder, however deep, with their path from there."""
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if not IGNORED.match(name))
        for name in sorted(names):
            if not IGNORED.match(name):
                yield (Path(place) / name).relative_to(folder).as_posix()


def in_order(files: list[Found]) -> list[Found]:
    """By format; within a format the root and ``common`` first, then the stores as ``store.csv`` lists them, then the
    other folders by name."""
    last = len(formats.POSITIONS)
    stores = {name: place for place, name in enumerate(_stores_of(files))}
    return sorted(
        files,
        key=lambda f: (
            formats.POSITIONS.get(f.format, last),
            f.folder not in ("", formats.COMMON),
            stores.get(f.folder, len(stores)),
            f.folder,
            f.name,
        ),
    )


def _stores_of(files: list[Found]) -> list[str]:
    """The stores that the files bring, in the order of their rows; a file that cannot be read lists none."""
    listed = [f for f in files if f.format == formats.STORE]
    found: dict[str, None] = {}
    for file in sorted(listed, key=lambda f: (f.folder not in ("", formats.COMMON), f.folder, f.name)):
        with suppress(FileRefused, OSError):
            found |= dict.fromkeys(_first_named(file.path))
    return list(found)


def _first_named(path: Path) -> Iterator[str]:
    """The cells of the column of names."""
    rows = quick_rows(path, formats.known_columns([formats.STORE]))
    header = next(rows, None)
    names = [cell.strip().strip("\ufeff").lower() for cell in header.cells] if header else []
    if "name" in names:
        place = names.index("name")
        yield from (row.cells[place].strip() for row in rows if place < len(row.cells))


def of_stores(files: list[Found], stores: Collection[str]) -> list[Found]:
    """Without the folders of other stores. The stores themselves may be listed in the folder of a region."""
    shared = {"", formats.COMMON, *stores}
    return [f for f in files if not stores or f.folder in shared or f.format == formats.STORE]


def is_table(found: Found) -> bool:
    return found.path.name.lower().endswith(_TABLE)


def unpack(path: Path, target: Path) -> Path:
    """Unpack a judged archive into ``target``; gives the folder that holds the files (one wrapping folder is
    looked through)."""
    archives.unpack(path, target)
    inner = list(_visible(target))
    wraps = (
        len(inner) == 1
        and inner[0].is_dir()
        and not formats.PER_STORE & {formats.by_name(file.name) for file in _visible(inner[0])}
    )
    return inner[0] if wraps else target


def _visible(folder: Path) -> Iterator[Path]:
    return (entry for entry in folder.iterdir() if not IGNORED.match(entry.name))
