"""The screen of products: their list, their page, what is done to many of them (spec: products 2, 5)."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from backoffice.console.screens import Screen, ScreenAdmin
from backoffice.console.site import site
from catalog.products import approval
from catalog.products.admin import (
    add_variant,
    approval_pages,
    attributes_page,
    create,
    deleting,
    duplicate,
    edit_product,
    readiness_page,
)
from catalog.products.admin.product_bulk import PRODUCT_BULK
from catalog.products.admin.product_list import ProductList, status_words
from catalog.products.admin.product_view import ProductView
from catalog.products.models import Product

SCREENS: tuple[Screen, ...] = (
    *create.SCREENS,
    *add_variant.SCREENS,
    *duplicate.SCREENS,
    *approval_pages.SCREENS,
    *attributes_page.SCREENS,
    *readiness_page.SCREENS,
)


@admin.register(Product, site=site)
class ProductAdmin(
    ProductList,
    ProductView,
    approval_pages.ApprovalPages,
    create.CreateScreens,
    add_variant.AddVariantScreen,
    duplicate.DuplicateScreen,
    attributes_page.AttributesScreen,
    edit_product.EditScreen,
    deleting.DeleteProduct,
    readiness_page.ProductReadinessScreen,
    ScreenAdmin,
):
    icon = "shopping-bag"
    files = (
        "product_abstract",
        "product_concrete",
        "product_abstract_store",
        "product_image",
        "product_abstract_approval_status",
    )
    screens = SCREENS
    bulk = PRODUCT_BULK

    def title_of(self, request: HttpRequest, record: Product) -> str:
        return record.name_in(request.user.content_locale)

    def record_badges(self, request: HttpRequest, record: Product) -> list[tuple[Any, str]]:
        is_live = Product.objects.active().filter(pk=record.pk).exists()
        found = [(status_words(is_live), "is-ok" if is_live else "")]
        if approval.is_on():
            found.append((Product.Approval(record.approval).label, approval.BADGES[record.approval]))
        return found

    def key_of(self, record: Product) -> str:
        return record.sku
