"""Stores, currencies and glossary (spec: prices-and-taxes 1.4, working-day 1.2)."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, DateRange, tags
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from catalog.stores import linking
from catalog.stores.filters import locale_choices
from catalog.stores.forms import TAKEN_AWAY, CurrencyForm, GlossaryForm, StoreForm, language_name
from catalog.stores.models import Currency, GlossaryText, Store


@admin.register(Store, site=site)
class StoreAdmin(ScreenAdmin):
    icon = "store"
    tab_label = gettext_lazy("Stores")
    form = StoreForm
    files = (
        "store",
        "currency_store",
        "locale_store",
        "default_locale_store",
        "country_store",
        "store_context",
    )
    can_delete = False
    tabs = (
        Tab(
            "general",
            gettext_lazy("General"),
            ("name", "time_zone", "locales", "currencies", TAKEN_AWAY, "countries"),
        ),
    )
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("name", link=True, sort="name"),
        Column(
            "default_locale",
            gettext_lazy("Default locale"),
            value=lambda s: default_of(s.locales.all(), "locale"),
        ),
        Column(
            "locales",
            gettext_lazy("Locales"),
            value=lambda s: tags(x.locale for x in s.locales.all()),
            priority=1,
        ),
        Column(
            "default_currency",
            gettext_lazy("Default currency"),
            value=lambda s: default_of(s.currencies.all(), "currency"),
        ),
        Column(
            "currencies",
            gettext_lazy("Currencies"),
            value=lambda s: tags(x.currency.iso_code for x in s.currencies.all()),
            priority=1,
        ),
        Column(
            "countries",
            gettext_lazy("Countries"),
            value=lambda s: tags(x.country.iso2_code for x in s.countries.all()),
            priority=2,
        ),
        Column("time_zone", priority=2),
    )
    list_order = ("name",)
    search_hint = gettext_lazy("Name")
    code_field = "name"
    empty_text = gettext_lazy(
        "A store is where you sell: with its languages, currencies and delivery countries."
    )

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_links()

    def save(self, request: HttpRequest, form: StoreForm, recorder: Recorder) -> Store:
        store = form.save()
        linking.link(store, form.links(), recorder=recorder)
        return store

    def facts(self, request: HttpRequest, record: Store, tab: Tab) -> list[tuple[str, Any]]:
        held = linking.Links.of(record)
        return [
            (_("Name"), record.name),
            (_("Time zone"), record.time_zone),
            (_("Locales"), ", ".join(f"{code} · {language_name(code)}" for code in held.locales)),
            (_("Currencies"), ", ".join(held.currencies)),
            (_("Delivery countries"), ", ".join(held.countries)),
        ]


def default_of(links: Any, name: str) -> str:
    return next((str(getattr(link, name)) for link in links if link.is_default), "")


@admin.register(Currency, site=site)
class CurrencyAdmin(ScreenAdmin):
    icon = "store"
    rights_model = Store
    form = CurrencyForm
    files = ("currency",)
    can_delete = False
    tabs = (Tab("general", gettext_lazy("General"), ("iso_code", "name", "symbol", "fraction_digits")),)
    list_columns = (
        Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=2),
        Column("iso_code", link=True, sort="iso_code", mono=True),
        Column("symbol"),
        Column("name"),
        Column("fraction_digits", num=True),
        Column(
            "stores",
            gettext_lazy("Used in stores"),
            value=lambda c: tags(x.store.name for x in c.stores.all()),
        ),
    )
    list_order = ("iso_code",)
    search_hint = gettext_lazy("Code or name")
    code_field = "iso_code"
    empty_text = gettext_lazy("Currencies that stores can sell in, by ISO 4217.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.prefetch_related("stores__store")


@admin.register(GlossaryText, site=site)
class GlossaryAdmin(ScreenAdmin):
    icon = "languages"
    form = GlossaryForm
    files = ("glossary",)
    can_delete = False
    tabs = (Tab("general", gettext_lazy("General"), ("key", "locale", "translation")),)
    list_columns = (
        Column("key", link=True, sort="key", mono=True),
        Column("locale"),
        Column("translation"),
        Column("updated_at", priority=2),
    )
    list_filters = (
        Choice("locale", gettext_lazy("Locale"), choices=locale_choices),
        DateRange("updated_at", gettext_lazy("Changed")),
    )
    list_order = ("key",)
    search_hint = gettext_lazy("Key or text")
    code_field = "key"

    empty_text = gettext_lazy(
        "Texts by key that stand in where a unit, type or attribute has no name of its own."
    )

    def hit_text(self, row: GlossaryText) -> str:
        return f"{row.key} · {row.locale} · {row.translation}"
