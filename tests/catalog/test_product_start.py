"""The start page of those who look after products: what waits, what fails, and who is told."""

import datetime
import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from catalog.categories.scope import KIND
from catalog.products.models import Discontinued, Product, ProductSettings, Variant
from catalog.products.readiness import counting, storing
from tests import make
from tests.catalog.ready import ready_product, two_stores

pytestmark = pytest.mark.django_db
BACKEND = "backoffice.accounts.backends.RoleBackend"
TILE = re.compile(r'<a class="bo-card bo-tile" href="([^"]*)">(.*?)</a>', re.DOTALL)
LINE = re.compile(r'<li>\s*<a href="([^"]*)">([^<]*)</a>\s*<b>([^<]*)</b>\s*<meter')


def start_page(client, user: User) -> str:
    client.force_login(user, BACKEND)
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def plain(text: str) -> list[str]:
    """The texts of a piece of a page, without its tags."""
    bare = re.sub(r"<[^>]*>", "\n", text)
    return [html.unescape(line).strip() for line in bare.splitlines() if line.strip()]


def tiles(page: str) -> dict[str, tuple[str, str]]:
    """Figure and address by the label of the tile."""
    found = [(plain(inner), html.unescape(url)) for url, inner in TILE.findall(page)]
    return {texts[0]: (texts[1], url) for texts, url in found}


def missing(page: str) -> dict[str, tuple[str, str]]:
    """Figure and address by failing check."""
    found = LINE.findall(page)
    return {html.unescape(label).strip(): (figure, html.unescape(url)) for url, label, figure in found}


def listed(client, url: str) -> int:
    """How many rows the list behind a tile shows."""
    page = client.get(url)
    assert page.status_code == 200
    return len(re.findall(r'<tr id="row-', page.content.decode()))


def manager(**fields) -> User:
    return make.user(roles=["Category Manager"], **fields)


@pytest.fixture
def catalogue(db) -> Product:
    """One product that is ready, one without picture and tax set in two stores, one that nobody began."""
    stores = two_stores()
    ready = ready_product(stores)
    half = make.product(
        "desk",
        name={"en_US": "Desk", "de_DE": "Tisch"},
        stores=stores,
        categories=[ready.category_links.get().category],
        approval_status=Product.Approval.WAITING,
    )
    make.variant("desk-1", product=half, is_active=True, is_searchable={"en_US": True})
    make.product("blank", name={})
    storing.refresh_all()
    return ready


def test_each_tile_counts_what_its_list_shows(client, catalogue):
    ProductSettings.objects.create(has_approval=True)

    page = start_page(client, manager())
    found = tiles(page)

    assert {label: figure for label, (figure, _url) in found.items()} == {
        "Waiting for approval": "1",
        "Not ready to sell": "2",
        "Without a picture": "2",
        "No category or tax set": "2",
        "Going off sale in 7 days": "0",
    }
    assert {label: str(listed(client, url)) for label, (_figure, url) in found.items()} == {
        label: figure for label, (figure, _url) in found.items()
    }
    assert "66.7 % of 3 products" in plain(page)


def test_the_share_is_written_as_the_reader_writes_numbers(client, catalogue):
    assert "66,7" in start_page(client, manager(ui_language="de"))


def test_the_tile_of_approval_is_there_only_while_approval_is_on(client, catalogue):
    assert "Waiting for approval" not in tiles(start_page(client, manager()))


def test_failing_checks_are_listed_most_frequent_first_with_their_lists(client, catalogue):
    found = missing(start_page(client, manager()))

    figures = [int(figure) for figure, _url in found.values()]
    assert figures == sorted(figures, reverse=True)
    assert found["There is no picture"][0] == "2"
    assert found["It is in no store"] == ("1", "/products/product/?blocked=no_store")
    assert "It is not approved" not in found
    for figure, url in found.values():
        assert listed(client, url) == int(figure)


def test_the_chart_says_in_words_how_many_products_pass_how_many_checks(client, catalogue):
    page = start_page(client, manager())

    words = html.unescape(re.search(r'class="bo-chart[^"]*"[^>]*aria-label="([^"]*)"', page)[1])
    assert words.split("; ")[0] == "1 product passes 10"
    assert len(words.split("; ")) == 3
    assert plain(page[page.index("bo-legend") :])[1:7] == [
        *("Three checks or more fail", "2", "One or two fail", "0", "Ready, all checks pass", "1"),
    ]


def test_a_finished_catalogue_says_so(client):
    product = ready_product(two_stores())
    storing.refresh([product.pk])

    page = start_page(client, manager())

    assert "Every product passes every check." in page
    assert tiles(page)["Not ready to sell"][0] == "0"


def test_without_products_there_is_no_chart(client):
    page = start_page(client, manager())

    assert "Readiness of the catalogue" not in page
    assert tiles(page)["Without a picture"][0] == "0"


@pytest.mark.parametrize("role", ["Inventory Manager", "Customer Service", "Auditor"])
def test_who_may_only_look_is_told_how_many_products_there_are_and_no_more(client, catalogue, role):
    page = start_page(client, make.user(roles=[role]))

    assert tiles(page)["Products"][0] == "3"
    assert not {"Not ready to sell", "Going off sale in 7 days"} & set(tiles(page))
    assert "Missing checks" not in page
    assert "Readiness of the catalogue" not in page


def test_a_row_scope_counts_granted_products_only(client, catalogue):
    user = manager()
    scopes.limit(user, KIND, [catalogue.category_links.get().category])

    page = start_page(client, user)

    assert tiles(page)["Not ready to sell"][0] == "1"
    assert plain(page[page.index("bo-legend") :])[5:7] == ["Ready, all checks pass", "1"]


def test_what_ends_within_a_week_is_counted_by_validity_and_phase_out(client):
    now, today = timezone.now(), timezone.localdate()
    product = make.product("lamp")
    days = {"past": -1, "soon": 3, "late": 20}
    for name, day in days.items():
        make.variant(
            f"window-{name}", product=product, is_active=True, valid_to=now + datetime.timedelta(days=day)
        )
        out = make.variant(f"out-{name}", product=product, is_active=True)
        Discontinued.objects.create(variant=out, active_until=today + datetime.timedelta(days=day))
    make.variant("off", product=product, is_active=False, valid_to=now + datetime.timedelta(days=3))

    page = start_page(client, manager())
    figure, url = tiles(page)["Going off sale in 7 days"]

    assert (figure, url) == ("2", "/products/variant/?ends=7")
    assert listed(client, url) == 2
    assert listed(client, "/products/variant/?ends=30") == 4


def test_figures_stop_at_their_limits_and_say_so(client, catalogue, monkeypatch):
    monkeypatch.setattr(counting, "AT_MOST", 2)
    monkeypatch.setattr(counting, "NEWEST", 2)

    page = start_page(client, manager())

    assert tiles(page)["Not ready to sell"][0] == "2+"
    assert "at least one check fails" in page
    assert "The 2 newest products are shown." in page


def test_many_products_cost_the_queries_of_few(client, catalogue):
    user = manager()
    client.force_login(user, BACKEND)
    client.get("/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get("/")
    for number in range(30):
        make.variant(f"more-{number}-1", product=make.product(f"more-{number}"))
    storing.refresh_all()
    with CaptureQueriesContext(connection) as many:
        client.get("/")

    assert len(many) == len(few)
    assert Variant.objects.count() == 32


def quick(page: str) -> list[tuple[str, bool]]:
    """The quick actions in the head, and which is the main one."""
    head = re.search(r'<div class="bo-head">.*?<p class="bo-sub">', page, re.DOTALL)[0]
    return [
        (" ".join(plain(label)), "is-main" in css)
        for css, label in re.findall(r'<a class="bo-btn ([^"]*)"[^>]*>(.*?)</a>', head, re.DOTALL)
    ]


def test_the_head_of_the_start_page_offers_what_a_day_begins_with(client):
    assert quick(start_page(client, manager())) == [
        ("Import", False),
        ("Create bundle", False),
        ("Create product", True),
    ]
    assert quick(start_page(client, make.superuser())) == [
        ("Import", False),
        ("Create bundle", False),
        ("Create user", False),
        ("Roles", False),
        ("Search history", False),
        ("Create product", True),
    ]
    assert quick(start_page(client, make.user(roles=["Auditor"]))) == [("Search history", False)]
    assert "Quick actions" not in start_page(client, make.user(roles=["Customer Service"]))
