"""The products of one category with their order, as its page shows and changes them (spec: products 19.3, 19.4)."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import F, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from backoffice.console import rows
from backoffice.console.paging import Count
from catalog.categories.models import Category
from catalog.products import finding
from catalog.products.models import Product
from catalog.products.narrowing import one_of
from catalog.products.picker import whole_number

PREFIX = "members"
SIZE = 50
READ = whole_number(0)


class Member(NamedTuple):
    """A row: the product, the order that is stored and the one that is typed, whether it is to leave."""

    pk: int
    name: str
    sku: str
    is_live: bool
    stored: int
    typed: str
    is_dropped: bool
    error: str


class Members:
    """The members for one request. Orders and ticks of other pages and searches travel in the form."""

    prefix = PREFIX

    def __init__(self, request: HttpRequest, category: Category, data: QueryDict | None = None) -> None:
        self.request, self.category = request, category
        self.data = data if data is not None else QueryDict()
        self.go = self.data.get(f"{PREFIX}-go", "")
        self.query = self.data.get(f"{PREFIX}-q", "").replace("\x00", "").strip()[:200]
        shown = set(_ids(self.data.get(f"{PREFIX}-shown", "")))
        ticked = _ids(",".join(self.data.getlist(f"{PREFIX}-tick")))
        kept = [pk for pk in _ids(self.data.get(f"{PREFIX}-dropped", "")) if pk not in shown]
        self.dropped = list(dict.fromkeys([*kept, *ticked]))
        self.opened = self._numbers("was")
        self.typed = self._numbers("order")
        self.errors: dict[int, str] = {}
        self.problems: list[tuple[str, str]] = []

    def _numbers(self, part: str) -> dict[int, str]:
        stem = f"{PREFIX}-{part}."
        found = (
            (name.removeprefix(stem), text.strip())
            for name, text in self.data.items()
            if name.startswith(stem)
        )
        return {int(pk): text for pk, text in found if pk.isdecimal() and len(pk) < 19}

    @property
    def rows(self) -> QuerySet[Product]:
        """The products of the category that the user may change, with their order in it."""
        found = rows.visible(Product.objects.order_by(), self.request.user, "change")
        inside = found.filter(category_links__category=self.category)
        return inside.annotate(place=F("category_links__product_order"))

    @property
    def moved(self) -> dict[int, str]:
        """The orders that were typed anew."""
        return {pk: text for pk, text in self.typed.items() if text != self.opened.get(pk, text)}

    # --- what the form asks ----------------------------------------------------------------------

    @property
    def is_refresh(self) -> bool:
        searched = self.query != self.data.get(f"{PREFIX}-was", "")
        return bool(self.go) or (self.data.get("_save") == "enter" and searched)

    def is_valid(self) -> bool:
        """Reads the typed orders; those of rows that leave do not matter."""
        self.orders: dict[int, int] = {}
        for pk, text in self.moved.items():
            if pk in self.dropped:
                continue
            try:
                self.orders[pk] = READ(text)
            except ValidationError as problem:
                self.errors[pk] = " ".join(problem.messages)
                self.problems.append((f"#{PREFIX}-order.{pk}", f"{_('Order')}: {self.errors[pk]}"))
        return not self.problems

    def wanted(self) -> tuple[Mapping[int, int], list[int]]:
        """The new orders and the products that leave, of those that are members and may be changed."""
        ids = {*self.orders, *self.dropped}
        known = set(self.rows.filter(one_of(ids)).values_list("pk", flat=True)) if ids else set()
        orders = {pk: order for pk, order in self.orders.items() if pk in known}
        return orders, [pk for pk in self.dropped if pk in known]

    # --- what the template prints ----------------------------------------------------------------

    @cached_property
    def found(self) -> QuerySet[Product]:
        return finding.search_products(self.rows, self.query) if self.query else self.rows

    @cached_property
    def total(self) -> Count:
        return Count.of(self.found)

    @cached_property
    def whole(self) -> Count:
        return Count.of(self.rows) if self.query else self.total

    @cached_property
    def page(self) -> int:
        """Which page, from 1; another search begins anew."""
        asked = (
            self.go.removeprefix("page:")
            if self.go.startswith("page:")
            else self.data.get(f"{PREFIX}-page", "1")
        )
        if self.go == "find" or not asked.isdecimal() or len(asked) > 9:
            return 1
        last = max((self.total.number + SIZE - 1) // SIZE, 1)
        return max(1, int(asked) if self.total.is_capped else min(int(asked), last))

    @cached_property
    def _cut(self) -> list[Product]:
        start = (self.page - 1) * SIZE
        ordered = self.found.with_sort_name(self.request.user.content_locale).order_by(
            "place", "sort_name", "pk"
        )
        return list(ordered.only("sku", "name")[start : start + SIZE + 1])

    @cached_property
    def lines(self) -> list[Member]:
        found = self._cut[:SIZE]
        facts = Product.objects.filter(one_of([row.pk for row in found])).order_by().with_facts()
        live = dict(facts.values_list("pk", "is_live"))
        return [self._line(row, live.get(row.pk, False)) for row in found]

    def _line(self, row: Any, is_live: bool) -> Member:
        return Member(
            row.pk,
            row.name_in(self.request.user.content_locale),
            row.sku,
            is_live,
            row.place,
            self.moved.get(row.pk, str(row.place)),
            row.pk in self.dropped,
            self.errors.get(row.pk, ""),
        )

    @property
    def has_next(self) -> bool:
        return len(self._cut) > SIZE

    @property
    def can_drag(self) -> bool:
        """Rows are dragged where all of them are in sight: numbers of a part would not fit between the others."""
        return not self.query and self.page == 1 and not self.has_next and len(self.lines) > 1

    @property
    def start(self) -> int:
        return (self.page - 1) * SIZE + 1

    @property
    def end(self) -> int:
        return self.start + len(self.lines) - 1

    @property
    def shown(self) -> str:
        return ",".join(str(line.pk) for line in self.lines)

    @property
    def dropped_text(self) -> str:
        return ",".join(map(str, self.dropped))

    @property
    def elsewhere(self) -> list[tuple[int, str, str]]:
        """(id, order as opened, order typed) of rows that are changed and not on this page."""
        here = {line.pk for line in self.lines}
        return [(pk, self.opened.get(pk, ""), text) for pk, text in self.moved.items() if pk not in here]

    @property
    def leaving(self) -> list[str]:
        """The SKUs of what Save takes out of the category, the first ones."""
        if not self.dropped:
            return []
        return list(
            self.rows.filter(one_of(self.dropped)).order_by("sku").values_list("sku", flat=True)[:SIZE]
        )


def _ids(text: str) -> list[int]:
    return [int(each) for each in text.split(",") if each.isdecimal() and len(each) < 19]
