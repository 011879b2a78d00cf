"""Forms in a browser: languages, the guard of unsaved changes, Enter, the menu filter (working-day 1.4, 5)."""

from typing import Any

import pytest

from catalog.packaging.models import PackagingType
from tests import make
from tests.browser.steps import heading, menu_items, press, sign_in

LIST = "/packaging/packagingtype/"


@pytest.fixture
def carton(live_database: str) -> PackagingType:
    make.store(locales=("de_DE", "en_US"))
    make.user("mara@example.com", roles=["Category Manager"])
    make.packaging_type({"de_DE": "Rolle", "en_US": "Coil"}, key="packaging_unit_type.coil.name")
    return make.packaging_type({"de_DE": "Karton"}, key="packaging_unit_type.carton.name")


def open_form(page: Any, server: str, carton: PackagingType, query: str = "") -> None:
    page.goto(f"{server}{LIST}{carton.pk}/change/{query}")
    sign_in(page, "mara@example.com")


def test_copy_to_empty_fills_the_other_languages_and_marks_the_gap(page, server, carton):
    open_form(page, server, carton)
    assert page.get_by_role("button", name="en_US, missing").is_visible()
    page.get_by_role("button", name="Copy to empty").click()
    assert page.get_by_text("1 unsaved change").is_visible()
    page.get_by_role("button", name="en_US").click()
    assert page.get_by_label("Name, en_US").input_value() == "Karton"
    press(page, "Save", exact=True)
    assert PackagingType.objects.get(pk=carton.pk).name == {"de_DE": "Karton", "en_US": "Karton"}


def test_copy_to_all_asks_before_it_overwrites(page, server, carton):
    PackagingType.objects.filter(pk=carton.pk).update(name={"de_DE": "Karton", "en_US": "Carton"})
    open_form(page, server, carton)
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Copy to all").click()
    assert asked == ["Overwrite the texts of all other languages?"]
    page.get_by_role("button", name="en_US").click()
    assert page.get_by_label("Name, en_US").input_value() == "Carton"


def test_leaving_with_unsaved_changes_asks_and_leaving_saves_nothing(page, server, carton):
    open_form(page, server, carton)
    page.get_by_label("Name, de_DE").fill("Schachtel")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_role("link", name="Back to list").click()
    page.wait_for_url(f"**{LIST}**")
    assert asked == ["beforeunload"]
    assert PackagingType.objects.get(pk=carton.pk).name == {"de_DE": "Karton"}


def test_enter_saves_and_goes_back_to_the_list(page, server, carton):
    PackagingType.objects.filter(pk=carton.pk).update(name={"de_DE": "Karton", "en_US": "Carton"})
    open_form(page, server, carton, "?list=o%3Dkey")
    box = page.get_by_label("Name, de_DE")
    box.fill("Schachtel")
    with page.expect_navigation():
        box.press("Enter")
    assert heading(page) == "Packaging types"
    assert PackagingType.objects.get(pk=carton.pk).name["de_DE"] == "Schachtel"


def test_the_menu_filter_hides_siblings_and_enter_opens_the_first_match(page, server, carton):
    open_form(page, server, carton)
    before = menu_items(page)
    box = page.get_by_label("Filter the menu")
    box.fill("STORES")
    shown = page.locator("#bo-nav li:visible").all_inner_texts()
    assert [text.strip() for text in shown] == ["Stores and currencies"]
    box.fill("")
    assert menu_items(page) == before
    box.fill("packag")
    with page.expect_navigation():
        box.press("Enter")
    assert heading(page) == "Packaging types"
