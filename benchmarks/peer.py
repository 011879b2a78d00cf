"""The floor, a signed-in view with a plain template, and the peer, a stock ModelAdmin and AdminSite."""

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

application = get_wsgi_application()

from catalog.packaging.models import PackagingType  # noqa: E402 - needs the apps to be ready

ROWS = 100


class StockPackagingTypeAdmin(ModelAdmin):
    list_display = ("id", "shown_name", "key", "updated_at")
    list_display_links = ("shown_name",)
    list_per_page = ROWS
    ordering = ("key",)
    search_fields = ("search",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).with_name("en_US")

    def shown_name(self, row: PackagingType) -> str:
        return row.shown_name


@login_required
def plain(request: HttpRequest) -> HttpResponse:
    rows = PackagingType.objects.with_name("en_US").order_by("key", "pk")[:ROWS]
    return render(request, "benchmarks/plain.html", {"rows": rows})


stock = AdminSite("stock")
stock.register(PackagingType, StockPackagingTypeAdmin)
urlpatterns = [path("plain/", plain), path("stock/", stock.urls)]
