"""The command box (spec: working-day 9.1): found by typing, opened by Enter; last opened while empty."""

from typing import Any

from tests import make
from tests.browser.steps import heading, sign_in


def test_a_record_is_opened_from_the_command_box_and_remembered(
    live_database: str, open_page: Any, server: str, axe: Any
):
    make.superuser("ruth@example.com")
    make.attribute("colour")
    make.attribute("colour_code")
    page = open_page()
    page.goto(server)
    sign_in(page, "ruth@example.com")
    page.keyboard.press("Control+k")
    box = page.get_by_role("dialog")
    box.get_by_role("searchbox").fill("colour")
    box.locator("a.is-sel", has_text="colour").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    axe(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    opened = heading(page)
    page.goto(server)
    page.keyboard.press("Control+k")
    first = page.get_by_role("dialog").locator("li").first
    assert opened in first.inner_text()
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
