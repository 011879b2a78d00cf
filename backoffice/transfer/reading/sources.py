"""A stored file as rows, whatever it is."""

from collections.abc import Collection, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from backoffice.transfer.models import JobFile
from backoffice.transfer.reading.sniffing import content_kind, find_encoding
from backoffice.transfer.reading.tables import Reading, Row, csv_rows, guess_separator
from backoffice.transfer.reading.workbooks import judge_workbook, workbook_rows

FOLDER = "transfer"


def private_path(name: str) -> Path:
    """Where files of jobs lie: outside of anything that is served."""
    return Path(settings.PRIVATE_ROOT) / FOLDER / name


def quick_rows(path: Path, known: Collection[str]) -> Iterator[Row]:
    """The rows of a file that was not taken in, read as it looks at first sight. ``known`` columns tell its
    separator. Raises FileRefused."""
    if content_kind(path) == "zip":
        judge_workbook(path)
        return workbook_rows(path)
    encoding = find_encoding(path).name
    return csv_rows(path, Reading(encoding=encoding, separator=guess_separator(path, encoding, known)))


class Source(NamedTuple):
    path: Path
    reading: Reading

    @classmethod
    def of(cls, file: JobFile) -> "Source":
        return cls(private_path(file.stored), Reading(**file.reading))

    def may_hold(self, text: str) -> bool:
        """Whether any cell may hold this ASCII text: one search through the bytes, so that rows need not be looked
        at. Of a workbook, and of a text with two bytes to a sign, nobody knows."""
        is_wide = self.reading.encoding.startswith("utf-16")
        if self.reading.kind == "xlsx" or is_wide or not self.path.stat().st_size:
            return True
        with self.path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            return content.find(text.encode()) >= 0

    def rows(self) -> Iterator[Row]:
        """The header as row 0, then the rows."""
        if self.reading.kind == "xlsx":
            return workbook_rows(self.path, self.reading.sheet)
        return csv_rows(self.path, self.reading)
