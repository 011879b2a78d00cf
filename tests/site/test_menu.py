"""The menu names every screen once, and everything in it opens for whoever sees it."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from backoffice.console.menu import MENU
from backoffice.console.site import site
from tests.site.conftest import PEOPLE, person
from tests.site.page import Page

pytestmark = pytest.mark.django_db
NAMED = Counter(name for area in MENU for item in area.items for name in item.screens)
SCREENS = sorted(model._meta.label_lower for model in site._registry)


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_in_the_menu_once(name: str):
    assert NAMED[name] == 1


def test_every_icon_of_the_menu_exists():
    drawn = set(
        re.findall(r'id="([\w-]+)"', Path(settings.BASE_DIR, "static/backoffice/icons.svg").read_text())
    )
    used = {part.icon for area in MENU for part in (area, *area.items)}
    used |= {screen.icon for screen in site._registry.values()}

    assert used - {name.removeprefix("i-") for name in drawn} == set()


@pytest.mark.parametrize("who", PEOPLE)
def test_everything_in_the_menu_opens(who: str, signed_in: Callable[..., Client]):
    user = person(who)
    client = signed_in(user)
    shown = menu_links(client.get("/"))
    allowed = {screen.list_url for screen in site._registry.values() if screen.right("view").held_by(user)}

    assert {url for url in shown if url != "/"} <= allowed
    for url in shown:
        response = client.get(url)
        assert response.status_code == 200, url
        assert [link["attrs"]["href"] for link in current(response)][:1] in ([url], []), url


@pytest.mark.parametrize("who", PEOPLE)
def test_every_screen_one_may_view_is_reached_from_the_menu(who: str, signed_in: Callable[..., Client]):
    user = person(who)
    client = signed_in(user)
    reached = set()
    for url in menu_links(client.get("/")):
        reached |= {
            url,
            *(tag["attrs"].get("href") for tag in Page(client.get(url).content.decode()).all("a")),
        }

    for screen in site._registry.values():
        if screen.right("view").held_by(user):
            assert screen.list_url in reached


def menu_links(response) -> list[str]:
    """Where the items of the side menu lead."""
    page = Page(response.content.decode())
    inside = [
        tag for tag in page.all("a") if any(outer["attrs"].get("id") == "bo-nav" for outer in tag["within"])
    ]
    return list(
        dict.fromkeys(tag["attrs"]["href"] for tag in inside if tag["attrs"].get("href", "").startswith("/"))
    )


def current(response) -> list[dict]:
    page = Page(response.content.decode())
    inside = [
        tag for tag in page.all("a") if any(outer["attrs"].get("id") == "bo-nav" for outer in tag["within"])
    ]
    return [tag for tag in inside if tag["attrs"].get("aria-current") == "page"]
