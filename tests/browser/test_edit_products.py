"""Editing products in a browser: what readiness names is mended and the variant goes live; a variant is phased out and
comes back; variants are searched without leaving the form; products of a group are put in order."""

import io
from typing import Any

import pytest
from PIL import Image as Picture

from catalog.products import discontinuing
from catalog.products.models import Discontinued, Product, Variant
from catalog.taxes.models import TaxSet
from tests import make
from tests.browser.steps import heading, press, sign_in

NAMES = {"en_US": "Lamp Arc", "de_DE": "Bogenlampe"}


@pytest.fixture
def shop(live_database: str, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    store = make.store("DE", locales=("en_US", "de_DE"))
    make.user("mara@example.com", roles=["Category Manager"])
    make.tax_set("Standard")
    make.category("lighting", parent=make.category("root"), name={"en_US": "Lighting"}, stores=[store])


def lamp(**fields: Any) -> Product:
    product = make.product("lamp", name=NAMES, **fields)
    make.variant("lamp-arc", product=product, name=NAMES)
    return product


def open_form(page: Any, address: str) -> None:
    page.goto(address)
    sign_in(page, "mara@example.com")


def picture(name: str) -> dict[str, Any]:
    out = io.BytesIO()
    Picture.new("RGB", (400, 300), "gold").save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_what_readiness_names_is_mended_and_the_variant_goes_live(page, server, shop, axe):
    product = lamp()
    open_form(page, f"/products/product/{product.pk}/readiness/")
    page.locator(f"main section a[href='/products/product/{product.pk}/change/#general']").first.click()
    page.get_by_role("checkbox", name="DE", exact=True).check()
    page.get_by_role("combobox", name="Add categories").press_sequentially("ligh")
    page.get_by_role("option", name="Lighting").click()
    axe(page)
    tab(page, "Price & tax")
    page.get_by_label("Tax set").select_option(label="Standard")
    tab(page, "Media")
    panel = page.locator("[data-set]").first
    panel.get_by_label("Upload pictures").set_input_files([picture("lamp.png")])
    panel.locator("[data-picture]").first.wait_for()
    axe(page)
    press(page, "Save and stay")
    tab(page, "Variants")
    axe(page)
    page.locator("#variants").get_by_role("link", name="Edit").click()
    page.get_by_role("group", name="Searchable").get_by_label("en_US").check()
    axe(page)
    press(page, "Save and stay")
    press(page, "Activate")
    page.get_by_text("lamp-arc was activated.").wait_for()
    assert Product.objects.active().get() == product
    page.goto(f"/products/product/{product.pk}/change/#seo")
    box = page.get_by_label("Address (URL), en_US")
    assert box.input_value() == f"/en/lamp-arc-{product.pk}"
    box.fill("/en/our-arc")
    axe(page)
    press(page, "Save and stay")
    assert page.url.endswith("#seo")
    page.get_by_role("button", name="Reset to generated en_US").click()
    assert box.input_value() == ""
    press(page, "Save and stay")
    assert page.get_by_label("Address (URL), en_US").input_value() == f"/en/lamp-arc-{product.pk}"
    page.goto(f"/products/product/{product.pk}/readiness/")
    assert page.locator("main section a[href$='#media']").count() == 0


def test_a_variant_is_phased_out_and_comes_back(page, server, shop, axe):
    variant = lamp().variants.get()
    make.bundle("light-kit", components={variant: 2})
    open_form(page, f"/products/variant/{variant.pk}/change/#discontinue")
    page.locator("#discontinue").get_by_label("Note, en_US").fill("Sold out in spring")
    axe(page)
    press(page, "Discontinue", exact=True)
    assert heading(page) == "Discontinue Lamp Arc"
    page.get_by_text("light-kit").wait_for()
    assert page.get_by_label("Note, en_US").input_value() == "Sold out in spring"
    assert not Discontinued.objects.exists()
    axe(page)
    press(page, "Discontinue", exact=True)
    page.get_by_text("181 days left, today included").wait_for()
    assert Discontinued.objects.get(variant=variant).active_until == discontinuing.default_day()
    assert Discontinued.objects.count() == 2
    page.get_by_label("Active until").fill("2031-06-30")
    axe(page)
    press(page, "Save and stay")
    assert str(Discontinued.objects.get(variant=variant).active_until) == "2031-06-30"
    press(page, "Restore", exact=True)
    page.get_by_text("lamp-arc was restored.").wait_for()
    assert list(Discontinued.objects.values_list("variant__sku", flat=True)) == ["light-kit"]


def test_variants_are_searched_without_losing_what_was_typed(page, server, shop):
    product = lamp(tax_set=TaxSet.objects.get())
    Variant.objects.bulk_create(
        [Variant(product=product, sku=f"lamp-{n:03}", name={"en_US": f"Lamp {n}"}) for n in range(120)]
    )
    open_form(page, f"/products/product/{product.pk}/change/")
    page.get_by_label("Name, en_US").fill("Lamp Curve")
    tab(page, "Variants")
    page.get_by_label("Search the variants").fill("lamp-11")
    page.get_by_label("Search the variants").press("Enter")
    page.get_by_text("1–10 of 10").wait_for()
    page.locator("#variants").get_by_role("link", name="Clear all").click()
    page.get_by_text("of 121").wait_for()
    page.locator("#variants").get_by_role("link", name="Next page").click()
    page.get_by_text("lamp-025", exact=True).wait_for()
    tab(page, "General")
    assert page.get_by_label("Name, en_US").input_value() == "Lamp Curve"
    press(page, "Save and stay")
    product.refresh_from_db()
    assert product.name["en_US"] == "Lamp Curve"


def test_an_alternative_is_found_while_typing_and_removed(page, server, shop, axe):
    variant = lamp().variants.get()
    make.product("torch", name="Torch")
    open_form(page, f"/products/variant/{variant.pk}/change/#alternatives")
    page.get_by_role("combobox", name="Add alternative by name or SKU").press_sequentially("torc")
    page.get_by_role("option", name="Torch (sku: torch) · Product").click()
    press(page, "Save and stay")
    page.get_by_role("link", name="Torch").wait_for()
    axe(page)
    page.get_by_role("checkbox", name="Remove torch").check()
    press(page, "Save and stay")
    page.get_by_text("No alternatives yet.").wait_for()


def test_an_inherited_description_is_overridden_and_reset(page, server, shop):
    product = lamp(description={"en_US": "<p>Warm light</p>"})
    variant = product.variants.get()
    open_form(page, f"/products/variant/{variant.pk}/change/")
    page.get_by_role("button", name="Override en_US").click()
    press(page, "Save and stay")
    variant.refresh_from_db()
    assert variant.description == {"en_US": "<p>Warm light</p>"}
    page.get_by_text("Own description. From the product:").click()
    page.get_by_role("button", name="Reset en_US").click()
    press(page, "Save and stay")
    variant.refresh_from_db()
    assert variant.description == {}


def test_products_of_a_group_are_put_in_order(page, server, shop, axe):
    group = make.product_group(
        "tents", products=[make.product(f"tent-{c}") for c in ("blue", "green", "red")]
    )
    open_form(page, f"/products/productgroup/{group.pk}/change/#members")
    page.get_by_role("button", name="Move Tent red up").click()
    page.get_by_role("button", name="Move Tent red", exact=True).press("ArrowUp")
    make.product("stool")
    page.get_by_label("Search by name, SKU or GTIN").fill("stool")
    page.get_by_label("Choose Stool, stool").check()
    page.get_by_role("button", name="Remove stool").wait_for()
    axe(page)
    press(page, "Save and stay")
    assert list(group.members.order_by("position").values_list("product__sku", flat=True)) == [
        "tent-red",
        "tent-blue",
        "tent-green",
        "stool",
    ]
