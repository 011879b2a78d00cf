"""Stores, their links, currencies and content locales (prices-and-taxes 1)."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from backoffice.history.models import Change
from backoffice.texts import content_locales
from catalog.products.models import Product
from catalog.stores.models import Country, Currency, Store, StoreCurrency, StoreLocale
from tests import make

STORES = "/stores/store/"
GERMANY = {
    "name": "DE",
    "time_zone": "Europe/Berlin",
    "locales": "de_DE, en_US",
    "currencies": "EUR CHF",
    "countries": "DE, CH",
}


@pytest.fixture
def client(db) -> Client:
    client = Client()
    client.force_login(make.superuser())
    return client


def links(store: Store) -> dict[str, list[tuple[str, bool]]]:
    return {
        "locales": [(x.locale, x.is_default) for x in store.locales.all()],
        "currencies": [(x.currency.iso_code, x.is_default) for x in store.currencies.all()],
    }


def test_a_store_is_made_with_its_locales_currencies_and_countries(client):
    client.post(f"{STORES}add/", GERMANY)
    store = Store.objects.get(name="DE")
    assert links(store) == {
        "locales": [("de_DE", True), ("en_US", False)],
        "currencies": [("EUR", True), ("CHF", False)],
    }
    assert [x.country.iso2_code for x in store.countries.all()] == ["CH", "DE"]
    assert Currency.objects.get(iso_code="CHF").fraction_digits == 2


def test_the_default_moves_to_the_first_locale_named(client):
    client.post(f"{STORES}add/", GERMANY)
    store = Store.objects.get()
    values = GERMANY | {"locales": "en_US de_DE", "_version": "1", "_opened": "{}"}
    client.post(f"{STORES}{store.pk}/change/", values)
    assert links(store)["locales"] == [("en_US", True), ("de_DE", False)]


def test_links_are_recorded_as_children_of_the_store(client):
    client.post(f"{STORES}add/", GERMANY)
    store = Store.objects.get()
    client.post(
        f"{STORES}{store.pk}/change/", GERMANY | {"countries": "DE", "_version": "1", "_opened": "{}"}
    )
    gone = Change.objects.filter(parent_type="stores.store", parent_id=store.pk, action="delete")
    assert [change.label for change in gone] == ["CH DE"]
    assert "CH DE" in client.get(f"{STORES}{store.pk}/history/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("locales", "de_XX de", "“de” is no locale."),
        ("currencies", "EURO", "“EURO” is no currency. Did you mean EUR?"),
        ("countries", "DEU", "“DEU” is no country. Did you mean DE?"),
        ("time_zone", "Europe/Berlino", "“Europe/Berlino” is no time zone."),
        ("name", "D E", "Use letters, digits, dash and underscore only."),
    ],
)
def test_wrong_codes_are_named_and_nothing_is_saved(client, field, value, sentence):
    html = client.post(f"{STORES}add/", GERMANY | {field: value}).content.decode()
    assert sentence in html
    assert value in html
    assert Store.objects.count() == 0


def test_content_locales_are_those_of_all_stores_defaults_first(db):
    assert content_locales() == ["en_US"]
    make.store(locales=("de_AT", "en_US"))
    make.store(locales=("fr_FR", "de_AT"))
    assert content_locales() == ["de_AT", "fr_FR", "en_US"]


def test_a_store_has_one_default_locale_and_currency_whatever_writes(db):
    store = make.store(locales=("de_DE",), currencies=("EUR",))
    with pytest.raises(IntegrityError), transaction.atomic():
        StoreLocale.objects.bulk_create([StoreLocale(store=store, locale="en_US", is_default=True)])
    with pytest.raises(IntegrityError), transaction.atomic():
        StoreCurrency.objects.bulk_create(
            [StoreCurrency(store=store, currency=make.currency("CHF"), is_default=True)]
        )


def test_all_countries_are_built_in(db):
    assert Country.objects.get(iso2_code="AT").name == "Austria"
    assert Country.objects.count() > 240


def test_a_store_keeps_its_name_once_it_is_used(client):
    store = make.store("DE", locales=("de_DE",))
    values = GERMANY | {"name": "GER", "locales": "de_DE", "_version": "1", "_opened": "{}"}
    client.post(f"{STORES}{store.pk}/change/", values)
    store.refresh_from_db()
    assert store.name == "GER"

    make.category("tools", stores=[store])
    connection.check_constraints()  # indexes of a locale are made between transactions
    client.post(f"{STORES}{store.pk}/change/", values | {"name": "DE", "time_zone": "UTC", "_version": "2"})
    store.refresh_from_db()
    assert (store.name, store.time_zone) == ("GER", "UTC")


def test_taking_a_language_or_currency_from_a_store_in_use_is_asked_about_once(client):
    store = make.store("DE", locales=("de_DE", "en_US"), currencies=("EUR", "CHF"))
    make.product("saw", name={"de_DE": "Säge", "en_US": "Saw"}, stores=[store])
    make.category("tools", stores=[store])
    connection.check_constraints()
    page = f"{STORES}{store.pk}/change/"
    values = GERMANY | {"locales": "de_DE", "currencies": "EUR", "_version": "1", "_opened": "{}"}

    asked = client.post(page, values).content.decode()

    assert "en_US goes from a store that holds: Categories 1, Products 1." in asked
    assert "CHF goes from a store that holds: Categories 1, Products 1." in asked
    assert links(store)["locales"] == [("de_DE", True), ("en_US", False)]
    client.post(page, values | {"take_away": '["CHF", "en_US"]'})
    assert links(store) == {"locales": [("de_DE", True)], "currencies": [("EUR", True)]}
    assert Product.objects.get().name == {"de_DE": "Säge", "en_US": "Saw"}


def test_nothing_is_asked_about_an_empty_store(client):
    store = make.store("DE", locales=("de_DE", "en_US"))
    values = GERMANY | {"locales": "de_DE", "_version": "1", "_opened": "{}"}
    client.post(f"{STORES}{store.pk}/change/", values)
    assert links(store)["locales"] == [("de_DE", True)]


def test_stores_and_currencies_are_found_by_name_and_code(client):
    make.store("DE"), make.store("outlet", currencies=("CHF",))
    assert [row.name for row in client.get(f"{STORES}?q=OUT").context["list"].page.rows] == ["outlet"]
    assert [row.name for row in client.get(STORES).context["list"].page.rows] == ["DE", "outlet"]
    for text in ("chf", "swiss"):
        rows = client.get(f"/stores/currency/?q={text}").context["list"].page.rows
        assert [row.iso_code for row in rows] == ["CHF"]


def test_nobody_deletes_a_store(client):
    store = make.store()
    assert client.get(f"{STORES}{store.pk}/delete/").status_code == 404


def test_a_glossary_key_has_one_text_per_locale(client):
    make.glossary_text("measurement_units.item.name", "Item")
    values = {"key": "measurement_units.item.name", "locale": "en_US", "translation": "Piece"}
    html = client.post("/stores/glossarytext/add/", values).content.decode()
    assert "This key has a text in this locale already." in html


def test_a_new_locale_gets_its_index_of_missing_names(client):
    client.post(f"{STORES}add/", GERMANY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%no_name%' ORDER BY 1")
        found = [name for (name,) in cursor]
    tables = (
        *("attributes_attribute", "categories_category", "packaging_packagingtype"),
        *("products_product", "products_variant"),
    )
    assert set(found) >= {f"{table}_no_name_{code}" for table in tables for code in ("de_de", "en_us")}


def test_a_new_locale_gets_its_index_of_sorted_names(client):
    client.post(f"{STORES}add/", GERMANY)
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname LIKE '%by_name%' ORDER BY 1")
        found = [name for (name,) in cursor]
    assert found == [
        "products_product_by_name_de_de",
        "products_product_by_name_en_us",
        "products_variant_by_name_de_de",
        "products_variant_by_name_en_us",
    ]
