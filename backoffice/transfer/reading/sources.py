"""A stored file as rows, whatever it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from backoffice.transfer.models import JobFile
from backoffice.transfer.reading.tables import Reading, Row, csv_rows
from backoffice.transfer.reading.workbooks import workbook_rows

FOLDER = "transfer"


def private_path(name: str) -> Path:
    """Where files of jobs lie: outside of anything that is served."""
    return Path(settings.PRIVATE_ROOT) / FOLDER / name


class Source(NamedTuple):
    path: Path
    reading: Reading

    @classmethod
    def of(cls, file: JobFile) -> "Source":
        return cls(private_path(file.stored), Reading(**file.reading))

    def rows(self) -> Iterator[Row]:
        """The header as row 0, then the rows."""
        if self.reading.kind == "xlsx":
            return workbook_rows(self.path)
        return csv_rows(self.path, self.reading)
