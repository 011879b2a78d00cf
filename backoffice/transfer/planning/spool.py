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
        self._lengths: list[int] = []
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close()

    def add(self, block: Block) -> None:
        self._lengths.append(self._file.write(pickle.dumps(block, pickle.HIGHEST_PROTOCOL)))

    def batches(self) -> Iterator[list[Planned]]:
        """The rows of everything that was added."""
        place = 0
        for length in self._lengths:
            self._file.seek(place)
            block: Block = pickle.loads(self._file.read(length))  # noqa: S301 - written by this process
            place += length
            yield block.rows()

    def close(self) -> None:
        self._file.close()
