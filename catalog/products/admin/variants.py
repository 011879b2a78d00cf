"""The screen of variants: a sister of the products' one, with the same rights (spec: products 7, 9)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backoffice.console.screens import Screen, ScreenAdmin
from backoffice.console.site import site
from catalog.products.admin import (
    attributes_page,
    deleting,
    edit_variant,
    readiness_page,
    status_pages,
    variant_view,
)
from catalog.products.admin.variant_list import VariantList, switch_words
from catalog.products.models import Product, Variant

SCREENS: tuple[Screen, ...] = (
    *status_pages.SCREENS,
    *attributes_page.SCREENS,
    *readiness_page.SCREENS,
    *edit_variant.SCREENS,
)


@admin.register(Variant, site=site)
class VariantAdmin(
    VariantList,
    variant_view.VariantView,
    edit_variant.EditVariant,
    deleting.DeleteVariant,
    status_pages.StatusPages,
    attributes_page.AttributesScreen,
    readiness_page.VariantReadinessScreen,
    ScreenAdmin,
):
    icon = "shopping-bag"
    files = ("product_concrete", "product_alternative", "product_discontinued")
    rights_model = Product
    screens = SCREENS
    can_add = False

    def title_of(self, request: HttpRequest, record: Any) -> str:
        return record.name_in(request.user.content_locale)

    def record_badges(self, request: HttpRequest, record: Any) -> list[tuple[Any, str]]:
        told = Variant.objects.filter(pk=record.pk).with_live().select_related("discontinued").get()
        found = [(switch_words(told), "is-ok" if told.is_live else "is-warn" if told.is_active else "")]
        return [*found, (_("Discontinued"), "is-warn")] if hasattr(told, "discontinued") else found

    def key_of(self, record: Any) -> str:
        return record.sku
