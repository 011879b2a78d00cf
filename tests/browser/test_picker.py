"""Choosing in a browser: components of a bundle, attributes in their grid, products of a category; with scripts and
without (issue 4 point 6, products 11, 12, 19.4)."""

from typing import Any

import pytest

from catalog.products import composing
from catalog.products.models import CategoryProduct, Variant
from tests import make
from tests.browser.steps import press, sign_in


@pytest.fixture
def shop(live_database: str) -> dict[str, Any]:
    store = make.store("DE", locales=("en_US", "de_DE"))
    make.user("mara@example.com", roles=["Category Manager"], content_locale="en_US")
    names = {"en_US": "Desk kit", "de_DE": "Tischset"}
    product = make.product("desk-kit", name=names, stores=[store], attributes={"weight": "2"})
    kit = make.variant("desk-kit", product=product, name=names)
    chairs = [
        make.variant(f"chair-{n:02}", name=f"Folding chair {n}", is_active=True, gtin=None) for n in range(25)
    ]
    make.attribute("weight", input_type="number", allow_input=True)
    make.attribute("grip", values={"soft": {"de_DE": "weich"}, "hard": {"de_DE": "hart"}})
    return {"kit": kit, "chairs": chairs, "lamp": make.variant("lamp-arc", name="Arc lamp", is_active=True)}


def parts(variant: Variant) -> dict[str, int]:
    held = composing.components_of([variant.pk]).get(variant.pk, {})
    return {Variant.objects.get(pk=pk).sku: number for pk, number in held.items()}


def open_page(page: Any, server: str, path: str) -> None:
    page.goto(f"{server}{path}")
    sign_in(page, "mara@example.com")


def test_a_bundle_is_made_with_search_pages_and_pasted_skus(page, server, shop, axe):
    kit = shop["kit"]
    open_page(page, server, f"/products/variant/{kit.pk}/change/#bundle")
    page.get_by_role("tab", name="Bundle").click()
    page.get_by_label("Search by name, SKU or GTIN").press_sequentially("folding")
    page.get_by_role("checkbox", name="Choose Folding chair 0, chair-00").check()
    page.get_by_label("Quantity, chair-00").wait_for()
    page.locator("#bundle").get_by_role("button", name="Next page").click()
    page.get_by_role("checkbox", name="Choose Folding chair 24, chair-24").check()
    page.get_by_label("Quantity, chair-24").fill("4")
    page.get_by_label("Search by name, SKU or GTIN").fill("arc")
    page.get_by_role("checkbox", name="Choose Arc lamp, lamp-arc").wait_for()
    axe(page)
    page.get_by_text("Paste SKUs").click()
    page.get_by_label("SKUs, one per line").fill("chair-07\t3\nnope-1")
    page.get_by_role("button", name="Add these").click()
    page.get_by_text("Unknown SKUs: nope-1", exact=True).wait_for()
    assert page.get_by_label("SKUs, one per line").input_value() == "nope-1"
    assert page.get_by_label("Quantity, chair-24").input_value() == "4"
    page.get_by_label("SKUs, one per line").fill("")
    page.get_by_role("button", name="Remove chair-00").click()
    page.get_by_label("Quantity, chair-00").wait_for(state="detached")
    assert page.locator("[data-dirty]").inner_text() == "2 unsaved changes"
    press(page, "Save and stay", exact=True)
    assert parts(kit) == {"chair-24": 4, "chair-07": 3}


def test_enter_in_the_search_looks_for_rows_and_saves_nothing(page, server, shop):
    kit = shop["kit"]
    open_page(page, server, f"/products/variant/{kit.pk}/change/#bundle")
    page.get_by_role("tab", name="Bundle").click()
    search = page.get_by_label("Search by name, SKU or GTIN")
    search.fill("lamp")
    search.press("Enter")
    page.get_by_role("checkbox", name="Choose Arc lamp, lamp-arc").wait_for()
    assert search.input_value() == "lamp"
    assert search.evaluate("e => e === document.activeElement")


def test_an_attribute_is_added_and_typed(page, server, shop, axe):
    product = shop["kit"].product
    open_page(page, server, f"/products/product/{product.pk}/attributes/")
    page.get_by_label("Search an attribute to add").press_sequentially("gri")
    page.get_by_role("button", name="Grip grip").click()
    page.get_by_label("grip, Default").select_option("soft")
    page.get_by_label("weight, de_DE").fill("2.5")
    axe(page)
    assert page.get_by_label("grip, de_DE").locator("option").all_inner_texts() == ["–", "weich", "hart"]
    press(page, "Save and stay", exact=True)
    product.refresh_from_db()
    assert product.attributes == {"weight": "2", "grip": "soft"}
    assert product.attributes_localized == {"de_DE": {"weight": "2.5"}}
    page.get_by_role("checkbox", name="Remove weight").check()
    press(page, "Save and stay", exact=True)
    product.refresh_from_db()
    assert (product.attributes, product.attributes_localized) == ({"grip": "soft"}, {})


def test_products_are_assigned_ordered_and_removed(page, server, shop, axe):
    tools = make.category("tools", name={"en_US": "Tools", "de_DE": "Werkzeug"})
    for n, chair in enumerate(shop["chairs"][:2]):
        CategoryProduct.objects.create(product=chair.product, category=tools, product_order=n)
    open_page(page, server, f"/categories/category/{tools.pk}/products/")
    page.get_by_role("checkbox", name="Remove chair-00 from the category").check()
    page.get_by_role("heading", name="Will be removed").wait_for()
    page.get_by_label("Order of chair-01").fill("7")
    axe(page)
    page.get_by_role("tab", name="Select products to assign").click()
    page.get_by_role("checkbox", name="Choose Folding chair 3, chair-03").check()
    page.get_by_label("Order, chair-03").wait_for()
    axe(page)
    press(page, "Save", exact=True)
    page.get_by_text("1 product came, 1 product left, 1 product changed its order.").wait_for()
    held = CategoryProduct.objects.filter(category=tools).values_list("product__sku", "product_order")
    assert dict(held) == {"chair-01": 7, "chair-03": 0}
