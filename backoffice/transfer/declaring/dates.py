"""Days and moments in a cell (spec: import-export 2.8). A moment without an offset is UTC."""

import datetime
import re
from typing import Any

from backoffice.transfer.declaring.widgets import TRIMMED, CellWidget
from backoffice.transfer.problems import CellError

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
)


class Day(CellWidget):
    """A calendar day, ``2026-11-20``. The first group of ``shape`` is the day."""

    is_text = False
    shape = re.compile(r"(\d{4}-\d{2}-\d{2})")

    def clean(self, value: str, row: Any = None, **options: Any) -> datetime.date | None:
        text = value.strip(TRIMMED)
        if not text:
            return None
        found = self.shape.fullmatch(text)
        if not found:
            raise CellError("bad_date")
        return _day(found[1])

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else value.isoformat()


class Moment(CellWidget):
    """A day and time. ``written`` is how it is written back, in UTC."""

    is_text = False

    def __init__(self, written: str = "%Y-%m-%d %H:%M:%S.%f") -> None:
        super().__init__()
        self.written = written

    def clean(self, value: str, row: Any = None, **options: Any) -> datetime.datetime | None:
        text = value.strip(TRIMMED)
        if not text:
            return None
        found = _MOMENT.fullmatch(text)
        if not found:
            raise CellError("bad_date")
        day, hour, minute, second, fraction, offset = found.groups()
        try:
            at = datetime.time(
                int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "").ljust(6, "0"))
            )
            return datetime.datetime.combine(_day(day), at, _zone(offset)).astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            raise CellError("bad_date") from None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else value.astimezone(datetime.UTC).strftime(self.written)

    def shown(self, value: Any) -> str:
        """The day, and the time where there is one."""
        if value is None:
            return ""
        at = value.astimezone(datetime.UTC)
        return at.strftime("%Y-%m-%d %H:%M:%S" if at.time() != datetime.time() else "%Y-%m-%d")


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise CellError("bad_date") from None


def _zone(offset: str | None) -> datetime.tzinfo:
    if not offset or offset == "Z":
        return datetime.UTC
    sign = -1 if offset[0] == "-" else 1
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    return datetime.timezone(sign * datetime.timedelta(hours=hours, minutes=minutes))
