"""Undo of deeds on products: links come back with their record, readiness follows (spec: working-day 7.4, 7.5)."""

from dataclasses import replace

import pytest
from django.db import connection

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.recording import recording, snapshot
from backoffice.history.screens.access import gate_for
from catalog.attributes.models import AttributeKey
from catalog.products import addressing, composing, discontinuing, linking, status
from catalog.products.composing import Component
from catalog.products.models import (
    BundleItem,
    CategoryProduct,
    Discontinued,
    Product,
    ReadinessCodes,
    Variant,
)
from catalog.stores.linking import Links, link
from catalog.urls.models import Url
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def deed(do) -> ChangeSet:
    with recording("action", screen="products.product") as recorder:
        do(recorder)
        return recorder.change_set


def undo(change_set: ChangeSet) -> undoing.Report:
    user = make.superuser()
    with acting(user):
        return undoing.undo(change_set, gate_for(change_set, user))[0]


def test_categories_come_back_with_their_order():
    tools, sale = make.category("tools"), make.category("sale")
    product = make.product("drill", categories=[tools])
    CategoryProduct.objects.update(product_order=7)
    done = deed(
        lambda recorder: linking.assign_categories(
            {product.pk: {sale.pk: 3}}, recorder=recorder, replace=True
        )
    )
    assert list(product.category_links.values_list("category__key", "product_order")) == [("sale", 3)]
    assert undo(done).counts["restored"] == 1
    assert list(product.category_links.values_list("category__key", "product_order")) == [("tools", 7)]


def test_what_lost_all_its_categories_and_components_gets_them_back():
    product = make.product("drill", categories=[make.category("tools")])
    chair = make.variant("chair")
    kit = make.bundle("kit", components={chair: 2})

    def emptied(recorder):
        linking.assign_categories({product.pk: {}}, recorder=recorder, replace=True)
        composing.compose(kit, [], recorder=recorder)

    assert undo(deed(emptied)).counts["restored"] == 2
    assert product.category_links.get().category.key == "tools"
    assert kit.components.get().quantity == 2


def test_components_come_back_and_the_bundle_is_live_as_before():
    chair, lamp = make.variant("chair", is_active=True), make.variant("lamp")
    kit = make.bundle("kit", components={chair: 2}, is_active=True)
    done = deed(lambda recorder: composing.compose(kit, [Component(lamp.pk, 1)], recorder=recorder))
    assert undo(done).counts["restored"] == 1
    assert list(BundleItem.objects.values_list("item__sku", "quantity")) == [("chair", 2)]
    assert Variant.objects.live().filter(pk=kit.pk).exists()


def test_a_switch_taken_back_brings_readiness_in_line():
    product = make.product("drill", variants=1)
    done = deed(lambda recorder: status.activate(_variants(product), recorder=recorder))
    assert "not_active" not in ReadinessCodes.objects.get().codes
    undo(done)
    assert "not_active" in ReadinessCodes.objects.get().codes


def test_a_language_of_a_store_taken_back_brings_readiness_in_line():
    store = make.store("DE", locales=["en_US"])
    product = make.product("drill", name={"en_US": "Drill"}, stores=[store])
    connection.check_constraints()  # an index is made: nothing may wait for the end of the transaction
    done = deed(
        lambda recorder: link(store, replace(Links.of(store), locales=("en_US", "de_DE")), recorder=recorder)
    )
    assert "no_name" in ReadinessCodes.objects.get(product=product).codes

    undo(done)

    assert [each.locale for each in store.locales.all()] == ["en_US"]
    assert "no_name" not in ReadinessCodes.objects.get(product=product).codes


def test_stores_taken_back_leave_no_link():
    store = make.store("DE")
    product = make.product("drill")
    done = deed(lambda recorder: linking.add_stores([product.pk], [store.pk], recorder=recorder))
    assert ReadinessCodes.objects.get().store == store
    undo(done)
    assert not product.store_links.exists()
    assert ReadinessCodes.objects.get().store is None


def test_a_phase_out_is_taken_back_with_that_of_its_bundle():
    chair = make.variant("chair")
    make.bundle("kit", components={chair: 1})
    done = deed(lambda recorder: discontinuing.discontinue([chair.pk], recorder=recorder))
    assert Discontinued.objects.count() == 2
    assert undo(done).counts["restored"] == 2
    assert not Discontinued.objects.exists()


def made(*skus: str) -> ChangeSet:
    """A product that a deed made with active variants, as a file does."""

    def make_them(recorder):
        product = make.product("drill", name="Drill")
        variants = [make.variant(sku, product=product, is_active=True) for sku in skus]
        for record in (product, *variants):
            recorder.added(record)

    return deed(make_them)


def test_what_was_made_and_left_alone_goes_again():
    done = made("drill-1", "drill-2")
    assert undo(done).counts["restored"] == 3
    assert not Product.objects.exists()


def test_what_has_to_stay_is_switched_off_and_listed():
    done = made("drill-1", "drill-2", "drill-3")
    Variant.objects.filter(sku="drill-1").update(name={"en_US": "Renamed"})
    make.bundle("kit", components={Variant.objects.get(sku="drill-2"): 1}, is_active=True)
    report = undo(done)
    assert list(Variant.objects.order_by("sku").values_list("sku", "is_active")) == [
        ("drill-1", False),
        ("drill-2", False),
        ("kit", True),
    ]
    assert not Variant.objects.live().exists()
    listed = [line.change.label for part in ("left", "cannot") for line in report.lines[part]]
    assert sorted(listed) == ["drill", "drill-1", "drill-2"]
    assert Product.objects.filter(sku="drill").exists()


def test_the_undo_of_such_an_undo_switches_them_on_again():
    done = made("drill-1", "drill-2")
    make.bundle("kit", components={Variant.objects.get(sku="drill-1"): 1})
    undo(done)
    undo(ChangeSet.objects.latest("pk"))
    assert Variant.objects.live().filter(sku__startswith="drill").count() == 2


def _variants(product) -> list[int]:
    return list(product.variants.values_list("pk", flat=True))


def made_at_an_address() -> ChangeSet:
    """A product that a deed made with its store, variant and addresses."""

    def make_them(recorder):
        product = make.product("drill", name="Drill")
        variant = make.variant("drill-1", product=product, is_active=True)
        for record in (product, variant):
            recorder.added(record)
        linking.add_stores([product.pk], [make.store("DE").pk], recorder=recorder)
        addressing.follow([product.pk], recorder, {product.pk: {"en_US": "/drill"}})

    return deed(make_them)


def test_a_product_that_has_to_stay_keeps_its_addresses_and_stores_and_goes_off_sale():
    done = made_at_an_address()
    product = Product.objects.get(sku="drill")
    make.variant("by-hand", product=product, is_active=True)
    report = undo(done)
    assert list(Url.objects.values_list("path", flat=True)) == ["/drill"]
    assert product.store_links.get().store.name == "DE"
    assert list(product.variants.values_list("sku", "is_active")) == [("by-hand", False)]
    stayed = sorted((line.change.object_type, line.reason) for line in report.lines["cannot"])
    assert stayed == [
        ("products.product", "Other records refer to it: Variant."),
        ("products.productstore", "It belongs to a record that stays."),
        ("urls.url", "It belongs to a record that stays."),
    ]
    assert ChangeSet.objects.latest("pk").changes.filter(object_type="urls.url").count() == 0


def test_the_undo_of_that_undo_brings_the_switch_back():
    done = made_at_an_address()
    make.variant("by-hand", product=Product.objects.get(sku="drill"), is_active=True)
    undo(done)
    undo(ChangeSet.objects.latest("pk"))
    assert set(Variant.objects.values_list("sku", "is_active")) == {("drill-1", True), ("by-hand", True)}


def test_a_preview_tells_the_same_of_what_stays_whole():
    done, user = made_at_an_address(), make.superuser()
    make.variant("by-hand", product=Product.objects.get(sku="drill"), is_active=True)
    preview = undoing.rehearse(done, gate_for(done, user))
    assert preview.counts == undo(done).counts


def test_a_key_that_a_variant_uses_stays():
    def make_keys(recorder):
        for key in ("big", "small"):
            recorder.added(AttributeKey.objects.create(key=key))

    done = deed(make_keys)
    make.variant("drill-1", attributes={"big": "yes"})
    report = undo(done)
    assert list(AttributeKey.objects.undeclared().values_list("key", flat=True)) == ["big"]
    assert [line.reason for line in report.lines["cannot"]] == ["The key is used by 1 variant."]


def test_a_key_whose_use_is_undone_with_it_goes():
    variant = make.variant("drill-1")

    def use_it(recorder):
        recorder.added(AttributeKey.objects.create(key="big"))
        before = snapshot(variant)
        variant.attributes = {"big": "yes"}
        variant.save()
        recorder.changed(variant, before)

    undo(deed(use_it))
    assert not AttributeKey.objects.exists()
