"""What the server will make of what is typed, told while one types: the SKUs of a copy, the SKU of a new variant."""

from typing import Any

import pytest
from playwright.sync_api import expect

from catalog.products.models import Product, Variant
from tests import make
from tests.browser.steps import press, sign_in


@pytest.fixture
def jacket(live_database: str) -> Product:
    make.store("DE", locales=("en_US",))
    make.user("mara@example.com", roles=["Category Manager"], content_locale="en_US")
    make.attribute("color", is_super=True, values={"red": {}, "blue": {}, "green": {}})
    product = make.product("jacket", name="Jacket", tax_set=make.tax_set())
    for value in ("red", "blue"):
        make.variant(
            f"jacket-color-{value}", product=product, name={"en_US": "Jacket"}, attributes={"color": value}
        )
    return product


def open_form(page: Any, address: str) -> None:
    page.goto(address)
    sign_in(page, "mara@example.com")


def test_the_skus_of_a_copy_follow_what_is_typed(page, jacket, axe):
    make.product("coat-color-blue")
    open_form(page, f"/products/product/{jacket.pk}/duplicate/")
    sku = page.get_by_role("textbox", name="SKU")
    plan = page.locator("[data-preview-of] tbody")
    assert plan.locator("td").all_inner_texts() == ["jacket-2-color-red", "jacket-2-color-blue"]
    sku.fill("coat")
    plan.get_by_text("coat-color-red", exact=True).wait_for()
    assert plan.locator("td").all_inner_texts() == ["coat-color-red", "coat-color-blue-2"]
    axe(page)
    sku.fill("no coat")
    plan.wait_for(state="detached")
    sku.fill("coat")
    plan.wait_for()
    press(page, "Duplicate")
    made = Product.objects.get(sku="coat").variants.order_by("pk")
    assert [variant.sku for variant in made] == ["coat-color-red", "coat-color-blue-2"]


def test_the_sku_of_a_new_variant_follows_its_values_until_one_types_it(page, jacket, axe):
    open_form(page, f"/products/product/{jacket.pk}/variants/add/")
    sku = page.get_by_label("SKU", exact=True)
    assert sku.input_value() == ""
    page.get_by_label("color").select_option("green")
    expect(sku).to_have_value("jacket-color-green")
    axe(page)
    page.get_by_label("Generate SKU").uncheck()
    sku.fill("green-jacket")
    page.get_by_label("Generate SKU").check()
    expect(sku).to_have_value("jacket-color-green")
    press(page, "Save", exact=True)
    assert Variant.objects.filter(sku="jacket-color-green", product=jacket).count() == 1
