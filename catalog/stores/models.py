"""Stores, their locales, currencies and countries, and the glossary.

Spec: prices-and-taxes 1, packaging-and-units 2.8.
"""

import zoneinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField

LOCALE = r"^[a-z]{2}_[A-Z]{2}$"
STORE_RIGHTS = tuple(right for right in RIGHTS if right != "delete")


def known_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA table."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(name)s” is no time zone. Use an IANA name such as Europe/Vienna."),
            code="bad_choice",
            params={"name": name},
        )


class StoreQuerySet(models.QuerySet["Store"]):
    def with_links(self) -> "StoreQuerySet":
        """Stores with their locales, currencies and countries, three queries whatever their number."""
        return self.prefetch_related("locales", "currencies__currency", "countries__country")


class Store(Record):
    """A shop of the company. Its locales, currencies and delivery countries hang on it."""

    name = models.CharField(_("name"), max_length=255)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[known_time_zone])
    search = SearchField(sources=("name",))

    objects = StoreQuerySet.as_manager()

    class Meta:
        default_permissions = STORE_RIGHTS
        verbose_name = _("store")
        verbose_name_plural = _("stores and currencies")
        ordering = ("name",)
        constraints = [
            UniqueRule(
                fields=["name"],
                name="stores_store_name_unique",
                column="name",
                code="taken",
                message=_("Another store has this name."),
            ),
            CheckRule(
                condition=models.Q(name__regex=r"^[A-Za-z0-9_-]+$"),
                name="stores_store_name_letters",
                column="name",
                code="bad_key",
                message=_("Use letters, digits, dash and underscore only."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Currency(Record):
    """A currency by ISO 4217. ``fraction_digits`` is how many minor units one unit has, as a power of ten."""

    iso_code = models.CharField(_("ISO code"), max_length=3)
    symbol = models.CharField(_("symbol"), max_length=16)
    name = models.CharField(_("name"), max_length=255)
    fraction_digits = models.PositiveSmallIntegerField(_("digits"), default=2)
    search = SearchField(sources=("iso_code", "name"))

    class Meta:
        default_permissions = ()
        verbose_name = _("currency")
        verbose_name_plural = _("currencies")
        ordering = ("iso_code",)
        constraints = [
            UniqueRule(
                fields=["iso_code"],
                name="stores_currency_code_unique",
                column="iso_code",
                code="taken",
                message=_("This currency exists already."),
            ),
            CheckRule(
                condition=models.Q(iso_code__regex=r"^[A-Z]{3}$"),
                name="stores_currency_code_letters",
                column="iso_code",
                code="bad_key",
                message=_("Use the three capital letters of ISO 4217, such as EUR."),
            ),
            CheckRule(
                condition=models.Q(fraction_digits__range=(0, 4)),
                name="stores_currency_digits_range",
                column="fraction_digits",
                code="out_of_range",
                message=_("A currency has 0 to 4 decimals."),
            ),
        ]

    def __str__(self) -> str:
        return self.iso_code


class Country(models.Model):
    """A country by ISO 3166, built in. ``name`` is English; screens show the name in the user's language."""

    iso2_code = models.CharField(_("code"), max_length=2, unique=True)
    name = models.CharField(_("name"), max_length=255, unique=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ("iso2_code",)

    def __str__(self) -> str:
        return self.iso2_code


class StoreLocale(Record):
    """A content locale of a store."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="locales", verbose_name=_("store"))
    locale = models.CharField(_("locale"), max_length=5)
    is_default = models.BooleanField(_("default"), default=False)

    history_parent = "store"

    class Meta:
        default_permissions = ()
        verbose_name = _("locale of a store")
        ordering = ("-is_default", "locale")
        constraints = [
            UniqueRule(fields=["store", "locale"], name="stores_storelocale_once"),
            UniqueRule(
                fields=["store"],
                condition=models.Q(is_default=True),
                name="stores_storelocale_one_default",
                column="is_default",
                code="conflict",
                message=_("A store has one default locale."),
            ),
            CheckRule(
                condition=models.Q(locale__regex=LOCALE),
                name="stores_storelocale_shape",
                column="locale",
                code="bad_choice",
                message=_("Write a locale as language_COUNTRY, such as de_AT."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.locale} {self.store}"


class StoreCurrency(Record):
    """A currency enabled in a store."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="currencies", verbose_name=_("store"))
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="stores", verbose_name=_("currency"))
    is_default = models.BooleanField(_("default"), default=False)

    history_parent = "store"

    class Meta:
        default_permissions = ()
        verbose_name = _("currency of a store")
        ordering = ("-is_default", "currency__iso_code")
        constraints = [
            UniqueRule(fields=["store", "currency"], name="stores_storecurrency_once"),
            UniqueRule(
                fields=["store"],
                condition=models.Q(is_default=True),
                name="stores_storecurrency_one_default",
                column="is_default",
                code="conflict",
                message=_("A store has one default currency."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.store}"


class StoreCountry(Record):
    """A country a store delivers to."""

    store = models.ForeignKey(Store, models.CASCADE, related_name="countries", verbose_name=_("store"))
    country = models.ForeignKey(Country, models.PROTECT, related_name="+", verbose_name=_("country"))

    history_parent = "store"

    class Meta:
        default_permissions = ()
        verbose_name = _("country of a store")
        ordering = ("country__iso2_code",)
        constraints = [UniqueRule(fields=["store", "country"], name="stores_storecountry_once")]

    def __str__(self) -> str:
        return f"{self.country} {self.store}"


class GlossaryText(Record):
    """A text per key and locale, read by rooms where a text of their own is missing; nothing is copied."""

    key = models.CharField(_("key"), max_length=255)
    locale = models.CharField(_("locale"), max_length=5)
    translation = models.TextField(_("text"), blank=True, default="")
    search = SearchField(sources=("key", "translation"))

    class Meta:
        default_permissions = STORE_RIGHTS
        verbose_name = _("glossary text")
        verbose_name_plural = _("glossary")
        ordering = ("key", "locale")
        constraints = [
            UniqueRule(
                fields=["key", "locale"],
                name="stores_glossarytext_once",
                column="key",
                code="taken",
                message=_("This key has a text in this locale already."),
            ),
            CheckRule(
                condition=models.Q(locale__regex=LOCALE),
                name="stores_glossarytext_locale",
                column="locale",
                code="bad_choice",
                message=_("Write a locale as language_COUNTRY, such as de_AT."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.locale})"


def shop_locales() -> list[str]:
    """All locales of all stores, defaults first, then by code."""
    rows = (
        StoreLocale.objects.values("locale")
        .annotate(
            first=models.Max(
                models.Case(
                    models.When(is_default=True, then=1), default=0, output_field=models.IntegerField()
                )
            )
        )
        .order_by("-first", "locale")
    )
    return [row["locale"] for row in rows]


def iso_currency(code: str) -> dict[str, Any] | None:
    """Name, symbol and digits of a currency by ISO 4217, or None if there is no such code."""
    from babel import Locale
    from babel.numbers import get_currency_precision

    english = Locale("en")
    if code not in english.currencies:
        return None
    return {
        "iso_code": code,
        "name": english.currencies[code],
        "symbol": english.currency_symbols.get(code, code),
        "fraction_digits": get_currency_precision(code),
    }
