"""What the address of a list asks for: search, filters, order, page. Nothing in it can make the list fail."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backoffice.console.filters import Filter
from backoffice.console.paging import Order

WAYS = ("after", "before", "last")
KNOWN = {"q", "o", "count", *WAYS}


@dataclass
class ListState:
    """What the address asks for, with everything unknown left out and noted."""

    query: str
    order: Order
    is_default_order: bool
    values: dict[str, Any]
    way: str
    mark: str
    count_exactly: bool
    filters: list[Filter]
    notes: list[str] = field(default_factory=list)
    parameters: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query or self.values)

    def address(self, **changes: Any) -> str:
        """The query string of this state with some parameters replaced (None = dropped); paging starts over."""
        kept = {k: v for k, v in self.parameters.items() if k not in WAYS and k != "count"}
        for name, value in changes.items():
            kept.pop(name, None)
            if value is not None:
                kept[name] = value if isinstance(value, list) else [value]
        text = urlencode(kept, doseq=True)
        return f"?{text}" if text else "?"


def read_state(request: HttpRequest, screen: Any) -> ListState:
    """Understand the address of a list. Nothing in it can make the page fail."""
    given = {k: request.GET.getlist(k) for k in request.GET}
    notes: list[str] = []
    values: dict[str, Any] = {}
    known, filters = set(KNOWN), list(screen.filters(request))
    for each in filters:
        known.update(each.parameters())
        value, unknown = each.read(given, request)
        if value:
            values[each.name] = value
        notes += [
            _("“%(value)s” is no choice of the filter %(name)s.") % {"value": u[:40], "name": each.label}
            for u in unknown
        ]
    notes += [
        _("“%(name)s” is not known on this list and was left out.") % {"name": n[:40]}
        for n in given
        if n not in known
    ]
    order, is_default = _order(given, request, screen, notes)
    way = next((w for w in WAYS if given.get(w)), "")
    return ListState(
        query=(given.get("q") or [""])[0].replace("\x00", "").strip()[:200],
        order=order,
        is_default_order=is_default,
        values=values,
        way=way,
        mark=(given.get(way) or [""])[0] if way else "",
        count_exactly=given.get("count") == ["exact"],
        filters=filters,
        notes=notes,
        parameters={k: v for k, v in given.items() if k in known and any(v)},
    )


def _order(
    given: dict[str, list[str]], request: HttpRequest, screen: Any, notes: list[str]
) -> tuple[Order, bool]:
    default = Order.of(screen.list_order[0])
    asked = (given.get("o") or [""])[0]
    if not asked:
        return default, True
    name = asked.lstrip("-")
    column = next((c for c in screen.columns(request) if c.name == name and c.sort), None)
    if column is None:
        notes.append(
            _("The list cannot be sorted by “%(name)s”; it is in its usual order.") % {"name": name[:40]}
        )
        return default, True
    return Order(column.sort, asked.startswith("-")), False


def narrowed(request: HttpRequest, screen: Any, state: ListState, rows: QuerySet) -> QuerySet:
    """``rows`` under the filters and the search of the address."""
    for each in state.filters:
        if each.name in state.values:
            rows = each.narrow(rows, state.values[each.name])
    return screen.search_rows(request, rows, state.query) if state.query else rows
