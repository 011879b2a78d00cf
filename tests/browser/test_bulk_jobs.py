"""What is done to very many rows in a browser: the pages of its job from waiting over the preview to the result, light
and dark, wide and on a phone (working-day 4.3 and 11)."""

from pathlib import Path
from typing import Any

import pytest

from backoffice.console.bulk import doing, pages
from backoffice.transfer.jobs import deeds, lifecycle
from backoffice.transfer.models import Job
from backoffice.transfer.screens import rows
from catalog.products.models import Variant
from tests import make
from tests.browser.steps import heading, press, sign_in

LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "light, on a phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    "dark, on a phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 844}},
}
REASON = "Its component dead is not live. Activate that first."


@pytest.fixture
def shop(live_database: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three lamps and eight kits that cannot be switched on; pages of three rows."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    monkeypatch.setattr(rows, "PER_PAGE", 3)
    make.superuser("root@example.com", content_locale="en_US")
    dead = make.variant("dead")
    for number in range(3):
        make.product(f"lamp-{number}", variants=1)
    for number in range(8):
        make.bundle(f"kit-{number}", components={dead: 1})


def fits(page: Any, axe: Any) -> None:
    axe(page)
    width, window = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= window, page.url


def worked(page: Any, deed: str) -> None:
    """A worker does it, and the page follows."""
    lifecycle.run_job.call(Job.objects.get().pk, deed)
    page.reload()


def listed(page: Any, part: str) -> list[str]:
    return page.locator(f"#{part} tbody th").all_inner_texts()


def saved(page: Any, press_it: Any) -> list[str]:
    with page.expect_download() as download:
        press_it()
    return Path(download.value.path()).read_text().splitlines()


def choose_all_and_activate(page: Any, server: str) -> None:
    page.goto(f"{server}/products/product/?q=-")
    sign_in(page, "root@example.com")
    page.locator("input.bo-pick").first.check()
    page.get_by_role("checkbox", name="all 11 matching").check()
    press(page, "Activate variants", exact=True)


@pytest.mark.parametrize("look", LOOKS)
def test_a_large_deed_from_its_preview_to_its_result(
    look: str, open_page: Any, server: str, shop: None, axe: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    monkeypatch.setattr(pages, "PREVIEWED", 2)
    page = open_page(**LOOKS[look])
    choose_all_and_activate(page, server)
    assert heading(page) == "Products: Activate variants"
    assert page.get_by_text("The job waits for a worker.").is_visible()
    fits(page, axe)

    worked(page, deeds.CHECK)
    assert page.get_by_text("11 rows were chosen.").is_visible()
    assert listed(page, "changes") == ["lamp-0", "lamp-1", "lamp-2"]
    assert listed(page, "errors") == ["kit-0", "kit-1", "kit-2"]
    fits(page, axe)
    with page.expect_navigation():
        page.locator("#errors").get_by_role("link", name="Next page").click()
    assert listed(page, "errors") == ["kit-3", "kit-4", "kit-5"]
    assert listed(page, "changes") == ["lamp-0", "lamp-1", "lamp-2"]
    fits(page, axe)
    lines = saved(page, page.locator("#errors").get_by_role("link", name="Download these rows").click)
    assert lines == ["record,reason", *(f"kit-{number},{REASON}" for number in range(8))]

    press(page, "Activate variants", exact=True)
    worked(page, deeds.RUN)
    assert page.get_by_role("status").first.inner_text().startswith("Activate variants: 3 records changed")
    assert listed(page, "errors") == ["kit-0", "kit-1", "kit-2"]
    assert Variant.objects.filter(is_active=True).count() == 3
    fits(page, axe)


def test_what_a_preview_refuses_is_taken_away_and_the_page_stays(
    page: Any, server: str, shop: None, axe: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(doing, "SHOWN", 2)
    choose_all_and_activate(page, server)
    assert page.get_by_text("These are the first 2 of 8.").is_visible()
    fits(page, axe)
    button = page.get_by_role("button", name="All that is refused as a file")
    for _turn in range(2):
        lines = saved(page, button.click)
        assert lines == ["record,reason", *(f"kit-{number},{REASON}" for number in range(8))]

    press(page, "Activate variants", exact=True)
    assert Variant.objects.filter(is_active=True).count() == 3
