"""The screens of taxes: sets and rates (spec: prices-and-taxes 8.2, 8.3)."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.deleting import Touched, adds_impact
from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, DateRange, YesNo, normalise, tags
from backoffice.console.paging import Count
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from catalog.stores.countries import countries_like, country_name
from catalog.stores.models import Country
from catalog.taxes import sets
from catalog.taxes.forms import TaxRateForm, TaxSetForm, described, percent
from catalog.taxes.models import TaxRate, TaxSet


def title_with_id(record: TaxRate | TaxSet) -> str:
    """Names of rates repeat from country to country; the ID tells them apart."""
    return _("%(name)s (ID %(id)s)") % {"name": record.name, "id": record.pk}


def tell_usage(request: HttpRequest, ids: list[int]) -> None:
    """A changed rate or set applies at once: say to how much."""
    found = sets.usage(ids)
    if found:
        counts = ", ".join(counted(each) for each in found)
        messages.info(request, _("The change applies at once to: %(counts)s.") % {"counts": counts})


def counted(usage: sets.Usage) -> str:
    number = intcomma(usage.count.number) + ("+" if usage.count.is_capped else "")
    return f"{usage.label} {number}"


@admin.register(TaxSet, site=site)
class TaxSetAdmin(ScreenAdmin):
    icon = "percent"
    tab_label = gettext_lazy("Tax sets")
    form = TaxSetForm
    files = ("tax",)
    tabs = (Tab("general", gettext_lazy("General"), ("name", "rates")),)
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("name", link=True, sort="name"),
        Column(
            "rates",
            gettext_lazy("Rates"),
            value=lambda row: tags(described(link.rate) for link in row.links.all()),
        ),
        Column("created_at", gettext_lazy("Created at"), sort="created_at", priority=2),
        Column(
            "used_by",
            gettext_lazy("Used by"),
            value=lambda row: ", ".join(counted(each) for each in sets.usage_of(row)),
        ),
    )
    list_filters = (
        Choice(
            "country",
            gettext_lazy("Country"),
            choices=lambda request: rate_countries(),
            apply=lambda rows, codes: rows.filter(links__rate__country__iso2_code__in=codes).distinct(),
        ),
        DateRange("created_at", gettext_lazy("Created at")),
    )
    list_order = ("-pk",)
    search_hint = gettext_lazy("Name")
    code_field = "name"
    empty_text = gettext_lazy(
        "A tax set says what a product is taxed with: it holds one rate for each country you deliver to."
    )

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return sets.with_usage(narrowed.with_rates())

    def title_of(self, request: HttpRequest, record: TaxSet) -> str:
        return title_with_id(record)

    def facts(self, request: HttpRequest, record: TaxSet, tab: Tab) -> list[tuple[str, Any]]:
        links = TaxSet.objects.with_rates().get(pk=record.pk).links.all()
        return [
            (_("Name"), record.name),
            (_("Rates"), tags(described(link.rate) for link in links)),
            (_("Used by"), ", ".join(counted(each) for each in sets.usage([record.pk]))),
        ]

    def save(self, request: HttpRequest, form: TaxSetForm, recorder: Recorder) -> TaxSet:
        is_new = form.instance.pk is None
        tax_set = form.save()
        rates = list(form.cleaned_data["rates"])
        sets.set_rates(tax_set, rates, recorder=recorder)
        doubled = ", ".join(country_name(code) for code in sets.doubled_countries(rates))
        if doubled:
            sentence = _("The set has several rates for one country: %(countries)s. The highest counts.")
            messages.warning(request, sentence % {"countries": doubled})
        if not is_new:
            tell_usage(request, [tax_set.pk])
        return tax_set

    def remove(self, request: HttpRequest, record: TaxSet, recorder: Recorder) -> None:
        for link in record.links.select_related("rate"):
            recorder.deleted(link, parent=record)
        super().remove(request, record, recorder)


def rate_countries() -> list[tuple[str, str]]:
    """The countries that have a rate, by their names."""
    codes = Country.objects.filter(models.Exists(TaxRate.objects.filter(country=models.OuterRef("pk"))))
    found = [(code, country_name(code)) for code in codes.values_list("iso2_code", flat=True)]
    return sorted(found, key=lambda pair: pair[1])


def set_choices(request: HttpRequest) -> list[tuple[int, str]]:
    return list(TaxSet.objects.order_by("name").values_list("pk", "name"))


@admin.register(TaxRate, site=site)
class TaxRateAdmin(ScreenAdmin):
    icon = "percent"
    rights_model = TaxSet
    form = TaxRateForm
    files = ("tax",)
    tabs = (Tab("general", gettext_lazy("General"), ("name", "country", "rate")),)
    listed_by: ClassVar = {"taxes.TaxSetRate.tax_set": lambda tax_set: {"set": tax_set.pk}}
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("name", link=True, sort="name"),
        Column("created_at", gettext_lazy("Created at"), sort="created_at", priority=2),
        Column("country", value=lambda row: shown_country(row) or _("n/a")),
        Column("rate", value=lambda row: f"{percent(row.rate)} %", sort="rate", num=True),
        Column(
            "sets",
            gettext_lazy("Sets"),
            value=lambda row: tags(sorted(link.tax_set.name for link in row.in_sets.all())),
        ),
    )
    list_filters = (
        Choice(
            "country",
            gettext_lazy("Country"),
            choices=lambda request: rate_countries(),
            apply=lambda rows, codes: rows.filter(country__iso2_code__in=codes),
        ),
        Choice(
            "set",
            gettext_lazy("Tax set"),
            choices=set_choices,
            apply=lambda rows, ids: rows.filter(in_sets__tax_set__in=ids).distinct(),
        ),
        YesNo(
            "unused",
            gettext_lazy("In no set"),
            apply=lambda rows, yes: rows.unused() if yes else rows.filter(in_sets__isnull=False).distinct(),
        ),
        DateRange("created_at", gettext_lazy("Created at")),
    )
    list_order = ("-pk",)
    search_hint = gettext_lazy("Name or country")
    empty_text = gettext_lazy("A tax rate is the percentage of one country, such as 20 for Austria.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_sets()

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        in_country = Q(country__iso2_code__in=countries_like(text))
        return found.filter(Q(search__contains=normalise(text)) | in_country)

    def title_of(self, request: HttpRequest, record: TaxRate) -> str:
        return title_with_id(record)

    def hit_text(self, row: TaxRate) -> str:
        return described(row)

    def facts(self, request: HttpRequest, record: TaxRate, tab: Tab) -> list[tuple[str, Any]]:
        held = TaxSet.objects.filter(links__rate=record).order_by("name")
        return [
            (_("Name"), record.name),
            (_("Country"), shown_country(record)),
            (_("Percentage"), f"{percent(record.rate)} %"),
            (_("Sets"), tags(tax_set.name for tax_set in held)),
        ]

    def save(self, request: HttpRequest, form: TaxRateForm, recorder: Recorder) -> TaxRate:
        is_new = form.instance.pk is None
        rate = form.save()
        if not is_new:
            tell_usage(request, list(rate.in_sets.values_list("tax_set_id", flat=True)))
        return rate

    def why_not_delete(self, request: HttpRequest, record: TaxRate) -> str:
        left_empty = sets.only_rate_of(record)
        if not left_empty:
            return ""
        names = ", ".join(tax_set.name for tax_set in left_empty)
        sentence = _("It is the last rate of: %(sets)s. Give the set another rate first, or delete the set.")
        return sentence % {"sets": names}

    def remove(self, request: HttpRequest, record: TaxRate, recorder: Recorder) -> None:
        sets.remove_rate(record, recorder=recorder)


def shown_country(rate: TaxRate) -> str:
    return country_name(rate.country.iso2_code) if rate.country else ""


def losing_sets(rate: TaxRate) -> list[Touched]:
    """The sets that lose a rate, each by its name."""
    address = site._registry[TaxSet].url
    return [
        Touched(tax_set.name, Count(1), _("loses this rate"), url=address("view", pk=tax_set.pk))
        for tax_set in TaxSet.objects.filter(links__rate=rate).order_by("name")[:100]
    ]


adds_impact(TaxRate, losing_sets)
