"""What people do on the pages, in words."""

from typing import Any

from tests.make import PASSWORD


def press(page: Any, name: str, *, exact: bool = False) -> None:
    """Press a button that sends a form, and wait for the page that answers."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=exact).click()


def sign_in(page: Any, email: str, password: str = PASSWORD) -> None:
    """On the sign-in page."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    press(page, "Log in")


def sign_out(page: Any) -> None:
    page.locator(".bo-top details summary").last.click()
    press(page, "Log out")


def heading(page: Any) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def menu_items(page: Any) -> list[str]:
    """What the side menu offers, in order, without its headings and the logo."""
    return [text.strip() for text in page.locator("#bo-nav a[href^='/']:not(.bo-brand)").all_inner_texts()]
