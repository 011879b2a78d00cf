"""The search of the top bar: pages, actions and records the user may see (spec: working-day 9.1)."""

from typing import Any, NamedTuple

from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.site import site
from backoffice.texts import compact, normalise

PER_KIND = 8
FEW = 3
"""So many of what the program writes by itself."""
LAST = 3


class Hit(NamedTuple):
    label: str
    url: str
    icon: str
    kind: str


class Kind(NamedTuple):
    label: str
    hits: list[Hit]
    more_url: str
    place: int = 2
    """0 where one of its records has just the typed code, 1 where the code of one begins so; what the program writes
    by itself, such as the history, comes last."""


def search_page(request: HttpRequest) -> HttpResponse:
    """Everything that matches, at most eight per kind."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    kinds = [kind for kind in (pages(request, text), *records(request, text)) if kind.hits] if text else []
    kinds.sort(key=lambda kind: kind.place)
    context = site.frame(request, title=_("Search"), main_class="is-mid", q=text, kinds=kinds)
    return render(request, "console/search.html", context)


def pages(request: HttpRequest, text: str) -> Kind:
    """Screens and create pages whose name holds every word of the text."""
    words, hits = normalise(text).split(), []

    def offer(label: str, url: str, icon: str, kind: str) -> None:
        if all(word in normalise(label) for word in words):
            hits.append(Hit(label, url, icon, kind))

    for screen in site._registry.values():
        if not screen.may(request, "view"):
            continue
        offer(capfirst(str(screen.tab_label)), screen.list_url, screen.icon, _("Go to"))
        if screen.has_add_permission(request):
            create = _("Create %(name)s") % {"name": screen.model._meta.verbose_name}
            offer(create, screen.url("add"), "plus", _("Action"))
    return Kind(_("Pages"), hits[: PER_KIND * 2], "")


def records(request: HttpRequest, text: str) -> list[Kind]:
    """Rows of every screen the user may view and that can be searched."""
    kinds = []
    for screen in site._registry.values():
        if not screen.search_hint or not screen.may(request, "view"):
            continue
        found, place = best(screen, request, text)
        url = screen.row_url_maker(request, "")
        name = capfirst(str(screen.tab_label))
        most = FEW if screen.is_log else PER_KIND
        named = screen.named(request, found[:most])
        hits = [Hit(screen.hit_text(row), url(row), screen.icon, name) for row in named]
        more = f"{screen.list_url}?{urlencode({'q': text})}"
        kinds.append(Kind(name, hits, more if len(found) >= most else "", LAST if screen.is_log else place))
    return kinds


def best(screen: Any, request: HttpRequest, text: str) -> tuple[list[Any], int]:
    """The first eight rows: those with just this code, then those whose code begins so, then all that match, in the end
    without their dashes and blanks; and the place of the first of them: 0, 1 or 2."""
    rows = screen.list_rows(request)
    ranked = [screen.search_rows(request, rows, text)]
    if screen.code_field:
        coded = rows.annotate(code_lowered=Lower(screen.code_field))
        exact, begun = Q(code_lowered=text.lower()), Q(code_lowered__startswith=text.lower())
        ranked = [coded.filter(exact), coded.filter(begun), *ranked]
        if compact(text) != text.lower():
            ranked.append(rows.filter(search__contains=compact(text)))
    first, *others = (
        each.order_by("-pk" if screen.is_log else "pk").values_list("pk", Value(place))[:PER_KIND]
        for place, each in enumerate(ranked)
    )
    hits = sorted(first.union(*others, all=True) if others else first, key=lambda hit: hit[1])
    ids = list(dict.fromkeys(pk for pk, _place in hits))[:PER_KIND]
    found = screen.shown_rows(request, rows.filter(pk__in=ids)).in_bulk() if ids else {}
    place = min(hits[0][1], 2) if screen.code_field and hits else 2
    return [found[pk] for pk in ids if pk in found], place
