"""The start page: what this user may do next, and what happened lately (spec: working-day 2.1)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.console import menu
from backoffice.console.paging import Count
from backoffice.console.rights import has_any_right
from backoffice.console.seen import seen_changes
from backoffice.console.site import site
from backoffice.console.templatetags.console import long_day
from backoffice.history.models import ChangeSet
from backoffice.history.summary import Summary, summaries


class Tile(NamedTuple):
    """A figure that links to the rows behind it."""

    label: str
    icon: str
    figure: str
    words: str
    url: str
    css: str = ""


class Panel(NamedTuple):
    """A box of the start page, printed by its own template: in the side column, or wide above what changed."""

    template: str
    context: dict[str, Any]
    is_wide: bool = False


panels: list[Callable[[HttpRequest], Panel | None]] = []
"""Functions that give the boxes a user may see, such as his last jobs."""

tiles: list[Callable[[HttpRequest], list[Tile]]] = []
"""Functions that give the tiles a user may see; each part of the program adds its own."""


def start_page(request: HttpRequest) -> HttpResponse:
    """The page after sign-in. Without any right it says so."""
    if not has_any_right(request.user):
        roles = list(request.user.groups.order_by("name").values_list("name", flat=True))
        context = site.frame(
            request, title=_("No access yet"), main_class="is-mid", roles=roles, is_start=True
        )
        return render(request, "console/no_access.html", context)
    screens = [s for area in menu.MENU for i in area.items for s in menu.open_screens(site, i, request.user)]
    waiting, records = [tile for make in tiles for tile in make(request)], record_tiles(request)
    boxes = [panel for make in panels if (panel := make(request))]
    context = site.frame(
        request,
        title=_("Good day, %(name)s") % {"name": request.user.first_name or request.user.email},
        tiles=waiting or records,
        records=records if waiting else [],
        actions=quick_actions(request, screens),
        panels=[panel for panel in boxes if not panel.is_wide],
        wide_panels=[panel for panel in boxes if panel.is_wide],
        changes=last_changes(request),
        today=long_day(timezone.localdate()),
        is_start=True,
    )
    return render(request, "console/start.html", context)


def quick_actions(request: HttpRequest, screens: list[Any]) -> list[Any]:
    """The deeds a day begins with, in the head of the page; the main one stands last and alone."""
    found = [action for screen in screens for action in screen.quick_actions(request)]
    first = next((action for action in found if action.css == "is-main"), None)
    return [action._replace(css="") for action in found if action is not first] + ([first] if first else [])


def record_tiles(request: HttpRequest) -> list[Tile]:
    """How many records each screen of the first area holds; counts stop at their cap."""
    found = []
    for item in menu.MENU[0].items:
        for screen in menu.open_screens(site, item, request.user)[:1]:
            count = Count.of(screen.list_rows(request))
            figure = intcomma(count.number) + ("+" if count.is_capped else "")
            found.append(Tile(str(item.label), item.icon, figure, _("records"), screen.list_url))
    return found


class LastChange(NamedTuple):
    change_set: ChangeSet
    summary: Summary
    screen_name: str
    url: str


def last_changes(request: HttpRequest, limit: int = 12) -> list[LastChange]:
    """The last change sets that touched something on screens this user may view."""
    names = {s.name: s for s in site._registry.values() if s.right("view").held_by(request.user)}
    history = site._registry[ChangeSet]
    open_rows = history.visible_rows(request)
    found = list((ChangeSet.objects.filter(screen__in=[*names]) | open_rows).order_by("-pk")[: limit * 3])
    shown = summaries([change_set.pk for change_set in found], seen_changes(request.user))
    found = [change_set for change_set in found if change_set.pk in shown][:limit]
    open_to = set(open_rows.filter(pk__in=[c.pk for c in found]).values_list("pk", flat=True))
    return [
        LastChange(
            change_set,
            shown[change_set.pk],
            str(names[change_set.screen].tab_label) if change_set.screen in names else "",
            history.url("view", pk=change_set.pk) if change_set.pk in open_to else "",
        )
        for change_set in found
    ]
