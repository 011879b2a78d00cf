"""The frame of long forms in a browser: the bar that saves, the tab with the error, suggestions over buttons
(working-day 5, 6; DESIGN 2, 4)."""

from typing import Any

import pytest

from catalog.products.models import Product
from tests import make
from tests.browser.steps import press, sign_in


@pytest.fixture
def lamp(live_database: str) -> Product:
    make.superuser("root@example.com", content_locale="en_US")
    store = make.store("DE", locales=("en_US", "de_DE"))
    names = {"en_US": "Lamp", "de_DE": "Lampe"}
    return make.product("lamp", name=names, stores=[store], tax_set=make.tax_set("Standard"), variants=1)


def open_form(page: Any, server: str, lamp: Product, tab: str) -> None:
    page.goto(f"{server}/products/product/{lamp.pk}/change/#{tab}")
    sign_in(page, "root@example.com")
    page.goto(f"{server}/products/product/{lamp.pk}/change/#{tab}")


@pytest.mark.parametrize("tab", ["general", "variants", "attributes", "prices"])
def test_the_bar_that_saves_lies_at_the_bottom_of_every_tab(page: Any, server: str, lamp: Product, tab: str):
    open_form(page, server, lamp, tab)
    page.set_viewport_size({"width": 1440, "height": 1000})
    bottom = page.locator(".bo-save").evaluate("bar => innerHeight - bar.getBoundingClientRect().bottom")
    assert abs(bottom) < 2


def test_a_refused_save_puts_the_tab_with_the_error_into_the_address(page: Any, server: str, lamp: Product):
    open_form(page, server, lamp, "general")
    page.get_by_role("tab", name="SEO").click()
    page.get_by_label("Address (URL), en_US").fill("no path")
    page.get_by_role("tab", name="Variants").click()
    press(page, "Save and stay")
    assert page.get_by_role("tab", name="SEO").get_attribute("aria-selected") == "true"
    assert page.url.endswith("#seo")


def test_suggestions_of_a_question_leave_the_button_free(page: Any, server: str, lamp: Product):
    for number in range(6):
        make.category(f"tools-{number}")
    page.goto(f"{server}/products/product/")
    sign_in(page, "root@example.com")
    page.get_by_role("checkbox", name="Select Lamp").check()
    page.locator(".bo-bulk summary").click()
    press(page, "Add to categories")
    page.locator("#id_categories_add").press_sequentially("tools")
    page.get_by_role("option").first.wait_for()
    button = page.get_by_role("button", name="Show the preview")
    top = "b => document.elementFromPoint(b.getBoundingClientRect().x + 9, b.getBoundingClientRect().y + 9)"
    assert button.evaluate(f"b => b.contains(({top})(b))") is True
