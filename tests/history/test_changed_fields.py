"""The change history narrowed by changed field (working-day 7.6), and that of a record by field (7.3)."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.actor import acting
from backoffice.history.recording import recording, snapshot
from backoffice.history.screens import fields
from catalog.categories.scope import KIND
from tests import make
from tests.history.test_change_sets import LIST, change_name
from tests.site.page import compact

pytestmark = pytest.mark.django_db


def found_sets(client: Client, query: str) -> list[int]:
    page = client.get(f"{LIST}?{query}").content.decode()
    return [int(pk) for pk in dict.fromkeys(re.findall(rf'href="{LIST}(\d+)/', page))]


def change(record, by=None, **values) -> int:
    """The number of a change set that sets these fields."""
    with acting(by), recording("save", screen=record._meta.label_lower) as recorder:
        before = snapshot(record)
        for name, value in values.items():
            setattr(record, name, value)
        record.save()
        recorder.changed(record, before)
        return recorder.change_set.pk


def test_sets_are_found_by_the_field_that_they_changed(client):
    client.force_login(make.superuser())
    lamp = make.product("lamp", name={"en_US": "Lamp"})
    lit = make.variant("lit", product=lamp)
    named = change(lamp, name={"en_US": "Torch", "fr_FR": "Torche"})
    coloured = change(lamp, color_code="#ffffff")
    marked = change(lamp, attributes={"colour": "red"})
    numbered = change(lit, gtin="4006381333931")
    renamed = change(lit, name={"en_US": "Lit up"})

    kind = "object=products.product&field=products.product"
    assert found_sets(client, f"{kind}.name") == [named]
    assert found_sets(client, f"{kind}.color_code") == [coloured]
    assert found_sets(client, f"{kind}.attributes") == [marked]
    assert found_sets(client, f"{kind}.color_code&field=products.product.name") == [coloured, named]
    assert found_sets(client, f"{kind}.tax_set") == []
    assert found_sets(client, "object=products.variant&field=products.variant.gtin") == [numbered]
    both = "object=products.variant&object=products.product"
    assert found_sets(client, f"{both}&field=products.variant.name&field=products.product.name") == [
        *(renamed, named)
    ]


def test_fields_are_those_of_the_chosen_kind_of_record(client):
    client.force_login(make.superuser())
    box = change_name(make.packaging_type("Carton"), "Box").pk
    page = compact(client.get(LIST))
    assert "Choose the kind of record first." in page
    page = client.get(f"{LIST}?field=packaging.packagingtype.name").content.decode()
    assert "is no choice of the filter Field" in page
    assert found_sets(client, "field=packaging.packagingtype.name") == [box]
    page = compact(client.get(f"{LIST}?object=packaging.packagingtype"))
    assert re.findall(r'name="field"value="([^"]+)"', page.replace('" value', '"value')) == [
        "packaging.packagingtype.key",
        "packaging.packagingtype.name",
    ]
    assert "Looked for in the last 500,000 changes, up to the last day chosen under Time." in page


def test_a_field_is_looked_for_in_the_last_changes_up_to_the_chosen_day(client, monkeypatch):
    monkeypatch.setattr(fields, "SEARCHED", 2)
    client.force_login(make.superuser())
    carton, bag = make.packaging_type("Carton"), make.packaging_type("Bag")
    old = change_name(carton, "Box").pk
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE history_changeset SET at = '2026-01-05' WHERE id = %s", [old])
        cursor.execute("SET session_replication_role = DEFAULT")
    for number in range(3):
        change(bag, key=f"bag-{number}")
    query = "object=packaging.packagingtype&field=packaging.packagingtype.name"
    assert found_sets(client, query) == []
    assert found_sets(client, f"{query}&at_to=2026-01-31") == [old]


def test_what_a_reader_may_not_see_is_not_found_by_its_field(client):
    tools, clothing = make.category("tools"), make.category("clothing")
    mara = make.user(roles=["Category Manager"])
    scopes.limit(mara, KIND, [tools])
    client.force_login(User.objects.get(pk=mara.pk))
    seen = change(make.product("saw", categories=[tools]), by=mara, color_code="#ffffff")
    with acting(mara), recording("save", screen="products.product") as recorder:
        for record, values in (
            (make.product("jacket", categories=[clothing]), {"color_code": "#000000"}),
            (make.product("drill", categories=[tools]), {"new_from": "2026-01-05"}),
        ):
            recorder.changed(record, dict.fromkeys(values), values)
        mixed = recorder.change_set.pk

    kind = "object=products.product&field=products.product"
    assert found_sets(client, f"{kind}.color_code") == [seen]
    assert found_sets(client, f"{kind}.new_from") == [mixed]
    query = "object=accounts.user&field=accounts.user.email"
    assert "is no choice of the filter" in client.get(f"{LIST}?{query}").content.decode()


def test_the_filter_by_field_costs_a_constant_number_of_queries(client):
    client.force_login(make.superuser())
    carton = make.packaging_type("Carton")

    def queries(number: int) -> int:
        for each in range(number):
            change_name(carton, f"Box {number}-{each}")
        with CaptureQueriesContext(connection) as found:
            client.get(f"{LIST}?object=packaging.packagingtype&field=packaging.packagingtype.name")
        return len(found)

    queries(1)
    assert queries(20) == queries(2)


@pytest.mark.parametrize(("name", "found"), [("name", 1), ("attributes", 1), ("color_code", 0)])
def test_the_history_of_a_record_knows_the_entries_of_maps_and_former_languages(
    client, name: str, found: int
):
    client.force_login(make.superuser())
    lamp = make.product("lamp", name={"fr_FR": "Lampe"})
    change(lamp, name={"fr_FR": "Torche"})
    change(lamp, attributes={"colour": "red"})
    page = client.get(f"/products/product/{lamp.pk}/history/?field={name}").content.decode()
    assert page.count('<li class="is-edit">') == found
