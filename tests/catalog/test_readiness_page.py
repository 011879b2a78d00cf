"""The pages of readiness (spec: products 6.1)."""

import pytest

from catalog.products.models import Product, Variant
from tests import make
from tests.catalog.ready import ready_product, two_stores

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client):

    user = make.user(roles=["Category Manager"])
    client.force_login(user)
    return client


def test_a_complete_product_passes_everything(manager):
    product = ready_product(two_stores())
    page = manager.get(f"/products/product/{product.pk}/readiness/").content.decode()
    assert "All checks of the product pass." in page
    assert "bo-warn" not in page.partition("Checks of the variants")[2]


def test_each_failing_check_links_to_the_tab_that_mends_it_and_names_the_languages(manager):
    product = ready_product(two_stores())
    Product.objects.filter(pk=product.pk).update(name={"en_US": "Lamp"}, tax_set=None)
    Variant.objects.update(is_active=False)
    page = manager.get(f"/products/product/{product.pk}/readiness/").content.decode()
    assert f'<a href="/products/product/{product.pk}/change/#general">No tax set is chosen.</a>' in page
    assert f'<a href="/products/product/{product.pk}/change/#variants">No variant is switched on.</a>' in page
    assert '<span class="bo-tag">de_DE</span>' in page
    variant = Variant.objects.get()
    assert f'<a href="/products/variant/{variant.pk}/change/#general">It is switched off.</a>' in page


def test_who_may_only_view_reads_the_checks_without_links(client):

    product = make.product("bare", variants=1)
    client.force_login(make.user(roles=["Inventory Manager"]))
    page = client.get(f"/products/product/{product.pk}/readiness/").content.decode()
    assert "It is in no store." in page
    assert "/change/#" not in page


def test_a_thousand_variants_come_in_pages_with_the_same_number_of_queries(
    manager, django_assert_max_num_queries
):
    product = make.product("family", variants=3)
    with django_assert_max_num_queries(40) as few:
        manager.get(f"/products/product/{product.pk}/readiness/")
    Variant.objects.bulk_create(
        [Variant(sku=f"family-x{n:04}", product=product, name={"en_US": f"Family {n}"}) for n in range(1_000)]
    )
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = manager.get(f"/products/product/{product.pk}/readiness/?page=2").content.decode()
    assert "51–100 of <b>1003</b>" in page
