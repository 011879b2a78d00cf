"""The security log as a screen, its export, and the accounts that are locked (users-and-roles 9.1, 10.2)."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts import lockout
from backoffice.accounts.models import ACTIONS, SecurityEvent
from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, DateRange, Words
from backoffice.console.logs import LogAdmin
from backoffice.console.site import site
from backoffice.console.templatetags.console import moment

COLUMNS = ("at", "actor", "address", "browser", "action", "object", "result", "request", "details")
_RESULT_CSS = {"ok": "is-ok", "refused": "is-bad", "failed": "is-warn"}


def result_css(event: SecurityEvent) -> str:
    return _RESULT_CSS.get(event.result, "")


class SecurityEventAdmin(LogAdmin):
    icon = "lock"
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
    export_columns, export_name = COLUMNS, "security-log"

    def line(self, row: SecurityEvent) -> dict[str, Any]:
        return {
            "at": row.at.isoformat(),
            "actor": row.actor_name,
            "address": row.address,
            "browser": row.browser,
            "action": row.action,
            "object": row.object,
            "result": row.result,
            "request": row.request_id,
            "details": row.details,
        }

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
