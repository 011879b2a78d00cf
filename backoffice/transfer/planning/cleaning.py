"""From the cells of a row to values: every cell that cannot be read is a problem of the row."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import KEYS, Header, Place, check_shape
from backoffice.transfer.declaring.shortened import CODE, ShortenedKeys
from backoffice.transfer.declaring.widgets import TRIMMED, hidden_blanks
from backoffice.transfer.problems import ERROR, INFO, WARNING, CellError, Problem
from backoffice.transfer.reading.tables import Row, has_control
from backoffice.transfer.reading.workbooks import Fault, Formula

CLEAR = "[[clear]]"
_FAULT = _("The cell %(address)s holds the error “%(value)s” of the spreadsheet instead of a value.")


class Planned:
    """A row on its way through the planner.

    ``record`` is the whole row of the table as it will be, in the order of the model's fields; ``stored`` as it
    is; ``outcome`` one of ``RowResult.Outcome``, empty until it is known; ``changes`` what is shown of it beyond the
    record.
    """

    __slots__ = (
        "cells",
        "changes",
        "key",
        "line",
        "number",
        "outcome",
        "pk",
        "problems",
        "record",
        "stored",
        "values",
    )

    def __init__(
        self, number: int, line: int, cells: Sequence[str], values: dict[str, Any], problems: list[Problem]
    ) -> None:
        self.number, self.line, self.cells = number, line, cells
        self.values, self.problems = values, problems
        self.outcome, self.key, self.pk = "", "", 0
        self.record: list[Any] | None = None
        self.stored: Sequence[Any] | None = None
        self.changes: dict[str, Any] | None = None

    @property
    def is_bad(self) -> bool:
        return bool(self.problems) and any(problem.level == ERROR for problem in self.problems)

    def fail(self, code: str, column: str = "", message: Any = "", remedy: Any = "", **params: Any) -> None:
        """The problem names the value that was read; results spell it as its cell does."""
        value = self.values.get(column, "")
        self.problems.append(Problem(ERROR, code, column, value, params, message, remedy))

    def tell(self, level: str, code: str, column: str = "", **params: Any) -> None:
        value = self.values.get(column, "")
        self.problems.append(Problem(level, code, column, value, params))


class Block:
    """Some thousand rows as they were read. Where all have values for the same columns, as most have, they are kept
    column by column in ``columns``; else ``values`` holds a map per row. ``problems`` is None where no row has any,
    ``cells`` where nobody asks for them."""

    __slots__ = ("cells", "columns", "lines", "names", "numbers", "problems", "values")

    def __init__(
        self,
        numbers: Sequence[int],
        lines: Sequence[int],
        names: Sequence[str],
        columns: Sequence[Sequence[Any]],
    ) -> None:
        self.numbers, self.lines, self.names, self.columns = numbers, lines, names, columns
        self.cells: Sequence[Sequence[str]] | None = None
        self.values: Sequence[dict[str, Any]] | None = None
        self.problems: Sequence[list[Problem]] | None = None

    @classmethod
    def of(cls, rows: Sequence[Planned]) -> "Block":
        """Rows that were read one by one."""
        values = [row.values for row in rows]
        names = list(values[0])
        is_whole = all(each.keys() == values[0].keys() for each in values)
        columns = list(zip(*[each.values() for each in values], strict=True)) if is_whole else []
        block = cls([row.number for row in rows], [row.line for row in rows], names, columns)
        block.values = None if is_whole else values
        block.problems = [row.problems for row in rows] if any(row.problems for row in rows) else None
        return block

    @property
    def is_plain(self) -> bool:
        """Whether the values are kept by column and there is nothing to say about any."""
        return self.values is None and self.problems is None

    def column(self, name: str) -> Sequence[Any]:
        return self.columns[self.names.index(name)]

    def records(self) -> Iterator[tuple[Any, ...]]:
        """The values of the rows, where they are kept by column."""
        return zip(*self.columns, strict=True) if self.names else repeat((), len(self.numbers))

    def rows(self) -> list[Planned]:
        values = self.values or [dict(zip(self.names, record, strict=True)) for record in self.records()]
        problems = self.problems or [[] for _number in self.numbers]
        return [*map(Planned, self.numbers, self.lines, self.cells or repeat(()), values, problems)]


class Cell(NamedTuple):
    """How one column of a file is read. ``known`` holds what was read before: empty cells and few words."""

    place: Place
    known: dict[str, Any]
    is_word: bool


def with_tokens(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; those with a cell that would empty a field, if the run kept what empty cells say, are not ordinary."""
    for row in rows:
        yield row._replace(is_plain=False) if CLEAR in row.cells else row


class Cleaner:
    """Reads the rows of one file. With ``keep`` an empty cell changes nothing and ``[[clear]]`` empties. ``shortened``
    knows the keys that only look like a shortened number."""

    WORDS = 1_000

    def __init__(
        self,
        header: Header,
        decimal_sign: str = ".",
        keep: bool = False,
        shortened: ShortenedKeys | None = None,
    ) -> None:
        self.decimal_sign, self.keep, self.shortened = decimal_sign, keep, shortened
        self.width = len(header.cells)
        self.cells = [Cell(place, {}, not place.column.widget.is_text) for place in header.places]

    def clean_all(self, rows: Sequence[Row]) -> Block:
        """Rows of ordinary cells column by column; the others, and all if any of these is in error, one by one."""
        ordinary = [row for row in rows if row.is_plain and len(row.cells) == self.width]
        if self.keep or not ordinary:
            return Block.of([self.clean(row) for row in rows])
        try:
            block = self._by_column(ordinary)
        except CellError:
            return Block.of([self.clean(row) for row in rows])
        if len(ordinary) == len(rows):
            return block
        known = {row.number: row for row in block.rows()}
        return Block.of([known.get(row.number) or self.clean(row) for row in rows])

    def _by_column(self, rows: Sequence[Row]) -> Block:
        numbers, lines, cells, _are_plain = zip(*rows, strict=True)
        columns = list(zip(*cells, strict=True))
        places = [cell.place for cell in self.cells]
        values = [place.read_all(columns[place.position], self.decimal_sign) for place in places]
        return Block(numbers, lines, [place.name for place in places], values)

    def clean(self, row: Row) -> Planned:
        if len(row.cells) != self.width:
            ragged = check_shape(row.cells, self.width)
            if ragged:
                return Planned(row.number, row.line, row.cells, {}, [ragged])
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for cell in self.cells:
            place, known, _is_word = cell
            text = row.cells[place.position]
            if not row.is_plain and not self._look_closer(place, text, problems):
                continue
            if self.keep and place.column.required not in KEYS:
                if not text:
                    continue
                if text.strip() == CLEAR:
                    text = ""
            try:
                values[place.name] = known[text] if text in known else self._read(cell, text)
            except CellError as error:
                code = text.strip(TRIMMED)
                if error.code == CODE and self.shortened and self.shortened.has(place.column, code):
                    values[place.name] = code
                else:
                    problems.append(error.problem(place.name, text))
        return Planned(row.number, row.line, row.cells, values, problems)

    def _read(self, cell: Cell, text: str) -> Any:
        value = cell.place.read(text, self.decimal_sign)
        if not text or (cell.is_word and len(cell.known) < self.WORDS):
            cell.known[text] = value
        return value

    def _look_closer(self, place: Place, cell: str, problems: list[Problem]) -> bool:
        """What is not ordinary: formulas, refused signs, and blanks that only a program sees."""
        if isinstance(cell, Formula):
            is_fault = isinstance(cell, Fault)
            message = _FAULT if is_fault else _("The cell %(address)s holds a formula.")
            remedy = _("Put the value itself into the cell.")
            problems.append(
                Problem(ERROR, "formula", place.name, cell, {"address": cell.address}, message, remedy)
            )
            return False
        if has_control(cell):
            problems.append(Problem(ERROR, "control_char", place.name, cell))
            return False
        if cell == CLEAR and not self.keep:
            problems.append(Problem(WARNING, "clear_not_kept", place.name, cell))
        if place.column.widget.is_code and hidden_blanks(cell):
            problems.append(Problem(INFO, "blank_removed", place.name, cell))
        return True
