"""The screens of categories (spec: products 19.2)."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.deleting import Touched, adds_impact
from backoffice.console.facts import Texts
from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, DateRange, YesNo, tags
from backoffice.console.paging import Count
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder, Snapshot
from catalog.categories import ordering, paths, store_links, tree
from catalog.categories.addresses import OWNER
from catalog.categories.forms import CategoryForm
from catalog.categories.models import Category
from catalog.stores.filters import NAME_MISSING
from catalog.stores.models import Store
from catalog.urls.models import Url

KEY_FIXED = gettext_lazy("Fixed after creation: files name the category by it.")


def store_choices(request: HttpRequest) -> list[tuple[int, str]]:
    return list(Store.objects.order_by("name").values_list("pk", "name"))


def indented(row: Category) -> SafeString:
    """The name, moved in by its level; where the tree is not shown as one, with the names above it."""
    trail = getattr(row, "trail", None)
    if trail is None:
        return format_html(
            "{}{}", SafeString('<span class="bo-in"></span>' * (row.depth - 1)), row.shown_name
        )
    above = format_html('<span class="bo-muted">{} › </span>', trail) if trail else ""
    return format_html("{}{}", above, row.shown_name)


def addresses_touched(record: Category) -> list[Touched]:
    """Addresses hang on their owner without a reference."""
    count = Count.of(Url.objects.of(OWNER, [record.pk]))
    return [Touched(_("Addresses"), count, _("are deleted too"))] if count.number else []


adds_impact(Category, addresses_touched)


@admin.register(Category, site=site)
class CategoryAdmin(ScreenAdmin):
    icon = "folder-tree"
    form = CategoryForm
    files = ("category", "category_store", "category_template")
    tabs = (
        Tab(
            "general",
            gettext_lazy("General"),
            fields=("key", "parent", "name", "stores"),
            read_only={"key": KEY_FIXED},
        ),
        Tab(
            "display",
            gettext_lazy("Display"),
            fields=("is_active", "is_in_menu", "is_clickable", "is_searchable", "template_name"),
        ),
        Tab("seo", gettext_lazy("SEO"), fields=("meta_title", "meta_description", "meta_keywords")),
    )
    screens = (
        Screen("suggest/", "suggest_view", "suggest", "view"),
        Screen("<int:pk>/order/", "order_view", "order", "change"),
    )
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=3),
        Column("shown_name", gettext_lazy("Name"), value=indented, link=True, sort="path"),
        Column("key", sort="key", mono=True),
        Column(
            "is_active",
            gettext_lazy("Status"),
            value=lambda row: _("Active") if row.is_active else _("Inactive"),
            badge=lambda row: "is-ok" if row.is_active else "",
        ),
        Column(
            "stores",
            gettext_lazy("Stores"),
            value=lambda row: tags(link.store.name for link in row.store_links.all()),
            priority=1,
        ),
        Column("is_in_menu", gettext_lazy("In the menu"), priority=2),
    )
    list_filters = (
        YesNo("is_active", gettext_lazy("Active")),
        Choice(
            "store",
            gettext_lazy("Store"),
            choices=store_choices,
            apply=lambda rows, ids: rows.filter(
                pk__in=Category.objects.order_by().filter(store_links__store__in=ids).values("pk")
            ),
        ),
        YesNo("is_in_menu", gettext_lazy("In the menu")),
        YesNo(
            "has_children",
            gettext_lazy("With sub-categories"),
            apply=lambda rows, yes: rows.filter(numchild__gt=0) if yes else rows.filter(numchild=0),
        ),
        NAME_MISSING,
        DateRange("updated_at", gettext_lazy("Changed")),
    )
    list_order = ("path",)
    search_hint = gettext_lazy("Key or name")
    code_field = "key"
    empty_text = gettext_lazy("Categories are the tree in which shops show products. Begin with its root.")

    # --- rows ------------------------------------------------------------------------------------

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_name(request.user.content_locale).with_stores()

    def prepared(self, request: HttpRequest, found: list[Category]) -> list[Category]:
        """Out of the tree's order, or without what lies between, a name needs those above it."""
        if set(request.GET) - {"size", "after", "before", "last", "list"}:
            above = paths.trails(found, request.user.content_locale)
            for row in found:
                row.trail = paths.BETWEEN.join(each.shown_name for each in above[row.pk][1:])
        return found

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        return found.named_like(text)

    def hit_text(self, row: Category) -> str:
        return f"{row.shown_name} · {row.key}"

    def title_of(self, request: HttpRequest, record: Category) -> str:
        return record.name_in(request.user.content_locale)

    def key_of(self, record: Category) -> str:
        return record.key

    def record_or_404(
        self, request: HttpRequest, pk: int, action: str = "view", *, lock: bool = False
    ) -> Category:
        if lock:
            tree.lock()
        return super().record_or_404(request, pk, action, lock=lock)

    # --- buttons ---------------------------------------------------------------------------------

    def row_actions_maker(self, request: HttpRequest, back: str) -> Callable[[Category], list[Action]]:
        standard = super().row_actions_maker(request, back)
        if not self.has_change_permission(request):
            return standard
        order = self.url("order", pk=0)

        def actions(row: Category) -> list[Action]:
            if not row.numchild:
                return standard(row)
            sort = Action(_("Sub-categories"), order.replace("/0/", f"/{row.pk}/", 1), "arrow-down-up")
            return [sort, *standard(row)]

        return actions

    def record_pages(self, request: HttpRequest, record: Category) -> list[tuple[Any, str]]:
        may = self.has_change_permission(request)
        return [(_("Sub-categories"), self.url("order", pk=record.pk))] if may else []

    def record_actions(self, request: HttpRequest, record: Category) -> list[Action]:
        if not self.has_add_permission(request):
            return []
        return [Action(_("Add sub-category"), ordering.address_below(self.url("add"), record), "plus")]

    # --- the form --------------------------------------------------------------------------------

    def state(self, record: Category) -> Snapshot:
        return store_links.state_of(record, store_links.names_of([record.pk])[record.pk])

    def facts(self, request: HttpRequest, record: Category, tab: Tab) -> list[tuple[str, Any]]:
        if tab.key != "general":
            return super().facts(request, record, tab)
        locale = request.user.content_locale
        addresses = Url.objects.of(OWNER, [record.pk]).order_by("locale")
        return [
            (_("Key"), record.key),
            (_("Place"), paths.full_names([record], locale)[record.pk]),
            (_("Name"), Texts.of(record.name, {})),
            (_("Stores"), ", ".join(store_links.names_of([record.pk])[record.pk])),
            (_("Addresses"), Texts.of({url.locale: url.path for url in addresses}, {})),
        ]

    def save(self, request: HttpRequest, form: CategoryForm, recorder: Recorder) -> Category:
        stores = [store.pk for store in form.cleaned_data["stores"]]
        return tree.save(form.instance, stores=stores, recorder=recorder)

    def remove(self, request: HttpRequest, record: Category, recorder: Recorder) -> None:
        recorder.deleted(record, self.state(record))
        tree.delete(record, recorder)

    # --- further pages ---------------------------------------------------------------------------

    def order_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return ordering.order(request, self, pk)

    def suggest_view(self, request: HttpRequest) -> HttpResponse:
        """What a box for a category key offers: options, for the list below the box."""
        return ordering.suggest(request, self)
