"""The read-only page of a record as panels in order: the room's own ones, and those of rooms above."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.text import capfirst

from backoffice.console.form_page import record_head

Contents = dict[str, Any] | None


@dataclass(frozen=True)
class Panel:
    """``contents(request, record)`` fills the template, or gives None where there is nothing to show. Panels stand
    by ``place``, tens apart, so that a room above can stand between two of them."""

    key: str
    label: Any
    place: int
    contents: Callable[[HttpRequest, Any], Contents]
    template: str = "console/panel_facts.html"
    """Prints ``facts``, pairs of label and value; ``console/panel_table.html`` prints ``headings`` and ``rows``."""


class Shown(NamedTuple):
    panel: Panel
    contents: dict[str, Any]


_panels: dict[type[Model], list[Panel]] = {}


def add(model: type[Model], *panels: Panel) -> None:
    """Put panels on the pages of ``model``; a room above calls it in ``apps.ready``."""
    _panels.setdefault(model, []).extend(panels)


def shown(request: HttpRequest, record: Model) -> list[Shown]:
    """The panels of a record that have something to show this user, in order."""
    found = sorted(_panels.get(type(record), ()), key=lambda panel: panel.place)
    filled = ((panel, panel.contents(request, record)) for panel in found)
    return [Shown(panel, contents) for panel, contents in filled if contents is not None]


def show(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """The page of a record that is shown by its panels."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET"])
    record = screen.record_or_404(request, pk)
    query = urlencode(parse_qsl(request.GET.get("list", "")))
    return screen.page(
        request,
        screen.view_template,
        title=screen.title_of(request, record),
        crumbs=[(capfirst(str(screen.tab_label)), screen.list_url + (f"?{query}" if query else ""))],
        main_class="is-form",
        record=record,
        panels=shown(request, record),
        head=record_head(request, screen, record, "view"),
    )


class Cell(NamedTuple):
    """A cell of a table panel."""

    text: Any
    url: str = ""
    css: str = ""
    badge: str | None = None
    picture: str | None = None
    """Where a small picture before the text loads from; empty where only its room is kept."""


def table(headings: Sequence[Any], rows: Sequence[Sequence[Any]], **more: Any) -> dict[str, Any]:
    """Contents for ``console/panel_table.html``. Cells are texts or :class:`Cell`; each learns its heading."""
    cells = [[each if isinstance(each, Cell) else Cell(each) for each in row] for row in rows]
    labelled = [list(zip(headings, row, strict=True)) for row in cells]
    return {"headings": headings, "rows": labelled, **more}
