"""Stores, currencies and glossary (spec: prices-and-taxes 1.4, working-day 1.2)."""

import difflib
import re
import zoneinfo
from typing import Any

from babel import Locale, localedata
from babel.core import UnknownLocaleError
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.lists import Choice, Column, DateRange, tags
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from backoffice.texts import content_locales
from catalog.stores import linking
from catalog.stores.models import LOCALE, Country, Currency, GlossaryText, Store, iso_currency


class CodeList(forms.CharField):
    """Codes separated by commas or blanks, such as ``de_DE, en_US``; cleans to a list without repetitions."""

    def to_python(self, value: Any) -> list[str]:
        if isinstance(value, list | tuple):
            return list(value)
        return list(dict.fromkeys(part for part in re.split(r"[\s,;]+", value or "") if part))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


def nearest(code: str, known: Any) -> str:
    """ "did you mean" for a mistyped code, or nothing."""
    found = difflib.get_close_matches(code, list(known), n=1, cutoff=0.5)
    return " " + _("Did you mean %(code)s?") % {"code": found[0]} if found else ""


def unknown(sentence: str, code: str, known: Any) -> forms.ValidationError:
    return forms.ValidationError(sentence % {"code": code} + nearest(code, known), code="bad_choice")


class Suggestions(forms.TextInput):
    """A text box that offers known values while one types; any value may be typed."""

    template_name = "stores/suggestions.html"

    def __init__(self, offered: Any, attrs: dict[str, Any] | None = None) -> None:
        self.offered = offered
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["offered"] = self.offered()
        context["widget"]["attrs"]["list"] = f"{name}-offered"
        return context


def time_zones() -> list[str]:
    return sorted(
        zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith("Etc/")
    )


def language_name(code: str) -> str:
    """``de_AT`` in the user's language: "Deutsch (Österreich)"."""
    try:
        return Locale.parse(code).get_display_name(get_language() or "en") or code
    except (UnknownLocaleError, ValueError):
        return code


class StoreForm(ScreenForm):
    locales = CodeList(
        label=gettext_lazy("Locales"),
        help_text=gettext_lazy(
            "Language and country, such as de_AT. The first one is the default of the store."
        ),
    )
    currencies = CodeList(
        label=gettext_lazy("Currencies"),
        help_text=gettext_lazy(
            "Letters of ISO 4217, such as EUR. The first one is the default of the store."
        ),
    )
    countries = CodeList(
        label=gettext_lazy("Delivery countries"),
        required=False,
        help_text=gettext_lazy("Two letters of ISO 3166, such as AT, DE."),
    )

    class Meta:
        model = Store
        fields = ("name", "time_zone")
        widgets = {"time_zone": Suggestions(time_zones)}
        help_texts = {
            "name": gettext_lazy("Letters, digits, dash and underscore. Files name the store by it."),
            "time_zone": gettext_lazy("Dates that are valid in this store count in this zone."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            held = linking.Links.of(self.instance)
            self.initial |= {
                "locales": list(held.locales),
                "currencies": list(held.currencies),
                "countries": list(held.countries),
            }

    def clean_locales(self) -> list[str]:
        for code in self.cleaned_data["locales"]:
            if not re.match(LOCALE, code) or not localedata.exists(code[:2]):
                known = [c for c in localedata.locale_identifiers() if re.match(LOCALE, c)]
                raise unknown(_("“%(code)s” is no locale."), code, known)
        return self.cleaned_data["locales"]

    def clean_currencies(self) -> list[str]:
        known = set(Locale("en").currencies)
        for code in self.cleaned_data["currencies"]:
            if iso_currency(code) is None:
                raise unknown(_("“%(code)s” is no currency."), code, known)
        return self.cleaned_data["currencies"]

    def clean_countries(self) -> list[str]:
        known = set(Country.objects.values_list("iso2_code", flat=True))
        for code in self.cleaned_data["countries"]:
            if code not in known:
                raise unknown(_("“%(code)s” is no country."), code, known)
        return self.cleaned_data["countries"]

    def links(self) -> linking.Links:
        cleaned = self.cleaned_data
        return linking.Links(
            tuple(cleaned["locales"]), tuple(cleaned["currencies"]), tuple(cleaned["countries"])
        )


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
        Tab("general", gettext_lazy("General"), ("name", "time_zone", "locales", "currencies", "countries")),
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


class CurrencyForm(ScreenForm):
    class Meta:
        model = Currency
        fields = ("iso_code", "name", "symbol", "fraction_digits")
        help_texts = {
            "iso_code": gettext_lazy("Three capital letters of ISO 4217. Fixed after creation."),
            "fraction_digits": gettext_lazy("Decimals of an amount: 2 for euro, 0 for yen."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.fields["iso_code"].disabled = True


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
    empty_text = gettext_lazy("Currencies that stores can sell in, by ISO 4217.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.prefetch_related("stores__store")


class GlossaryForm(ScreenForm):
    locale = forms.ChoiceField(label=gettext_lazy("Locale"))

    class Meta:
        model = GlossaryText
        fields = ("key", "locale", "translation")
        help_texts = {
            "key": gettext_lazy(
                "What rooms look up, such as packaging_unit_type.carton.name. Fixed after creation."
            ),
            "translation": gettext_lazy("Shown wherever the record has no text of its own in this language."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        codes = dict.fromkeys([*content_locales(), *filter(None, [self.instance.locale])])
        self.fields["locale"].choices = [(code, f"{code} · {language_name(code)}") for code in codes]
        if self.instance.pk:
            self.fields["key"].disabled = self.fields["locale"].disabled = True


def locale_choices(request: HttpRequest) -> list[tuple[str, str]]:
    return [(code, code) for code in content_locales()]


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

    empty_text = gettext_lazy(
        "Texts by key that stand in where a unit, type or attribute has no name of its own."
    )

    def hit_text(self, row: GlossaryText) -> str:
        return f"{row.key} · {row.locale} · {row.translation}"
