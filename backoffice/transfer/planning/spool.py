"""The read rows of a file between the two passes of a run: cleaned once, put aside batch by batch in a file without a
name, taken back in the same order. Memory holds one batch."""

import pickle
import tempfile
from collections.abc import Iterator
from typing import Any

from backoffice.transfer.limits import limit
from backoffice.transfer.planning.cleaning import Planned

_IN_MEMORY = 1 << 20


class Spool:
    """``keeps_cells`` for files whose cells are asked about later, such as the numbers of a workbook."""

    def __init__(self, keeps_cells: bool) -> None:
        self.keeps_cells = keeps_cells
        self.size = limit("BATCH")
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._rows: list[tuple[Any, ...]] = []

    def add(self, row: Planned) -> None:
        cells = row.cells if self.keeps_cells else ()
        self._rows.append((row.number, row.line, cells, row.values, row.problems))
        if len(self._rows) >= self.size:
            self._put()

    def _put(self) -> None:
        columns = tuple(zip(*self._rows, strict=True))
        pickle.dump(columns, self._file, pickle.HIGHEST_PROTOCOL)
        self._rows = []

    def batches(self) -> Iterator[list[Planned]]:
        """Everything that was added; can be asked for once."""
        if self._rows:
            self._put()
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield [*map(Planned, *pickle.load(self._file))]  # noqa: S301 - written by this process

    def close(self) -> None:
        self._file.close()
