"""The files of stores, currencies, locales, countries and the glossary (spec: import-export 4.1.1, 4.1.2, 4.10)."""

import re
import zoneinfo
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.history.recording import snapshot
from backoffice.reactions import report
from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import Bool, Code, Json, Locale, Text
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.problems import CellError
from catalog.stores.facts import LOCALES
from catalog.stores.locale_indexes import make_indexes
from catalog.stores.models import (
    Country,
    Currency,
    GlossaryText,
    Store,
    StoreCountry,
    StoreCurrency,
    StoreLocale,
    iso_currency,
)

STORE_LETTERS = r"[A-Za-z0-9_-]+"
STORES = ("AT", "DE", "US")
"""The stores of the sample rows."""
Outcome = RowResult.Outcome


def store_ref() -> Ref:
    return Ref(Store, "name", file="store")


class TimeZone(Json):
    """The time zone of a store inside the contexts of its applications; other settings are left alone."""

    def clean(self, value: str, row: Any = None, **options: Any) -> str | None:
        found = super().clean(value)
        contexts = found.get("application_contexts") if isinstance(found, dict) else None
        if found is not None and not isinstance(contexts, list):
            raise CellError(
                "bad_json", remedy=_('Write {"application_contexts":[{"timezone":"Europe/Vienna"}]}.')
            )
        zones = [c["timezone"] for c in contexts or [] if isinstance(c, dict) and c.get("timezone")]
        if zones and zones[0] not in zoneinfo.available_timezones():
            raise CellError(
                "bad_choice",
                _("“%(zone)s” is no time zone."),
                _("Use an IANA name such as Europe/Vienna."),
                zone=zones[0],
            )
        return zones[0] if zones else None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return super().render({"application_contexts": [{"application": None, "timezone": value}]})


class IsoCode(Code):
    """A currency of ISO 4217."""

    def clean(self, value: str, row: Any = None, **options: Any) -> str:
        code = super().clean(value)
        if code and re.fullmatch(r"[A-Z]{3}", code) and iso_currency(code) is None:
            raise CellError("bad_choice", choices="CHF, EUR, GBP, USD, …")
        return code


@register
class StoreFile(FileResource):
    """Which stores exist."""

    name = Column(
        "name",
        widget=Code(255, STORE_LETTERS, _("“%(value)s”: use letters, digits, dash and underscore only.")),
        required=KEY,
        help=_("The store. The sub-folder of its files has the same name."),
        samples=("NORTH", "SOUTH", "OUTLET"),
    )

    class Meta:
        model = Store
        file = "store"
        content = _("Stores")
        similar_keys = True


@register
class CurrencyFile(FileResource):
    iso_code = Column(
        "iso_code",
        widget=IsoCode(3, r"[A-Z]{3}", _("“%(value)s”: use the three capital letters of ISO 4217.")),
        required=KEY,
        help=_("Three capital letters of ISO 4217."),
        samples=("SEK", "NOK", "PLN"),
    )
    currency_symbol = Column(
        "symbol",
        "currency_symbol",
        required=CREATE,
        help=_("May repeat the code."),
        samples=("kr", "kr", "zł"),
    )
    name = Column(
        "name",
        required=CREATE,
        help=_("The English name."),
        samples=("Swedish krona", "Norwegian krone", "Polish zloty"),
    )

    class Meta:
        model = Currency
        screen = Store
        file = "currency"

    def complete(self, values: Values, record: dict[str, Any], is_new: bool) -> dict[str, Any]:
        known = iso_currency(values["iso_code"]) if is_new else None
        return {"fraction_digits": known["fraction_digits"]} if known else {}


class OneDefault(FileResource):
    """Links of a store of which one is the default: a row that takes the flag takes it from the other one."""

    def before_write(self, batch: Batch) -> None:
        flag, store = batch.position("is_default"), batch.position("store")
        takers = [row for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED) if row.record[flag]]
        stores = {row.record[store] for row in takers if not (row.stored and row.stored[flag])}
        planned = {row.record[batch.position("id")] for row in takers} | {
            row.record[batch.position("id")] for row in batch.with_outcome(Outcome.CHANGED)
        }
        holders = self.model._default_manager.filter(store__in=stores, is_default=True)
        holders.filter(pk__in=planned - {None}).update(is_default=False)
        for holder in holders.exclude(pk__in=planned - {None}).select_related("store").select_for_update():
            before = snapshot(holder)
            holder.is_default, holder.updated_at = False, batch.run.began_at
            holder.version += 1
            self.model._default_manager.bulk_update([holder], ["is_default", "updated_at", "version"])
            batch.run.recorder.changed(holder, before)
        batch.run.recorder.flush()


@register
class StoreCurrencyFile(OneDefault):
    currency_code = Column(
        "currency",
        "currency_code",
        Ref(Currency, "iso_code", file="currency", built_in=iso_currency),
        required=KEY,
        samples=("SEK", "PLN", "CHF"),
    )
    store_name = Column("store", "store_name", store_ref(), required=KEY, samples=STORES)
    is_default = Column(
        "is_default",
        widget=Bool(),
        default=False,
        help=_("One per store; the former default gives it up."),
        samples=("0", "0", "0"),
    )

    class Meta:
        model = StoreCurrency
        screen = Store
        file = "currency_store"
        content = _("Currencies of stores")
        once = {
            "currency_store.default": (
                "conflict",
                _("Line %(line)s makes another currency the default of the same store."),
            )
        }

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        if values.get("is_default"):
            yield "currency_store.default", values["store_name"]

    def review(self, batch: Batch) -> None:
        """A row may not take the flag away unless another row of the run gives it to another currency."""
        flag = batch.position("is_default")
        losers = [
            row
            for row in batch.with_outcome(Outcome.CHANGED)
            if row.stored[flag] and not row.record[flag] and not row.is_bad
        ]
        stores = {row.values["store_name"] for row in losers}
        given = set(batch.run.keys.find("currency_store.default", stores)) if losers else set()
        given -= {r.values.get("store_name") for r in batch.rows if r.is_bad and r.values.get("is_default")}
        for row in losers:
            if row.values["store_name"] not in given:
                message = _("This would leave the store without a default currency.")
                row.fail("conflict", "is_default", message, _("Give the flag to another currency."))


@register
class StoreLocaleFile(FileResource):
    locale_name = Column(
        "locale",
        "locale_name",
        Locale(),
        required=KEY,
        help=_("The language and country of texts, such as de_AT."),
        samples=("de_AT", "fr_FR", "es_US"),
    )
    store_name = Column("store", "store_name", store_ref(), required=KEY, samples=STORES)

    class Meta:
        model = StoreLocale
        screen = Store
        file = "locale_store"
        content = _("Locales of stores")

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        yield "locale", values["locale_name"]

    def before_write(self, batch: Batch) -> None:
        make_indexes(row.values["locale_name"] for row in batch.with_outcome(Outcome.NEW))

    def after_write(self, batch: Batch) -> None:
        store = batch.position("store")
        report(LOCALES, (row.record[store] for row in batch.with_outcome(Outcome.NEW)))


@register
class DefaultLocaleFile(OneDefault):
    """Which of its locales a store begins with."""

    store_name = Column("store", "store_name", store_ref(), required=KEY, samples=STORES)
    locale_name = Column(
        "locale",
        "locale_name",
        Locale(),
        required=CREATE,
        help=_("One of the locales of the store."),
        samples=("de_DE", "de_DE", "en_US"),
    )

    class Meta:
        model = StoreLocale
        screen = Store
        file = "default_locale_store"
        content = _("Default locales of stores")
        identity = ("locale", "store")
        repeat_code = "conflict"
        creates = False
        made_by = "locale_store"
        missing = ("conflict", "locale_name", _("“%(value)s” is no locale of this store."))

    def label(self, values: Values) -> str:
        return f"{values['locale_name']} {values['store_name']}"

    def complete(self, values: Values, record: dict[str, Any], is_new: bool) -> dict[str, Any]:
        return {"is_default": True}

    def rows(self, user: Any = None) -> Any:
        return super().rows(user).filter(is_default=True)


@register
class StoreCountryFile(FileResource):
    store_name = Column("store", "store_name", store_ref(), required=KEY, samples=STORES)
    country = Column(
        "country",
        widget=Ref(Country, "iso2_code"),
        required=KEY,
        help=_("Two letters of ISO 3166."),
        samples=("LI", "LU", "CA"),
    )

    class Meta:
        model = StoreCountry
        screen = Store
        file = "country_store"
        content = _("Countries of stores")


@register
class StoreContextFile(FileResource):
    """The time zone of a store."""

    store_name = Column("name", "store_name", Code(255), required=KEY, samples=STORES)
    contexts = Column(
        "time_zone",
        "appication_context_collection",
        TimeZone(),
        default="UTC",
        aliases=("application_context_collection",),
        help=_("JSON; the time zone of the first context counts."),
        samples=tuple(
            f'{{"application_contexts": [{{"application": null, "timezone": "{zone}"}}]}}'
            for zone in ("Europe/Vienna", "Europe/Berlin", "America/New_York")
        ),
    )

    class Meta:
        model = Store
        file = "store_context"
        content = _("Time zones of stores")
        creates = False
        made_by = "store"


@register
class GlossaryFile(FileResource):
    key = Column(
        "key", widget=Code(255), required=KEY, samples=("sample.greeting",) * 2 + ("sample.farewell",)
    )
    translation = Column(
        "translation", widget=Text(), help=_("The text."), samples=("Hello", "Hallo", "Goodbye")
    )
    locale = Column("locale", widget=Locale(), required=KEY, samples=("en_US", "de_DE", "en_US"))

    class Meta:
        model = GlossaryText
        file = "glossary"
        last_wins = True

    def label(self, values: Values) -> str:
        return f"{values['key']} ({values['locale']})"

    def accepts(self, values: Values, locales: Sequence[str]) -> bool:
        return values["locale"] in locales
