"""The products of a group on its form: put in order, taken out, others chosen with the picker (spec: products 20)."""

import json
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import rows
from backoffice.console.forms import BoundTab, Compared, ScreenForm, Tab
from backoffice.console.rights import Right
from backoffice.history.recording import Recorder
from catalog.products import grouping
from catalog.products.admin.product_list import STORES, TYPE, VARIANT_STATUS
from catalog.products.edit_variant_forms import ids_of
from catalog.products.models import GroupMember, Product, ProductGroup
from catalog.products.narrowing import one_of
from catalog.products.picker import BoundPicker, Picker, mount

GONE, PLACE, OPENED = "members.gone", "place.", "members.opened"
ORDER = "order"
"""What two people may both have changed."""


def outside(found: QuerySet, group: int | None) -> QuerySet:
    """Products that are not in the group."""
    inside = GroupMember.objects.filter(product=OuterRef("pk"), group=group)
    return found.filter(~Exists(inside)) if group else found


PICKER = mount(
    Picker(
        "grouped",
        Product,
        right=Right(Product, "view"),
        filters=(VARIANT_STATUS, STORES, TYPE),
        narrow=outside,
        refusal=gettext_lazy("“%(sku)s” is in the group already."),
        title=gettext_lazy("Will be added"),
        empty=gettext_lazy("Tick products below, or paste their SKUs. They come behind the others."),
    )
)


class Line(NamedTuple):
    """One member on the form."""

    product: Product
    name: str
    place: str
    is_live: bool
    is_gone: bool
    error: str


class MembersTab(Tab):
    template = "products/members_tab.html"

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundMembers(self, request, record, form)


class BoundMembers(BoundTab):
    """The members this user sees, in order; places are typed, dragged or stepped."""

    record: ProductGroup | None

    def __init__(self, tab: Tab, request: HttpRequest, record: Any, form: ScreenForm) -> None:
        super().__init__(tab, request, record, form)
        data = form.data if form.is_bound else None
        self.data = data
        self.picker = BoundPicker(PICKER, request, data=data, owner=record.pk if record else None)
        self.gone = set(ids_of(data.getlist(GONE))) if data else set()
        self.place_errors: dict[int, str] = {}
        self.added: list[Product] = []

    @property
    def media(self) -> Media:
        """Put together when asked: scripts that are compared want the addresses of their collected files."""
        return Media(js=[Script("backoffice/order.js", defer=True)]) + PICKER.media

    @cached_property
    def held(self) -> list[Product]:
        """The stored members in order, as far as the user sees them."""
        if self.record is None:
            return []
        links = GroupMember.objects.filter(group=self.record).order_by("position", "pk")
        order = list(links.values_list("product_id", flat=True))
        seen = rows.visible(Product.objects.filter(one_of(order)), self.request.user, "view")
        known = {row.pk: row for row in seen.only("sku", "name").order_by()}
        return [known[pk] for pk in order if pk in known]

    @property
    def unseen(self) -> str:
        """How many members there are beyond what this user sees; they stay where they are."""
        held = set(self.record.members.values_list("product_id", flat=True)) if self.record else set()
        hidden = rows.unseen(Product, held)
        return rows.unseen_words(len(hidden)) if hidden else ""

    @property
    def opened_json(self) -> str:
        return json.dumps([product.pk for product in self.held])

    # --- what was typed ---------------------------------------------------------------------------

    def _places(self) -> dict[int, int]:
        """The typed places of the members the form showed."""
        found = {}
        for product in self.held:
            text = (self.data.get(f"{PLACE}{product.pk}") or "").strip()
            if text.isdecimal() and 1 <= int(text) <= 999_999:
                found[product.pk] = int(text)
            elif text:
                self.place_errors[product.pk] = _("Type a whole number from 1.")
        return found

    @cached_property
    def opened(self) -> list[int]:
        """The members that the form was opened with and that are still there, in the order they had then."""
        stored = [product.pk for product in self.held]
        try:
            opened = json.loads(self.data.get(OPENED, ""))
        except ValueError:
            return stored
        return [pk for pk in opened if pk in stored] if isinstance(opened, list) else stored

    @cached_property
    def typed_order(self) -> list[int]:
        """:attr:`opened` with each member whose place was typed anew at that place."""
        places = self._places()
        now = {pk: place for place, pk in enumerate(self.opened, start=1)}
        moved = [pk for pk in self.opened if places.get(pk, now[pk]) != now[pk]]
        order = [pk for pk in self.opened if pk not in moved]
        for pk in sorted(moved, key=lambda pk: places[pk]):
            order.insert(places[pk] - 1, pk)
        return order

    @property
    def order(self) -> list[int]:
        """The members as they are to stand; those that somebody else added are behind."""
        stored = [product.pk for product in self.held]
        if self.typed_order == self.opened:
            return stored
        return [*self.typed_order, *(pk for pk in stored if pk not in self.opened)]

    def has_changed(self) -> bool:
        stored = [product.pk for product in self.held]
        return self.picker.has_changed() or bool(self.gone & set(stored)) or self.order != stored

    def is_valid(self) -> bool:
        self._places()
        if not self.picker.is_valid():
            return False
        chosen = Product.objects.in_bulk(list(self.picker.wanted))
        self.added = [chosen[pk] for pk in self.picker.wanted if pk in chosen]
        return not self.place_errors

    # --- what somebody else saved meanwhile -------------------------------------------------------

    def compared(self) -> Compared:
        """Two people may have put the members in order at the same time. Members that one of them took out are in
        none of the orders."""
        left = [product.pk for product in self.held if product.pk in self.opened]
        orders = (
            [pk for pk in order if pk not in self.gone] for order in (self.opened, left, self.typed_order)
        )
        return Compared(*({ORDER: order} for order in orders))

    def name_of(self, name: str) -> str:
        return _("Order of the products")

    def shown(self, name: str, value: Any) -> str:
        skus = {product.pk: product.sku for product in self.held}
        return ", ".join(skus[pk] for pk in value or () if pk in skus)

    def keep_theirs(self, names: list[str], theirs: dict[str, Any]) -> None:
        if names:
            self.typed_order = self.opened

    @property
    def problems(self) -> list[tuple[str, str]]:
        skus = {product.pk: product.sku for product in self.held}
        found = [(f"#place-{pk}", f"{skus[pk]}: {text}") for pk, text in self.place_errors.items()]
        return [*super().problems, *found, *self.picker.problems]

    def save(self, record: ProductGroup, recorder: Recorder) -> None:
        grouping.arrange(record, self.order, without=self.gone, added=self.added, recorder=recorder)

    # --- what the template prints ----------------------------------------------------------------

    @property
    def lines(self) -> list[Line]:
        locale = self.request.user.content_locale
        ids = [product.pk for product in self.held]
        live = (
            set(Product.objects.filter(one_of(ids)).active().values_list("pk", flat=True)) if ids else set()
        )
        found = []
        # Untouched places show where the members stand, also after somebody else put them in order.
        is_typed = self.data and (self.place_errors or self.typed_order != self.opened)
        for place, product in enumerate(self.held, start=1):
            typed = self.data.get(f"{PLACE}{product.pk}") if is_typed else None
            found.append(
                Line(
                    product,
                    product.name_in(locale),
                    str(place) if typed is None else typed,
                    product.pk in live,
                    product.pk in self.gone,
                    self.place_errors.get(product.pk, ""),
                )
            )
        return found
