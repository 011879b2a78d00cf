"""What people do on the pages, in words."""

from typing import Any

from tests.make import PASSWORD


def sign_in(page: Any, email: str, password: str = PASSWORD) -> None:
    """On the sign-in page."""
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_load_state()


def sign_out(page: Any) -> None:
    page.locator(".bo-top details summary").last.click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_load_state()
