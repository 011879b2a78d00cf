"""Sellable and visible: which step says no (spec: products 6.3, 26.16, 26.31)."""

import pytest

from catalog.products import visibility
from catalog.products.models import Product, ProductSettings, ProductStore, Variant
from catalog.stores.models import Store
from tests import make
from tests.catalog.ready import ready_product, two_stores

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def stores() -> list[Store]:
    return two_stores()


def failing(answers: list[visibility.Answer]) -> list[str]:
    return [answer.step.code for answer in answers if not answer.holds]


def test_a_live_variant_is_sellable_where_its_product_is_assigned(stores):
    product = ready_product(stores[:1])
    variant = product.variants.get()
    assert list(visibility.sellable(Variant.objects.all(), stores[0].pk)) == [variant]
    assert list(visibility.sellable(Variant.objects.all(), stores[1].pk)) == []
    assert failing(visibility.why_sellable(variant, stores[0].pk)) == []
    assert failing(visibility.why_sellable(variant, stores[1].pk)) == ["in_store"]
    ProductStore.objects.all().delete()
    assert list(visibility.sellable(Variant.objects.all(), stores[0].pk)) == []


def test_a_denied_live_product_is_neither_sellable_nor_visible_while_approval_is_on(stores):
    product = ready_product(stores)
    Product.objects.update(approval_status="denied")
    assert failing(visibility.why_visible(product, stores[0].pk, "de_DE")) == []
    ProductSettings.objects.create(pk=1, has_approval=True)
    assert failing(visibility.why_visible(product, stores[0].pk, "de_DE")) == ["approved"]
    assert failing(visibility.why_sellable(product.variants.get(), stores[0].pk)) == ["approved"]
    assert list(visibility.visible(Product.objects.all(), stores[0].pk, "de_DE")) == []


def test_a_bare_product_is_told_every_step_that_hides_it(stores):
    product = make.product("bare", name={"en_US": "Bare"})
    assert failing(visibility.why_visible(product, stores[0].pk, "de_DE")) == [
        "active",
        "in_store",
        "in_category",
        "named",
        "addressed",
    ]


def test_the_database_remembers_that_a_variant_was_ever_switched_on():
    variant = make.variant("lamp-1")
    assert not Variant.objects.get().was_active
    Variant.objects.update(is_active=True)
    Variant.objects.filter(pk=variant.pk).update(is_active=False, was_active=False)
    assert Variant.objects.get().was_active
    assert make.variant("lamp-2", is_active=True).pk in Variant.objects.filter(was_active=True).values_list(
        "pk", flat=True
    )
