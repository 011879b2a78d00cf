"""The read rows of a file between the two passes of a run: cleaned once, put aside block by block in a file without a
name, taken back in the same order. Memory holds one block."""

import pickle
import tempfile
from collections.abc import Iterator

from backoffice.transfer.limits import limit
from backoffice.transfer.planning.cleaning import Block, Planned

_IN_MEMORY = 1 << 20


class Spool:
    """Closed by :meth:`close`."""

    def __init__(self) -> None:
        self.size = limit("BATCH")
        self._end = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close()

    def add(self, block: Block) -> None:
        pickle.dump(block, self._file, pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()

    def batches(self) -> Iterator[list[Planned]]:
        """The rows of everything that was added."""
        place = 0
        while place < self._end:
            self._file.seek(place)
            block: Block = pickle.load(self._file)  # noqa: S301 - written by this process
            place = self._file.tell()
            yield block.rows()

    def close(self) -> None:
        self._file.close()
