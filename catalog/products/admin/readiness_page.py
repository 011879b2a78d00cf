"""The pages of readiness: what a product or a variant lacks, and the tab that mends it (spec: products 6)."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.console import record_bar
from backoffice.console.form_page import record_head
from backoffice.console.screens import Screen
from catalog.products.models import Product, Variant
from catalog.products.readiness import mending, reading
from catalog.products.super_values import super_values

SCREENS = (Screen("<int:pk>/readiness/", "readiness_view", "readiness", "view"),)
VARIANTS_AT_ONCE = 50


class ReadinessScreen:
    """What the screens of products and of variants have to show readiness."""

    def record_pages(self, request: HttpRequest, record: Any) -> list[tuple[Any, str]]:
        return [*super().record_pages(request, record), (_("Readiness"), self.url("readiness", pk=record.pk))]

    def readiness_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record_or_404(request, pk)
        product, variants = self.product_and_variants(record)
        page = Paginator(variants, VARIANTS_AT_ONCE).get_page(request.GET.get("page"))
        found = reading.of_product(product)
        may_change = self.has_change_permission(request)
        lines = [
            (line, mending.address(line.check, product) if may_change and line.is_failing else "")
            for line in reading.worst_first(found.lines)
        ]
        return self.page(
            request,
            "products/readiness.html",
            title=self.title_of(request, record),
            crumbs=record_bar.crumbs(request, self, record),
            crumb=_("Readiness"),
            main_class="is-form",
            head=record_head(request, self, record, "readiness"),
            record=record,
            readiness=found,
            lines=lines,
            variants=_with_links(page, request.user.content_locale, may_change),
            pages=page,
        )


class ProductReadinessScreen(ReadinessScreen):
    def product_and_variants(self, record: Product) -> tuple[Product, Any]:
        return record, Variant.objects.filter(product=record).order_by("sku")


class VariantReadinessScreen(ReadinessScreen):
    def product_and_variants(self, record: Variant) -> tuple[Product, Any]:
        return record.product, Variant.objects.filter(pk=record.pk)


def _with_links(
    page: Any, locale: str, may_change: bool
) -> list[tuple[Variant, str, list[tuple[reading.VariantCheck, str]]]]:
    """Each variant with the address of its page, and its failing checks with the tabs that mend them."""
    found = []
    lines = reading.of_variants(page.object_list, locale)
    apart = super_values([line.variant.pk for line in lines], locale)
    for line in lines:
        line.variant.super_values = apart.get(line.variant.pk, "")
        faults = [(check, _mended_at(line.variant, check) if may_change else "") for check in line.failing]
        found.append(
            (line.variant, reverse("admin:products_variant_readiness", args=[line.variant.pk]), faults)
        )
    return found


def _mended_at(variant: Variant, check: reading.VariantCheck) -> str:
    return "" if check.tab == reading.NOWHERE else mending.of_variant(variant, check.tab)
