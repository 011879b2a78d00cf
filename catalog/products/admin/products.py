"""The screen of products: their list, their page, what is done to many of them (spec: products 2, 5)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from backoffice.console.forms import Tab
from backoffice.console.lists import Column
from backoffice.console.screens import Screen, ScreenAdmin
from backoffice.console.site import site
from catalog.products.admin import create, duplicate
from catalog.products.models import Product

SCREENS: tuple[Screen, ...] = (*create.SCREENS, *duplicate.SCREENS)
TABS: tuple[Tab, ...] = (Tab("general", gettext_lazy("General"), fields=("name", "description")),)


@admin.register(Product, site=site)
class ProductAdmin(create.CreateScreens, duplicate.DuplicateScreen, ScreenAdmin):
    icon = "shopping-bag"
    tabs = TABS
    screens = SCREENS
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("shown_name", gettext_lazy("Name"), link=True),
        Column("sku", sort="sku", mono=True),
    )
    list_order = ("-pk",)
    search_hint = gettext_lazy("Name, SKU or GTIN")
    empty_text = gettext_lazy("A product is what your catalogue shows; its variants are what you sell.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_name(request.user.content_locale)

    def hit_text(self, row: Any) -> str:
        return row.sku

    def title_of(self, request: HttpRequest, record: Product) -> str:
        return record.name_in(request.user.content_locale)

    def key_of(self, record: Product) -> str:
        return record.sku
