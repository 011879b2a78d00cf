"""Making products in a browser: the wizard with its grid of variants, with and without scripts, bundles, further
variants, copies (products 3, 8, 28)."""

import io
from typing import Any

import pytest
from PIL import Image as Picture

from catalog.products.models import Product, Variant
from tests import make
from tests.browser.steps import heading, press, sign_in

ADD = "/products/product/add/"


@pytest.fixture
def shop(live_database: str, settings: Any, tmp_path: Any) -> None:
    """A store in two languages with a tax set, a category, colours and sizes."""
    settings.MEDIA_ROOT = tmp_path
    make.store("DE", locales=("en_US", "de_DE"))
    make.user("mara@example.com", roles=["Category Manager"])
    make.tax_set("Standard")
    make.category("outdoor", parent=make.category("root"), name={"en_US": "Outdoor clothing"})
    make.attribute("color", values={"red": {"de_DE": "rot"}, "blue": {}}, is_super=True)
    make.attribute("size", values={"S": {}, "M": {}, "XL": {}}, is_super=True)


def open_form(page: Any, address: str) -> None:
    page.goto(address)
    sign_in(page, "mara@example.com")


def tick(page: Any, *names: str) -> None:
    for name in names:
        page.get_by_role("checkbox", name=name, exact=True).check()


def fill_general(page: Any, sku: str) -> None:
    page.get_by_label("Name, en_US").fill("Rain jacket")
    page.get_by_label("SKU prefix").fill(sku)


def picture(name: str, colour: str) -> dict[str, Any]:
    out = io.BytesIO()
    Picture.new("RGB", (400, 300), colour).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def test_a_product_with_two_by_three_variants_in_two_languages(page, server, shop, axe):
    open_form(page, ADD)
    fill_general(page, "jacket")
    page.get_by_role("group", name="Name").get_by_role("button", name="de_DE").click()
    page.get_by_label("Name, de_DE").fill("Regenjacke")
    page.get_by_role("combobox", name="Add categories").press_sequentially("outd")
    page.get_by_role("option", name="Outdoor clothing").click()
    axe(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Tax set").select_option(label="Standard")
    page.get_by_role("button", name="Next").click()
    tick(page, "Color color", "red", "blue", "Size size", "S", "M", "XL")
    page.get_by_label("SKU of blue, XL").wait_for()
    assert page.get_by_role("row").count() == 9
    whole = "boxes => boxes.map(box => box.scrollWidth <= box.clientWidth)"
    assert page.locator(".bo-sku input").evaluate_all(whole) == [True] * 6
    page.get_by_label("SKU of blue, S").fill("jacket-bs")
    page.get_by_label("SKU of blue, S").press("Tab")
    page.get_by_text("2 × 3 = 6 combinations, 0 skipped").wait_for()
    axe(page)
    page.get_by_role("tab", name="Media").click()
    panel = page.locator("[data-set]").first
    panel.get_by_label("Upload pictures").set_input_files([picture("a.png", "red"), picture("b.png", "blue")])
    panel.locator("[data-picture]").nth(1).wait_for()
    press(page, "Save", exact=True)
    product = Product.objects.get()
    assert heading(page) == "Rain jacket"
    assert f"/products/product/{product.pk}/change/" in page.url
    assert product.image_set_links.get().image_set.images.count() == 2
    assert product.name == {"en_US": "Rain jacket", "de_DE": "Regenjacke"}
    assert [link.category.key for link in product.category_links.all()] == ["outdoor"]
    assert sorted(product.variants.values_list("sku", flat=True)) == [
        "jacket-bs",
        "jacket-color-blue_size-M",
        "jacket-color-blue_size-XL",
        "jacket-color-red_size-M",
        "jacket-color-red_size-S",
        "jacket-color-red_size-XL",
    ]


def test_a_faulty_form_opens_the_tab_with_the_fault_and_keeps_the_rest(page, server, shop):
    open_form(page, ADD)
    fill_general(page, "drill-18v")
    page.get_by_role("tab", name="SEO").click()
    page.get_by_label("Title, en_US").fill("Drill")
    page.get_by_role("tab", name="Variants").click()
    tick(page, "Color color", "red")
    page.get_by_label("Make red").wait_for()
    bar = page.locator("[data-dirty], [data-dirty-names]")
    typed = bar.all_inner_texts()
    assert typed[1].startswith("Name, en_US · SKU prefix")
    press(page, "Save", exact=True)
    assert bar.all_inner_texts() == typed
    assert page.get_by_role("tab", name="General 1 error").get_attribute("aria-selected") == "true"
    assert page.get_by_label("Name, de_DE").is_visible()
    page.get_by_role("link", name="Tax set: Choose a tax set.").click()
    assert page.get_by_label("Tax set").is_visible()
    page.get_by_role("tab", name="Variants").click()
    assert page.get_by_label("SKU of red").input_value() == "drill-18v-color-red"
    page.get_by_role("tab", name="SEO").click()
    assert page.get_by_label("Title, en_US").input_value() == "Drill"
    assert not Product.objects.exists()


def test_skipped_rows_and_collisions_show_at_once(page, server, shop):
    make.variant("jacket-color-red")
    open_form(page, ADD)
    fill_general(page, "jacket")
    page.get_by_role("tab", name="Variants").click()
    tick(page, "Color color", "red", "blue")
    page.get_by_text("jacket-color-red is taken.").wait_for()
    assert page.get_by_label("SKU of red").input_value() == "jacket-color-red-2"
    page.get_by_label("SKU of blue").fill("jacket-color-red-2")
    page.get_by_label("SKU of blue").press("Tab")
    page.get_by_text("Used in row 1. Change one of them.").wait_for()
    press(page, "Save", exact=True)
    problem = page.locator("#problems").get_by_role("link", name="blue: Used in row 1.")
    problem.click()
    page.get_by_role("checkbox", name="Make blue").uncheck()
    page.get_by_text("2 = 2 combinations, 1 skipped").wait_for()
    assert problem.count() == 0
    assert page.get_by_role("tab", name="Variants").locator(".bo-count").count() == 0
    assert page.locator("#problems").get_by_role("link").count() > 0
    page.get_by_role("checkbox", name="Color color").uncheck()
    page.get_by_text("One variant with the SKU jacket.").wait_for()


def test_the_wizard_works_without_scripts(open_page, server, shop):
    page = open_page(java_script_enabled=False)
    open_form(page, ADD)
    fill_general(page, "jacket")
    page.get_by_label("Name, de_DE").fill("Regenjacke")
    page.get_by_label("Tax set").select_option(label="Standard")
    page.get_by_label("Add categories").fill("outdoor")
    tick(page, "Color color", "red", "blue")
    press(page, "Show variants")
    assert not Product.objects.exists()
    page.get_by_role("checkbox", name="Make red").uncheck()
    page.get_by_label("SKU of blue").fill("jacket-b")
    press(page, "Save", exact=True)
    assert list(Variant.objects.values_list("sku", flat=True)) == ["jacket-b"]


def test_a_further_variant_and_a_copy(page, server, shop):
    jacket = make.product("jacket", name={"en_US": "Rain jacket", "de_DE": "Regenjacke"})
    make.variant("jacket-red", product=jacket, attributes={"color": "red"})
    open_form(page, f"/products/product/{jacket.pk}/")
    page.get_by_role("link", name="Add variant").click()
    assert heading(page) == "Add a variant to Rain jacket"
    assert page.get_by_label("SKU", exact=True).is_disabled()
    page.get_by_role("button", name="Next").click()
    assert page.get_by_label("Upload pictures").first.is_visible()
    page.get_by_role("button", name="Previous").click()
    page.get_by_label("Color color").select_option("red")
    press(page, "Save", exact=True)
    page.get_by_role("link", name="Variant jacket-red has this combination already: color red.").wait_for()
    page.get_by_label("Color color").select_option("blue")
    press(page, "Save", exact=True)
    assert Variant.objects.get(sku="jacket-color-blue").attributes == {"color": "blue"}
    page.goto(f"/products/product/{jacket.pk}/duplicate/")
    assert page.get_by_label("SKU prefix").input_value() == "jacket-2"
    page.get_by_label("SKU prefix").fill("coat")
    press(page, "Duplicate", exact=True)
    assert sorted(Product.objects.get(sku="coat").variants.values_list("sku", flat=True)) == [
        "coat-color-blue",
        "coat-red",
    ]
