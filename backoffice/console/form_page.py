"""The page of one record: its form with all tabs, what others saved meanwhile, and the head all its pages share."""

import contextlib
import json
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console import contributing, record_bar
from backoffice.console.forms import ASKED, CHOICE, BoundTab, Difference, Merge, merge
from backoffice.console.rescue import mark
from backoffice.console.templatetags.console import moment
from backoffice.history.models import Change


class FormPage:
    """The form of one record for one request."""

    def __init__(self, request: HttpRequest, screen: Any, record: Model | None, data: Any = None) -> None:
        self.request, self.screen, self.record = request, screen, record
        self.version = record.version if record and hasattr(record, "version") else 0
        form_class = screen.form_class(request, record)
        files = request.FILES if data is not None else None
        self.form = form_class(data, files, instance=record, request=request)
        self.tabs = [tab.bind(request, record, self.form) for tab in screen.form_tabs(request, record)]
        self.opened_json = self.form.opened_json
        self.who = mark(request)
        self.conflicts: list[Difference] = []
        self.is_unanswered = False

    # --- checking --------------------------------------------------------------------------------

    def is_valid(self) -> bool:
        checked = [self.form.is_valid(), *(tab.is_valid() for tab in self.tabs)]
        return all(checked)

    def has_changed(self) -> bool:
        return self.form.has_changed() or any(tab.has_changed() for tab in self.tabs)

    def is_stale(self) -> bool:
        return bool(self.record) and self.request.POST.get("_version", "") != str(self.version)

    def reconcile(self) -> list[str]:
        """Compare with what others saved since the form was opened. Gives sentences about the fields that stay as
        they saved them; fills ``conflicts`` with the fields that both changed."""
        theirs, mine, opened = self.form.stored(), self.form.typed(), self.form.opened()
        asked, choices = self._asked(), self._choices()
        chosen = [name for name, choice in choices.items() if choice == "theirs"]
        self.form.keep_theirs([name for name in chosen if name in {**theirs, **mine}], theirs)
        found = merge(opened, theirs, mine) if self.is_stale() else Merge([], [])
        unanswered = [
            name
            for name in asked
            if name not in choices and theirs.get(name) != mine.get(name, theirs.get(name))
        ]
        self.is_unanswered = bool(unanswered)
        if found.conflicts or unanswered:
            # What was chosen already is shown again with its choice, so that it holds.
            was = {**asked, **{name: opened.get(name) for name in found.conflicts}}
            self._ask(was, {n: c for n, c in choices.items() if n not in found.conflicts})
        else:
            self.form.keep_theirs(found.taken, theirs)
        return self._told(found.taken, theirs)

    def reopen(self, data: Any) -> None:
        """Carry on what the page was opened with and asked: it comes back unsaved, so what others saved meanwhile
        is still to be compared."""
        self.version = data.get("_version", self.version)
        self.opened_json = data.get("_opened", self.opened_json)
        if asked := self._asked():
            self._ask(asked, self._choices())

    def _asked(self) -> dict[str, Any]:
        """The fields the posted page asked about, with the values they had when the first form was opened."""
        found = {}
        for name, text in self.request.POST.items():
            if name.startswith(ASKED):
                with contextlib.suppress(ValueError):
                    found[name.removeprefix(ASKED)] = json.loads(text)
        known = {*self.form.stored(), *self.form.typed()}
        return {name: value for name, value in found.items() if name in known}

    def _choices(self) -> dict[str, str]:
        posted = self.request.POST.items()
        return {
            n.removeprefix(CHOICE): v for n, v in posted if n.startswith(CHOICE) and v in {"mine", "theirs"}
        }

    def _ask(self, was: dict[str, Any], choices: dict[str, str]) -> None:
        """Fill ``conflicts`` with these fields."""
        theirs, mine, changes = self.form.stored(), self.form.typed(), self._last_changes([*was])
        self.conflicts = [
            Difference(
                n,
                self.label_of(n),
                *(self.form.shown(n, values.get(n)) for values in (was, theirs, mine)),
                changes.get(n),
                choices.get(n, ""),
                json.dumps(was[n], cls=DjangoJSONEncoder),
            )
            for n in was
        ]

    def _told(self, names: list[str], theirs: dict[str, Any]) -> list[str]:
        """What others saved meanwhile: field, text, who and when."""
        changes = self._last_changes(names) if names else {}
        told = []
        for name in names:
            text = _("%(field)s: “%(value)s”") % {
                "field": self.label_of(name),
                "value": self.form.shown(name, theirs.get(name)),
            }
            deed = changes[name].change_set if name in changes else None
            told.append(format_html("{} ({}, {})", text, deed.user_name, moment(deed.at)) if deed else text)
        return told

    def _last_changes(self, names: list[str]) -> dict[str, Change]:
        recent = (
            Change.objects.filter(object_type=self.record._meta.label_lower, object_id=self.record.pk)
            .select_related("change_set")
            .order_by("-pk")[:50]
        )
        found: dict[str, Change] = {}
        for change in recent:
            for name in names:
                if name in (change.fields or {}):
                    found.setdefault(name, change)
        return found

    def label_of(self, flat_name: str) -> str:
        name, _dot, code = flat_name.partition(".")
        label = capfirst(str(self.form.fields[name].label or name)) if name in self.form.fields else name
        return f"{label} ({code})" if code else label

    # --- what the template prints ----------------------------------------------------------------

    @property
    def problems(self) -> list[tuple[str, str]]:
        """The error summary: general sentences first, then those of each tab."""
        general = [("", str(error)) for error in self.form.non_field_errors()]
        return general + [problem for tab in self.tabs for problem in tab.problems]

    @property
    def media(self) -> Media:
        """The scripts that the form and its tabs bring along."""
        return sum((getattr(tab, "media", Media()) for tab in self.tabs), self.form.media)

    @property
    def typed_count(self) -> int:
        """How many fields of a form that came back are typed but not saved. Tabs with boxes of their own do not
        count theirs, so a form that came back holds at least one."""
        return max(1, len(self.form.changed_data)) if self.form.is_bound else 0

    @property
    def note(self) -> str:
        return self.request.POST.get("_note", "")

    @property
    def once(self) -> str:
        """A mark that makes a repeated request for a creation show the first result."""
        return self.request.POST.get("_once") or secrets.token_urlsafe(12)

    @property
    def back_query(self) -> str:
        """The state of the list one came from."""
        return urlencode(parse_qsl(self.request.GET.get("list", "")))

    @property
    def back_url(self) -> str:
        query = self.back_query
        url = self.screen.list_url + (f"?{query}" if query else "")
        return f"{url}#row-{self.record.pk}" if self.record else url

    def response(self, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
        list_url = self.back_url.partition("#")[0]
        if self.record is None:
            way = self.screen.add_crumbs(self.request, list_url)
        else:
            way = record_bar.crumbs(self.request, self.screen, self.record, list_url)
            context.setdefault("crumb", self.screen.change_label)
        return self.screen.page(
            self.request,
            self.screen.form_template,
            title=title,
            crumbs=way,
            main_class="is-form",
            status=status,
            page=self,
            record=self.record,
            head=self._head() if self.record else None,
            **context,
        )

    def _head(self) -> dict[str, Any]:
        return record_head(self.request, self.screen, self.record, "change", self.tabs)


def record_head(
    request: HttpRequest, screen: Any, record: Any, current: str, bound: Sequence[BoundTab] = ()
) -> dict[str, Any]:
    """Tabs and buttons that all pages of a record share."""
    query = urlencode(parse_qsl(request.GET.get("list", "")))
    tail = "?" + urlencode({"list": query}) if query else ""
    head = {
        "current": current,
        "key": screen.key_of(record),
        "badges": screen.record_badges(request, record),
        "view_url": screen.url("view", pk=record.pk) + tail,
        "change_url": screen.url("change", pk=record.pk) + tail
        if screen.has_change_permission(request, record)
        else "",
        "pages": [*screen.record_pages(request, record), *_contributed_pages(request, screen, record)],
        "history_url": screen.url("history", pk=record.pk) + tail if screen.has_history else "",
        "delete_url": screen.url("delete", pk=record.pk) + tail
        if screen.has_delete_permission(request, record)
        else "",
        "actions": screen.record_actions(request, record),
    }
    return {**head, "tabs": record_bar.links(request, screen, record, head, bound)}


def _contributed_pages(request: HttpRequest, screen: Any, record: Any) -> list[tuple[Any, str]]:
    """The pages of rooms above that this user may open."""
    found = contributing.pages(screen.model)
    return [
        (page.label, screen.url(page.name, pk=record.pk))
        for page in found
        if page.right.held_by(request.user)
    ]
