"""The category tree in a browser: sorted and moved by mouse and by keyboard, saved, and undone (products 19.2)."""

from typing import Any

import pytest

from catalog.categories.models import Category
from tests import make
from tests.browser.steps import press, sign_in

LIST = "/categories/category/"


@pytest.fixture
def garden(live_database: str) -> dict[str, Category]:
    """catalog > garden > (benches, tables, lamps), tools"""
    stores = [make.store("DE", locales=("en_US",)), make.store("AT", locales=("en_US",))]
    make.user("mara@example.com", roles=["Category Manager"], content_locale="en_US")
    found = {"catalog": make.category("catalog", name="Catalogue", stores=stores)}
    for place, (key, above) in enumerate(
        (
            ("garden", "catalog"),
            ("tools", "catalog"),
            ("benches", "garden"),
            ("tables", "garden"),
            ("lamps", "garden"),
        ),
        1,
    ):
        found[key] = make.category(key, found[above], stores=stores, node_order=10 * place)
    return found


def children(key: str) -> list[str]:
    return [row.key for row in Category.objects.filter(parent__key=key)]


def open_order(page: Any, category: Category) -> None:
    page.goto(f"{LIST}{category.pk}/order/")
    if page.get_by_label("E-mail").count():
        sign_in(page, "mara@example.com")


def handle(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=f"Move {name}", exact=True)


def shown(page: Any) -> list[str]:
    return [row.get_attribute("data-order-to") for row in page.locator("[data-order-row]").all()]


def drag(page: Any, name: str, target: Any, part: float) -> None:
    """Take the handle of a row to a place in the target: 0 is its upper edge, 1 its lower one."""
    start, end = handle(page, name).bounding_box(), target.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] * part, steps=5)
    page.mouse.up()


def said(page: Any) -> str:
    return page.locator("#bo-live").inner_text()


def row(page: Any, key: str) -> Any:
    return page.locator(f'[data-order-row][data-order-to="{key}"]')


def test_rows_are_dragged_to_a_place_and_into_another_row_and_nothing_changes_until_saved(page, axe, garden):
    open_order(page, garden["garden"])
    axe(page)
    drag(page, "Lamps", row(page, "benches"), 0.1)
    assert shown(page) == ["lamps", "benches", "tables"]
    assert said(page) == "Lamps: place 1 of 3"
    drag(page, "Tables", row(page, "benches"), 0.5)
    assert said(page) == "Tables: will be moved below Benches"
    assert page.get_by_label("Move Tables below").input_value() == "benches"
    axe(page)
    assert children("garden") == ["benches", "tables", "lamps"]

    press(page, "Save order")
    assert children("garden") == ["lamps", "benches"]
    assert children("benches") == ["tables"]
    assert "1 sub-category was moved." in page.locator(".bo-alert.is-ok").inner_text()
    with page.expect_navigation():
        page.get_by_role("link", name="Undo").click()
    axe(page)
    press(page, "Restore")
    assert children("garden") == ["benches", "tables", "lamps"]


def test_a_row_is_dragged_one_level_up(page, garden):
    open_order(page, garden["garden"])
    drag(page, "Lamps", page.locator("[data-order-up] [data-order-to]"), 0.5)
    assert said(page) == "Lamps: will be moved below Catalogue"
    press(page, "Save order")
    assert children("catalog") == ["garden", "tools", "lamps"]


def test_the_arrow_keys_do_all_that_the_mouse_does(page, garden):
    open_order(page, garden["garden"])
    handle(page, "Lamps").focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert said(page) == "Lamps: place 1 of 3"
    assert page.evaluate("document.activeElement.textContent").strip() == "Move Lamps"
    page.keyboard.press("ArrowDown")
    assert shown(page) == ["benches", "lamps", "tables"]
    page.keyboard.press("ArrowRight")
    assert said(page) == "Lamps: will be moved below Benches"
    page.keyboard.press("Escape")
    assert said(page) == "Lamps: stays here"
    handle(page, "Tables").focus()
    page.keyboard.press("ArrowLeft")
    assert said(page) == "Tables: will be moved below Catalogue"
    press(page, "Save order")
    assert children("garden") == ["benches", "lamps"]
    assert children("catalog") == ["garden", "tools", "tables"]


def test_the_buttons_step_and_the_boxes_work_without_scripts(open_page, garden):
    page = open_page()
    open_order(page, garden["garden"])
    page.get_by_role("button", name="Move Tables up").click()
    assert shown(page) == ["tables", "benches", "lamps"]

    bare = open_page(java_script_enabled=False)
    open_order(bare, garden["garden"])
    bare.get_by_label("Place of Lamps").fill("1")
    bare.get_by_label("Move Tables below").fill("tools")
    press(bare, "Save order")
    assert children("garden") == ["lamps", "benches"]
    assert children("tools") == ["tables"]


def test_a_box_for_a_parent_offers_categories_while_one_types(page, axe, garden):
    open_order(page, garden["garden"])
    page.goto(f"{LIST}{garden['benches'].pk}/change/")
    axe(page)
    box = page.get_by_label("Parent")
    with page.expect_response("**/suggest/**"):
        box.fill("tool")
    page.wait_for_function("document.querySelector('#parent-offered option')")
    assert page.locator("#parent-offered option").evaluate_all("all => all.map(o => [o.value, o.label])") == [
        ["tools", "Tools"]
    ]
    box.fill("tools")
    press(page, "Save", exact=True)
    assert children("tools") == ["benches"]


def test_products_of_a_category_are_dragged_into_order(page, server, live_database, axe):
    make.superuser("root@example.com", content_locale="en_US")
    tools = make.category("tools")
    for sku in ("drill", "file", "saw"):
        make.product(sku, name=sku.capitalize(), categories=[tools])
    page.goto(f"{server}/categories/category/{tools.pk}/products/")
    sign_in(page, "root@example.com")
    page.get_by_label("Search in this category").fill("saw")
    drill = page.get_by_role("link", name="drill", exact=True)
    drill.wait_for(state="detached")
    page.get_by_label("Search in this category").fill("")
    drill.wait_for()
    grip = page.get_by_role("button", name="Move Saw").bounding_box()
    over = page.get_by_role("row", name="Drill").bounding_box()
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(over["x"] + 200, over["y"] + 4, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Move File").press("ArrowUp")
    axe(page)
    press(page, "Save", exact=True)
    held = tools.product_links.order_by("product_order").values_list("product__sku", "product_order")
    assert list(held) == [("saw", 1), ("file", 2), ("drill", 3)]
