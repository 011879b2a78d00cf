"""Revert of one record to the state before or after an entry of its history, with what hangs on it (7.4)."""

import copy
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.history.models import Change
from backoffice.history.outcomes import CANNOT, Report, Unit, same
from backoffice.history.putting import Putter, putter_of
from backoffice.history.recording import Recorder, Snapshot
from backoffice.history.restoring import UNREACHED, Gate, Restorer
from backoffice.history.undoing import fold

Action = Change.Action
BEFORE, AFTER = "before", "after"
MOST = 500
"""A revert folds at most so many later changes; older states are reached in steps."""


class TooFar(Exception):
    """Too much happened since."""


class Pick(NamedTuple):
    """One thing that can be set back: a field of the record, or of a record that hangs on it, or such a record as
    a whole (``field`` is empty)."""

    key: str
    change: Change
    action: str
    field: str
    now: Any
    then: Any


@dataclass
class Target:
    """A record that differs from what it was then."""

    change: Change
    putter: Putter
    action: str
    record: Any
    current: Snapshot
    wanted: Snapshot
    lost: dict[str, str] = field(default_factory=dict)
    """Fields that cannot come back, with the reason."""

    @property
    def name(self) -> str:
        return f"{self.change.object_type}:{self.change.object_id}"

    def picks(self) -> list[Pick]:
        if self.action != Action.CHANGE:
            return [Pick(self.name, self.change, self.action, "", None, None)]
        return [
            Pick(f"{self.name}:{n}", self.change, self.action, n, self.current.get(n), value)
            for n, value in self.wanted.items()
        ]

    def unit(self, chosen: set[str]) -> Unit | None:
        """What is done for the chosen picks; fields that belong together come together. Works on a copy of the
        record: a revert is tried before it is done."""
        record = copy.copy(self.record)
        if self.action != Action.CHANGE:
            is_chosen = self.name in chosen
            return Unit(self.change, self.action, self.wanted, self.current, record) if is_chosen else None
        names = {n for n in self.wanted if f"{self.name}:{n}" in chosen}
        if any(self._root(n) in self.putter.together for n in names):
            names |= {n for n in self.wanted if self._root(n) in self.putter.together}
        wanted = {n: value for n, value in self.wanted.items() if n in names}
        return Unit(self.change, self.action, wanted, self.current, record) if wanted else None

    def _root(self, name: str) -> str:
        return name.partition(".")[0]


def targets(main: tuple[str, int], entry: Change, to: str) -> list[Target]:
    """The records that differ from the state before or after the deed of ``entry``: ``main`` (model name and id)
    first, then what hangs on it. Locks them."""
    label, pk = main
    since = Q(change_set__gt=entry.change_set_id)
    if to == BEFORE:
        since |= Q(change_set=entry.change_set_id)
    own = Q(object_type=label, object_id=pk) | Q(parent_type=label, parent_id=pk)
    changes = list(Change.objects.filter(own, since).order_by("object_type", "object_id", "pk")[: MOST + 1])
    if len(changes) > MOST:
        raise TooFar
    grouped = itertools.groupby(changes, key=lambda change: (change.object_type, change.object_id))
    folded = [change for _key, group in grouped if (change := fold(list(group)))]
    found: list[Target] = []
    for name, group in itertools.groupby(folded, key=lambda change: change.object_type):
        putter = putter_of(name)
        if putter:
            found += _targets_of(putter, list(group))
    return sorted(found, key=lambda target: target.name != f"{label}:{pk}")


def _targets_of(putter: Putter, changes: list[Change]) -> list[Target]:
    records = putter.locked([change.object_id for change in changes])
    states = putter.states(list(records.values()))
    found = []
    for change in changes:
        record = records.get(change.object_id)
        target = _target(putter, change, record, states.get(change.object_id, {}))
        if target and (target.wanted or target.lost or target.action == Action.DELETE):
            found.append(target)
    return found


def _target(putter: Putter, change: Change, record: Any, current: Snapshot) -> Target | None:
    if change.action == Action.ADD:
        return Target(change, putter, Action.DELETE, record, current, {}) if record else None
    fields = change.fields or {}
    lost = {
        name: _("The history does not hold this field, or the program has it no more.")
        for name, facts in fields.items()
        if "masked" in facts or not putter.knows(name)
    }
    wanted = {name: facts["before"] for name, facts in fields.items() if name not in lost}
    if record is None:
        return Target(change, putter, Action.ADD, None, {}, wanted)
    wanted = {name: value for name, value in wanted.items() if not same(current.get(name), value)}
    return Target(change, putter, Action.CHANGE, record, current, wanted, lost)


def set_back(
    found: Iterable[Target],
    chosen: set[str],
    gate: Gate,
    recorder: Recorder | None,
    *,
    rehearses: bool = False,
) -> Report:
    """Write the chosen picks, removals first so that what they hold is free. The rights are asked for each."""
    restorer = Restorer(recorder, gate, rehearses=rehearses)
    order = (Action.DELETE, Action.CHANGE, Action.ADD)
    for target in sorted(found, key=lambda each: order.index(each.action)):
        unit = target.unit(chosen)
        if unit is None:
            continue
        reason = gate.refusal(target.change, target.action, unit.wanted) or _out_of_reach(gate, target)
        if reason:
            restorer.report.tell(CANNOT, unit.line(reason))
        else:
            restorer.write(target.putter, [unit])
    restorer.finish()
    return restorer.report


def _out_of_reach(gate: Gate, target: Target) -> str:
    """Why the rows of whoever acts do not reach the record, or what it hangs on."""
    pk, action = target.change.object_id, target.action
    is_there = target.record is None or pk in gate.reached(target.putter.model, [pk], action)
    return "" if is_there and pk in gate.within([target.change], action) else str(UNREACHED)
