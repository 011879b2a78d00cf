"""Rows in error are looked at once more, so that all that is wrong is told at once (spec: import-export 1.3.3).

What can be read of such a row, without the columns that are in error, is planned as a stand-in: whether its record is
new, what a new one lacks, rights, and what the room is sure of whatever the other columns should have said. Nothing is
locked and nothing written; a file without errors does none of this.
"""

from collections.abc import Callable
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.stored import load_stored
from backoffice.transfer.planning.unseen import is_limited, refuse_unseen, take_unseen
from backoffice.transfer.problems import ERROR

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch

Outcome = RowResult.Outcome


class Faulty(NamedTuple):
    """A row in error, what stands in for it, and the columns that nothing more is said about."""

    row: Planned
    stand_in: Planned
    wrong: set[str]


def look_again(batch: "Batch", demand: Callable[["Batch"], None]) -> None:
    """Tell what else is wrong with the rows in error. ``demand`` asks of planned rows what can be asked of them one
    column at a time."""
    found = _readable(batch)
    if not found:
        return
    view = copy(batch)
    view.run, view.rows = copy(batch.run), [each.stand_in for each in found]
    view.run.is_apply = False
    hidden = _decide(view)
    demand(view)
    refuse_unseen(view, hidden)
    _tell(found)
    if not is_limited(view):
        batch.resource.review_bad(view)
        _tell(found)


def _tell(found: list[Faulty]) -> None:
    """Take over what the rows were not told yet. The stand-ins are without a problem again: rooms pass over rows in
    error."""
    for row, stand_in, wrong in found:
        told = {(problem.code, problem.column) for problem in row.problems}
        row.problems += [
            problem
            for problem in stand_in.problems
            if problem.level == ERROR
            and problem.column not in wrong
            and (problem.code, problem.column) not in told
        ]
        stand_in.problems = []


def _readable(batch: "Batch") -> list[Faulty]:
    """The rows in error whose keys can be read and stand on no row before them."""
    bad = [row for row in batch.rows if row.problems and row.is_bad and row.outcome != Outcome.SKIPPED]
    if not bad:
        return []
    resource = batch.resource
    finding = {field.name for field in resource.identity}
    needed = [c for c in resource.columns if c in resource.key_columns or c.attribute in finding]
    keys = {column.column_name for column in needed}
    found = []
    for row in bad:
        wrong = {problem.column for problem in row.problems if problem.level == ERROR}
        values = {name: value for name, value in row.values.items() if name not in wrong}
        if keys <= values.keys() and resource.accepts(values, batch.run.locales):
            stand_in = Planned(row.number, row.line, row.cells, values, [])
            stand_in.key = row.key
            # Of a text per locale that is wrong nobody knows whether it is there.
            found.append(Faulty(row, stand_in, wrong | {name.partition(".")[0] for name in wrong}))
    return _without_twins(batch, found) if found and batch.has_repeats else found


def _without_twins(batch: "Batch", found: list[Faulty]) -> list[Faulty]:
    """What another row of the run makes is not judged as if it were new."""
    space, last_wins = batch.resource.space(batch.file), batch.resource._meta.last_wins
    twins = batch.run.keys.twins(space, {each.row.key for each in found}, last_wins=last_wins)
    return [each for each in found if (batch.file.position, each.row.number) not in twins]


def _decide(view: "Batch") -> set[int]:
    """New, changed or unchanged, as far as the cells can be read; gives the numbers of rows whose record the user
    does not see."""
    comparison, wanted = view.comparison, view.run.options.rows
    stored = load_stored(view, view.rows)
    hidden = take_unseen(view, stored)
    for row in view.rows:
        row.stored = stored.get(row.number)
        row.record, _known = comparison.of_cells(row, view.resolved, set(), row.stored)
        if row.stored is not None:
            row.outcome = Outcome.CHANGED if comparison.differs(row) else Outcome.UNCHANGED
        elif view.resource._meta.creates and wanted != "existing":
            row.outcome = Outcome.NEW
        if row.outcome == Outcome.CHANGED and wanted == "new":
            row.outcome = Outcome.SKIPPED
    return hidden
