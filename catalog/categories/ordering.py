"""The page that re-sorts the children of a category and moves some of them elsewhere (spec: working-day 3.11).

Every row has a box for its place and one for the key of another parent, so the page works without scripts; dragging
and the arrow keys only fill these boxes. Nothing changes until it is saved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.console import editing
from backoffice.console.form_page import record_head
from backoffice.history.recording import Recorder, recording
from catalog.categories import paths, tree
from catalog.categories.models import Category

LONGEST = 100
"""So many letters of a search are looked at."""


@dataclass
class Line:
    """A child as the page shows it: its place from 1, and what was typed."""

    category: Category
    place: int
    typed_place: str = ""
    typed_parent: str = ""
    error: str = ""

    @property
    def problem(self) -> tuple[str, str]:
        """The error with the box it is about."""
        box = "to" if self.typed_parent else "place"
        return f"#{box}-{self.category.pk}", f"{self.category.shown_name}: {self.error}"


class Typed(Exception):
    """Some boxes cannot be read; the lines carry the errors."""


def order(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """GET shows the children in order; POST saves places and moves."""
    if request.method not in {"POST", "GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    record = screen.record_or_404(request, pk, "change")
    lines = _lines(request, screen, record)
    if request.method != "POST":
        return _page(request, screen, record, lines)
    if request.POST.get("_opened", "") != opened(lines):
        messages.error(request, _("Somebody else changed these sub-categories. This is how they stand."))
        return redirect(screen.url("order", pk=pk))
    try:
        wanted, moves = _read(request, screen, lines)
        with recording("action", screen=screen.name, note=request.POST.get("_note", "")) as recorder:
            moved = tree.rearrange(record, order=wanted, moves=moves, recorder=recorder)
    except Typed:
        return _page(request, screen, record, lines, [line.problem for line in lines if line.error])
    except ValidationError as problem:
        return _page(request, screen, record, lines, [("", sentence) for sentence in problem.messages])
    _tell(request, screen, record, moved, recorder)
    return redirect(screen.url("order", pk=pk))


def opened(lines: Sequence[Line]) -> str:
    """What the page was opened with, so that a stale one never overwrites."""
    return ",".join(str(line.category.pk) for line in lines)


def placed(places: Mapping[int, int]) -> list[int]:
    """The order that typed places ask for; ``places`` holds them by id, in the present order. Who was given another
    place gets exactly that one, and the others close ranks around him."""
    held = {pk: place for place, pk in enumerate(places, 1)}
    found = [pk for pk in places if places[pk] == held[pk]]
    for pk in sorted((pk for pk in places if places[pk] != held[pk]), key=lambda pk: places[pk]):
        found.insert(places[pk] - 1, pk)
    return found


def _lines(request: HttpRequest, screen: Any, record: Category) -> list[Line]:
    children = screen.visible_rows(request, "change").filter(parent=record)
    shown = children.with_name(request.user.content_locale).order_by("path")
    return [
        Line(
            child,
            place,
            request.POST.get(f"place.{child.pk}", str(place)).strip(),
            request.POST.get(f"to.{child.pk}", "").strip(),
        )
        for place, child in enumerate(shown, 1)
    ]


def _read(request: HttpRequest, screen: Any, lines: Sequence[Line]) -> tuple[list[int], dict[int, Category]]:
    """The wanted order and the moves. Keys the user may not use read like keys that do not exist."""
    keys = {line.typed_parent for line in lines if line.typed_parent}
    known = {row.key: row for row in screen.visible_rows(request, "change").filter(key__in=keys)}
    places: dict[int, int] = {}
    moves: dict[int, Category] = {}
    for line in lines:
        pk = line.category.pk
        if line.typed_parent in known:
            moves[pk] = known[line.typed_parent]
        elif line.typed_parent:
            line.error = _("There is no category with the key “%(key)s”.") % {"key": line.typed_parent}
        elif not line.typed_place:
            places[pk] = line.place
        elif line.typed_place.isdecimal() and 0 < int(line.typed_place[:9]) <= len(lines):
            places[pk] = int(line.typed_place[:9])
        else:
            line.error = _("Type a place from 1 to %(last)d.") % {"last": len(lines)}
    if any(line.error for line in lines):
        raise Typed
    return _without_moved(lines, places), moves


def _without_moved(lines: Sequence[Line], places: Mapping[int, int]) -> list[int]:
    """Places were typed with the leaving rows in sight; what stays keeps its order among itself."""
    everything = {line.category.pk: places.get(line.category.pk, line.place) for line in lines}
    return [pk for pk in placed(everything) if pk in places]


def _tell(
    request: HttpRequest, screen: Any, record: Category, moved: Sequence[Category], recorder: Recorder
) -> None:
    if not recorder.has_changes:
        messages.info(request, _("Nothing changed."))
        return
    name = screen.title_of(request, record)
    sentence = format_html(_("The order below {} was saved."), name)
    if moved:
        count = len(moved)
        text = ngettext("%(count)d sub-category was moved.", "%(count)d sub-categories were moved.", count)
        sentence = format_html("{} {}", sentence, text % {"count": count})
    messages.success(request, editing.undoable(sentence, recorder))


def _page(
    request: HttpRequest,
    screen: Any,
    record: Category,
    lines: Sequence[Line],
    problems: Sequence[tuple[str, str]] = (),
) -> HttpResponse:
    locale = request.user.content_locale
    usable = screen.visible_rows(request, "change")
    above = paths.trails([record], locale)[record.pk]
    reachable = set(usable.filter(pk__in=[row.pk for row in above]).values_list("pk", flat=True))
    name = screen.title_of(request, record)
    return screen.page(
        request,
        "categories/order.html",
        title=_("Sub-categories of %(name)s") % {"name": name},
        crumbs=[
            (capfirst(str(screen.tab_label)), screen.list_url),
            *((row.shown_name, screen.url("order", pk=row.pk)) for row in above if row.pk in reachable),
        ],
        main_class="is-mid",
        record=record,
        lines=lines,
        problems=problems,
        opened=opened(lines),
        above=[row for row in above if row.pk in reachable],
        head=record_head(request, screen, record, "order"),
        add_url=address_below(screen.url("add"), record) if screen.has_add_permission(request) else "",
        suggest_url=screen.url("suggest"),
    )


def address_below(address: str, record: Category) -> str:
    """Where a category is made below ``record``."""
    return f"{address}?{urlencode({'parent': record.key})}"


def suggest(request: HttpRequest, screen: Any) -> HttpResponse:
    """``{"offered": [[key, full name], …]}`` for what was typed so far."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    rows = screen.visible_rows(request)
    offered = paths.suggestions(rows, text, request.user.content_locale) if text else []
    return JsonResponse({"offered": offered})
