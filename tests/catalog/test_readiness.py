"""Readiness: the stored codes of failing checks (spec: products 6)."""

import datetime
from dataclasses import replace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django_tasks_db.models import DBTaskResult

from backoffice.history.recording import recording
from backoffice.reactions import report
from catalog.categories import facts as category_facts
from catalog.products import facts
from catalog.products.models import Discontinued, Product, ReadinessCodes, Variant
from catalog.products.readiness import reading, storing, telling
from catalog.stores.linking import Links, link
from catalog.stores.models import Store
from tests import make
from tests.catalog.ready import ready_product, two_stores
from tests.transfer.conftest import imported, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def codes(product: Product) -> dict[str, list[str]]:
    rows = ReadinessCodes.objects.filter(product=product).select_related("store")
    return {str(row.store or ""): row.codes for row in rows}


@pytest.fixture
def stores() -> list[Store]:
    return two_stores()


def test_a_bare_product_fails_what_it_lacks():
    product = make.product("lamp")
    storing.refresh([product.pk])
    assert codes(product) == {
        "": [
            "not_approved",
            "no_store",
            "not_active",
            "no_category",
            "no_tax_set",
            "no_image",
            "not_searchable",
        ]
    }


def test_a_complete_product_fails_nothing_in_any_store(stores):
    product = ready_product(stores)
    storing.refresh([product.pk])
    assert codes(product) == {"DE": [], "US": []}


def test_a_missing_language_counts_only_in_stores_that_speak_it(stores):
    product = ready_product(stores)
    Product.objects.filter(pk=product.pk).update(name={"en_US": "Lamp"})
    storing.refresh([product.pk])
    assert codes(product) == {"DE": ["no_name"], "US": []}


def test_an_inactive_category_or_one_of_another_store_does_not_count(stores):
    product = ready_product(stores)
    category = product.categories.get()
    category.store_links.filter(store=stores[1]).delete()
    storing.refresh([product.pk])
    assert codes(product) == {"DE": [], "US": ["no_category"]}
    category.is_active = False
    category.save()
    storing.refresh([product.pk])
    assert codes(product) == {"DE": ["no_category"], "US": ["no_category"]}


def test_all_variants_discontinued_and_unfinished_translations_are_told(stores):
    product = ready_product(stores)
    variant = product.variants.get()
    Discontinued.objects.create(variant=variant, active_until="2040-01-01")
    Variant.objects.filter(pk=variant.pk).update(is_complete={"de_DE": False})
    storing.refresh([product.pk])
    assert codes(product) == {"DE": ["discontinued", "unfinished"], "US": ["discontinued"]}


def test_reported_facts_bring_the_codes_up_to_date_in_the_same_transaction(stores):
    product = ready_product(stores)
    with transaction.atomic():
        report(facts.CREATED, [product.pk])
        assert codes(product) == {"DE": [], "US": []}
        product.variants.update(is_active=False)
        report(facts.STATUS, product.variants.values_list("pk", flat=True))
    assert codes(product) == {"DE": ["not_active"], "US": ["not_active"]}


def test_leaving_every_store_leaves_one_row_without_a_store(stores):
    product = ready_product(stores)
    storing.refresh([product.pk])
    product.store_links.all().delete()
    storing.refresh([product.pk])
    assert codes(product) == {"": ["no_store", "no_category", "not_searchable"]}


def test_the_nightly_check_repairs_and_counts_what_is_wrong(stores, capsys):
    product = ready_product(stores)
    storing.refresh([product.pk])
    ReadinessCodes.objects.filter(store=stores[0]).update(codes=["no_image"])
    call_command("check_readiness")
    assert "1 row was wrong" in capsys.readouterr().out
    assert codes(product) == {"DE": [], "US": []}
    call_command("check_readiness")
    assert "0 rows were wrong" in capsys.readouterr().out


def test_products_are_found_by_what_blocks_them(stores):
    product = ready_product(stores)
    other = make.product("bare")
    storing.refresh([product.pk, other.pk])
    assert list(storing.blocked_by(Product.objects.all(), ["no_image", "no_store"])) == [other]


def test_unchanged_codes_are_not_written_again(stores):
    product = ready_product(stores)
    assert storing.refresh([product.pk]) == 2
    assert storing.refresh([product.pk]) == 0


def test_who_switches_a_variant_on_is_told_what_still_fails(stores):
    product = ready_product(stores)
    Product.objects.filter(pk=product.pk).update(tax_set=None)
    bare = make.product("bare", variants=1)
    storing.refresh([product.pk, bare.pk])
    told = telling.failing_checks([v.pk for each in (product, bare) for v in each.variants.all()])
    assert told[1] == "lamp is not ready yet: No tax set is chosen."
    assert told[0].startswith("bare is not ready yet: It is in no store. No variant is switched on.")


def test_a_product_whose_variants_are_all_off_has_no_live_one(stores):
    product = ready_product(stores)
    product.variants.update(is_active=False)
    failing = {line.check.code for line in reading.of_product(product).lines if line.is_failing}
    assert failing == {"not_active", "not_live"}


def test_at_a_glance_the_stored_codes_tell_what_all_checks_do(stores, django_assert_num_queries):
    product = ready_product(stores)
    Product.objects.filter(pk=product.pk).update(tax_set=None)
    product.variants.update(valid_to=datetime.datetime(2020, 1, 31, tzinfo=datetime.UTC))
    storing.refresh([product.pk])
    asked = [(line.check.code, line.is_failing) for line in reading.of_product(product).lines]
    assert [code for code, fails in asked if fails] == ["not_live", "no_tax_set"]
    with django_assert_num_queries(3):
        lines = reading.at_a_glance(product)
    assert [(line.check.code, line.is_failing) for line in lines] == asked


def test_a_product_without_stored_codes_is_asked_at_a_glance_too(stores):
    product = make.product("bare")
    failing = {line.check.code for line in reading.at_a_glance(product) if line.is_failing}
    assert failing == {line.check.code for line in reading.of_product(product).lines if line.is_failing}
    assert "no_store" in failing


def test_a_category_that_is_switched_off_or_leaves_a_store_is_followed(stores):
    product = ready_product(stores)
    storing.refresh([product.pk])
    category = product.categories.get()
    with transaction.atomic():
        category.store_links.filter(store=stores[1]).delete()
        report(category_facts.STORES, [category.pk])
    assert codes(product) == {"DE": [], "US": ["no_category"]}
    with transaction.atomic():
        type(category).objects.filter(pk=category.pk).update(is_active=False)
        report(category_facts.ACTIVE, [category.pk])
    assert codes(product) == {"DE": ["no_category"], "US": ["no_category"]}


def test_a_file_that_hides_a_variant_from_search_is_followed(stores, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"
    product = ready_product(stores)
    storing.refresh([product.pk])
    text = "concrete_sku,is_searchable.en_US,is_searchable.de_DE\nlamp-1,0,0\n"
    job = imported(written(tmp_path, "product_concrete.csv", text))
    assert (job.state, job.counts["changed"]) == ("done", 1)
    assert codes(product) == {"DE": ["not_searchable"], "US": ["not_searchable"]}


def test_a_language_that_comes_to_a_store_or_goes_is_followed(stores, settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path / "private"
    product, held = ready_product(stores), Links.of(stores[1])
    storing.refresh([product.pk])
    speak(stores[1], "en_US", "fr_FR")
    assert codes(product) == {"DE": [], "US": ["no_name", "no_url"]}
    speak(stores[1], *held.locales)
    assert codes(product) == {"DE": [], "US": []}
    connection.check_constraints()
    imported(written(tmp_path, "locale_store.csv", "locale_name,store_name\nit_IT,DE\n"))
    assert codes(product) == {"DE": ["no_name", "no_url"], "US": []}


def test_more_products_of_a_store_follow_its_languages_in_a_worker(
    stores, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(storing, "AT_ONCE", 1)
    product = ready_product(stores)
    storing.refresh([product.pk, make.product("desk", stores=stores).pk])
    with django_capture_on_commit_callbacks(execute=True):
        speak(stores[1], "en_US", "fr_FR")
    assert codes(product) == {"DE": [], "US": []}
    waiting = DBTaskResult.objects.get()
    waiting.task.call(*waiting.args_kwargs["args"])
    assert codes(product) == {"DE": [], "US": ["no_name", "no_url"]}


def speak(store: Store, *locales: str) -> None:
    connection.check_constraints()  # an index is made: nothing may wait for the end of the transaction
    with recording("action") as recorder:
        link(store, replace(Links.of(store), locales=locales), recorder=recorder)
