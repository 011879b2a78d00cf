"""The screen of variants: a sister of the products' one, with the same rights (spec: products 7, 9)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from backoffice.console.forms import Tab
from backoffice.console.screens import Screen, ScreenAdmin
from backoffice.console.site import site
from catalog.products.admin import attributes_page, readiness_page, status_pages
from catalog.products.admin.variant_list import VariantList
from catalog.products.bundle_tab import BUNDLE
from catalog.products.models import Product, Variant

TABS: tuple[Tab, ...] = (Tab("general", gettext_lazy("General"), fields=("name", "description")), BUNDLE)
SCREENS: tuple[Screen, ...] = (*status_pages.SCREENS, *attributes_page.SCREENS, *readiness_page.SCREENS)


@admin.register(Variant, site=site)
class VariantAdmin(
    VariantList,
    status_pages.StatusPages,
    attributes_page.AttributesScreen,
    readiness_page.VariantReadinessScreen,
    ScreenAdmin,
):
    icon = "shopping-bag"
    rights_model = Product
    tabs = TABS
    screens = SCREENS
    can_add = can_delete = False

    def title_of(self, request: HttpRequest, record: Any) -> str:
        return record.name_in(request.user.content_locale)

    def key_of(self, record: Any) -> str:
        return record.sku
