"""Every address, for everybody, on an own row and on a missing one, answers what its right demands."""

from collections.abc import Callable

import pytest
from django.test import Client

from backoffice.console.rights import PUBLIC, SIGNED_IN
from tests.site.addresses import ADDRESSES, NAMES, Address
from tests.site.conftest import PEOPLE, person
from tests.site.rows import PERSONAL

OPEN = {200, 302}
POST_ONLY = 405
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ADDRESSES, ids=NAMES)
def test_an_address_states_the_right_it_asks_for(address: Address):
    assert address.right is not None, f"{address.pattern} is not guarded by the site"


def test_addresses_have_names_of_their_own():
    assert sorted(NAMES) == sorted(set(NAMES))


@pytest.mark.parametrize("address", ADDRESSES, ids=NAMES)
def test_a_stranger_is_asked_to_sign_in(address: Address, client: Client):
    url = address.url_of_row(None)
    response = client.get(url)

    if address.right is PUBLIC:
        assert response.status_code in {*OPEN, POST_ONLY}
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/login/?next=")
        assert client.get(url, headers={"Accept": "application/json"}).status_code == 401
        assert client.post(url).status_code == 302


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("address", ADDRESSES, ids=NAMES)
def test_everybody_gets_what_the_right_says(address: Address, who: str, signed_in: Callable[..., Client]):
    user = person(who)
    client = signed_in(user)
    url = address.url_of_row(user)

    if address.right.held_by(user):
        assert client.get(url).status_code in {*OPEN, POST_ONLY}
        if address.has_row:
            assert client.get(address.url_of_missing_row()).status_code in {404, POST_ONLY}
    else:
        assert client.get(url).status_code == 403
        assert client.post(url).status_code == 403
        assert client.get(url, headers={"Accept": "application/json"}).json() == {"error": "Access denied."}
        if address.has_row:
            assert client.get(address.url_of_missing_row()).status_code == 403


OF_PEOPLE = [a for a in ADDRESSES if a.has_row and a.model._meta.label_lower in PERSONAL]


@pytest.mark.parametrize("address", OF_PEOPLE, ids=[address.name for address in OF_PEOPLE])
def test_a_row_of_somebody_else_is_missing(address: Address, signed_in: Callable[..., Client]):
    other = person("Inventory Manager")
    url = address.url_of_row(other)
    client = signed_in(person("Category Manager"))

    assert client.get(url).status_code in {404, POST_ONLY}
    assert client.post(url).status_code in {404, POST_ONLY}


def test_only_addresses_of_the_site_itself_ask_for_no_right():
    open_to_all = {a.name for a in ADDRESSES if a.right in {PUBLIC, SIGNED_IN} and a.model is not None}
    assert open_to_all == set()


@pytest.mark.parametrize("path", ["//{}", "/%2e%2e/{}", "/./{}", "/{}/"])
def test_odd_spellings_of_an_address_open_nothing(path: str, signed_in: Callable[..., Client]):
    client = signed_in(person("no role"))

    assert client.get(path.format("accounts/user/"), follow=True).status_code in {403, 404}


@pytest.mark.parametrize("path", ["/ACCOUNTS/user/", "/accounts/user"])
def test_letter_case_and_the_last_slash_give_no_other_right(path: str, signed_in: Callable[..., Client]):
    client = signed_in(person("Category Manager"))

    assert client.get(path, follow=True).status_code in {403, 404}
