"""Switching variants on and off, and approval (spec: products 12.8, 13, 16)."""

import datetime
import re
from typing import Any

import pytest
from django.test import Client

from backoffice.console.templatetags.console import zoned
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from catalog.products import approval, linking, status
from catalog.products.models import Product, ProductSettings, Variant
from catalog.urls.models import Url
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.superuser(content_locale="en_US"))
    return client


def did(verb: Any, *args: Any, **options: Any) -> Any:
    with recording("action") as recorder:
        return verb(*args, recorder=recorder, **options)


# --- the switch ----------------------------------------------------------------------------------


def test_activating_tells_what_changed_and_what_was_so_already():
    off, on = make.variant("off"), make.variant("on", is_active=True)

    done = did(status.activate, [off.pk, on.pk])

    assert (done.changed, done.unchanged, done.refused) == ({off.pk}, {on.pk}, {})
    assert Change.objects.get(object_type="products.variant").fields == {
        "is_active": {"before": False, "after": True}
    }


def test_a_bundle_is_not_activated_while_a_component_is_not_live():
    chair = make.variant("chair")
    kit = make.bundle("kit", components={chair: 2})

    done = did(status.activate, [kit.pk])

    assert done.refused == {kit.pk: "Its component chair is not live. Activate that first."}
    assert not Variant.objects.filter(is_active=True).exists()
    assert not ChangeSet.objects.exists()


def test_a_bundle_is_activated_together_with_its_components():
    chair = make.variant("chair")
    kit = make.bundle("kit", components={chair: 2})

    done = did(status.activate, [kit.pk, chair.pk])

    assert done.changed == {kit.pk, chair.pk}
    assert set(Variant.objects.live()) == {kit, chair}


def test_deactivating_a_component_leaves_the_switch_of_the_bundle():
    chair = make.variant("chair", is_active=True)
    kit = make.bundle("desk-kit", components={chair: 1}, is_active=True)

    did(status.deactivate, [chair.pk])
    kit.refresh_from_db()
    assert kit.is_active
    assert not Variant.objects.live().exists()

    did(status.activate, [chair.pk])
    assert set(Variant.objects.live()) == {kit, chair}


def test_the_reported_variants_include_the_bundles_that_contain_them(monkeypatch: pytest.MonkeyPatch):
    told: list[set[int]] = []
    monkeypatch.setattr(status, "report", lambda fact, ids: told.append(set(ids)))
    chair = make.variant("chair", is_active=True)
    kit = make.bundle("kit", components={chair: 1})

    did(status.deactivate, [chair.pk])

    assert told == [{chair.pk, kit.pk}]


def test_what_goes_down_names_products_addresses_and_bundles():
    chair = make.variant("chair", is_active=True)
    make.bundle("desk-kit", components={chair: 1}, is_active=True)
    Url.objects.create(path="/en/chair-1", locale="en_US", owner_type="product", owner_id=chair.product_id)

    falls = {fall.label: fall.names for fall in status.what_goes_down([chair.pk])}

    assert falls == {"Products": ["chair"], "Addresses": ["/en/chair-1"], "Bundles": ["desk-kit"]}


def test_nothing_goes_down_while_another_variant_is_live():
    lamp = make.product("lamp", variants=2, is_active=True)

    assert status.what_goes_down([lamp.variants.first().pk]) == []
    assert [fall.label for fall in status.what_goes_down(status.variants_of([lamp.pk]))] == ["Products"]


def test_deactivating_asks_when_something_goes_down(manager: Client):
    lamp = make.variant("lamp-arc", is_active=True)
    Url.objects.create(path="/en/lamp-arc-17", locale="en_US", owner_type="product", owner_id=lamp.product_id)
    address = f"/products/variant/{lamp.pk}/deactivate/"

    asked = manager.post(address).content.decode()
    lamp.refresh_from_db()
    assert "/en/lamp-arc-17" in asked
    assert lamp.is_active

    manager.post(address, {"_sure": "1"})
    lamp.refresh_from_db()
    assert not lamp.is_active


def test_deactivating_what_takes_nothing_down_is_done_at_once(manager: Client):
    lamp = make.product("lamp", variants=2, is_active=True)
    first = lamp.variants.first()

    page = manager.post(f"/products/variant/{first.pk}/deactivate/", follow=True).content.decode()

    first.refresh_from_db()
    assert not first.is_active
    assert "was deactivated" in page
    assert "Undo" in page


def test_a_get_shows_the_confirmation_and_changes_nothing(manager: Client):
    lamp = make.variant("lamp", is_active=True)

    assert manager.get(f"/products/variant/{lamp.pk}/deactivate/").status_code == 200
    assert manager.get(f"/products/variant/{lamp.pk}/activate/").status_code == 405
    lamp.refresh_from_db()
    assert lamp.is_active


def test_activating_outside_the_window_says_when(manager: Client):
    later = datetime.datetime(2099, 1, 1, 9, tzinfo=datetime.UTC)
    lamp = make.variant("lamp", valid_from=later)

    page = manager.post(f"/products/variant/{lamp.pk}/activate/", follow=True).content.decode()

    assert f"lamp becomes live at {zoned(later)}." in page
    assert re.fullmatch(r"1 Jan 2099, \d\d:00 \w+", zoned(later))


# --- approval ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "to", "may"),
    [
        ("", "waiting_for_approval", True),
        ("", "approved", True),
        ("draft", "denied", True),
        ("waiting_for_approval", "draft", True),
        ("approved", "waiting_for_approval", False),
        ("approved", "denied", True),
        ("denied", "waiting_for_approval", False),
        ("denied", "draft", True),
    ],
)
def test_moves_of_approval(before: str, to: str, may: bool):
    jacket = make.product("jacket", approval_status=before)

    done = did(approval.move, [jacket.pk], to)

    jacket.refresh_from_db()
    assert jacket.approval_status == (to if may else before)
    assert (done.changed == {jacket.pk}) is may
    assert (jacket.pk in done.refused) is not may
    assert Change.objects.exists() is may


def test_a_product_without_a_state_offers_approve_and_deny_on_row_and_page(manager: Client):
    ProductSettings.objects.create(pk=1, has_approval=True)
    jacket = make.product("jacket")
    row = manager.get("/products/product/").content.decode()
    head = manager.get(f"/products/product/{jacket.pk}/").content.decode()

    for page in (row, head):
        assert f"/products/product/{jacket.pk}/approve/" in page
        assert f"/products/product/{jacket.pk}/deny/" in page

    manager.post(f"/products/product/{jacket.pk}/approve/")

    row = manager.get("/products/product/").content.decode()
    assert f"/products/product/{jacket.pk}/approve/" not in row
    assert f"/products/product/{jacket.pk}/deny/" in row


def test_while_approval_is_off_a_move_is_refused(manager: Client):
    jacket = make.product("jacket")

    page = manager.post(f"/products/product/{jacket.pk}/approve/", follow=True).content.decode()

    assert "Approval is not turned on." in page
    jacket.refresh_from_db()
    assert jacket.approval_status == ""


def test_turning_approval_on_says_what_would_disappear_and_approves_it(manager: Client):
    make.product("live", variants=1, is_active=True)
    make.product("denied", variants=1, is_active=True, approval_status="denied")
    make.product("off", variants=1)
    make.product("fine", variants=1, is_active=True, approval_status="approved")

    page = manager.get("/products/product/approval/").content.decode()
    assert "2 active products are not approved and would become invisible." in page

    page = manager.post(
        "/products/product/approval/", {"on": "1", "approve": "1"}, follow=True
    ).content.decode()

    assert "Approval is on." in page
    assert approval.is_on()
    approved = Product.objects.filter(approval_status="approved").values_list("sku", flat=True)
    assert set(approved) == {"live", "denied", "fine"}


def test_approval_is_turned_on_and_off_once(manager: Client):
    manager.post("/products/product/approval/", {"on": "1"})
    again = manager.post("/products/product/approval/", {"on": "1"}, follow=True).content.decode()
    assert "Nothing changed." in again

    manager.post("/products/product/approval/", {"on": "0"})

    assert not approval.is_on()
    assert ChangeSet.objects.count() == 2


# --- stores and categories -----------------------------------------------------------------------


def test_setting_stores_adds_and_removes():
    de, at, ch = (make.store(name) for name in ("DE", "AT", "CH"))
    one = make.product("one", stores=[de, at])

    done = did(linking.set_stores, {one.pk: [at.pk, ch.pk]})

    assert done.changed == {one.pk}
    assert set(one.stores.values_list("name", flat=True)) == {"AT", "CH"}
    assert sorted(Change.objects.values_list("action", flat=True)) == ["add", "delete"]
    assert did(linking.set_stores, {one.pk: [at.pk, ch.pk]}).unchanged == {one.pk}
    one.refresh_from_db()
    assert one.version == 2


def test_categories_keep_their_order_unless_another_is_given():
    tools, drills = make.category("tools"), make.category("drills")
    one = make.product("one", categories=[tools])
    did(linking.assign_categories, {one.pk: {tools.pk: 5}})

    done = did(linking.assign_categories, {one.pk: {tools.pk: None, drills.pk: None}})
    assert done.changed == {one.pk}
    assert dict(one.category_links.values_list("category__key", "product_order")) == {"tools": 5, "drills": 0}

    did(linking.assign_categories, {one.pk: {drills.pk: 3}}, replace=True)
    assert dict(one.category_links.values_list("category__key", "product_order")) == {"drills": 3}

    did(linking.remove_categories, [one.pk], [drills.pk])
    assert not one.category_links.exists()


def test_a_verb_leaves_unknown_ids_alone():
    de = make.store("DE")

    done = did(linking.add_stores, [999_999], [de.pk])

    assert not done.changed
    assert not ChangeSet.objects.exists()
