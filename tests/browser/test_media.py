"""Pictures and texts with HTML in a browser: sending, moving by button and by hand, the editor (products 0.6, 17.2)."""

import io
from typing import Any

import pytest
from PIL import Image as Picture

from catalog.images.models import Image, ImageInSet
from catalog.products.models import Product
from tests import make
from tests.browser.steps import press, sign_in


@pytest.fixture
def hammer(live_database: str, settings, tmp_path) -> Product:
    settings.MEDIA_ROOT = tmp_path
    make.store(locales=("en_US", "de_DE"))
    make.superuser("mara@example.com")
    texts = {"name": {"en_US": "Hammer", "de_DE": "Hammer"}}
    return make.product(
        **texts,
        description={"en_US": "<p onclick='x'>Forged <b>head</b>, hickory</p>"},
        tax_set=make.tax_set(),
    )


def open_form(page: Any, server: str, hammer: Product) -> None:
    page.goto(f"{server}/products/product/{hammer.pk}/change/")
    sign_in(page, "mara@example.com")


def file(name: str, colour: str) -> dict[str, Any]:
    out = io.BytesIO()
    Picture.new("RGB", (400, 300), colour).save(out, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": out.getvalue()}


def order() -> list[str]:
    places = ImageInSet.objects.order_by("sort_order").select_related("image")
    return [place.image.alt_small.get("en_US", "") for place in places]


def test_pictures_are_sent_moved_and_saved(page, server, hammer):
    open_form(page, server, hammer)
    page.get_by_role("tab", name="Media").click()
    panel = page.locator("[data-set]").first
    panel.get_by_label("Upload pictures").set_input_files(
        [file("a.png", "red"), file("b.png", "blue"), file("c.png", "green")]
    )
    rows = panel.locator("[data-picture]")
    rows.nth(2).wait_for()
    for number, name in enumerate("abc"):
        rows.nth(number).get_by_text("Texts and addresses").click()
        rows.nth(number).get_by_label("Alternative text, small en_US").fill(name)
        rows.nth(number).get_by_text("Texts and addresses").click()
    rows.nth(2).get_by_role("button", name="Move one place to the front").press("Enter")
    assert page.locator("#bo-live").inner_text() == "Moved to place 2 of 3"
    button = rows.nth(1).get_by_role("button", name="Move one place to the front")
    assert button.evaluate("b => b === document.activeElement")
    assert rows.nth(1).locator("img").evaluate("i => i.complete && i.naturalWidth") == 150
    press(page, "Save and stay")
    assert order() == ["a", "c", "b"]
    page.locator("[data-picture] [data-preview]").nth(2).drag_to(
        page.locator("[data-picture] [data-preview]").nth(0), target_position={"x": 5, "y": 40}
    )
    assert page.locator("[data-picture] [data-sort]").evaluate_all("boxes => boxes.map(b => b.value)") == [
        "0",
        "1",
        "2",
    ]
    press(page, "Save and stay")
    assert order() == ["b", "a", "c"]
    assert Image.objects.count() == 3


def test_saving_waits_for_a_picture_on_its_way(page, server, hammer):
    open_form(page, server, hammer)
    page.get_by_role("tab", name="Media").click()
    held: list[Any] = []
    page.route("**/images/upload/", lambda route: held.append(route))
    panel = page.locator("[data-set]").first
    with page.expect_request("**/images/upload/"):
        panel.get_by_label("Upload pictures").set_input_files([file("slow.png", "red")])
    assert page.locator("[data-dirty]").inner_text() == "1 unsaved change"
    assert page.locator("[data-dirty-names]").inner_text() == "slow.png"
    assert panel.get_by_role("progressbar", name="Sending slow.png").is_visible()

    page.get_by_role("button", name="Save and stay").click()
    page.get_by_text("The form is saved as soon as they are there").wait_for()
    assert Image.objects.count() == 0
    with page.expect_navigation():
        held[0].continue_()

    assert Image.objects.get().file_name == "slow.png"
    assert page.locator("[data-media] summary .bo-count").first.inner_text().startswith("1")


def test_a_file_that_is_no_picture_is_refused_in_words(page, server, hammer):
    open_form(page, server, hammer)
    page.get_by_role("tab", name="Media").click()
    panel = page.locator("[data-set]").first
    wrong = {"name": "notes.png", "mimeType": "image/png", "buffer": b"no picture"}
    panel.get_by_label("Upload pictures").set_input_files([wrong])
    page.get_by_role("alert").get_by_text("notes.png is no picture this program can read").wait_for()
    assert panel.locator("[data-picture]").count() == 0


def test_a_text_is_edited_with_the_keyboard_and_saved_clean(page, server, hammer):
    open_form(page, server, hammer)
    box = page.get_by_role("textbox", name="Description, en_US")
    assert box.inner_html() == "<p>Forged <b>head</b>, hickory</p>"
    assert (
        page.locator("[name='description.en_US']").input_value()
        == "<p onclick='x'>Forged <b>head</b>, hickory</p>"
    )
    box.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("Grip")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Control+b")
    tools = page.get_by_role("toolbar", name="Formatting, Description, en_US")
    assert tools.get_by_role("button", name="Bold").get_attribute("aria-pressed") == "true"
    tools.get_by_role("button", name="List", exact=True).click()
    tools.get_by_role("button", name="Link").click()
    page.get_by_label("Address of the link").first.fill("example.org/grip")
    page.keyboard.press("Enter")
    assert page.get_by_text("1 unsaved change").is_visible()
    press(page, "Save and stay")
    hammer.refresh_from_db()
    assert hammer.description["en_US"].startswith("<p>Forged <b>head</b>, hickory</p><ul><li>")
    assert '<a href="https://example.org/grip" rel="noopener noreferrer">' in hammer.description["en_US"]
    assert "onclick" not in hammer.description["en_US"]


def test_the_source_of_a_text_can_be_typed(page, server, hammer):
    open_form(page, server, hammer)
    tools = page.get_by_role("toolbar", name="Formatting, Description, en_US")
    tools.get_by_role("button", name="HTML").click()
    page.locator("[name='description.en_US']").fill("<p>Typed <i>source</i></p><script>x</script>")
    tools.get_by_role("button", name="HTML").click()
    assert page.get_by_role("textbox", name="Description, en_US").inner_html() == "<p>Typed <i>source</i></p>"
    press(page, "Save and stay")
    hammer.refresh_from_db()
    assert hammer.description["en_US"] == "<p>Typed <i>source</i></p>"


def test_copying_a_text_to_another_language_fills_its_editor(page, server, hammer):
    open_form(page, server, hammer)
    field = page.locator(".bo-loc").filter(has=page.locator("[name='description.en_US']"))
    field.get_by_role("button", name="Copy to empty").click()
    field.get_by_role("button", name="de_DE").click()
    assert (
        page.get_by_role("textbox", name="Description, de_DE").inner_html()
        == "<p>Forged <b>head</b>, hickory</p>"
    )
