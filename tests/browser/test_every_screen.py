"""Every page of every screen in a browser: no serious finding of axe, nothing wider than the window, no
message on the console; light and wide in English, dark and narrow in German. Narrow is a little below the
320 px a page must fit, as fonts differ between machines."""

from typing import Any

import pytest
from django.test import Client

from tests import make
from tests.site.addresses import ADDRESSES
from tests.site.rows import row

LOOKS = {
    "wide and light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "narrow and dark": {"viewport": {"width": 312, "height": 640}, "color_scheme": "dark"},
}
WIDTH = "[document.documentElement.scrollWidth, window.innerWidth]"
TOO_WIDE = """[...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > window.innerWidth + 0.5)
    .slice(0, 5).map(one => one.tagName + "." + one.className)"""


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_and_fits(
    look: str, live_database: str, open_page: Any, server: str, axe: Any
):
    language = "de" if "dark" in look else "en"
    user = make.superuser("ruth@example.com", ui_language=language)
    page = open_page(**LOOKS[look])
    sign_in_without_form(page, server, user)
    made = {}
    for address in ADDRESSES:
        if address.model and address.model not in made:
            made[address.model] = row(address.model, user)
    faults = []
    for address in ADDRESSES:
        url = address.url_of(made[address.model]) if address.has_row else address.url()
        if not is_page(user, url):
            continue
        page.goto(url)
        width, window = page.evaluate(WIDTH)
        if width > window:
            faults.append(f"{url} is {width} px wide: {page.evaluate(TOO_WIDE)}")
        try:
            axe(page)
        except AssertionError as finding:
            faults.append(str(finding).split("\nassert")[0])
    assert not faults, "\n".join(faults)


def sign_in_without_form(page: Any, server: str, user: Any) -> None:
    client = signed_in(user)
    page.context.add_cookies(
        [{"name": "bo_session", "value": client.cookies["bo_session"].value, "url": server}]
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
    return client


def is_page(user: Any, url: str) -> bool:
    """Whether the address answers a visit with a page, not with a download or a redirect."""
    response = signed_in(user).get(url)
    response.close()
    return response.status_code == 200 and response["Content-Type"].startswith("text/html")
