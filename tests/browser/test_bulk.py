"""Many rows at once in a browser: ticks over pages, preview, run, undo (working-day 3.10 and 4)."""

from typing import Any

import pytest

from catalog.products.models import Variant
from tests import make
from tests.browser.steps import heading, press, sign_in


@pytest.fixture
def lamps(live_database: str) -> Any:
    make.superuser("root@example.com", content_locale="en_US", settings={"page_size": 10})
    return [make.product(f"lamp-{number:02}", name=f"Lamp {number:02}", variants=1) for number in range(12)]


def tick(page: Any, name: str) -> None:
    page.get_by_role("checkbox", name=f"Select {name}").check()


def follow(page: Any, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=name).first.click()


def test_ticks_survive_paging_and_the_deed_is_undone(page, server, lamps, axe):
    page.goto(f"{server}/products/product/")
    sign_in(page, "root@example.com")
    tick(page, "Lamp 11")
    follow(page, "Next page")
    tick(page, "Lamp 00")
    assert page.locator("[data-picked]").inner_text() == "2"
    axe(page)

    press(page, "Activate variants", exact=True)
    assert heading(page) == "Activate variants"
    assert page.locator(".bo-num").all_inner_texts() == ["2", "0", "0"]
    axe(page)
    follow(page, "Cancel")
    assert page.locator("[data-picked]").inner_text() == "2"

    press(page, "Activate variants", exact=True)
    press(page, "Activate variants", exact=True)
    assert page.locator(".bo-messages").inner_text().startswith("Activate variants: 2 records changed.")
    assert page.locator(".bo-bulk").is_hidden()
    active = Variant.objects.filter(is_active=True).values_list("product__sku", flat=True)
    assert sorted(active) == ["lamp-00", "lamp-11"]

    follow(page, "Undo")
    press(page, "Restore")
    assert not Variant.objects.filter(is_active=True).exists()


def test_a_deed_asks_before_its_preview(page, server, lamps, axe):
    make.store("DE")
    page.goto(f"{server}/products/product/")
    sign_in(page, "root@example.com")
    tick(page, "Lamp 11")
    page.get_by_role("checkbox", name="all 12 matching").check()
    page.locator(".bo-bulk summary").click()
    press(page, "Add to stores")
    axe(page)
    page.get_by_label("DE").check()
    press(page, "Show the preview")
    assert page.locator(".bo-num").all_inner_texts() == ["12", "0", "0"]
    axe(page)

    page.get_by_role("checkbox", name="Change Lamp 05").uncheck()
    press(page, "Add to stores")

    assert page.locator(".bo-messages").inner_text().startswith("Add to stores: 11 records changed.")
    assert lamps[5].stores.count() == 0
    assert lamps[6].stores.count() == 1


def test_rows_are_ticked_up_to_one_all_at_once_and_none(page, server, lamps):
    page.goto(f"{server}/products/product/")
    sign_in(page, "root@example.com")
    picked = page.locator("[data-picked]")
    tick(page, "Lamp 11")
    page.get_by_role("checkbox", name="Select Lamp 08").click(modifiers=["Shift"])
    assert picked.inner_text() == "4"
    everyone = page.get_by_role("checkbox", name="Select all on this page")
    assert everyone.evaluate("box => box.indeterminate")
    everyone.check()
    assert picked.inner_text() == "10"
    page.locator("[data-pick-none]").click()
    assert page.locator(".bo-bulk").is_hidden()
    assert page.locator(".bo-pick:checked").count() == 0
