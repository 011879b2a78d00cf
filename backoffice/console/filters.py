"""Filters of a list: one chip each. Values live in the address; unknown ones are ignored with a note."""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Choices = Iterable[tuple[Any, Any]]
MANY = 200
"""A filter never renders more choices than this."""


@dataclass(frozen=True)
class Filter:
    """``name`` is the parameter in the address and, where ``apply`` is not given, the field that is compared."""

    name: str
    label: Any
    kind: ClassVar[str] = "choice"

    def parameters(self) -> tuple[str, ...]:
        return (self.name,)

    def read(self, given: dict[str, list[str]], request: Any) -> tuple[Any, list[str]]:
        """The understood value (falsy = off) and the texts that were not understood."""
        raise TypeError(f"{type(self).__name__} does not say how it is read")

    def narrow(self, rows: QuerySet, value: Any) -> QuerySet:
        raise TypeError(f"{type(self).__name__} does not say how it narrows")

    def words(self, value: Any, request: Any) -> str:
        raise TypeError(f"{type(self).__name__} does not say how it is shown")


@dataclass(frozen=True)
class Choice(Filter):
    """One or several of a few values; several mean OR. ``apply(rows, values)`` replaces the plain comparison.
    ``remark`` is a sentence below the choices, or in place of them where there are none."""

    choices: Choices | Callable[[Any], Choices] = ()
    apply: Callable[[QuerySet, list[str]], QuerySet] | None = None
    remark: Any = ""

    def options(self, request: Any) -> list[tuple[str, str]]:
        found = self.choices(request) if callable(self.choices) else self.choices
        return [(str(value), str(label)) for value, label in list(found)[:MANY]]

    def read(self, given: dict[str, list[str]], request: Any) -> tuple[list[str], list[str]]:
        asked = [value for value in given.get(self.name, []) if value != ""]
        if not asked:
            return [], []
        known = {value for value, _label in self.options(request)}
        return [v for v in asked if v in known], [v for v in asked if v not in known]

    def narrow(self, rows: QuerySet, value: list[str]) -> QuerySet:
        return self.apply(rows, value) if self.apply else rows.filter(**{f"{self.name}__in": value})

    def words(self, value: list[str], request: Any) -> str:
        return ", ".join(label for key, label in self.options(request) if key in value)


@dataclass(frozen=True)
class YesNo(Choice):
    """Yes or no. ``apply(rows, yes)`` is given a boolean."""

    choices: Choices = (("1", gettext_lazy("Yes")), ("0", gettext_lazy("No")))

    def narrow(self, rows: QuerySet, value: list[str]) -> QuerySet:
        if len(set(value)) > 1:
            return rows
        yes = value[0] == "1"
        return self.apply(rows, yes) if self.apply else rows.filter(**{self.name: yes})


@dataclass(frozen=True)
class DateRange(Filter):
    """From and to, both days included, in the user's time zone."""

    kind: ClassVar[str] = "dates"

    def parameters(self) -> tuple[str, ...]:
        return (f"{self.name}_from", f"{self.name}_to")

    def read(self, given: dict[str, list[str]], request: Any) -> tuple[Any, list[str]]:
        days: list[datetime.date | None] = []
        unknown = []
        for parameter in self.parameters():
            text = (given.get(parameter) or [""])[0].strip()
            try:
                day = parse_date(text) if text else None
            except ValueError:
                day = None
            if day and day.year in {datetime.MINYEAR, datetime.MAXYEAR}:
                day = None  # a day whose neighbours cannot be reckoned with
            if text and day is None:
                unknown.append(text)
            days.append(day)
        return (tuple(days) if any(days) else None), unknown

    def narrow(self, rows: QuerySet, value: Any) -> QuerySet:
        first, last = value
        zone = timezone.get_current_timezone()
        if first:
            rows = rows.filter(
                **{f"{self.name}__gte": datetime.datetime.combine(first, datetime.time(), zone)}
            )
        if last:
            end = datetime.datetime.combine(last + datetime.timedelta(days=1), datetime.time(), zone)
            rows = rows.filter(**{f"{self.name}__lt": end})
        return rows

    def words(self, value: Any, request: Any) -> str:
        first, last = value
        if first and last:
            return _("%(first)s to %(last)s") % {"first": first, "last": last}
        return _("from %(day)s") % {"day": first} if first else _("to %(day)s") % {"day": last}


@dataclass(frozen=True)
class Words(Filter):
    """A typed text that must occur. ``apply(rows, text)`` replaces "contains". ``suggest`` names an address that
    offers values while one types."""

    apply: Callable[[QuerySet, str], QuerySet] | None = None
    suggest: str = ""
    kind: ClassVar[str] = "words"

    def read(self, given: dict[str, list[str]], request: Any) -> tuple[str, list[str]]:
        return (given.get(self.name) or [""])[0].replace("\x00", "").strip()[:200], []

    def narrow(self, rows: QuerySet, value: str) -> QuerySet:
        return self.apply(rows, value) if self.apply else rows.filter(**{f"{self.name}__icontains": value})

    def words(self, value: str, request: Any) -> str:
        return value
