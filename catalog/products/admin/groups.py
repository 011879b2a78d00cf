"""The screen of product groups: products that are shown together, in order (spec: products 20)."""

import json
from functools import cached_property
from typing import Any, NamedTuple

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import panels, rows
from backoffice.console.filters import DateRange, YesNo
from backoffice.console.forms import BoundTab, ScreenForm, Tab
from backoffice.console.lists import Column
from backoffice.console.panels import Cell, Contents, Panel, table
from backoffice.console.screens import Screen, ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from backoffice.texts import normalise
from catalog.products import grouping
from catalog.products.admin.product_view import status_cell
from catalog.products.edit_variant_forms import listed
from catalog.products.models import GroupMember, Product, ProductGroup
from catalog.products.narrowing import one_of

PICKED, TYPED, GONE, PLACE, OPENED = "members", "members.add", "members.gone", "place.", "members.opened"
HITS = 10


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
    media = Media(
        js=[Script("backoffice/order.js", defer=True), Script("backoffice/product-form.js", defer=True)]
    )

    def __init__(self, tab: Tab, request: HttpRequest, record: Any, form: ScreenForm) -> None:
        super().__init__(tab, request, record, form)
        data = form.data if form.is_bound else None
        self.data = data
        self.picked = [pk for pk in dict.fromkeys(data.getlist(PICKED)) if pk.isdecimal()] if data else []
        self.typed = data.get(TYPED, "") if data else ""
        self.gone = {int(pk) for pk in data.getlist(GONE) if pk.isdecimal()} if data else set()
        self.errors: list[str] = []
        self.place_errors: dict[int, str] = {}
        self.added: list[Product] = []

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
        return bool(self.picked or self.typed.strip() or self.gone & set(stored)) or self.order != stored

    def is_valid(self) -> bool:
        self._check_order()
        try:
            skus = listed(self.typed)
            chosen = rows.visible(Product.objects.filter(pk__in=self.picked), self.request.user, "view")
            self.added = [*chosen.only("sku").order_by("sku"), *grouping.resolve(skus, self.request.user)]
        except ValidationError as problem:
            self.errors += problem.messages
        here = {product.pk for product in self.held} - self.gone
        self.errors += [
            _("“%(sku)s” is in the group already.") % {"sku": product.sku}
            for product in self.added
            if product.pk in here
        ]
        return not (self.errors or self.place_errors)

    def _check_order(self) -> None:
        """Two people may have put the members in order at the same time."""
        typed, left = self.typed_order, [product.pk for product in self.held if product.pk in self.opened]
        if left != self.opened and typed not in (self.opened, left):
            self.errors.append(
                _("Somebody else changed the order meanwhile. Save again to keep what you typed.")
            )

    @property
    def problems(self) -> list[tuple[str, str]]:
        found = [("#id_members_add", sentence) for sentence in self.errors]
        skus = {product.pk: product.sku for product in self.held}
        found += [(f"#place-{pk}", f"{skus[pk]}: {text}") for pk, text in self.place_errors.items()]
        return [*super().problems, *found]

    def save(self, record: ProductGroup, recorder: Recorder) -> None:
        grouping.arrange(record, self.order, without=self.gone, added=self.added, recorder=recorder)

    # --- what the template prints ----------------------------------------------------------------

    @property
    def suggestions(self) -> str:
        return reverse("admin:products_productgroup_suggest")

    @property
    def chosen(self) -> list[tuple[int, Product]]:
        seen = rows.visible(Product.objects.filter(pk__in=self.picked), self.request.user, "view")
        return [(row.pk, row) for row in seen.only("sku").order_by("sku")] if self.picked else []

    @property
    def lines(self) -> list[Line]:
        locale = self.request.user.content_locale
        ids = [product.pk for product in self.held]
        live = (
            set(Product.objects.filter(one_of(ids)).active().values_list("pk", flat=True)) if ids else set()
        )
        found = []
        for place, product in enumerate(self.held, start=1):
            typed = self.data.get(f"{PLACE}{product.pk}") if self.data else None
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


def with_members(found: QuerySet, yes: bool) -> QuerySet:
    has = Exists(GroupMember.objects.filter(group=OuterRef("pk")))
    return found.filter(has) if yes else found.exclude(has)


@admin.register(ProductGroup, site=site)
class ProductGroupAdmin(ScreenAdmin):
    icon = "shopping-bag"
    tab_label = gettext_lazy("Groups")
    files = ("product_group",)
    tabs = (MembersTab("members", gettext_lazy("Products"), fields=("key",)),)
    screens = (Screen("suggest/", "suggest_view", "suggest", "view"),)
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=3),
        Column("key", sort="key", mono=True, link=True),
        Column("members", gettext_lazy("Members"), value=lambda row: row.shown_members, priority=1),
        Column("count", gettext_lazy("Number"), value=lambda row: row.member_count, num=True),
    )
    list_filters = (
        YesNo("members", gettext_lazy("With members"), apply=with_members),
        DateRange("updated_at", gettext_lazy("Changed")),
    )
    list_order = ("key",)
    search_hint = gettext_lazy("Key or SKU")
    empty_text = gettext_lazy("A group shows products together, such as one in several colours.")

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        """Part of the key, or of the SKU of a member this user sees."""
        part = normalise(text)
        seen = rows.visible(Product.objects.filter(sku__icontains=text), request.user, "view")
        groups = GroupMember.objects.filter(product__in=seen.order_by().values("pk")).values("group")
        return found.filter(search__contains=part) | found.filter(pk__in=groups)

    def prepared(self, request: HttpRequest, found: list[ProductGroup]) -> list[ProductGroup]:
        links = GroupMember.objects.filter(one_of([row.pk for row in found], "group")).order_by(
            "position", "pk"
        )
        seen = rows.visible(Product.objects.all(), request.user, "view")
        if seen.query.has_filters():
            links = links.filter(product__in=seen.order_by().values("pk"))
        skus: dict[int, list[str]] = {}
        for group, sku in links.values_list("group_id", "product__sku"):
            skus.setdefault(group, []).append(sku)
        for row in found:
            own = skus.get(row.pk, [])
            row.member_count = len(own)
            row.shown_members = ", ".join(own[:5]) + (" …" if len(own) > 5 else "")
        return found

    def hit_text(self, row: ProductGroup) -> str:
        return row.key

    def detail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return panels.show(request, self, pk)

    def remove(self, request: HttpRequest, record: ProductGroup, recorder: Recorder) -> None:
        """The products stay; their places in the group go."""
        for member in record.members.select_related("group", "product"):
            recorder.deleted(member)
        super().remove(request, record, recorder)

    def suggest_view(self, request: HttpRequest) -> HttpResponse:
        """Products whose name or SKU holds ``?q=``, for the box that adds members."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET"])
        part = normalise(request.GET.get("q", "").replace("\x00", "")[:200])
        seen = rows.visible(Product.objects.filter(search__contains=part), request.user, "view")
        hits = seen.with_name(request.user.content_locale).order_by("sku")[:HITS] if part else ()
        return JsonResponse(
            {"hits": [{"id": row.pk, "name": row.shown_name, "key": row.sku} for row in hits]}
        )


def general(request: HttpRequest, record: ProductGroup) -> Contents:
    return {"facts": [(_("ID"), record.pk), (_("Key"), record.key)]}


def members(request: HttpRequest, record: ProductGroup) -> Contents:
    locale, screen = request.user.content_locale, site._registry[Product]
    links = GroupMember.objects.filter(group=record).select_related("product").order_by("position", "pk")
    links = list(links.filter(product__in=rows.visible(Product.objects.all(), request.user, "view"))[:200])
    live = set(
        Product.objects.filter(one_of({m.product_id for m in links})).active().values_list("pk", flat=True)
    )
    lines = [
        [
            Cell(each.product.name_in(locale), screen.url("view", pk=each.product_id)),
            each.product.sku,
            each.position,
            status_cell(each.product_id in live),
        ]
        for each in links
    ]
    return table([_("Product"), _("SKU"), _("Position"), _("Status")], lines)


panels.add(
    ProductGroup,
    Panel("general", gettext_lazy("General"), 10, general),
    Panel("members", gettext_lazy("Products"), 20, members, "console/panel_table.html"),
)
