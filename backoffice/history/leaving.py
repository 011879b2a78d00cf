"""The list that an undo keeps: what it left as it was and why, and what is worth knowing about what came back."""

from typing import Any

from backoffice.history.models import Left
from backoffice.history.outcomes import CANNOT, LEFT, RESTORED, Line, Report
from backoffice.history.recording import Recorder

AT_ONCE = 2_000


class Kept(Report):
    """A report whose lines are written with the change set of the undo, all of them."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder
        self._lines: list[tuple[str, Line]] = []

    def clear(self) -> None:
        """What was written is rolled back with what it told of."""
        super().clear()
        self._lines = []

    def tell(self, outcome: str, line: Line | None = None) -> None:
        super().tell(outcome, line)
        if line and outcome in {LEFT, CANNOT}:
            self._keep(outcome, line)

    def remark(self, line: Line) -> None:
        self._keep(RESTORED, line)

    def _keep(self, outcome: str, line: Line) -> None:
        self._lines.append((outcome, line))
        if len(self._lines) >= AT_ONCE and self._recorder.has_changes:
            self.write()

    def write(self) -> None:
        """Write what was collected."""
        undo = self._recorder.change_set
        Left.objects.bulk_create([_row(undo, *each) for each in self._lines])
        self._lines = []


def _row(undo: Any, outcome: str, line: Line) -> Left:
    change = line.change
    return Left(
        change_set=undo,
        outcome=outcome,
        object_type=change.object_type,
        object_id=change.object_id,
        label=change.label,
        action=str(line.action),
        reason=line.reason,
        fields=[
            {
                "name": each.name,
                "recorded": each.recorded,
                "current": each.current,
                "by": each.by.user_name if each.by else None,
                "at": each.by.at.isoformat() if each.by else None,
            }
            for each in line.fields
        ],
        parent_type=change.parent_type,
        parent_id=change.parent_id,
    )
