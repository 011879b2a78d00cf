"""What two people changed at the same time: compared value by value, asked on one page, answered (working-day 6.1).

A part is the main form of a page, or one of its tabs with boxes of its own.
"""

import contextlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.forms import ASKED, CHOICE, BoundTab, Compared, Difference, ScreenForm, merge
from backoffice.console.templatetags.console import moment
from backoffice.history.models import Change


class MainForm:
    """The main form of a page as one of the parts that are compared."""

    key = ""

    def __init__(self, form: ScreenForm, record: Model | None) -> None:
        self.form, self.record = form, record

    def compared(self) -> Compared:
        return Compared(self.form.opened(), self.form.stored(), self.form.typed())

    def shown(self, name: str, value: Any) -> str:
        return self.form.shown(name, value)

    def name_of(self, name: str) -> str:
        field, _dot, code = name.partition(".")
        fields = self.form.fields
        label = capfirst(str(fields[field].label or field)) if field in fields else field
        return f"{label} ({code})" if code else label

    def keep_theirs(self, names: list[str], theirs: dict[str, Any]) -> None:
        self.form.keep_theirs(names, theirs)

    def last_changes(self, names: list[str]) -> dict[str, Change]:
        return changes_of(self.record, names)


def changes_of(record: Model, names: Sequence[str]) -> dict[str, Change]:
    """Who changed these fields of a record last."""
    recent = (
        Change.objects.filter(object_type=record._meta.label_lower, object_id=record.pk)
        .select_related("change_set")
        .order_by("-pk")[:50]
    )
    found: dict[str, Change] = {}
    for change in recent:
        for name in names:
            if name in (change.fields or {}):
                found.setdefault(name, change)
    return found


class Answers(NamedTuple):
    """What the posted page asked about a part, each with the value the first form was opened with, and what was
    chosen."""

    asked: dict[str, Any]
    choices: dict[str, str]


class Comparison:
    """One part of a form that is about to be saved. ``questions`` are the fields that both changed, with the values
    they were opened with; ``taken`` are those that only others changed."""

    def __init__(self, part: MainForm | BoundTab, answers: Answers, *, is_stale: bool = True) -> None:
        self.part = part
        self.states = part.compared()
        opened, theirs, mine = self.states
        self.answers = answers = self._known(answers)
        found = merge(opened, theirs, mine)
        self.taken = found.taken if is_stale else []
        conflicts = found.conflicts if is_stale else []
        self.unanswered = [
            name
            for name in answers.asked
            if name not in answers.choices and theirs.get(name) != mine.get(name)
        ]
        self.is_open = bool(conflicts or self.unanswered)
        self.questions = {**answers.asked, **{name: opened.get(name) for name in conflicts}}
        # What was chosen already is shown again with its choice, so that it holds.
        self.choices = {n: c for n, c in answers.choices.items() if n not in conflicts}

    def _known(self, answers: Answers) -> Answers:
        known = {*self.states.theirs, *self.states.mine}
        return Answers(*({n: v for n, v in each.items() if n in known} for each in answers))

    def keep_chosen(self) -> None:
        """Make the fields what the others saved where that was chosen."""
        chosen = [name for name, choice in self.answers.choices.items() if choice == "theirs"]
        self.part.keep_theirs(chosen, self.states.theirs)

    def keep_taken(self) -> None:
        self.part.keep_theirs(self.taken, self.states.theirs)

    def differences(self) -> list[Difference]:
        """The questions as the page shows them."""
        was, changes = self.questions, self.part.last_changes([*self.questions]) if self.questions else {}
        _opened, theirs, mine = self.part.compared()
        return [
            Difference(
                f"{self.part.key}:{name}" if self.part.key else name,
                self.part.name_of(name),
                *(self.part.shown(name, values.get(name)) for values in (was, theirs, mine)),
                changes.get(name),
                self.choices.get(name, ""),
                json.dumps(was[name], cls=DjangoJSONEncoder),
            )
            for name in was
        ]

    def told(self) -> list[str]:
        """What others saved meanwhile: field, text, who and when."""
        changes = self.part.last_changes(self.taken) if self.taken else {}
        told = []
        for name in self.taken:
            value = self.part.shown(name, self.states.theirs.get(name))
            text = _("%(field)s: “%(value)s”") % {"field": self.part.name_of(name), "value": value}
            deed = changes[name].change_set if name in changes else None
            told.append(format_html("{} ({}, {})", text, deed.user_name, moment(deed.at)) if deed else text)
        return told


def answers(data: Any, part: MainForm | BoundTab) -> Answers:
    """What a posted page asked about this part, and what was chosen there."""
    asked: dict[str, Any] = {}
    choices: dict[str, str] = {}
    for name, text in data.items():
        if name.startswith(ASKED) and _is_of(part, name.removeprefix(ASKED)):
            with contextlib.suppress(ValueError):
                asked[_own(part, name.removeprefix(ASKED))] = json.loads(text)
        elif (
            name.startswith(CHOICE) and text in {"mine", "theirs"} and _is_of(part, name.removeprefix(CHOICE))
        ):
            choices[_own(part, name.removeprefix(CHOICE))] = text
    return Answers(asked, choices)


def _is_of(part: MainForm | BoundTab, name: str) -> bool:
    key, colon, _rest = name.partition(":")
    return key == part.key if colon else not part.key


def _own(part: MainForm | BoundTab, name: str) -> str:
    return name.removeprefix(f"{part.key}:") if part.key else name
