"""The planner: a batch of rows against what is stored, a constant number of queries whatever its size.

values → references → repeated keys → stored records → new, changed or unchanged → rules of the model
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.columns import Header
from backoffice.transfer.declaring.references import Promised, Resolved
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.models import JobFile, RowResult
from backoffice.transfer.planning.bad_rows import look_again
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.comparing import Comparison
from backoffice.transfer.planning.constraints import check_rules
from backoffice.transfer.planning.repeats import find_contradictions, find_twins, refuse_similar
from backoffice.transfer.planning.resolving import resolve_references
from backoffice.transfer.planning.settling import settle
from backoffice.transfer.planning.shelf import Shelf
from backoffice.transfer.planning.stored import load_stored
from backoffice.transfer.planning.unseen import (
    is_limited,
    refuse_unseen,
    take_unseen,
)
from backoffice.transfer.problems import ERROR, WARNING
from backoffice.transfer.reading.workbooks import Number
from backoffice.transfer.staging.keys import JOIN, Spot
from backoffice.transfer.staging.trees import CIRCLE, DEEP, LEVELS, RunTree

if TYPE_CHECKING:
    from backoffice.transfer.planning.runs import Run

Outcome = RowResult.Outcome
STORE = "store_name"
_CIRCLE = (
    _("With “%(value)s” above it, the record would lie below itself."),
    _("Name a record that does not lie below this one."),
)


class Batch:
    """Some thousand rows of one file and everything known about them."""

    def __init__(
        self,
        run: "Run",
        resource: FileResource,
        file: JobFile,
        header: Header,
        rows: list[Planned],
        has_repeats: bool = True,
        tree: RunTree | None = None,
    ) -> None:
        self.run, self.resource, self.file, self.header = run, resource, file, header
        self.rows, self.has_repeats, self.tree = rows, has_repeats, tree
        self.resolved: dict[str, Resolved] = {}
        self.promised: Promised = {}
        self.comparison = Comparison(resource, header, replaces=run.options.lists == "replace")
        self.shelf: Shelf | None = None
        self.key_column = resource.key_columns[0].column_name
        self.letters = (
            {place.name: get_column_letter(place.position + 1) for place in header.places}
            if file.reading.get("kind") == "xlsx"
            else {}
        )

    def open(self) -> Iterator[Planned]:
        """Rows without an error that are not decided yet."""
        return (row for row in self.rows if not row.outcome and not row.is_bad)

    def with_outcome(self, *outcomes: str) -> list[Planned]:
        return [row for row in self.rows if row.outcome in outcomes]

    def told(self, spot: Spot) -> dict[str, Any]:
        """Another row in a sentence about one of this file: its line, and its file where that is another one."""
        if spot.file == self.file.position:
            return {"line": spot.line}
        return {"line": spot.line, "file": self.run.names[spot.file]}

    def position(self, name: str) -> int:
        """Where a model field stands in ``record`` and ``stored``."""
        return self.comparison.positions[name]


def plan(batch: Batch) -> None:
    """Decide every row. What remains undecided at the end is in error."""
    _name_rows(batch)
    _leave_out_foreign(batch)
    _compare_folder(batch)
    _find_circles(batch)
    resolve_references(batch)
    find_twins(batch)
    find_contradictions(batch)
    settle(batch)
    _compare(batch)
    refuse_similar(batch)
    _ask_rights(batch)
    _tell_numbers(batch)
    batch.resource.review(batch)
    look_again(batch, _demand)
    check_rules(batch)
    _close(batch)


def _name_rows(batch: Batch) -> None:
    names = [column.column_name for column in batch.resource.key_columns]
    if len(names) == 1:
        for row in batch.rows:
            row.key = str(row.values.get(names[0], ""))
        return
    for row in batch.rows:
        row.key = JOIN.join([str(row.values[name]) for name in names if name in row.values])


def _leave_out_foreign(batch: Batch) -> None:
    resource = batch.resource
    _leave_out_stores(batch)
    if type(resource).accepts is FileResource.accepts:
        return
    for row in batch.open():
        if not resource.accepts(row.values, batch.run.locales):
            row.outcome = Outcome.SKIPPED


def _leave_out_stores(batch: Batch) -> None:
    """Rows of other stores than the chosen ones, whatever else is wrong with them. A row without a store is for all."""
    stores, column = batch.run.options.store_names, batch.resource.store_column
    if not stores or column is None:
        return
    for row in batch.rows:
        store = row.values.get(column.column_name)
        if store and store not in stores:
            row.outcome, row.problems = Outcome.SKIPPED, []


def _compare_folder(batch: Batch) -> None:
    """The store comes from the column; a folder of another name is only told."""
    folder = batch.file.folder
    if batch.file.format not in formats.PER_STORE or folder in ("", formats.COMMON):
        return
    for row in batch.open():
        if row.values.get(STORE, folder) != folder:
            row.tell(WARNING, "store_differs_from_folder", STORE, folder=folder)


def _find_circles(batch: Batch) -> None:
    if batch.tree is None:
        return
    nodes = batch.tree.nodes([row.key for row in batch.rows])
    column = batch.resource.parent_column.column_name
    for row in batch.open():
        fault = nodes[row.key].fault if row.key in nodes else ""
        if fault == CIRCLE:
            is_own = row.values[column] == row.key
            row.fail("self_reference" if is_own else "cycle", column, *_CIRCLE)
        elif fault == DEEP:
            row.fail("conflict", column, _("It would lie more than %(levels)s levels deep."), levels=LEVELS)


def _compare(batch: Batch) -> None:
    rows = list(batch.open())
    stored = load_stored(batch, rows)
    hidden = take_unseen(batch, stored)
    made = _made_in_this_run(batch, [row for row in rows if row.number not in stored])
    since, began = batch.run.saved_since, batch.run.began_at
    for row in rows:
        row.stored = stored.get(row.number) or made.get(row.number)
        if row.stored is None and not batch.resource._meta.creates:
            code, column, message = batch.resource._meta.missing
            row.fail(code, column or batch.key_column, message)
            continue
        batch.comparison.merge(row, batch.resolved)
        row.outcome = _outcome_of(batch, row)
        if row.outcome == Outcome.CHANGED and since and since < batch.comparison.saved_at(row) != began:
            row.outcome = ""
            row.fail("stale", batch.key_column)
        elif row.outcome == Outcome.NEW:
            _require_all(batch, row)
        elif row.outcome != Outcome.UNCHANGED and row.stored is not None:
            _keep_required(batch, row)
    refuse_unseen(batch, hidden)


def _outcome_of(batch: Batch, row: Planned) -> str:
    wanted = batch.run.options.rows
    if row.stored is None:
        return Outcome.SKIPPED if wanted == "existing" else Outcome.NEW
    if not batch.comparison.differs(row):
        return Outcome.UNCHANGED
    return Outcome.SKIPPED if wanted == "new" else Outcome.CHANGED


def _made_in_this_run(batch: Batch, rows: list[Planned]) -> dict[int, list[Any]]:
    """Blank records for rows that change what another file of the run makes."""
    maker = batch.resource._meta.made_by
    if not maker or not rows:
        return {}
    columns = {column.attribute: column.column_name for column in batch.resource.columns}
    names = [columns[column.attribute] for column in formats.resource_of(maker).key_columns]
    keys = {row.number: JOIN.join([str(row.values[name]) for name in names]) for row in rows}
    found = batch.run.keys.find(maker, set(keys.values()))
    good = [row for row in rows if keys[row.number] in found and not found[keys[row.number]].is_bad]
    return (
        {}
        if batch.run.is_apply
        else {row.number: batch.comparison.blank(row, batch.resolved) for row in good}
    )


def _require_all(batch: Batch, row: Planned) -> None:
    """A record is made with all the columns it needs; the key columns are there in any case. A text per locale is
    needed in every language that the file has a column for, and in one at least (2.10)."""
    if all(map(row.values.get, batch.comparison.needed)):
        return
    for column in batch.resource.create_columns:
        name = column.column_name
        if not column.localized:
            is_given = row.values.get(name) is not None
        else:
            texts = [
                (place, row.values[place])
                for _locale, place in batch.comparison.localized(name)
                if place in row.values
            ]
            is_given = bool(texts)
            for place, text in texts:
                if not text:
                    row.fail("required", place)
        if not is_given:
            message = _("A record that does not exist yet needs “%(column)s”.")
            row.fail("required", name, message)


def _keep_required(batch: Batch, row: Planned) -> None:
    """An empty cell takes no text away that the record may not be without (4.0.1)."""
    for column in batch.resource.create_columns:
        for locale, name in batch.comparison.localized(column.column_name) if column.localized else ():
            held = row.stored[batch.position(column.attribute)] or {}
            if row.values.get(name) == "" and held.get(locale):
                remedy = _("Fill in a value, or leave the column out to keep the stored text.")
                row.fail("required", name, "", remedy)


def _tell_numbers(batch: Batch) -> None:
    """A key made of a cell that is a number in the sheet may have lost its zeros."""
    if batch.file.reading.get("kind") != "xlsx":
        return
    places = [place for place in batch.header.key_places if place.column.widget.is_code]
    for row in batch.with_outcome(Outcome.NEW):
        for place in places:
            if isinstance(row.cells[place.position], Number):
                row.tell(WARNING, "number_as_code", place.name)


def _ask_rights(batch: Batch) -> None:
    user = batch.run.user
    if user is None:
        return
    for outcome, action in ((Outcome.NEW, "add"), (Outcome.CHANGED, "change")):
        rows = batch.with_outcome(outcome)
        if rows and not batch.resource.right(action).held_by(user):
            if outcome == Outcome.NEW and is_limited(batch):
                continue  # unknown to him
            for row in rows:
                row.fail(f"no_{action}")


def _demand(batch: Batch) -> None:
    """What is asked of rows column by column, of those in error too."""
    for row in batch.with_outcome(Outcome.NEW):
        _require_all(batch, row)
    refuse_similar(batch)
    _ask_rights(batch)


def _close(batch: Batch) -> None:
    """Errors stand before any other outcome; the run remembers the bad keys."""
    strict = batch.run.options.warnings == "error"
    known = batch.run.rolled_back.found if batch.run.rolled_back else {}
    for row in batch.rows:
        if known and not row.is_bad:
            # What only the writing could find out, such as a rule of the database.
            row.problems = known.get((batch.file.position, row.number), row.problems)
        if strict:
            row.problems = [p._replace(level=ERROR) if p.level == WARNING else p for p in row.problems]
        if row.is_bad:
            row.outcome = Outcome.ERROR
    bad = [row.number for row in batch.with_outcome(Outcome.ERROR)]
    if bad:
        batch.run.keys.mark_bad(batch.file.position, bad)
