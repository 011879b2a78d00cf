"""The forms of stores, currencies and glossary texts (spec: prices-and-taxes 1.4)."""

import difflib
import json
import re
import zoneinfo
from typing import Any

from babel import Locale, localedata
from babel.core import UnknownLocaleError
from django import forms
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from backoffice.console.forms import ScreenForm
from backoffice.texts import content_locales
from catalog.stores import linking, usage
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


TAKEN_AWAY = "take_away"
"""The tick that takes languages or currencies from a store in use; its value names them."""


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
            if usage.is_used(self.instance):
                self.fields["name"].disabled = True
                self.fields["name"].help_text = _("Fixed, because files and records name the store by it.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.instance.pk and not self.errors:
            self._ask_about_taken(cleaned)
        return cleaned

    def _ask_about_taken(self, cleaned: dict[str, Any]) -> None:
        """Taking a language or a currency from a store in use is asked about once, with its users (1.5)."""
        gone = {
            name: [code for code in self.initial[name] if code not in cleaned[name]]
            for name in ("locales", "currencies")
        }
        asked = json.dumps(sorted(code for codes in gone.values() for code in codes))
        users = usage.in_words(self.instance) if asked != "[]" else ""
        if not users or self.data.get(TAKEN_AWAY) == asked:
            return
        self.fields[TAKEN_AWAY] = forms.BooleanField(
            label=_("Take them from the store"),
            required=False,
            widget=forms.CheckboxInput(attrs={"value": asked}),
        )
        self.data = self.data.copy()
        self.data.pop(TAKEN_AWAY, None)
        sentences = {
            "locales": _(
                "%(codes)s goes from a store that holds: %(users)s. The texts are kept, and hidden where no other "
                "store uses the language."
            ),
            "currencies": _(
                "%(codes)s goes from a store that holds: %(users)s. Its prices are kept and not used."
            ),
        }
        for name, codes in gone.items():
            if codes:
                sentence = sentences[name] % {"codes": ", ".join(codes), "users": users}
                self.add_error(name, forms.ValidationError(sentence, code="used"))

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
