"""What bringing records back tells: each record with its outcome, field by field."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import Snapshot

SHOWN = 200
"""So many records of each outcome are listed; the counts are complete."""
RESTORED, LEFT, CANNOT, HIDDEN = "restored", "left", "cannot", "hidden"


class FieldLine(NamedTuple):
    """One field of a record: what was recorded, what it is at present, who changed it since and when."""

    name: str
    recorded: Any
    current: Any
    by: ChangeSet | None = None


class Line(NamedTuple):
    change: Change
    action: str
    """What is done to the record: add, change or delete."""
    fields: list[FieldLine]
    reason: str = ""


@dataclass
class Report:
    counts: Counter = field(default_factory=Counter)
    lines: dict[str, list[Line]] = field(default_factory=lambda: {RESTORED: [], LEFT: [], CANNOT: []})
    deeds: Counter = field(default_factory=Counter)
    """What is done to those that are restored: how many are added, changed, deleted."""

    def clear(self) -> None:
        self.counts.clear()
        self.deeds.clear()
        for lines in self.lines.values():
            lines.clear()

    def remark(self, line: Line) -> None:
        """Something is worth knowing about a record that comes back; it is listed in any case."""

    def tell(self, outcome: str, line: Line | None = None) -> None:
        self.counts[outcome] += 1
        if line and len(self.lines[outcome]) < SHOWN:
            self.lines[outcome].append(line)


@dataclass(eq=False)
class Unit:
    """One record to be brought back. ``wanted`` is what its recorded fields become; None of a field empties it."""

    change: Change
    action: str
    wanted: Snapshot
    before: Snapshot = field(default_factory=dict)
    record: Any = None
    reason: str = ""

    @property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The history of what is done."""
        if self.action == Change.Action.DELETE:
            return {n: {"before": v, "after": None} for n, v in self.before.items() if v is not None}
        return {
            name: {"before": self.before.get(name), "after": value}
            for name, value in self.wanted.items()
            if not same(self.before.get(name), value)
        }

    def line(self, reason: str = "") -> Line:
        """``recorded`` is what comes back; a record that comes or goes as a whole is named without its fields."""
        is_whole = self.action != Change.Action.CHANGE
        told = () if is_whole else self.fields.items()
        fields = [FieldLine(n, f["after"], f["before"]) for n, f in told]
        return Line(self.change, self.action, fields, reason)


def same(one: Any, other: Any) -> bool:
    """Whether two recorded values are the same; of references only the id counts."""
    if one == other:
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping) and "id" in one and "id" in other:
        return one["id"] == other["id"]
    return False
