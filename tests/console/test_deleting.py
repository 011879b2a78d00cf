"""Deleting asks first, names what is touched, and is recorded with every value (working-day 6.3)."""

import html
import re

import pytest
from django.db.models import Model
from django.test import Client

from backoffice import actor
from backoffice.accounts.models import SecurityEvent
from backoffice.console.deleting import impact
from backoffice.history.models import Change
from catalog.packaging.models import PackagingType
from tests import make

LIST = "/packaging/packagingtype/"


@pytest.fixture
def client(db) -> Client:
    client = Client()
    client.force_login(make.user(roles=["Category Manager"]))
    return client


def test_a_get_never_deletes(client):
    carton = make.packaging_type("Carton")
    page = client.get(f"{LIST}{carton.pk}/delete/")
    assert "Nothing else refers to this record." in page.content.decode()
    assert PackagingType.objects.filter(pk=carton.pk).exists()


def test_a_deleted_record_leaves_its_whole_state_in_the_history(client):
    carton = make.packaging_type(
        {"en_US": "Carton", "de_DE": "Karton"}, key="packaging_unit_type.carton.name"
    )
    client.post(f"{LIST}{carton.pk}/delete/", {"_version": "1"})
    change = Change.objects.get()
    assert (change.action, change.object_id) == ("delete", carton.pk)
    assert change.fields == {
        "key": {"before": "packaging_unit_type.carton.name", "after": None},
        "name.en_US": {"before": "Carton", "after": None},
        "name.de_DE": {"before": "Karton", "after": None},
    }


def test_the_system_type_cannot_be_deleted(client):
    item = PackagingType.objects.get(key="packaging_unit_type.item.name")
    page = client.post(f"{LIST}{item.pk}/delete/", {"_version": str(item.version)})
    assert "This cannot be deleted." in page.content.decode()
    assert PackagingType.objects.filter(pk=item.pk).exists()


def test_deleting_from_an_old_page_asks_again(client):
    carton = make.packaging_type("Carton")
    PackagingType.objects.filter(pk=carton.pk).update(version=2)
    page = client.post(f"{LIST}{carton.pk}/delete/", {"_version": "1"})
    assert "Somebody changed this record since you opened the page." in page.content.decode()
    assert client.post(f"{LIST}{carton.pk}/delete/", {"_version": "2"}).status_code == 302


def test_the_impact_counts_references_and_says_what_happens_to_them(db):
    store = make.store(currencies=("EUR", "CHF"), locales=("de_DE",))
    lines = {line.label: (line.count.number, line.forbids) for line in impact(store)}
    assert lines == {"Locale of a stores": (1, False), "Currency of a stores": (2, False)}
    euro = make.currency("EUR")
    assert [(line.count.number, line.forbids) for line in impact(euro)] == [(1, True)]


def test_a_deletion_is_in_the_security_log(client):
    carton = make.packaging_type("Carton", key="packaging_unit_type.carton.name")
    client.post(f"{LIST}{carton.pk}/delete/", {"_version": "1"})
    line = SecurityEvent.objects.get(action="delete")
    assert (line.object, line.details) == ("Carton", {"screen": "packaging.packagingtype"})


def taxed() -> tuple[str, Model]:
    reduced = make.tax_set("Reduced")
    for _each in range(12):
        make.product(tax_set=reduced)
    make.product(tax_set=make.tax_set("Other"))
    return "/products/product/", reduced


def rated() -> tuple[str, Model]:
    made = make.tax_set("Many", *(make.tax_rate() for _each in range(12)))
    make.tax_set("Other")
    return "/taxes/taxrate/", made


def assigned() -> tuple[str, Model]:
    lamps = make.category("lamps")
    make.category("lamps-too")
    for _each in range(12):
        make.product(categories=[lamps])
    make.product()
    return "/products/product/", lamps


def varied() -> tuple[str, Model]:
    make.product("desk-2", variants=1)
    return "/products/variant/", make.product("desk", variants=12)


def united() -> tuple[str, Model]:
    acme = make.company("acme")
    for _each in range(12):
        make.business_unit(of=acme)
    make.business_unit(of=make.company("acme-2"))
    return "/buyers/businessunit/", acme


def agreed() -> tuple[str, Model]:
    seller = make.merchant("Seller", merchant_key="seller")
    for _each in range(12):
        make.buyer_relation(by=seller, owner=make.business_unit())
    make.buyer_relation(by=make.merchant("Seller 2"))
    return "/buyers/buyerrelation/", seller


@pytest.mark.django_db
@pytest.mark.parametrize("made", [taxed, rated, assigned, varied, united, agreed])
def test_what_is_not_named_leads_to_the_list_of_all_of_them(made):
    client = Client()
    client.force_login(make.superuser())
    address, record = made()
    page = client.get(f"/{record._meta.label_lower.replace('.', '/')}/{record.pk}/delete/").content.decode()
    (url,) = re.findall(r'<a href="([^"]+)">and 2 more</a>', page)
    assert url.partition("?")[0] == address
    assert re.search(r'data-l="Which">\s*<span>', page), "names stand in one line on narrow screens"
    assert client.get(html.unescape(url)).context["list"].total.number == 12


def test_a_list_that_shows_other_rows_too_or_may_not_be_opened_is_not_offered(db):
    _address, lamps = assigned()
    make.category("table-lamps", lamps)
    lamps.refresh_from_db()
    assert [line.rest_url for line in impact(lamps) if line.label == "Products"] == [""]
    _address, reduced = taxed()
    with actor.acting(make.user(roles=[])):
        assert {line.rest_url for line in impact(reduced)} == {""}
