"""The list of a screen: its counts, and the prepared rows of one page that one template loop prints.

What the address asks for is understood in :mod:`backoffice.console.list_state`; what a cell shows stands in
:mod:`backoffice.console.columns`, how a filter narrows in :mod:`backoffice.console.filters`, how pages are cut in
:mod:`backoffice.console.paging`.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.console import contributing
from backoffice.console.ahead import Ahead
from backoffice.console.columns import Column, actions_cell, pick_cell, printed, tags
from backoffice.console.filters import Choice, DateRange, Filter, Words, YesNo
from backoffice.console.list_state import narrowed, read_state
from backoffice.console.look import PAGE_SIZES, page_size
from backoffice.console.paging import BrokenMark, Count, Page, exact_count
from backoffice.texts import normalise

__all__ = [
    "Choice", "Column", "DateRange", "Filter", "ListPage", "Words", "YesNo",
    "header_links", "normalise", "printed", "tags",
]  # fmt: skip

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
            return self.ahead.cut(shown, self.size, self.total, way=self.state.way, mark=self.state.mark)
        except BrokenMark:
            self.state.notes.append(_("The page in this address is not known; this is the first page."))
            return self.ahead.cut(shown, self.size, self.total)

    @cached_property
    def ahead(self) -> Ahead:
        return Ahead(self.request, self.screen, self.state, self.all_rows, self.rows)

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
        token, at_most = get_token(self.request), self.screen.row_buttons(self.request)
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
                    actions_cell(actions(row), token, at_most=at_most),
                )
            )
        return printed_rows

    @property
    def suggests(self) -> bool:
        """Whether a filter offers values while one types."""
        return any(getattr(each, "suggest", "") for each in self.state.filters)

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
        for each in self.state.filters:
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
        return self.state.address(**{p: None for each in self.state.filters for p in each.parameters()})

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
        order, ahead = self.state.order, self.ahead
        shown = self.screen.shown_rows(self.request, self.rows)
        if row.pk in ahead.ids:
            following = ahead.after(row.pk)
            if following is not None:
                return shown.filter(pk=following).first()
            return order.applied(ahead.others(shown)).first()
        held = shown.filter(pk=row.pk).first() or row
        mark = order.read_mark(shown, order.mark_of(held))
        return order.applied(order.beyond(ahead.others(shown), mark)).first()
