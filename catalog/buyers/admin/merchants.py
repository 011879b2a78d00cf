"""The screen of merchants."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, YesNo, tags
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from catalog.buyers import selling
from catalog.buyers.forms import MerchantForm
from catalog.buyers.models import Merchant
from catalog.stores.models import Store

STATUS_CSS = {"approved": "is-ok", "denied": "is-bad"}


def status_css(row: Any) -> str:
    return STATUS_CSS.get(row.status, "is-warn")


def store_choices(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, name) for name in Store.objects.order_by("name").values_list("name", flat=True)]


@admin.register(Merchant, site=site)
class MerchantAdmin(ScreenAdmin):
    icon = "building-2"
    form = MerchantForm
    files = ("merchant", "merchant_store")
    tabs = (
        Tab(
            "general",
            gettext_lazy("General"),
            (
                "merchant_reference",
                "merchant_key",
                "name",
                "status",
                "is_active",
                "stores",
                "registration_number",
                "email",
                "url",
                "is_open_for_relation_request",
            ),
        ),
    )
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("name", link=True, sort="name"),
        Column("merchant_reference", sort="merchant_reference", mono=True),
        Column("merchant_key", sort="merchant_key", mono=True, priority=2),
        Column("status", value=lambda m: m.get_status_display(), sort="status", badge=status_css),
        Column("is_active", priority=1),
        Column(
            "stores",
            gettext_lazy("Stores"),
            value=lambda m: tags(link.store.name for link in m.in_stores.all()),
            priority=1,
        ),
    )
    list_filters = (
        Choice("status", gettext_lazy("Status"), choices=Merchant.Status.choices),
        YesNo("is_active", gettext_lazy("Active")),
        Choice(
            "store",
            gettext_lazy("Store"),
            choices=store_choices,
            apply=lambda rows, names: rows.filter(in_stores__store__name__in=names).distinct(),
        ),
    )
    list_order = ("name",)
    search_hint = gettext_lazy("Name, reference or key")
    code_field = "merchant_reference"
    empty_text = gettext_lazy("A merchant sells; business customers have agreements with merchants.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_stores()

    def key_of(self, record: Merchant) -> str:
        return record.merchant_reference

    def facts(self, request: HttpRequest, record: Merchant, tab: Tab) -> list[tuple[str, Any]]:
        own = Tab("own", "", tuple(name for name in tab.fields if name != "stores"))
        names = record.in_stores.order_by("store__name").values_list("store__name", flat=True)
        return [*super().facts(request, record, own), (_("Stores"), tags(names) or "")]

    def save(self, request: HttpRequest, form: MerchantForm, recorder: Recorder) -> Merchant:
        merchant = form.save()
        selling.set_stores(merchant, form.cleaned_data["stores"], recorder=recorder)
        return merchant

    def remove(self, request: HttpRequest, record: Merchant, recorder: Recorder) -> None:
        selling.leave(record, recorder=recorder)
        super().remove(request, record, recorder)
