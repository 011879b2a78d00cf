"""Predefined values in a browser: tags that are typed, pasted, moved and removed (attributes 3.2)."""

from typing import Any

import pytest

from catalog.attributes.models import Attribute
from tests import make
from tests.browser.steps import heading, press, sign_in

LIST = "/attributes/attribute/"


@pytest.fixture
def colour(live_database: str) -> Attribute:
    make.store(locales=("en_US",))
    make.user("mara@example.com", roles=["Category Manager"])
    return make.attribute("colour", values={"red": {}, "blue": {}, "green": {}})


def open_form(page: Any, server: str, colour: Attribute) -> None:
    page.goto(f"{server}{LIST}{colour.pk}/change/")
    sign_in(page, "mara@example.com")


def box(page: Any) -> Any:
    return page.get_by_label("Predefined values", exact=True).locator("visible=true")


def tags(page: Any) -> list[str]:
    return page.locator("[data-tag-text]").all_inner_texts()


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def said(page: Any) -> str:
    return page.locator("#bo-live").inner_text()


def paste(page: Any, text: str) -> None:
    """What the browser does with a text from the clipboard."""
    box(page).focus()
    page.evaluate(
        """text => {
          const data = new DataTransfer();
          data.setData("text", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        text,
    )


def drag(page: Any, name: str, onto: str, part: float) -> None:
    """Take a tag by its grip to a place on another one: 0 is its left edge, 1 its right one."""
    grip = button(page, f"Move {name}").bounding_box()
    other = page.locator(f'li[data-value="{onto}"]').bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(other["x"] + other["width"] * part, other["y"] + other["height"] / 2, steps=5)
    page.mouse.up()


def stored(colour: Attribute) -> list[str]:
    return [each.value for each in Attribute.objects.get(pk=colour.pk).predefined()]


def test_enter_adds_a_value_and_saves_nothing_yet(page, server, axe, colour):
    open_form(page, server, colour)
    assert tags(page) == ["red", "blue", "green"]
    box(page).fill("  black ")
    box(page).press("Enter")
    assert (tags(page), said(page)) == (["red", "blue", "green", "black"], "black was added")
    assert box(page).input_value() == ""
    assert page.get_by_text("1 unsaved change").is_visible()
    assert page.locator("[data-dirty-names]").inner_text() == "Predefined values"
    axe(page)
    assert stored(colour) == ["red", "blue", "green"]
    press(page, "Save", exact=True)
    assert stored(colour) == ["red", "blue", "green", "black"]


def test_pasted_lines_are_added_one_by_one_and_repetitions_collapse(page, server, colour):
    open_form(page, server, colour)
    paste(page, "white\r\nblue\n\n white \ngrey, light\n")
    assert tags(page) == ["red", "blue", "green", "white", "grey, light"]
    assert said(page) == "2 values were added"
    box(page).fill("red")
    box(page).press("Enter")
    assert tags(page) == ["red", "blue", "green", "white", "grey, light"]
    assert said(page) == "red is in the list already"


def test_values_are_put_in_order_by_buttons_keys_and_dragging(page, server, colour):
    open_form(page, server, colour)
    assert button(page, "Move red up").is_disabled()
    button(page, "Move green up").click()
    assert (tags(page), said(page)) == (["red", "green", "blue"], "green: place 2 of 3")
    button(page, "Move green up").click()
    assert tags(page) == ["green", "red", "blue"]
    button(page, "Move green").press("ArrowRight")
    assert tags(page) == ["red", "green", "blue"]
    drag(page, "blue", "red", 0.1)
    assert (tags(page), said(page)) == (["blue", "red", "green"], "blue: place 1 of 3")
    drag(page, "blue", "green", 0.9)
    assert tags(page) == ["red", "green", "blue"]
    press(page, "Save", exact=True)
    assert stored(colour) == ["red", "green", "blue"]


def test_a_removed_value_goes_with_the_save_and_comes_back_with_reset(page, server, colour):
    open_form(page, server, colour)
    button(page, "Remove blue").click()
    assert (tags(page), said(page)) == (["red", "green"], "blue was removed")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Remove green"
    page.get_by_role("button", name="Reset", exact=True).click()
    page.locator('li[data-value="blue"]').wait_for()
    assert tags(page) == ["red", "blue", "green"]
    button(page, "Remove blue").click()
    press(page, "Save", exact=True)
    assert stored(colour) == ["red", "green"]


def test_a_value_left_in_the_box_is_not_lost_on_save(page, server, colour):
    open_form(page, server, colour)
    box(page).fill("black")
    button(page, "Add").click()
    box(page).fill("white")
    press(page, "Save", exact=True)
    assert stored(colour) == ["red", "blue", "green", "black", "white"]


def test_a_new_attribute_is_made_with_tags_and_its_error_leads_to_the_box(page, server, colour):
    page.goto(f"{server}{LIST}add/")
    sign_in(page, "mara@example.com")
    page.get_by_label("Key").fill("frame")
    page.get_by_label("Type").select_option("text")
    press(page, "Save", exact=True)
    page.locator("#problems a").first.click()
    assert box(page).evaluate("el => el === document.activeElement")
    paste(page, "oak\nbeech")
    press(page, "Save", exact=True)
    assert "frame" in heading(page).lower()
    assert stored(Attribute.objects.get(key__key="frame")) == ["oak", "beech"]


def test_the_super_flag_clears_and_locks_other_values_and_says_why(page, server, axe, colour):
    page.goto(f"{server}{LIST}add/")
    sign_in(page, "mara@example.com")
    free, why = page.get_by_label("Allow other values"), "A super attribute allows predefined values only."
    free.check()
    page.get_by_label("Super attribute").check()
    assert (free.is_checked(), free.is_disabled()) == (False, True)
    assert page.get_by_text(why).is_visible()
    axe(page)
    page.get_by_label("Super attribute").uncheck()
    assert (free.is_checked(), free.is_disabled()) == (False, False)
    assert page.get_by_text(why).count() == 0


def test_the_translation_of_a_value_is_copied_to_the_other_languages_and_asks_before_it_overwrites(
    page, server, axe, colour
):
    make.store("AT", locales=("de_DE",))
    make.store("FR", locales=("fr_FR",))
    page.goto(f"{server}{LIST}{colour.pk}/translations/")
    sign_in(page, "mara@example.com")
    texts = {code: page.get_by_label(f"red, {code}", exact=True) for code in ("en_US", "de_DE", "fr_FR")}
    copy = page.get_by_role("button", name="red, en_US: Copy to all")
    texts["en_US"].fill("Crimson")
    texts["fr_FR"].fill("rouge")
    page.once("dialog", lambda asked: asked.dismiss())
    copy.click()
    assert [box.input_value() for box in texts.values()] == ["Crimson", "", "rouge"]
    page.once("dialog", lambda asked: asked.accept())
    copy.click()
    assert [box.input_value() for box in texts.values()] == ["Crimson", "Crimson", "Crimson"]
    assert page.get_by_label("blue, de_DE", exact=True).input_value() == ""
    axe(page)


def test_a_very_long_value_stays_inside_the_pages(page, server, live_database):
    make.store(locales=("de_DE", "en_US"))
    make.user("mara@example.com", roles=["Category Manager"])
    long = make.attribute("long", values={"x" * 3_000: {"en_US": "text"}, "sand, light": {}})
    for place in ("", "change/", "translations/"):
        page.goto(f"{server}/attributes/attribute/{long.pk}/{place}")
        if not place:
            sign_in(page, "mara@example.com")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
    boxes = page.locator("table input[type=text]")
    assert boxes.count() == 4
    assert min(box.bounding_box()["width"] for box in boxes.all()) > 120
