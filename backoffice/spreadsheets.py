"""Cells that a spreadsheet must not read as a formula (spec: import-export 1.9.4)."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

_COULD_RUN = re.compile(r"'*[=+\-@\t\r＝＋－＠]")


def guarded(text: str) -> str:
    """The text with one quote in front when a spreadsheet could take it for a formula."""
    return f"'{text}" if _COULD_RUN.match(text) else text


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A guarded CSV file, line by line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(headings)
    for row in rows:
        writer.writerow([guarded(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
