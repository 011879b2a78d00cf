"""The page of one record: its form with all tabs, what others saved meanwhile, and the head all its pages share."""

import json
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.forms import Media
from django.http import HttpRequest, HttpResponse

from backoffice.console import contributing, record_bar
from backoffice.console.comparing import Comparison, MainForm, answers
from backoffice.console.forms import ASKED, BoundTab, Difference
from backoffice.console.rescue import mark


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
        main, *tabs = found = self._comparisons()
        main.keep_chosen()
        self.is_unanswered = any(each.unanswered for each in found)
        if any(each.is_open for each in found):
            self._ask(found)
        else:
            main.keep_taken()
            for each in tabs:
                each.keep_chosen()
        return [sentence for each in found for sentence in each.told()]

    def reopen(self, data: Any) -> None:
        """Carry on what the page was opened with and asked: it comes back unsaved, so what others saved meanwhile
        is still to be compared."""
        self.version = data.get("_version", self.version)
        self.opened_json = data.get("_opened", self.opened_json)
        if any(name.startswith(ASKED) for name in self.request.POST):
            self.conflicts = [
                each
                for part in self.parts
                for each in Comparison(part, answers(self.request.POST, part), is_stale=False).differences()
            ]

    @property
    def parts(self) -> list[MainForm | BoundTab]:
        return [MainForm(self.form, self.record), *self.tabs]

    def _comparisons(self) -> list[Comparison]:
        data = self.request.POST
        return [
            Comparison(part, answers(data, part), is_stale=bool(part.key) or self.is_stale())
            for part in self.parts
        ]

    def _ask(self, found: list[Comparison]) -> None:
        """Fill ``conflicts`` with the questions of all parts. What only others changed is not asked and stands in
        the boxes as it was, so the page still carries what it was opened with there, and is still old."""
        self.conflicts = [each for comparison in found for each in comparison.differences()]
        main = found[0]
        if main.taken:
            self.version = self.request.POST.get("_version", self.version)
            was = {name: main.states.opened.get(name) for name in main.taken}
            self.opened_json = json.dumps({**self.form.stored(), **was}, cls=DjangoJSONEncoder)
        for each in found[1:]:
            each.part.ask()

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
