"""The read rows of a file between the two passes of a run: cleaned once, put aside batch by batch in a file without a
name, taken back in the same order. Memory holds one batch."""

import pickle
import tempfile
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any

from backoffice.transfer.limits import limit
from backoffice.transfer.planning.cleaning import Planned

_IN_MEMORY = 1 << 20


class Spool:
    """``keeps_cells`` for files whose cells are asked about later, such as the numbers of a workbook."""

    def __init__(self, keeps_cells: bool) -> None:
        self.keeps_cells = keeps_cells
        self.size = limit("BATCH")
        self._end = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close()

    def add(self, rows: Sequence[Planned]) -> None:
        """One batch. Rows that have a value for every column, as most have, are kept column by column."""
        values: Any = [row.values for row in rows]
        names = list(values[0])
        if all(len(each) == len(names) for each in values):
            values = names, list(zip(*[each.values() for each in values], strict=True))
        cells = [row.cells for row in rows] if self.keeps_cells else None
        problems = [row.problems for row in rows] if any(row.problems for row in rows) else None
        facts = [row.number for row in rows], [row.line for row in rows], cells, values, problems
        pickle.dump(facts, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()

    def batches(self) -> Iterator[list[Planned]]:
        """Everything that was added."""
        place = 0
        while place < self._end:
            self._file.seek(place)
            numbers, lines, cells, values, problems = pickle.load(self._file)  # noqa: S301 - written by this process
            place = self._file.tell()
            if isinstance(values, tuple):
                names, columns = values
                rows = zip(*columns, strict=True) if names else repeat((), len(numbers))
                values = [dict(zip(names, row, strict=True)) for row in rows]
            problems = problems or [[] for _number in numbers]
            yield [*map(Planned, numbers, lines, cells or repeat(()), values, problems)]

    def close(self) -> None:
        self._file.close()
