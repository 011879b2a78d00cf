"""The screen of customers: a list and a page to look at, and anonymising (spec: reviews 1.4)."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.columns import printed
from backoffice.console.filters import DateRange
from backoffice.console.forms import Tab, field_title
from backoffice.console.lists import Choice, Column, YesNo
from backoffice.console.rights import Asked, Right
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import recording
from catalog.buyers import anonymising
from catalog.buyers.models import Customer
from catalog.buyers.models.customers import PERSONAL
from catalog.stores.filters import locale_choices


class Days(DateRange):
    """From and to of a field that holds days."""

    def narrow(self, rows: QuerySet, value: Any) -> QuerySet:
        first, last = value
        rows = rows.filter(**{f"{self.name}__gte": first}) if first else rows
        return rows.filter(**{f"{self.name}__lte": last}) if last else rows


@admin.register(Customer, site=site)
class CustomerAdmin(ScreenAdmin):
    icon = "user"
    files = ("customer",)
    can_add = can_change = can_delete = False
    screens = (Screen("<int:pk>/anonymise/", "anonymise_view", "anonymise", "anonymise"),)
    tabs = (
        Tab(
            "general",
            gettext_lazy("General"),
            fields=("customer_reference", *PERSONAL, "registered", "anonymised_at"),
        ),
    )
    list_columns = (
        Column("customer_reference", link=True, sort="customer_reference", mono=True),
        Column("name", gettext_lazy("Name"), value=lambda c: c.full_name, sort="last_name"),
        Column("email", sort="email"),
        Column("company", priority=2),
        Column("locale", priority=1),
        Column("registered", sort="registered", priority=1),
    )
    list_filters = (
        Choice("locale", gettext_lazy("Locale"), choices=locale_choices),
        Days("registered", gettext_lazy("Registered")),
        YesNo(
            "anonymised",
            gettext_lazy("Anonymised"),
            apply=lambda rows, yes: rows.filter(anonymised_at__isnull=not yes),
        ),
    )
    list_order = ("customer_reference",)
    search_hint = gettext_lazy("Reference, name or e-mail")
    code_field = "customer_reference"
    empty_text = gettext_lazy(
        "Customers come with a file. They lend their names to reviews and waiting lists."
    )

    def right(self, action: str) -> Asked:
        """Who may import customers makes and changes them so, and may undo what he imported."""
        return Right(Customer, "import") if action in {"add", "change"} else super().right(action)

    def key_of(self, record: Customer) -> str:
        return record.customer_reference if record.full_name else ""

    def title_of(self, request: HttpRequest, record: Customer) -> str:
        return record.full_name or record.customer_reference

    def facts(self, request: HttpRequest, record: Customer, tab: Tab) -> list[tuple[str, Any]]:
        return [
            (field_title(record, name), printed(value))
            for name in tab.fields
            if (value := getattr(record, name)) or name != "anonymised_at"
        ]

    def record_actions(self, request: HttpRequest, record: Customer) -> list[Action]:
        if record.anonymised_at or not self.may(request, "anonymise"):
            return []
        return [Action(_("Anonymise"), self.url("anonymise", pk=record.pk), "shield-check", "is-bad")]

    def anonymise_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The confirmation page; POST clears the personal fields."""
        if request.method not in {"POST", "GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        if request.method == "POST":
            with recording("action", screen=self.name) as recorder:
                record = self.record_or_404(request, pk, "anonymise", lock=True)
                anonymising.anonymise(record, recorder=recorder)
            messages.success(request, format_html(_("{} was anonymised."), record.customer_reference))
            return redirect(self.url("view", pk=pk))
        record = self.record_or_404(request, pk, "anonymise")
        title = self.title_of(request, record)
        return self.page(
            request,
            "buyers/anonymise.html",
            title=_("Anonymise %(name)s") % {"name": title},
            crumbs=[(str(self.tab_label), self.list_url), (title, self.url("view", pk=pk))],
            main_class="is-mid",
            reference=record.customer_reference,
            cleared=", ".join(field_title(record, name) for name in PERSONAL),
            view_url=self.url("view", pk=pk),
        )
