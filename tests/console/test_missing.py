"""An address that leads nowhere says so in the frame and leads back to the list it belongs to."""

import pytest
from django.test import Client

from backoffice.console.site import site
from tests import make
from tests.site.page import Page, compact

pytestmark = pytest.mark.django_db
SCREENS = {screen.name: screen for screen in site._registry.values()}


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_an_unknown_record_leads_back_to_its_list(name: str, language: str):
    client, url = Client(), SCREENS[name].list_url
    client.force_login(make.superuser(ui_language=language))
    response = client.get(f"{url}999999999/")
    html = response.content.decode()
    assert response.status_code == 404
    assert f'<a class="bo-btn is-main" href="{url}">' in compact(response)
    assert Page(html).problems() == []


def test_who_may_not_open_the_list_is_led_to_the_start():
    client = Client()
    client.force_login(make.user(roles=["Inventory Manager"]))
    for address in ("/accounts/user/999999999/x/", "/nothing/here/", "/nothing/"):
        response = client.get(address)
        assert response.status_code in (403, 404)
        assert 'href="/accounts/user/"' not in response.content.decode()
    page = compact(client.get("/nothing/here/"))
    assert '<a class="bo-btn is-main" href="/">' in page


def test_a_stranger_is_told_nothing_of_lists():
    response = Client().get("/accounts/user/nobody/here/")
    assert response.status_code in (302, 404)
    assert 'href="/accounts/user/"' not in response.content.decode()
