"""The start page: what this user may do next, and what happened lately (spec: working-day 2.1)."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from backoffice.console import menu
from backoffice.console.rights import has_any_right
from backoffice.console.site import site
from backoffice.history.models import ChangeSet


class Tile(NamedTuple):
    """A figure that links to the rows behind it."""

    label: str
    icon: str
    figure: str
    words: str
    url: str
    css: str = ""


tiles: list[Callable[[HttpRequest], list[Tile]]] = []
"""Functions that give the tiles a user may see; each part of the program adds its own."""


def start_page(request: HttpRequest) -> HttpResponse:
    """The page after sign-in. Without any right it says so."""
    if not has_any_right(request.user):
        return render(request, "console/no_access.html", site.frame(request, title=_("No access yet"), main_class="is-mid"))
    shown = [tile for make in tiles for tile in make(request)]
    context = site.frame(
        request,
        title=_("Good day, %(name)s") % {"name": request.user.first_name or request.user.email},
        tiles=shown,
        areas=[h for h in menu.headings(site, request) if h.links],
        changes=last_changes(request),
        is_start=True,
    )
    return render(request, "console/start.html", context)


class LastChange(NamedTuple):
    change_set: ChangeSet
    screen_name: str
    url: str


def last_changes(request: HttpRequest, limit: int = 12) -> list[LastChange]:
    """The last change sets on screens this user may view."""
    names = {s.name: s for s in site._registry.values() if s.right("view").held_by(request.user)}
    history = site._registry.get(ChangeSet)
    found = ChangeSet.objects.filter(screen__in=[*names]).order_by("-pk")[:limit]
    may_open = history.visible_rows(request).filter(pk__in=[c.pk for c in found]) if history else []
    open_to = {c.pk for c in may_open}
    return [
        LastChange(
            change_set,
            str(apps.get_model(change_set.screen)._meta.verbose_name_plural),
            history.url("view", pk=change_set.pk) if change_set.pk in open_to else names[change_set.screen].list_url,
        )
        for change_set in found
    ]


def first_screen(request: HttpRequest) -> str:
    """The first screen in the menu that the user may open, or the start page."""
    for heading in menu.headings(site, request):
        for link in heading.links:
            return link.url
    return "/"


