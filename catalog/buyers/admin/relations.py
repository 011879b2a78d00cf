"""The screen of buyer relations."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.forms import Tab
from backoffice.console.lists import Column, Words, YesNo, tags
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder, Snapshot
from catalog.buyers import assigning
from catalog.buyers.finding import named
from catalog.buyers.forms import BeginForm, BuyerRelationForm
from catalog.buyers.models import BuyerRelation


@admin.register(BuyerRelation, site=site)
class BuyerRelationAdmin(ScreenAdmin):
    icon = "building-2"
    form = BuyerRelationForm
    files = ("merchant_relationship",)
    tabs = (Tab("general", gettext_lazy("General"), ("key", "owner_unit", "units")),)
    listed_by: ClassVar = {
        "buyers.BuyerRelation.merchant": lambda merchant: {"merchant": merchant.merchant_key}
    }
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("key", link=True, sort="key", mono=True),
        Column("merchant", value=lambda r: f"{r.merchant_id} - {r.merchant.name}", sort="merchant__name"),
        Column("company", gettext_lazy("Company"), value=lambda r: r.owner_unit.company.name, priority=1),
        Column("owner_unit", sort="owner_unit__name"),
        Column(
            "units",
            gettext_lazy("Assigned units"),
            value=lambda r: tags(each.unit.name for each in r.assigned.all()),
        ),
    )
    list_filters = (
        Words(
            "company",
            gettext_lazy("Company"),
            apply=lambda rows, text: named(rows, text, "owner_unit__company", "key"),
        ),
        Words(
            "merchant",
            gettext_lazy("Merchant"),
            apply=lambda rows, text: named(rows, text, "merchant", "merchant_key"),
        ),
        YesNo(
            "idle",
            gettext_lazy("Without assigned units"),
            apply=lambda rows, yes: (
                rows.filter(assigned__isnull=True) if yes else rows.filter(assigned__isnull=False).distinct()
            ),
        ),
    )
    list_order = ("-pk",)
    search_hint = gettext_lazy("Key, unit or merchant")
    code_field = "key"
    empty_text = gettext_lazy(
        "A buyer relation is the agreement of a merchant with a business customer and the units it concerns."
    )

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_names()

    def visible_rows(self, request: HttpRequest, action: str = "view") -> QuerySet:
        return super().visible_rows(request, action).select_related("merchant", "owner_unit__company")

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        return found.found_by(text)

    def title_of(self, request: HttpRequest, record: BuyerRelation) -> str:
        return record.name

    def key_of(self, record: BuyerRelation) -> str:
        return record.key

    def hit_text(self, row: BuyerRelation) -> str:
        return f"{row.name} · {row.key}"

    def facts(self, request: HttpRequest, record: BuyerRelation, tab: Tab) -> list[tuple[str, Any]]:
        units = record.assigned.order_by("unit__key").values_list("unit__name", flat=True)
        return [
            (_("Key"), record.key),
            (_("Merchant"), record.merchant.name),
            (_("Company"), record.owner_unit.company.name),
            (_("Owner unit"), record.owner_unit.name),
            (_("Assigned units"), tags(units) or ""),
        ]

    # --- writing ---------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest) -> HttpResponse:
        """First who agrees with whom, then the units: the choices of the second step depend on the first."""
        begun = BeginForm(request.GET if {"merchant", "company"} & request.GET.keys() else None)
        if begun.is_bound and begun.is_valid():
            return super().add_view(request)
        return self.page(
            request,
            "buyers/relation_begin.html",
            title=_("Create %(name)s") % {"name": self.model._meta.verbose_name},
            crumbs=[(str(self.tab_label), self.list_url)],
            main_class="is-mid",
            form=begun,
            list_url=self.list_url,
        )

    def state(self, record: BuyerRelation) -> Snapshot:
        return assigning.state(record)

    def save(self, request: HttpRequest, form: BuyerRelationForm, recorder: Recorder) -> BuyerRelation:
        relation = form.save()
        assigning.set_units(relation, form.cleaned_data["units"])
        return relation
