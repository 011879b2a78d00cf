"""The security log as a screen, its export, and the accounts that are locked (users-and-roles 9.1, 10.2)."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts import lockout, security
from backoffice.accounts.models import ACTIONS, SecurityEvent
from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, DateRange, ListPage, Words
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.console.site import site
from backoffice.console.templatetags.console import moment

COLUMNS = ("at", "actor", "address", "browser", "action", "object", "result", "request", "details")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CHUNK = 2_000
_RESULT_CSS = {"ok": "is-ok", "refused": "is-bad", "failed": "is-warn"}


def result_css(event: SecurityEvent) -> str:
    return _RESULT_CSS.get(event.result, "")


class SecurityEventAdmin(ScreenAdmin):
    icon = "lock"
    can_add = can_change = can_delete = has_history = False
    tabs = (
        Tab(
            "general",
            gettext_lazy("Line"),
            fields=("at", "actor_name", "address", "browser", "action", "object", "result", "request_id"),
        ),
        Tab("details", gettext_lazy("Details"), fields=("details",)),
    )
    list_columns = (
        Column("at", sort="at", link=True),
        Column("actor_name"),
        Column("action", value="action_name"),
        Column("object"),
        Column("result", value=lambda event: event.get_result_display(), badge=result_css),
        Column("address", mono=True, priority=2),
    )
    list_filters = (
        DateRange("at", gettext_lazy("Time")),
        Words(
            "actor",
            gettext_lazy("Actor"),
            apply=lambda rows, text: rows.filter(actor_name__icontains=text),
        ),
        Choice("action", gettext_lazy("Action"), choices=tuple(ACTIONS.items())),
        Choice("result", gettext_lazy("Result"), choices=SecurityEvent.Result.choices),
        Words(
            "address",
            gettext_lazy("Address"),
            apply=lambda rows, text: rows.filter(address__startswith=text),
        ),
    )
    list_order = ("-at",)
    search_hint = gettext_lazy("Object or actor")
    empty_text = gettext_lazy("Log-ins, refusals and changes of rights are written here.")
    screens = (Screen("export/", "export_view", "export", "export"),)

    def list_actions(self, request: HttpRequest) -> list[Action]:
        if not self.may(request, "export"):
            return []
        query = request.GET.copy()
        query["as"] = "csv"
        as_csv = f"{self.url('export')}?{query.urlencode()}"
        query["as"] = "jsonl"
        as_lines = f"{self.url('export')}?{query.urlencode()}"
        return [
            Action(_("Export JSON lines"), as_lines, "download"),
            Action(_("Export CSV"), as_csv, "download"),
        ]

    def facts(self, request: HttpRequest, record: SecurityEvent, tab: Tab) -> list[tuple[str, Any]]:
        if tab.key == "details":
            return [(name, json.dumps(value, ensure_ascii=False)) for name, value in record.details.items()]
        words = {"at": moment(record.at), "action": record.action_name}
        facts = super().facts(request, record, tab)
        return [
            (label, words.get(name, value)) for name, (label, value) in zip(tab.fields, facts, strict=True)
        ]

    def title_of(self, request: HttpRequest, record: SecurityEvent) -> str:
        return f"{record.action_name} {record.object}".strip()

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """The lines under the filters of the list, newest first, streamed."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET"])
        kind = "jsonl" if request.GET.get("as") == "jsonl" else "csv"
        request.GET = request.GET.copy()
        request.GET.pop("as", None)
        listing = ListPage(request, self)
        rows = listing.narrowed(self.visible_rows(request)).order_by("-at", "-pk")
        security.log("export", object=self.name, rows=listing.total.number, format=kind)
        lines, mime = (
            (csv_lines(rows), "text/csv") if kind == "csv" else (json_lines(rows), "application/jsonl")
        )
        response = StreamingHttpResponse(lines, content_type=f"{mime}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="security-log.{kind}"'
        return response


def values(event: SecurityEvent) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "actor": event.actor_name,
        "address": event.address,
        "browser": event.browser,
        "action": event.action,
        "object": event.object,
        "result": event.result,
        "request": event.request_id,
        "details": event.details,
    }


def csv_lines(rows: QuerySet[SecurityEvent]) -> Iterator[str]:
    """No cell is read as a formula by a spreadsheet: a quote stands in front of what could be one."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for event in rows.iterator(CHUNK):
        line = {**values(event), "details": json.dumps(event.details, ensure_ascii=False)}
        writer.writerow([guarded(str(line[name])) for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def json_lines(rows: QuerySet[SecurityEvent]) -> Iterator[str]:
    for event in rows.iterator(CHUNK):
        yield json.dumps(values(event), ensure_ascii=False) + "\n"


def locks_page(request: HttpRequest) -> HttpResponse:
    """What is locked. POST releases one lock."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    if request.method == "POST":
        name = request.POST.get("name", "")
        if lockout.release(request.POST.get("kind", ""), name):
            messages.success(request, format_html(_("The lock of {} was released."), name))
        else:
            messages.info(request, _("This lock has ended already."))
        return redirect("admin:locks")
    context = site.frame(request, title=_("Locked accounts"), main_class="is-mid", locks=lockout.locks())
    return render(request, "accounts/locks.html", context)
