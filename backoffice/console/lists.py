"""The list of a screen: what the address asks for, and the prepared rows that one template loop prints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.console import contributing
from backoffice.console.columns import Column, printed, tags
from backoffice.console.filters import Choice, DateRange, Filter, Words, YesNo
from backoffice.console.look import PAGE_SIZES, page_size
from backoffice.console.paging import BrokenMark, Count, Order, Page, cut, exact_count
from backoffice.console.templatetags.console import icon
from backoffice.texts import normalise

__all__ = [
    "Choice", "Column", "DateRange", "Filter", "ListPage", "Words", "YesNo",
    "header_links", "normalise", "printed", "tags",
]  # fmt: skip

WAYS = ("after", "before", "last")
KNOWN = {"q", "o", "count", *WAYS}

HeaderLink = tuple[Any, str, str]
header_links: list[Callable[[HttpRequest, Any], list[HeaderLink]]] = []
"""Functions of (request, screen) that add (label, address, icon) to the head of every list: import, export."""


class Row(NamedTuple):
    pk: int
    pick: SafeString
    """The cell with the box to tick, where something can be done with many rows."""
    cells: list[SafeString]
    actions: SafeString


class Heading(NamedTuple):
    title: str
    css: str
    url: str
    sorted: str
    """"ascending", "descending" or nothing, as ``aria-sort`` says it."""
    is_key: bool


class Chip(NamedTuple):
    filter: Filter
    label: str
    words: str
    options: list[tuple[str, str]]
    value: Any
    clear_url: str


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
    known = set(KNOWN)
    for each in screen.filters(request):
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


@lru_cache(maxsize=512)
def _face(icon_name: str, label: str) -> SafeString:
    """Icon and word of a button. A page prints the same few many times."""
    return format_html("{}{}", icon(icon_name) if icon_name else "", label)


def actions_cell(actions: list[Any], token: str) -> SafeString:
    """The last cell of a row: its buttons, each named by its word."""
    buttons = []
    for action in actions:
        face = _face(action.icon, str(action.label))
        if action.post:
            buttons.append(
                format_html(
                    '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
                    '<button class="bo-btn is-ghost is-sm {}" type="submit">{}</button></form>',
                    action.url,
                    token,
                    action.css,
                    face,
                )
            )
        else:
            buttons.append(
                format_html(
                    '<a class="bo-btn is-ghost is-sm {}" href="{}">{}</a>', action.css, action.url, face
                )
            )
    return SafeString(f'<td class="bo-c bo-act"><div class="bo-row">{"".join(buttons)}</div></td>')


def narrowed(request: HttpRequest, screen: Any, state: ListState, rows: QuerySet) -> QuerySet:
    """``rows`` under the filters and the search of the address."""
    for each in screen.filters(request):
        if each.name in state.values:
            rows = each.narrow(rows, state.values[each.name])
    return screen.search_rows(request, rows, state.query) if state.query else rows


def pick_cell(pk: int, name: str) -> SafeString:
    """The first cell of a row: the box that chooses it for the form below the list."""
    return format_html(
        '<td class="bo-c bo-first"><input type="checkbox" class="bo-pick" name="pick" value="{}" form="bulk" '
        'aria-label="{}"></td>',
        str(pk),
        _("Select %(name)s") % {"name": name},
    )


class ListPage:
    """One page of a screen's list, ready for the template. A constant number of queries."""

    def __init__(self, request: HttpRequest, screen: Any) -> None:
        self.request, self.screen = request, screen
        self.state = read_state(request, screen)
        self.size = page_size(request.user)
        self.all_rows = screen.list_rows(request)
        self.rows = self.narrowed(self.all_rows)
        self.total = self._count(self.rows)
        self.whole = Count.of(self.all_rows) if self.state.is_narrowed else self.total
        self.page = self._cut()

    def narrowed(self, rows: QuerySet) -> QuerySet:
        """``rows`` under the filters and the search of the address."""
        return narrowed(self.request, self.screen, self.state, rows)

    def _count(self, rows: QuerySet) -> Count:
        exact = exact_count(rows) if self.state.count_exactly else None
        if self.state.count_exactly and exact is None:
            self.state.notes.append(_("Counting takes too long. Narrow the list first."))
        return exact or Count.of(rows)

    def _cut(self) -> Page:
        shown = self.screen.shown_rows(self.request, self.rows)
        try:
            return cut(
                shown, self.state.order, self.size, self.total, way=self.state.way, mark=self.state.mark
            )
        except BrokenMark:
            self.state.notes.append(_("The page in this address is not known; this is the first page."))
            return cut(shown, self.state.order, self.size, self.total)

    # --- what the template prints ----------------------------------------------------------------

    @property
    def columns(self) -> list[Column]:
        """Own columns and those that rooms above contribute."""
        return [*self.screen.columns(self.request), *contributing.columns(self.screen.model)]

    @property
    def headings(self) -> list[Heading]:
        found = []
        for column in self.columns:
            direction = ""
            if column.sort and self.state.order.key == column.sort:
                direction = "descending" if self.state.order.is_descending else "ascending"
            found.append(
                Heading(
                    column.title(self.screen.model),
                    column.css,
                    self._sort_url(column, direction) if column.sort else "",
                    direction,
                    column.link,
                )
            )
        return found

    def _sort_url(self, column: Column, direction: str) -> str:
        """First click ascending, second descending, third the default order."""
        if direction == "ascending":
            return self.state.address(o=f"-{column.name}")
        if direction == "descending" and not self.state.is_default_order:
            return self.state.address(o=None)
        return self.state.address(o=column.name)

    @property
    def printed_rows(self) -> list[Row]:
        columns = [(c, c.title(self.screen.model)) for c in self.columns]
        back = urlencode({"list": self.here}) if self.here else ""
        row_url = self.screen.row_url_maker(self.request, back)
        actions = self.screen.row_actions_maker(self.request, back)
        token = get_token(self.request)
        printed_rows = []
        prepared = self.screen.prepared(self.request, self.page.rows)
        contributing.fill(self.request, self.screen.model, prepared)
        for row in prepared:
            url = row_url(row)
            printed_rows.append(
                Row(
                    row.pk,
                    pick_cell(row.pk, self.screen.hit_text(row)) if self.bulk else SafeString(""),
                    [c.cell(row, title, url) for c, title in columns],
                    actions_cell(actions(row), token),
                )
            )
        return printed_rows

    @property
    def suggests(self) -> bool:
        """Whether a filter offers values while one types."""
        return any(getattr(each, "suggest", "") for each in self.screen.filters(self.request))

    @cached_property
    def bulk(self) -> list[Any]:
        """The deeds over many rows that this user may do, as buttons of the bar below the list."""
        return self.screen.bulk_buttons(self.request)

    @property
    def has_more_bulk(self) -> bool:
        """Whether some deeds stand in the menu of the bar."""
        return any(not button.is_main for button in self.bulk)

    @property
    def here(self) -> str:
        """This state with its page, so that a form can come back to it."""
        return urlencode(self.state.parameters, doseq=True)

    @property
    def chips(self) -> list[Chip]:
        found = []
        for each in self.screen.filters(self.request):
            value = self.state.values.get(each.name)
            found.append(
                Chip(
                    each,
                    str(each.label),
                    each.words(value, self.request) if value else "",
                    each.options(self.request) if isinstance(each, Choice) else [],
                    value or [],
                    self.state.address(**dict.fromkeys(each.parameters())),
                )
            )
        return found

    @property
    def reset_url(self) -> str:
        """Filters off, search kept."""
        return self.state.address(
            **{p: None for each in self.screen.filters(self.request) for p in each.parameters()}
        )

    @property
    def other_parameters(self) -> list[tuple[str, str]]:
        """What the search and filter form must carry along besides its own boxes."""
        return [(k, v) for k, vs in self.state.parameters.items() if k == "o" for v in vs]

    @property
    def first_url(self) -> str:
        return self.state.address()

    @property
    def previous_url(self) -> str:
        return self._page_url("before", self.page.rows[0]) if self.page.rows else self.first_url

    @property
    def next_url(self) -> str:
        return self._page_url("after", self.page.rows[-1]) if self.page.rows else self.first_url

    @property
    def last_url(self) -> str:
        return self.state.address(last="1")

    def _page_url(self, way: str, row: Any) -> str:
        return self.state.address(**{way: self.state.order.mark_of(row)})

    @property
    def count_url(self) -> str:
        return self.state.address(count="exact")

    @property
    def range_end(self) -> int | None:
        return self.page.start + len(self.page.rows) - 1 if self.page.start else None

    @property
    def page_sizes(self) -> tuple[int, ...]:
        return PAGE_SIZES

    def after(self, row: Any) -> Any:
        """The row that follows ``row`` in this list, or None: for *save and next*."""
        order = self.state.order
        shown = self.screen.shown_rows(self.request, self.rows)
        held = shown.filter(pk=row.pk).first() or row
        mark = order.read_mark(shown, order.mark_of(held))
        return order.applied(order.beyond(shown, mark)).first()
