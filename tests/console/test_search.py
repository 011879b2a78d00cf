"""The search of the top bar (spec: working-day 9.1)."""

import pytest
from django.test import Client

from backoffice.history.recording import recording
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def hits(client: Client, text: str) -> list[str]:
    kinds = client.get("/search/", {"q": text}).context["kinds"]
    return [hit.label for kind in kinds for hit in kind.hits if kind.label == "Attributes"]


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    return client


def test_the_exact_code_comes_first_then_what_begins_so_then_what_holds_it(client):
    for key in ["dark_colour", "colour_code", "colour"]:
        make.attribute(key)
    found = hits(client, "COLOUR")
    assert [label.split()[0] for label in found] == ["colour", "colour_code", "dark_colour"]


def test_the_exact_code_is_found_behind_many_that_hold_it(client):
    for number in range(10):
        make.attribute(f"colour_{number}")
    make.attribute("colour")
    found = hits(client, "colour")
    assert (len(found), found[0].split()[0]) == (8, "colour")


def test_a_search_that_finds_nothing_says_so(client):
    answer = client.get("/search/", {"q": "nothing is called so"})
    assert "No matching records" in answer.content.decode()


def test_the_kind_with_the_exact_code_comes_before_pages_and_other_kinds(client):
    variant = make.variant("categories", product=make.product("p-1"))
    kinds = client.get("/search/", {"q": "categories"}).context["kinds"]
    assert kinds[0].label == "Variants"
    assert str(variant.pk) in kinds[0].hits[0].url


@pytest.mark.parametrize("typed", ["F6001 blk", "f6001blk", "F6001-BLK", "f6001 - blk"])
def test_dashes_blanks_and_case_of_a_code_do_not_matter(client, typed):
    make.variant("F6001-BLK")
    kinds = client.get("/search/", {"q": typed}).context["kinds"]
    assert [
        hit.label.endswith("F6001-BLK") for kind in kinds for hit in kind.hits if kind.label == "Variants"
    ] == [True]


@pytest.mark.parametrize("typed", ["create prod", "create product", "Prod create"])
def test_actions_are_found_by_the_words_of_their_names(client, typed):
    kinds = client.get("/search/", {"q": typed}).context["kinds"]
    assert "Create product" in [hit.label for kind in kinds for hit in kind.hits]


def change(*names: str) -> None:
    with recording("save", screen="products.product", note="jacket") as recorder:
        for name in names:
            recorder.added(make.product(name))


def test_the_history_comes_last_with_three_change_sets_that_say_what_they_changed(client):
    for number in range(5):
        change(f"jacket-{number}")
    kinds = client.get("/search/", {"q": "jack"}).context["kinds"]
    assert [kinds[0].label, kinds[-1].label] == ["Products", "Change history"]
    labels = [hit.label.split(" · ")[0] for hit in kinds[-1].hits]
    assert labels == ["jacket-4", "jacket-3", "jacket-2"]


def test_names_are_in_the_content_locale_of_the_user():
    client = Client()
    user = make.superuser(content_locale="en_US", ui_language="de")
    client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
    make.store(locales=["de_DE", "en_US"])
    name = {"de_DE": "Klauenhammer", "en_US": "Claw hammer"}
    make.variant("T1001-1", product=make.product("T1001", name=name), name=name)
    kinds = client.get("/search/", {"q": "T1001"}).context["kinds"]
    labels = sorted(hit.label for kind in kinds for hit in kind.hits)
    assert labels == ["Claw hammer · T1001", "Claw hammer · T1001-1"]
