"""Forms of a screen: tabs, the version a form was opened with, and merging with what others saved meanwhile."""

import datetime
import json
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.templatetags.console import local_time
from backoffice.fields import LocalizedFormField

CHOICE = "_keep."
"""Prefix of the radio buttons of a conflict: ``mine`` or ``theirs`` per field."""
ASKED = "_asked."
"""Prefix of the fields that a page of conflicts asked about, each with the value the first form was opened with."""


class ScreenForm(forms.ModelForm):
    """The main form of a screen. It carries the version and the values it was opened with, so that a stale
    form never overwrites (spec: working-day 6.1)."""

    errors_under: ClassVar[dict[str, str]] = {}
    """Where the message of a field that the form does not show belongs: ``{"key": "name"}``."""
    flags: ClassVar[tuple[str, ...]] = ()
    """Fields that hold a yes or no per locale."""

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        self.request = request
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            if isinstance(field, LocalizedFormField):
                field.kept = getattr(self.instance, name) or {}
            if isinstance(field, forms.DateTimeField):
                field.localize = True

    def add_error(self, field: str | None, error: Any) -> None:
        """Rules may speak of columns the form does not show; their message still has to be read."""
        by_field = getattr(error, "error_dict", None)
        if field is not None or by_field is None:
            return super().add_error(field, error)
        for name, problems in by_field.items():
            shown = self.errors_under.get(name, name)
            target = shown if shown in self.fields else None
            for problem in problems:
                super().add_error(target, problem)
        return None

    # --- the values of the form, flat: a text per locale is one value ----------------------------

    def flat(self, values: dict[str, Any]) -> dict[str, Any]:
        """``values`` by form field as ``{"name.de_DE": …, "is_active": …}``."""
        flat: dict[str, Any] = {}
        for name, field in self.fields.items():
            value = values.get(name)
            if is_per_locale(field):
                flat.update({f"{name}.{code}": each for code, each in (value or {}).items() if each})
            else:
                flat[name] = plain(value)
        return flat

    def stored(self) -> dict[str, Any]:
        """The flat values the instance holds."""
        return self.flat(
            {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}
        )

    @property
    def opened_json(self) -> str:
        """What the page carries along: the values this form shows as the stored ones."""
        return json.dumps(self.stored(), cls=DjangoJSONEncoder)

    def opened(self) -> dict[str, Any]:
        """The flat values the page was opened with, as the browser sends them back."""
        try:
            found = json.loads(self.data.get("_opened", ""))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def typed(self) -> dict[str, Any]:
        """The flat values typed, after cleaning; only what could be cleaned."""
        return self.flat({**dict.fromkeys(self.fields), **getattr(self, "cleaned_data", {})})

    def shown(self, flat_name: str, value: Any) -> str:
        """A flat value in the user's words, for the page of a conflict."""
        field = self.fields.get(flat_name.partition(".")[0])
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if isinstance(field, forms.ModelMultipleChoiceField):
            return ", ".join(map(str, field.queryset.filter(pk__in=value or ())))
        if isinstance(field, forms.ModelChoiceField):
            return str(field.queryset.filter(pk=value).first() or "") if value else ""
        if isinstance(field, forms.DateTimeField) and value:
            return local_time(parse_datetime(value))
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value or ""))
        return "" if value is None else str(value)

    def keep_theirs(self, flat_names: list[str], theirs: dict[str, Any]) -> None:
        """Put the stored values of ``flat_names`` back into the instance that is about to be saved."""
        concrete = {field.name: field for field in self.instance._meta.concrete_fields}
        for name in flat_names:
            field_name, _dot, code = name.partition(".")
            if code:
                texts = {**(self.cleaned_data.get(field_name) or {})}
                texts.pop(code, None)
                if theirs.get(name) or field_name in self.flags:
                    texts[code] = theirs.get(name) or False
                self.cleaned_data[field_name] = texts
                if field_name in concrete:
                    setattr(self.instance, field_name, texts)
                continue
            if field_name in concrete:
                field, value = concrete[field_name], theirs.get(name)
                stands_empty = value is None and not field.null
                setattr(
                    self.instance,
                    field.attname,
                    field.get_default() if stands_empty else field.to_python(value),
                )
            self.cleaned_data[field_name] = self.fields[field_name].to_python(theirs.get(name))


def is_per_locale(field: forms.Field) -> bool:
    """Whether the field holds one value per locale, each of which is compared and kept by itself."""
    return isinstance(field, LocalizedFormField) or getattr(field, "is_per_locale", False)


def plain(value: Any) -> Any:
    """A form value that compares the same before and after JSON."""
    if isinstance(value, Model):
        return value.pk
    if value is None or value == "":
        return None
    if isinstance(value, datetime.datetime) and timezone.is_aware(value):
        value = value.astimezone(datetime.UTC)
    if hasattr(value, "values_list"):
        return sorted(value.values_list("pk", flat=True))
    if isinstance(value, list | tuple | set):
        return sorted(plain(v) for v in value)
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def field_title(record: Model, name: str) -> str:
    return capfirst(str(record._meta.get_field(name).verbose_name))


class Difference(NamedTuple):
    """One field that two people changed: what it was, what the other saved (and who, when), what was typed, which of
    the two was chosen, and what it was as JSON."""

    name: str
    label: str
    opened: Any
    theirs: Any
    mine: Any
    change: Any
    choice: str = ""
    was: str = "null"


class Compared(NamedTuple):
    """Three states of a form, flat: what it was opened with, what is stored, and what was typed."""

    opened: dict[str, Any]
    theirs: dict[str, Any]
    mine: dict[str, Any]


class Merge(NamedTuple):
    """``taken`` are fields only the others changed; they stay. ``conflicts`` are fields both changed."""

    taken: list[str]
    conflicts: list[str]


def merge(opened: dict[str, Any], theirs: dict[str, Any], mine: dict[str, Any]) -> Merge:
    """Compare three states of a form, field by field."""
    taken, conflicts = [], []
    for name in sorted({*opened, *theirs, *mine}):
        was, stored, typed = opened.get(name), theirs.get(name), mine.get(name)
        if was == stored or stored == typed:
            continue
        (taken if typed == was else conflicts).append(name)
    return Merge(taken, conflicts)


class Tab:
    """A part of a form. By default it shows fields of the screen's main form.

    A room above contributes a tab to a lower screen by subclassing: it brings its own form, template, right and
    save. The console validates all tabs and saves all or none, in one change set.
    """

    template = "console/tab_fields.html"

    def __init__(
        self,
        key: str,
        label: Any,
        fields: tuple[str, ...] = (),
        *,
        read_only: dict[str, Any] | None = None,
        help: Any = "",
    ) -> None:
        self.key, self.label, self.fields, self.help = key, label, fields, help
        self.read_only = read_only or {}
        """Fields that are shown but not typed, each with the reason why."""

    def is_shown(self, request: HttpRequest, record: Model | None) -> bool:
        """Whether this user sees the tab, for an existing record or (None) while creating one."""
        return True

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> "BoundTab":
        return BoundTab(self, request, record, form)


class BoundTab:
    """A tab for one request. ``extra`` is what a contributed tab's own form adds to errors and history."""

    def __init__(self, tab: Tab, request: HttpRequest, record: Model | None, form: ScreenForm) -> None:
        self.tab, self.request, self.record, self.form = tab, request, record, form
        self.key, self.label, self.template, self.help = tab.key, tab.label, tab.template, tab.help

    @property
    def fields(self) -> Iterator[forms.BoundField]:
        return (self.form[name] for name in self.tab.fields if name in self.form.fields)

    @property
    def read_only(self) -> Iterator[tuple[str, Any, Any]]:
        """(label, value, reason) of the fields that cannot be typed here."""
        for name, reason in self.tab.read_only.items() if self.record else ():
            shown = getattr(self.record, f"get_{name}_display", None)
            yield field_title(self.record, name), shown() if shown else getattr(self.record, name), reason

    def is_valid(self) -> bool:
        """Whether the tab's own form, if it has one, may be saved."""
        return True

    def has_changed(self) -> bool:
        """Whether something was typed into the tab's own form."""
        return False

    def save(self, record: Model, recorder: Any) -> None:
        """Write what the tab's own form holds. Called in the transaction of the main form, after it."""

    # --- what others saved meanwhile; only tabs with boxes of their own say something -------------

    def compared(self) -> Compared:
        """The states of the tab's own form. What only others changed is the tab's own matter."""
        return Compared({}, {}, {})

    def name_of(self, name: str) -> str:
        """What a value of :meth:`compared` is called on the page that asks about it."""
        return name

    def shown(self, name: str, value: Any) -> str:
        """A value of :meth:`compared` in the user's words."""
        return "" if value is None else str(value)

    def last_changes(self, names: list[str]) -> dict[str, Any]:
        """Who changed these values last, as changes of the history."""
        return {}

    def keep_theirs(self, names: list[str], theirs: dict[str, Any]) -> None:
        """Make these values what others saved, because that was chosen."""

    def ask(self) -> None:
        """The page asks about what both changed: what is stored is told with it."""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """(anchor, sentence) for the error summary and the number on the tab."""
        return [
            (f"#{bound.id_for_label}", f"{bound.label}: {error}")
            for bound in self.fields
            for error in bound.errors
        ]
