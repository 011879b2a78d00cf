"""Records with just the typed code stand before all others that a search finds, unless a heading was clicked (spec:
working-day 3.1)."""

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.console.list_state import ListState
from backoffice.console.paging import Count, Page, cut

MOST = 5
"""No page is filled by them."""


class Ahead:
    """The rows of a list that stand before its order, and the others."""

    def __init__(
        self, request: HttpRequest, screen: Any, state: ListState, all_rows: QuerySet, rows: QuerySet
    ) -> None:
        self.state = state
        is_asked = bool(state.query) and state.is_default_order
        exact = screen.exact_ids(all_rows, state.query)[:MOST] if is_asked else []
        found = set(rows.order_by().filter(pk__in=exact).values_list("pk", flat=True)) if exact else set()
        self.ids: list[int] = [pk for pk in exact if pk in found]

    def others(self, shown: QuerySet) -> QuerySet:
        return shown.exclude(pk__in=self.ids) if self.ids else shown

    def cut(self, shown: QuerySet, size: int, total: Count, *, way: str = "", mark: str = "") -> Page:
        """One page; the rows ahead stand on the first one. Raises BrokenMark."""
        number = len(self.ids)
        first = size - number if way not in {"after", "before", "last"} else size
        page = cut(self.others(shown), self.state.order, first, total, way=way, mark=mark)
        if not self.ids:
            return page
        if not page.has_previous:
            held = {row.pk: row for row in shown.order_by().filter(pk__in=self.ids)}
            return replace(page, rows=[*(held[pk] for pk in self.ids if pk in held), *page.rows], start=1)
        is_counted_whole = way == "last" or page.start is None
        return page if is_counted_whole else replace(page, start=page.start + number)

    def after(self, pk: int) -> int | None:
        """Which of them follows the row; None where one of the others does."""
        place = self.ids.index(pk) + 1
        return self.ids[place] if place < len(self.ids) else None
