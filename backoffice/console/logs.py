"""Lists of what happened: read-only, exported as CSV or JSON lines under the filters of the list."""

import json
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.utils.translation import gettext as _

from backoffice.console.lists import ListPage
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.spreadsheets import csv_lines

CHUNK = 2_000

on_export: list[Callable[[str, int, str], None]] = []
"""Called with (screen, rows, kind) for every export of a log; accounts writes the security log here."""


class LogAdmin(ScreenAdmin):
    """A screen whose rows are written by the program and never changed."""

    can_add = can_change = can_delete = has_history = False
    is_log = True
    screens = (Screen("export/", "export_view", "export", "export"),)
    export_columns: tuple[str, ...] = ()
    export_name = ""
    """What the file is called, without its ending."""

    def line(self, row: Any) -> dict[str, Any]:
        """A row as the export states it: one entry per export column."""
        raise TypeError(f"{type(self).__name__} does not say what a line holds")

    def export_rows(self, request: HttpRequest, listing: ListPage) -> QuerySet:
        """The rows under the filters of the list, newest first."""
        return listing.narrowed(self.visible_rows(request)).order_by("-pk")

    def list_actions(self, request: HttpRequest) -> list[Action]:
        if not self.may(request, "export"):
            return []
        found = []
        for kind, label in (("jsonl", _("Export JSON lines")), ("csv", _("Export CSV"))):
            query = request.GET.copy()
            query["as"] = kind
            found.append(Action(label, f"{self.url('export')}?{query.urlencode()}", "download"))
        return found

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET"])
        kind = "jsonl" if request.GET.get("as") == "jsonl" else "csv"
        request.GET = request.GET.copy()
        request.GET.pop("as", None)
        listing = ListPage(request, self)
        rows = self.export_rows(request, listing)
        for tell in on_export:
            tell(self.name, listing.total.number, kind)
        lines = (self.line(row) for row in rows.iterator(CHUNK))
        if kind == "jsonl":
            body, mime = (json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "application/jsonl"
        else:
            cells = ([as_text(line[name]) for name in self.export_columns] for line in lines)
            body, mime = csv_lines(self.export_columns, cells), "text/csv"
        response = StreamingHttpResponse(body, content_type=f"{mime}; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.export_name}.{kind}"'
        return response


def as_text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
