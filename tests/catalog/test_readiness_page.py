"""The pages of readiness (spec: products 6.1)."""

import pytest

from catalog.products.models import Discontinued, Product, Variant
from catalog.products.readiness import storing
from catalog.urls.models import Url
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
    assert (
        f'<a href="/products/variant/{variant.pk}/change/">It is switched off. Activate it at the top of its page.</a>'
        in page
    )


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


def test_each_link_leads_to_what_mends_the_check(manager):
    product = ready_product(two_stores())
    variant = product.variants.get()
    Variant.objects.update(is_searchable={}, is_complete={"de_DE": False})
    Url.objects.all().delete()
    storing.refresh([product.pk])
    form = f"/products/product/{product.pk}/change/"
    searchable = f"/products/variant/{variant.pk}/change/#general"
    page = manager.get(f"/products/product/{product.pk}/readiness/").content.decode()
    assert f'<a href="{searchable}">No variant is searchable in a language of the store.</a>' in page
    assert f'<a href="{form}#variants">An address is missing.' in page
    assert '">A translation is marked as not finished.' not in page
    card = manager.get(form).content.decode()
    assert f'<a href="{searchable}">' in card
    assert '<a href="#variants" data-go>' in card
    Discontinued.objects.create(variant=variant, active_until="2099-01-01")
    storing.refresh([product.pk])
    assert (
        f'<a href="/products/variant/{variant.pk}/change/#discontinue">' in manager.get(form).content.decode()
    )


def test_switching_on_names_stores_and_languages_and_links_what_mends(manager):
    product = ready_product(two_stores())
    variant = product.variants.get()
    Variant.objects.update(is_active=False, is_searchable={})
    Product.objects.filter(pk=product.pk).update(tax_set=None)
    product.category_links.all().delete()
    storing.refresh([product.pk])
    page = manager.post(f"/products/variant/{variant.pk}/activate/", follow=True).content.decode()
    form = f"/products/product/{product.pk}/change/#general"
    assert f'<a href="{form}">It is in no active category of the store.</a> (DE; US)' in page
    assert f'<a href="{form}">No tax set is chosen.</a> <a' in page
    searchable = f'<a href="/products/variant/{variant.pk}/change/#general">'
    told = "No variant is searchable in a language of the store.</a> (DE: de_DE, en_US; US: en_US)"
    assert f"{searchable}{told}" in page


def test_switching_many_on_tells_the_same_shortened(manager):
    products = [make.product(f"lamp-{number}", variants=1) for number in range(7)]
    storing.refresh([product.pk for product in products])
    rows = " ".join(f"{product.pk}.{product.version}" for product in products)
    answer = {"step": "run", "rows": rows}
    page = manager.post("/products/product/bulk/activate/", answer, follow=True).content.decode()
    assert page.count("is not ready yet:") == 5
    assert "and 2 more products are not ready" in page
