"""Deleting asks first, names what is touched, and is recorded with every value (working-day 6.3)."""

import pytest
from django.test import Client

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
