"""Packaging types: names, keys, the glossary behind them (packaging-and-units 2.1, 2.8, 3.1)."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from catalog.packaging.models import PackagingType, key_for
from catalog.stores.models import GlossaryText
from tests import make

LIST = "/packaging/packagingtype/"
CARTON = "packaging_unit_type.carton.name"


@pytest.fixture
def client(db) -> Client:
    make.store(locales=("de_DE", "en_US"))
    client = Client()
    client.force_login(make.user(roles=["Category Manager"], content_locale="en_US"))
    return client


def shown(locale: str) -> dict[str, str]:
    return dict(PackagingType.objects.with_name(locale).values_list("key", "shown_name"))


def test_the_type_item_is_always_present(db):
    assert list(PackagingType.objects.values_list("key", flat=True)) == ["packaging_unit_type.item.name"]


def test_the_key_is_made_of_the_name_in_the_first_locale(client):
    client.post(f"{LIST}add/", {"name.en_US": "Pack of Ten", "name.de_DE": "Zehnerpack"})
    made = PackagingType.objects.get(key="packaging_unit_type.pack_of_ten.name")
    assert made.name == {"en_US": "Pack of Ten", "de_DE": "Zehnerpack"}


def test_a_taken_key_is_an_error_on_the_name_and_the_form_is_kept(client):
    make.packaging_type("Carton", key=CARTON)
    html = client.post(f"{LIST}add/", {"name.en_US": "Carton", "name.de_DE": "Kiste"}).content.decode()
    assert "A packaging type with this key exists. Choose another name." in html
    assert 'value="Kiste"' in html
    assert PackagingType.objects.filter(key=CARTON).count() == 1


def test_a_name_is_required_in_every_content_locale(client):
    html = client.post(f"{LIST}add/", {"name.en_US": "Sack", "name.de_DE": " "}).content.decode()
    assert "Type a text for DE." in html
    assert not PackagingType.objects.filter(key__contains="sack").exists()


def test_a_name_counts_as_given_where_the_glossary_has_one(client):
    carton = make.packaging_type({"en_US": "Carton", "de_DE": "Karton"}, key=CARTON)
    make.glossary_text(CARTON, "Karton aus dem Glossar", locale="de_DE")
    values = {"name.en_US": "Carton", "name.de_DE": "", "_version": "1", "_opened": "{}"}
    assert client.post(f"{LIST}{carton.pk}/change/", values).status_code == 302
    assert shown("de_DE")[CARTON] == "Karton aus dem Glossar"
    form = client.get(f"{LIST}{carton.pk}/change/").content.decode()
    assert 'placeholder="Karton aus dem Glossar"' in form


def test_the_own_name_stands_before_the_glossary_text_and_emptied_again_the_glossary_shows(db):
    make.store(locales=("de_DE", "en_US"))
    carton = make.packaging_type({"de_DE": "Schachtel"}, key=CARTON)
    make.glossary_text(CARTON, "Karton", locale="de_DE")
    assert (shown("de_DE")[CARTON], carton.name_in("de_DE")) == ("Schachtel", "Schachtel")
    carton.name = {}
    carton.save()
    assert (shown("de_DE")[CARTON], carton.name_in("de_DE")) == ("Karton", "Karton")


def test_a_missing_name_falls_back_to_another_locale_and_then_to_the_key(db):
    make.store(locales=("de_DE", "en_US"))
    carton = make.packaging_type({"de_DE": "Karton"}, key=CARTON)
    assert (shown("en_US")[CARTON], carton.name_in("en_US")) == ("Karton", "Karton")
    carton.name = {}
    carton.save()
    assert (shown("en_US")[CARTON], carton.name_in("en_US")) == (CARTON, CARTON)


def test_the_order_of_glossary_and_types_does_not_matter(db):
    make.store(locales=("en_US",))
    make.glossary_text(CARTON, "Carton")
    make.packaging_type({"fr_FR": "Boîte"}, key=CARTON)
    assert shown("en_US")[CARTON] == "Carton"


def test_the_filter_finds_names_missing_in_own_texts_and_glossary(db):
    make.store(locales=("de_DE", "en_US"))
    make.packaging_type({"en_US": "Carton"}, key=CARTON)
    make.glossary_text(CARTON, "Karton", locale="de_DE")
    missing = PackagingType.objects.without_name_in(["de_DE"])
    assert [row.key for row in missing] == ["packaging_unit_type.item.name"]


def test_bulk_paths_cannot_pass_the_rules_of_the_key(db):
    make.packaging_type("Carton", key=CARTON)
    for key in (CARTON, ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            PackagingType.objects.bulk_create([PackagingType(key=key)])


def test_a_rule_names_its_column_and_code(db):
    make.packaging_type("Carton", key=CARTON)
    with pytest.raises(ValidationError) as problem:
        PackagingType(key=CARTON).full_clean()
    assert {c: [e.code for e in es] for c, es in problem.value.error_dict.items()} == {"key": ["taken"]}


def test_keys_hold_plain_letters_only():
    assert key_for("Größe XL / 10 Stück") == "packaging_unit_type.grosse_xl_10_stuck.name"


def test_glossary_texts_are_read_never_copied(client):
    GlossaryText.objects.create(key=CARTON, locale="en_US", translation="Carton")
    make.packaging_type({"de_DE": "Karton"}, key=CARTON)
    client.get(LIST)
    assert PackagingType.objects.get(key=CARTON).name == {"de_DE": "Karton"}
