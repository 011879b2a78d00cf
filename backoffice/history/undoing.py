"""Undo of a change set: per field, what is still as it was left goes back; what others changed since stays.

Set-based: a batch of records costs a constant number of statements, whatever the size of the set.
"""

import datetime
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.history.models import Change, ChangeSet
from backoffice.history.putting import Putter, putter_of, why_not
from backoffice.history.recording import Snapshot, recording
from backoffice.history.restoring import (
    CANNOT,
    HIDDEN,
    LEFT,
    FieldLine,
    Gate,
    Line,
    Report,
    Restorer,
    Unit,
    same,
)

BATCH = 2_000
PREVIEWED = 20_000
"""A preview looks at so many changes, the last ones: they do not wait for others of the set to go or come first.
The rest of a larger set is compared while it runs."""
AT_ONCE = 500
"""A set with at most so many changes is undone in the request."""
Action = Change.Action


class Background(NamedTuple):
    """How a large undo runs. ``start(change_set, user, note)`` gives the address where one can watch it;
    ``remark()`` says what it has to wait for, or nothing."""

    start: Callable[[ChangeSet, Any, str], str]
    remark: Callable[[], str]


background: Background | None = None
"""Filled by what runs jobs; without it every undo runs in the request."""


class Refused(NamedTuple):
    """Why a set is not undone; ``needs_right`` when the right for the sets of others is missing."""

    reason: str
    needs_right: bool = False


def undo_of(change_set: ChangeSet) -> ChangeSet | None:
    """The undo that holds of this set: one that was not undone itself."""
    return next((undo for undo in change_set.undone_by.order_by("-pk") if undo_of(undo) is None), None)


def refusal(change_set: ChangeSet, user: Any, *, has_right: bool) -> Refused | None:
    """Why ``user`` may not undo the set. ``has_right`` is the right *undo* on the history."""
    if not has_right:
        if change_set.user_id is None or change_set.user_id != user.pk:
            return Refused(_("You may undo your own change sets; those of others need a right."), True)
        if change_set.at < timezone.now() - datetime.timedelta(days=settings.UNDO_DAYS):
            text = _("Your own change sets can be undone for %(days)s days.") % {"days": settings.UNDO_DAYS}
            return Refused(text, True)
    held = undo_of(change_set)
    if held:
        return Refused(
            _("This change set was undone already, by change set %(number)s.") % {"number": held.pk}
        )
    return None


def is_small(change_set: ChangeSet) -> bool:
    return len(change_set.changes.values_list("pk")[: AT_ONCE + 1]) <= AT_ONCE


def rehearse(change_set: ChangeSet, gate: Gate) -> Report:
    """What an undo would do: the same code, rolled back."""
    with transaction.atomic():
        restorer = Restorer(None, gate, rehearses=True)
        _restore(change_set, restorer, lambda rows: None, PREVIEWED)
        transaction.set_rollback(True)
    return restorer.report


class AlreadyUndone(Exception):
    """Somebody else was faster."""


def undo(
    change_set: ChangeSet,
    gate: Gate,
    *,
    note: str = "",
    job: int | None = None,
    step: Callable[[int], None] = lambda rows: None,
) -> tuple[Report, ChangeSet | None]:
    """Undo the set as one change set, in one transaction. ``step`` is told how many records a batch had."""
    with recording("undo", screen=change_set.screen, note=note, job=job, undoes=change_set) as recorder:
        held = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if undo_of(held):
            raise AlreadyUndone
        restorer = Restorer(recorder, gate)
        _restore(held, restorer, step, None)
        return restorer.report, recorder.change_set if recorder.has_changes else None


def _restore(
    change_set: ChangeSet, restorer: Restorer, step: Callable[[int], None], limit: int | None
) -> None:
    """Added records go first, children before what they hang on; then what was deleted comes back, then fields."""
    deeds = set(change_set.changes.order_by().values_list("object_type", "action").distinct())
    deeds |= {(label, Action.CHANGE) for label, action in deeds if (label, Action.DELETE) in deeds}
    types = _in_order(label for label, _action in deeds)
    removed = [(label, Action.ADD) for label in reversed(types)]
    brought = [(label, Action.DELETE) for label in types]
    changed = [(label, Action.CHANGE) for label in types]
    for label, action in [*removed, *brought, *changed]:
        for batch in _batches(change_set, label, action, limit) if (label, action) in deeds else ():
            _restore_batch(restorer, label, batch)
            step(len(batch))
    restorer.finish()


def _in_order(labels: Any) -> list[str]:
    """The recorded models, each after those it refers to."""
    found: list[str] = []
    names = set(labels)

    def add(label: str, within: tuple[str, ...]) -> None:
        if label in found or label in within:
            return
        putter = putter_of(label)
        for field in putter.model._meta.concrete_fields if putter else ():
            other = field.related_model._meta.label_lower if field.is_relation else ""
            if other in names:
                add(other, (*within, label))
        found.append(label)

    for label in sorted(names):
        add(label, ())
    return found


def _batches(change_set: ChangeSet, label: str, action: str, limit: int | None) -> Iterator[list[Change]]:
    """One change per record, those of a record that the set touched twice folded into one."""
    changes = change_set.changes.filter(object_type=label).order_by("object_id", "pk")
    if limit:
        first = change_set.changes.order_by("-pk").values_list("pk", flat=True)[limit - 1 : limit].first()
        changes = changes.filter(pk__gte=first) if first else changes
    folded = (
        fold(list(group))
        for _pk, group in itertools.groupby(changes.iterator(chunk_size=BATCH), key=lambda c: c.object_id)
    )
    wanted = (change for change in folded if change and change.action == action)
    while batch := list(itertools.islice(wanted, BATCH)):
        yield batch


def fold(changes: Sequence[Change]) -> Change | None:
    """Several changes of one record as one: from the first state to the last. None when it came and went."""
    first, last = changes[0], changes[-1]
    if len(changes) == 1:
        return first
    if first.action == Action.ADD and last.action == Action.DELETE:
        return None
    action = first.action if first.action == Action.ADD else last.action
    if first.action == Action.DELETE and last.action != Action.DELETE:
        action = Action.CHANGE
    fields: dict[str, dict[str, Any]] | None = {}
    for change in changes:
        for name, facts in (change.fields or {}).items():
            if "masked" in facts or "masked" in fields.get(name, {}):
                fields[name] = {"masked": True}
            else:
                before = fields[name]["before"] if name in fields else facts["before"]
                fields[name] = {"before": before, "after": facts["after"]}
    if first.action == Action.ADD and first.fields is None:
        fields = None
    last.action, last.fields = action, fields
    return last


def _restore_batch(restorer: Restorer, label: str, changes: list[Change]) -> None:
    putter, report, gate = putter_of(label), restorer.report, restorer.gate
    shown = [change for change in changes if not gate.hides(change)]
    report.counts[HIDDEN] += len(changes) - len(shown)
    reason = _("The program does not know such records any more.") if putter is None else why_not(label)
    if reason:
        for change in shown:
            report.tell(CANNOT, Line(change, _opposite(change), [], reason))
        return
    batch = _Batch(putter, shown, restorer)
    units = [unit for change in batch.changes if (unit := batch.unit(change))]
    restorer.write(putter, units)


def _opposite(change: Change) -> str:
    """What undoing the change does to its record."""
    opposites = {Action.ADD: Action.DELETE, Action.DELETE: Action.ADD}
    return opposites.get(change.action, Action.CHANGE)


class _Batch:
    """What is known about the records of a batch at present, and what is done to each."""

    def __init__(self, putter: Putter, changes: list[Change], restorer: Restorer) -> None:
        self.putter, self.report, self.gate = putter, restorer.report, restorer.gate
        ids = [change.object_id for change in changes]
        self.records = putter.locked(ids)
        self.states = putter.states(list(self.records.values()))
        action = _opposite(changes[0]) if changes else ""
        seen = self.gate.reached(putter.model, list(self.records), "view")
        self.reached = self.gate.reached(putter.model, list(self.records), action)
        self.changes = [c for c in changes if c.object_id not in self.records or c.object_id in seen]
        self.report.counts[HIDDEN] += len(changes) - len(self.changes)
        self.later = _later(changes)

    def unit(self, change: Change) -> Unit | None:
        """What is done to the record; None when nothing is, and the report says why."""
        action = _opposite(change)
        record = self.records.get(change.object_id)
        reason = self.gate.refusal(change, action, change.fields or ())
        if not reason and record is not None and record.pk not in self.reached:
            reason = _("You may see this record, but not change it.")
        if reason:
            self.report.tell(CANNOT, Line(change, action, [], reason))
            return None
        if action == Action.DELETE:
            return self._removal(change, record)
        if action == Action.ADD:
            return self._return(change, record)
        return self._change(change, record)

    def _removal(self, change: Change, record: models.Model | None) -> Unit | None:
        if record is None:
            return self._leave(change, Action.DELETE, [], _("It is gone already."))
        current = self.states[record.pk]
        drifted = self._drift(change, current, self._state_after(change, current))
        if drifted:
            return self._leave(change, Action.DELETE, drifted, _("It was changed since and stays."))
        reason = self.gate.keeps(record)
        if reason:
            self.report.tell(CANNOT, Line(change, Action.DELETE, [], reason))
            return None
        return Unit(change, Action.DELETE, {}, current, record)

    def _return(self, change: Change, record: models.Model | None) -> Unit | None:
        if record is not None:
            return self._leave(change, Action.ADD, [], _("It exists again."))
        fields = change.fields or {}
        masked = [name for name, facts in fields.items() if "masked" in facts]
        if not fields or masked:
            reason = _("The history does not hold its whole state.")
            self.report.tell(CANNOT, Line(change, Action.ADD, [], reason))
            return None
        state = {name: facts["before"] for name, facts in fields.items() if self.putter.knows(name)}
        return Unit(change, Action.ADD, state)

    def _change(self, change: Change, record: models.Model | None) -> Unit | None:
        if record is None:
            return self._leave(change, Action.CHANGE, [], _("It was deleted since."))
        current = self.states[record.pk]
        known: Snapshot = {}
        lost = []
        for name, facts in (change.fields or {}).items():
            if "masked" in facts:
                lost.append(FieldLine(name, None, None))
            elif self.putter.knows(name):
                known[name] = facts
            else:
                lost.append(FieldLine(name, facts.get("after"), current.get(name)))
        if lost:
            reason = _("These fields are not kept in the history, or the program has them no more.")
            self.report.tell(CANNOT, Line(change, Action.CHANGE, lost, reason))
        wanted, drifted = self._sorted_out(change, known, current)
        if drifted:
            self._leave(change, Action.CHANGE, drifted, "")
        return Unit(change, Action.CHANGE, wanted, current, record) if wanted else None

    def _sorted_out(
        self, change: Change, facts: dict[str, Any], current: Snapshot
    ) -> tuple[Snapshot, list[FieldLine]]:
        """What goes back, and what somebody changed since."""
        expected = {name: each["after"] for name, each in facts.items()}
        drifted = self._drift(change, current, expected)
        stay = {line.name for line in drifted if not same(facts[line.name]["before"], line.current)}
        bound = {name for name in facts if name.partition(".")[0] in self.putter.together}
        if bound & stay:
            stay |= bound
        back = {
            n: f["before"] for n, f in facts.items() if n not in stay and same(current.get(n), f["after"])
        }
        noted = {line.name: line for line in drifted}
        return back, [
            noted.get(n) or FieldLine(n, expected[n], current.get(n)) for n in expected if n in stay
        ]

    def _state_after(self, change: Change, current: Snapshot) -> Snapshot:
        """The state that the addition left. A first load wrote none down: it is the present one, with what later
        changes record as their "before"."""
        later: Snapshot = {}
        for each in self.later.get(change.object_id, ()):
            for name, facts in (each.fields or {}).items():
                later.setdefault(name, facts.get("before"))
        if change.fields is None:
            return later
        recorded = {n: f.get("after") for n, f in change.fields.items() if "masked" not in f}
        return {**{name: None for name in later if name not in change.fields}, **recorded}

    def _drift(self, change: Change, current: Snapshot, expected: Snapshot) -> list[FieldLine]:
        """The fields that are not as the change left them, and who changed them last."""
        return [
            FieldLine(name, value, current.get(name), self._who(change, name))
            for name, value in expected.items()
            if not same(current.get(name), value)
        ]

    def _who(self, change: Change, name: str) -> ChangeSet | None:
        later = self.later.get(change.object_id, ())
        return next((each.change_set for each in reversed(later) if name in (each.fields or {})), None)

    def _leave(self, change: Change, action: str, fields: list[FieldLine], reason: str) -> None:
        self.report.tell(LEFT, Line(change, action, fields, reason))


def _later(changes: list[Change]) -> dict[int, list[Change]]:
    """What happened to the records after these changes, oldest first; one query for the batch."""
    found: dict[int, list[Change]] = {}
    if not changes:
        return found
    ids = [change.object_id for change in changes]
    rows = (
        Change.objects.filter(object_type=changes[0].object_type)
        .extra(where=["history_change.object_id = ANY(%s)"], params=[ids])
        .filter(change_set__gt=changes[0].change_set_id)
        .select_related("change_set")
        .order_by("pk")
    )
    for row in rows:
        found.setdefault(row.object_id, []).append(row)
    return found
