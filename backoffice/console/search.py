"""The search of the top bar: pages, actions and records the user may see (spec: working-day 9.1)."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.site import site
from backoffice.texts import normalise

PER_KIND = 8


class Hit(NamedTuple):
    label: str
    url: str
    icon: str
    kind: str


class Kind(NamedTuple):
    label: str
    hits: list[Hit]
    more_url: str


def search_page(request: HttpRequest) -> HttpResponse:
    """Everything that matches, at most eight per kind."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    kinds = [kind for kind in (pages(request, text), *records(request, text)) if kind.hits] if text else []
    context = site.frame(request, title=_("Search"), main_class="is-mid", q=text, kinds=kinds)
    return render(request, "console/search.html", context)


def pages(request: HttpRequest, text: str) -> Kind:
    """Screens and create pages whose name holds the text."""
    part, hits = normalise(text), []
    for screen in site._registry.values():
        if not screen.may(request, "view"):
            continue
        name = capfirst(str(screen.tab_label))
        if part in normalise(name):
            hits.append(Hit(name, screen.list_url, screen.icon, _("Go to")))
            if screen.has_add_permission(request):
                create = _("Create %(name)s") % {"name": screen.model._meta.verbose_name}
                hits.append(Hit(create, screen.url("add"), "plus", _("Action")))
    return Kind(_("Pages"), hits[: PER_KIND * 2], "")


def records(request: HttpRequest, text: str) -> list[Kind]:
    """Rows of every screen the user may view and that can be searched."""
    kinds = []
    for screen in site._registry.values():
        if not screen.search_hint or not screen.may(request, "view"):
            continue
        rows = screen.search_rows(request, screen.list_rows(request), text)
        found: list[Any] = list(screen.shown_rows(request, rows).order_by("pk")[:PER_KIND])
        url = screen.row_url_maker(request, "")
        name = capfirst(str(screen.tab_label))
        hits = [Hit(screen.hit_text(row), url(row), screen.icon, name) for row in found]
        kinds.append(Kind(name, hits, f"{screen.list_url}?q={text}" if len(found) == PER_KIND else ""))
    return kinds
