"""What hangs on a store: its locales, currencies and delivery countries, written together with the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

from backoffice.history.recording import Recorder, snapshot
from backoffice.reactions import report
from catalog.stores import facts
from catalog.stores.locale_indexes import make_indexes
from catalog.stores.models import (
    Country,
    Currency,
    Store,
    StoreCountry,
    StoreCurrency,
    StoreLocale,
    iso_currency,
)


@dataclass(frozen=True)
class Links:
    """The wanted links of a store; of locales and currencies the first is the default."""

    locales: tuple[str, ...]
    currencies: tuple[str, ...]
    countries: tuple[str, ...]

    @classmethod
    def of(cls, store: Store) -> "Links":
        """The links a store has, defaults first."""
        return cls(
            tuple(link.locale for link in store.locales.all()),
            tuple(link.currency.iso_code for link in store.currencies.select_related("currency")),
            tuple(link.country.iso2_code for link in store.countries.select_related("country")),
        )


def link(store: Store, wanted: Links, *, recorder: Recorder) -> None:
    """Make the links of ``store`` the wanted ones, in the caller's transaction.

    Texts of a locale that goes are kept."""
    currencies = [known_currency(code) for code in wanted.currencies]
    countries = list(Country.objects.filter(iso2_code__in=wanted.countries))
    make_indexes(wanted.locales)
    spoken = set(store.locales.values_list("locale", flat=True))
    _replace(store, StoreLocale, "locale", wanted.locales, recorder)
    _replace(store, StoreCurrency, "currency", currencies, recorder)
    _replace(store, StoreCountry, "country", countries, recorder)
    report(facts.LOCALES, [store.pk] if spoken != set(wanted.locales) else [])


def known_currency(code: str) -> Currency:
    """The currency of an ISO code; all of ISO 4217 is known without a file (import-export 2.18)."""
    currency, _created = Currency.objects.get_or_create(iso_code=code, defaults=iso_currency(code) or {})
    return currency


def _replace(store: Store, model: type[Model], name: str, values: Iterable[Any], recorder: Recorder) -> None:
    values = list(values)
    held = {getattr(row, name): row for row in model.objects.filter(store=store).select_related("store")}
    for value, row in held.items():
        if value not in values:
            recorder.deleted(row, parent=store)
            row.delete()
    if not hasattr(model, "is_default"):
        for value in values:
            if value not in held:
                recorder.added(model.objects.create(store=store, **{name: value}), parent=store)
        return
    befores = {value: snapshot(row) for value, row in held.items()}
    model.objects.filter(store=store, is_default=True).exclude(**{name: values[0]}).update(is_default=False)
    for value in values:
        is_default = value == values[0]
        row = held.get(value)
        if row is None:
            recorder.added(
                model.objects.create(store=store, is_default=is_default, **{name: value}), parent=store
            )
        elif row.is_default != is_default:
            row.is_default = is_default
            row.version += 1
            row.save(update_fields=["is_default", "version", "updated_at"])
            recorder.changed(row, befores[value], parent=store)
