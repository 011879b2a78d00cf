"""The screens of companies and of their business units."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, Words, YesNo
from backoffice.console.screens import Action, ScreenAdmin
from backoffice.console.site import site
from catalog.buyers.admin.merchants import status_css
from catalog.buyers.finding import named
from catalog.buyers.forms import CompanyForm, UnitForm
from catalog.buyers.models import BusinessUnit, BuyerRelation, Company

UNITS_SHOWN = 500


@admin.register(Company, site=site)
class CompanyAdmin(ScreenAdmin):
    icon = "building-2"
    rights_model = BusinessUnit
    form = CompanyForm
    files = ("company",)
    tabs = (Tab("general", gettext_lazy("General"), ("key", "name", "is_active", "status")),)
    view_template = "buyers/company_view.html"
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("name", link=True, sort="name"),
        Column("key", sort="key", mono=True),
        Column("status", value=lambda c: c.get_status_display(), sort="status", badge=status_css),
        Column("is_active", priority=1),
        Column("unit_count", gettext_lazy("Units"), num=True),
    )
    list_filters = (
        Choice("status", gettext_lazy("Status"), choices=Company.Status.choices),
        YesNo("is_active", gettext_lazy("Active")),
    )
    list_order = ("name",)
    search_hint = gettext_lazy("Name or key")
    code_field = "key"
    empty_text = gettext_lazy("A company is a business customer. It buys through its units.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_unit_count()

    def key_of(self, record: Company) -> str:
        return record.key

    def record_actions(self, request: HttpRequest, record: Company) -> list[Action]:
        units = self.admin_site._registry[BusinessUnit]
        if not units.has_add_permission(request):
            return []
        address = f"{units.url('add')}?{urlencode({'company': record.key})}"
        return [Action(_("Create business unit"), address, "plus")]

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        """The view page shows the tree of the units."""
        if "facts" in context:
            screen = self.admin_site._registry[BusinessUnit]
            units = BusinessUnit.objects.of_company(context["record"]).in_tree_order(UNITS_SHOWN + 1)
            context["units"] = [(unit, screen.url("view", pk=unit.pk)) for unit in units[:UNITS_SHOWN]]
            context["is_cut"] = len(units) > UNITS_SHOWN
            context["all_url"] = f"{screen.list_url}?{urlencode({'company': context['record'].key})}"
        return super().frame(request, **context)


@admin.register(BusinessUnit, site=site)
class BusinessUnitAdmin(ScreenAdmin):
    icon = "building-2"
    tab_label = gettext_lazy("Business units")
    form = UnitForm
    files = ("company_business_unit",)
    tabs = (
        Tab(
            "general",
            gettext_lazy("General"),
            ("company", "key", "name", "parent", "email", "phone", "external_url"),
        ),
    )
    listed_by: ClassVar = {"buyers.BusinessUnit.company": lambda company: {"company": company.key}}
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("name", link=True, sort="name"),
        Column("key", sort="key", mono=True),
        Column("company", sort="company__name"),
        Column("parent", priority=1),
        Column("email", priority=2),
    )
    list_filters = (
        Words(
            "company",
            gettext_lazy("Company"),
            apply=lambda rows, text: named(rows, text, "company", "key"),
        ),
        Choice("company__status", gettext_lazy("Status of the company"), choices=Company.Status.choices),
        YesNo("top", gettext_lazy("At the top"), apply=lambda rows, yes: rows.filter(parent__isnull=yes)),
    )
    list_order = ("name",)
    search_hint = gettext_lazy("Name or key")
    code_field = "key"
    empty_text = gettext_lazy("A business unit is a part of a company that buys: a site, a department.")

    def visible_rows(self, request: HttpRequest, action: str = "view") -> QuerySet:
        return super().visible_rows(request, action).select_related("company", "parent")

    def key_of(self, record: BusinessUnit) -> str:
        return record.key

    def facts(self, request: HttpRequest, record: BusinessUnit, tab: Tab) -> list[tuple[str, Any]]:
        own = super().facts(request, record, Tab("own", "", tab.fields[1:]))
        companies = self.admin_site._registry[Company]
        relations = self.admin_site._registry[BuyerRelation]
        assigned = BuyerRelation.objects.assigned_to(record).select_related("merchant", "owner_unit")
        found = [(relations.url("view", pk=row.pk), row.name) for row in assigned.order_by("key")[:100]]
        return [
            (_("Company"), _links([(companies.url("view", pk=record.company_id), record.company.name)])),
            *own,
            (_("Assigned to the buyer relations"), _links(found)),
        ]


def _links(found: list[tuple[str, str]]) -> Any:
    return format_html_join(", ", '<a href="{}">{}</a>', found)
