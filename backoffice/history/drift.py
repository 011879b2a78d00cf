"""What is as a change set left it, and what somebody changed since: one batch of records compared at a time."""

from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from backoffice.history.loading import array
from backoffice.history.models import Change, ChangeSet
from backoffice.history.outcomes import CANNOT, HIDDEN, LEFT, FieldLine, Line, Unit, same
from backoffice.history.putting import Putter, putter_of, why_not
from backoffice.history.recording import Snapshot
from backoffice.history.restoring import UNREACHED, Restorer

Action = Change.Action
# "+ 0": by the record's own index; that of the change set holds all that the undo itself has written.
_LATER = """
SELECT later.id FROM unnest(%s::bigint[]) AS record(id) CROSS JOIN LATERAL (
    SELECT id FROM history_change WHERE object_type = %s AND object_id = record.id AND change_set_id + 0 > %s OFFSET 0
) AS later
"""


def restore_batch(restorer: Restorer, label: str, changes: list[Change]) -> None:
    """Undo these changes of one model as far as nobody changed the records since; the report tells the rest."""
    putter, report, gate = putter_of(label), restorer.report, restorer.gate
    shown = [change for change in changes if not gate.hides(change)]
    report.counts[HIDDEN] += len(changes) - len(shown)
    reason = _("The program does not know such records any more.") if putter is None else why_not(label)
    if reason:
        for change in shown:
            report.tell(CANNOT, Line(change, opposite(change), [], reason))
        return
    batch = Batch(putter, shown, restorer)
    units = [unit for change in batch.changes if (unit := batch.unit(change))]
    restorer.write(putter, units)


def opposite(change: Change) -> str:
    """What undoing the change does to its record."""
    opposites = {Action.ADD: Action.DELETE, Action.DELETE: Action.ADD}
    return opposites.get(change.action, Action.CHANGE)


class Batch:
    """What is known about the records of a batch at present, and what is done to each: the same to all of them."""

    def __init__(self, putter: Putter, changes: list[Change], restorer: Restorer) -> None:
        self.putter, self.restorer = putter, restorer
        self.report, self.gate = restorer.report, restorer.gate
        ids = [change.object_id for change in changes]
        self.records = putter.locked(ids)
        self.action = action = opposite(changes[0]) if changes else ""
        self.states = putter.states(list(self.records.values()), _compared(changes, action))
        seen = self.gate.reached(putter.model, list(self.records), "view")
        self.reached = self.gate.reached(putter.model, list(self.records), action)
        self.within = self.gate.within(changes, action)
        seen = (seen | {c.object_id for c in changes} - set(self.records)) & self.gate.within(changes, "view")
        self.changes = [change for change in changes if change.object_id in seen]
        self.report.counts[HIDDEN] += len(changes) - len(self.changes)
        self.later = _later(changes)
        removes = action == Action.DELETE
        self.kept = self.gate.kept(list(self.records.values())) if removes else {}
        self.undone = _of_undo(restorer.undone_by, putter, ids)

    def _tell(self, outcome: str, line: Line) -> None:
        """What an undo that holds has brought back does not differ by somebody's hand."""
        done = self.undone.get(line.change.object_id)
        if done and not line.fields and done.action == line.action:
            return
        if done and line.fields:
            fields = [field for field in line.fields if field.name not in (done.fields or {})]
            if not fields:
                return
            line = line._replace(fields=fields)
        self.report.tell(outcome, line)

    def unit(self, change: Change) -> Unit | None:
        """What is done to the record; None when nothing is, and the report says why."""
        action = self.action
        record = self.records.get(change.object_id)
        reason = self.gate.refusal(change, action, change.fields or ())
        is_out = record is not None and record.pk not in self.reached
        if not reason and (is_out or change.object_id not in self.within):
            reason = str(UNREACHED)
        if reason:
            self._tell(CANNOT, Line(change, action, [], reason))
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
            self._leave(change, Action.DELETE, drifted, _("It was changed since and stays."))
            return self.restorer.stood_down(self.putter, Unit(change, Action.DELETE, {}, current, record))
        if self.restorer.is_kept_whole(change):
            self._tell(CANNOT, Line(change, Action.DELETE, [], _("It belongs to a record that stays.")))
            return None
        reason = self.kept.get(record.pk)
        if reason:
            self._tell(CANNOT, Line(change, Action.DELETE, [], reason))
            return self.restorer.stood_down(self.putter, Unit(change, Action.DELETE, {}, current, record))
        return Unit(change, Action.DELETE, {}, current, record)

    def _return(self, change: Change, record: models.Model | None) -> Unit | None:
        if record is not None:
            return self._leave(change, Action.ADD, [], _("It exists again."))
        fields = change.fields or {}
        masked = [name for name, facts in fields.items() if "masked" in facts]
        if not fields or masked:
            reason = _("The history does not hold its whole state.")
            self._tell(CANNOT, Line(change, Action.ADD, [], reason))
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
            self._tell(CANNOT, Line(change, Action.CHANGE, lost, reason))
        wanted, drifted = self._sorted_out(change, known, current)
        if drifted:
            self._leave(change, Action.CHANGE, drifted, "")
        return Unit(change, Action.CHANGE, wanted, current, record) if wanted else None

    def _sorted_out(
        self, change: Change, facts: dict[str, Any], current: Snapshot
    ) -> tuple[Snapshot, list[FieldLine]]:
        """What goes back, and what somebody changed since."""
        if all(same(current.get(name), each["after"]) for name, each in facts.items()):
            return {name: each["before"] for name, each in facts.items()}, []
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
        self._tell(LEFT, Line(change, action, fields, reason))


def _compared(changes: list[Change], action: str) -> frozenset[str] | None:
    """The fields whose present values count; a record that goes is written down as a whole."""
    if action != Action.CHANGE:
        return None
    return frozenset(name.partition(".")[0] for change in changes for name in change.fields or ())


def _of_undo(undo: ChangeSet | None, putter: Putter, ids: list[int]) -> dict[int, Change]:
    """What the undo that holds did to these records."""
    if undo is None:
        return {}
    rows = undo.changes.filter(object_type=putter.model._meta.label_lower, object_id__in=ids)
    return {change.object_id: change for change in rows.order_by("pk")}


def _later(changes: list[Change]) -> dict[int, list[Change]]:
    """What happened to the records after these changes, oldest first; two queries for the batch."""
    found: dict[int, list[Change]] = {}
    if not changes:
        return found
    first = changes[0]
    with connection.cursor() as cursor:
        ids = array(change.object_id for change in changes)
        cursor.execute(_LATER, [ids, first.object_type, first.change_set_id])
        later = [pk for (pk,) in cursor]
    rows = Change.objects.filter(pk__in=later).select_related("change_set").order_by("pk") if later else ()
    for row in rows:
        found.setdefault(row.object_id, []).append(row)
    return found
