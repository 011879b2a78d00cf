"""The floor, signed-in views with a plain template, and the peer, a stock ModelAdmin and AdminSite."""

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

application = get_wsgi_application()

from catalog.packaging.models import PackagingType  # noqa: E402 - needs the apps to be ready
from catalog.products.models import Product, Variant  # noqa: E402

ROWS = 100
LOCALE = "en_US"


class Named(ModelAdmin):
    list_per_page = ROWS

    def shown_name(self, row: PackagingType | Product | Variant) -> str:
        return row.shown_name


class StockPackagingTypeAdmin(Named):
    list_display = ("id", "shown_name", "key", "updated_at")
    list_display_links = ("shown_name",)
    ordering = ("key",)
    search_fields = ("search",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_name(LOCALE)


class StockProductAdmin(Named):
    list_display = (
        "id",
        "shown_name",
        "sku",
        "tax_set",
        "variant_count",
        "is_live",
        "is_bundle",
        "store_names",
    )
    list_display_links = ("shown_name",)
    list_select_related = ("tax_set",)
    ordering = ("-pk",)
    search_fields = ("search",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return products()

    def variant_count(self, row: Product) -> int:
        return row.variant_count

    def is_live(self, row: Product) -> bool:
        return row.is_live

    def is_bundle(self, row: Product) -> bool:
        return row.is_bundle

    def store_names(self, row: Product) -> str:
        return ", ".join(link.store.name for link in row.store_links.all())


class StockVariantAdmin(Named):
    list_display = ("sku", "shown_name", "product", "is_live", "is_bundle", "valid_from", "valid_to", "gtin")
    list_select_related = ("product",)
    ordering = ("sku",)
    search_fields = ("search",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return variants()

    def is_live(self, row: Variant) -> bool:
        return row.is_live

    def is_bundle(self, row: Variant) -> bool:
        return row.is_bundle


def products() -> QuerySet:
    rows = Product.objects.with_name(LOCALE).with_facts().select_related("tax_set")
    return rows.only("sku", "tax_set__name").prefetch_related("store_links__store")


def variants() -> QuerySet:
    rows = Variant.objects.with_name(LOCALE).with_live().select_related("product")
    return rows.only("sku", "product__sku", "valid_from", "valid_to", "gtin")


@login_required
def plain_types(request: HttpRequest) -> HttpResponse:
    rows = PackagingType.objects.with_name(LOCALE).order_by("key", "pk")[:ROWS]
    return render(request, "benchmarks/plain.html", {"rows": rows})


@login_required
def plain_products(request: HttpRequest) -> HttpResponse:
    return render(request, "benchmarks/products.html", {"rows": products().order_by("-pk")[:ROWS]})


@login_required
def plain_variants(request: HttpRequest) -> HttpResponse:
    return render(request, "benchmarks/variants.html", {"rows": variants().order_by("sku")[:ROWS]})


stock = AdminSite("stock")
stock.register(PackagingType, StockPackagingTypeAdmin)
stock.register(Product, StockProductAdmin)
stock.register(Variant, StockVariantAdmin)
urlpatterns = [
    path("plain/packaging/packagingtype/", plain_types),
    path("plain/products/product/", plain_products),
    path("plain/products/variant/", plain_variants),
    path("stock/", stock.urls),
]
