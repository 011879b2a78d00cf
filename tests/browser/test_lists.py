"""What a list looks like in a window: its panels, its wide table, the menu of a row (working-day 3, 11)."""

from typing import Any

import pytest

from catalog.products.models import ProductSettings
from tests import make
from tests.browser.steps import sign_in

WORDS = "Wasserdichte Outdoor-Regenjacke mit Kapuze, verstellbaren Bündchen und Reflektorstreifen "
EDGES = "p => { const box = p.getBoundingClientRect(); return [box.left >= 0, box.right <= innerWidth]; }"


@pytest.fixture
def jackets(live_database: str) -> None:
    make.superuser("root@example.com", content_locale="en_US")
    ProductSettings.objects.update_or_create(pk=1, defaults={"has_approval": True})
    for store in ("AT", "CH", "DE"):
        make.store(store)
    tax = make.tax_set(name="Regelsteuersatz Deutschland und Österreich")
    for number in range(3):
        name = {"en_US": (WORDS * 3)[:255]}
        make.product(f"regenjacke-outdoor-winter-{number}", name=name, variants=2, tax_set=tax)


def open_list(page: Any, server: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server}/products/product/")
    if page.get_by_label("Password").count():
        sign_in(page, "root@example.com")


def test_every_filter_panel_opens_inside_the_window(page, server, jackets):
    open_list(page, server, 1440)
    chips = page.locator(".bo-bar .bo-drop > summary")
    assert chips.count() > 8
    for chip in chips.all():
        chip.click()
        panel = page.locator(".bo-bar .bo-drop[open] > .bo-pop")
        panel.wait_for()
        page.wait_for_function(
            "() => document.querySelector('.bo-drop[open] .bo-pop').getBoundingClientRect().right <= innerWidth"
        )
        assert panel.evaluate(EDGES) == [True, True]


def test_a_wide_table_scrolls_in_its_box_and_its_rows_keep_few_buttons(page, server, jackets, axe):
    for width in (1280, 1366, 1440):
        open_list(page, server, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    row = page.locator("tbody tr").first
    assert row.locator(".bo-act .bo-row > *").count() == 1
    heading = row.locator("th")
    assert heading.get_attribute("title") == (WORDS * 3)[:255].strip()
    assert heading.bounding_box()["height"] < 150
    row.get_by_title("More").click()
    menu = row.locator(".bo-act .bo-pop")
    assert menu.get_by_role("button").all_inner_texts() == ["Approve", "Deny"]
    assert menu.evaluate(EDGES) == [True, True]
    axe(page)
    with page.expect_navigation():
        menu.get_by_role("link", name="Attributes").click()
