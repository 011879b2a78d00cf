"""The screen of product groups: products that are shown together, in order (spec: products 20)."""

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import panels, rows
from backoffice.console.filters import DateRange, YesNo
from backoffice.console.lists import Column
from backoffice.console.panels import Cell, Contents, Panel, table
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from backoffice.texts import normalise
from catalog.products.admin.members_tab import MembersTab
from catalog.products.admin.product_view import status_cell
from catalog.products.models import GroupMember, Product, ProductGroup
from catalog.products.narrowing import one_of

HITS = 10


def with_members(found: QuerySet, yes: bool) -> QuerySet:
    has = Exists(GroupMember.objects.filter(group=OuterRef("pk")))
    return found.filter(has) if yes else found.exclude(has)


@admin.register(ProductGroup, site=site)
class ProductGroupAdmin(ScreenAdmin):
    icon = "shopping-bag"
    tab_label = gettext_lazy("Groups")
    files = ("product_group",)
    tabs = (MembersTab("members", gettext_lazy("Products"), fields=("key",)),)
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
    code_field = "key"
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
        held: dict[int, list[tuple[int, str]]] = {}
        for group, product, sku in links.values_list("group_id", "product_id", "product__sku"):
            held.setdefault(group, []).append((product, sku))
        hidden = rows.unseen(Product, {pk for members in held.values() for pk, _sku in members})
        for row in found:
            own = held.get(row.pk, [])
            shown = [sku for pk, sku in own if pk not in hidden]
            row.member_count = len(own)
            row.shown_members = ", ".join(shown[:5]) + (" …" if len(shown) > 5 else "")
            if len(own) > len(shown):
                words = rows.unseen_words(len(own) - len(shown))
                row.shown_members = ", ".join(filter(None, (row.shown_members, words)))
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
    hidden = len(rows.unseen(Product, set(record.members.values_list("product_id", flat=True))))
    if hidden:
        lines.append([rows.unseen_words(hidden), "", "", ""])
    return table([_("Product"), _("SKU"), _("Position"), _("Status")], lines)


panels.add(
    ProductGroup,
    Panel("general", gettext_lazy("General"), 10, general),
    Panel("members", gettext_lazy("Products"), 20, members, "console/panel_table.html"),
)
