"""What the pages of a product and of a variant share: the same bar and way back on all of them, inherited values with
their origin, boxes that are wrong one by one (products 5, 7.1, 7.3, 9.4; working-day 1.1, 5)."""

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.accounts.models import User
from catalog.products.models import Product, Variant
from tests import make
from tests.catalog.sending import untouched

pytestmark = pytest.mark.django_db


@pytest.fixture
def jacket(shop) -> Product:
    User.objects.update(content_locale="en_US")
    found = make.product(
        "jacket",
        name={"en_US": "Jacket", "de_DE": "Jacke"},
        stores=[shop["store"]],
        tax_set=shop["tax"],
        attributes={"weight": "2", "brand": "Nord"},
        attributes_localized={"de_DE": {"weight": "2 kg"}},
    )
    make.variant(
        "jacket-1",
        product=found,
        name={"en_US": "Jacket", "de_DE": "Jacke"},
        attributes={"weight": "3", "color": "red"},
    )
    return found


def words(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def part(page: str, label: str) -> str:
    return re.search(rf'<nav class="bo-[^"]*" aria-label="{label}".*?</nav>', page, re.S)[0]


def bar(page: str) -> list[str]:
    return [words(link) for link in re.findall(r"<a\b.*?</a>", part(page, "Sections"), re.S)]


def current(page: str) -> list[str]:
    links = re.findall(r"<a\b[^>]*aria-current=.*?</a>", part(page, "Sections"), re.S)
    return [words(link) for link in links]


def way(page: str) -> list[str]:
    return [words(item) for item in re.findall(r"<li>.*?</li>", part(page, "Breadcrumb"), re.S)]


def text_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


TABS = ["General", "Price & tax", "Variants", "Attributes", "SEO", "Media"]


@pytest.mark.parametrize(
    ("address", "here", "crumb"),
    [
        ("", "Overview", None),
        ("change/", None, "Edit"),
        ("attributes/", "Attributes", "Attributes"),
        ("readiness/", "Readiness", "Readiness"),
        ("history/", "History", "History"),
    ],
)
def test_all_pages_of_a_product_have_one_bar_and_one_way(
    client: Client, jacket: Product, address: str, here: str | None, crumb: str | None
):
    page = text_of(client, f"/products/product/{jacket.pk}/{address}")
    assert bar(page) == ["Overview", *TABS, "Readiness", "History"]
    assert current(page) == ([here] if here else [])
    assert way(page) == ["Products", "Jacket", *([crumb] if crumb else [])]


def test_tabs_of_the_form_lead_to_it_from_other_pages(client: Client, jacket: Product):
    page = text_of(client, f"/products/product/{jacket.pk}/readiness/")
    assert f'href="/products/product/{jacket.pk}/change/#media"' in part(page, "Sections")


@pytest.mark.parametrize(
    ("address", "crumb"),
    [("", []), ("change/", ["Edit"]), ("attributes/", ["Attributes"]), ("readiness/", ["Readiness"])],
)
def test_all_pages_of_a_variant_have_one_bar_and_one_way(
    client: Client, jacket: Product, address: str, crumb: list[str]
):
    variant = jacket.variants.get()
    page = text_of(client, f"/products/variant/{variant.pk}/{address}")
    tabs = ["General", "Media", "Bundle", "Discontinue", "Alternatives"]
    assert bar(page) == ["Overview", *tabs, "Attributes", "Readiness", "History"]
    assert way(page) == ["Products", "Variants", "Jacket", *crumb]


def test_who_may_not_edit_sees_no_tabs_of_the_form(jacket: Product):
    client = Client()
    client.force_login(make.user(roles=["Inventory Manager"], content_locale="en_US"))
    page = text_of(client, f"/products/product/{jacket.pk}/")
    assert [each for each in bar(page) if each in TABS] == []


def test_adding_a_variant_leads_back_to_the_product(client: Client, shop, jacket: Product):
    page = text_of(client, f"/products/product/{jacket.pk}/variants/add/")
    assert way(page) == ["Products", "Jacket", "Add a variant to Jacket"]


def attribute_rows(page: str) -> dict[str, list[str]]:
    table = re.search(r'<section class="bo-card" id="attributes">.*?</section>', page, re.S)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]
    cells = [[words(cell) for cell in re.findall(r"<t[hd]\b.*?</t[hd]>", row, re.S)] for row in rows]
    return {key: values for key, *values in cells}


def test_a_variant_shows_inherited_values_with_their_origin(client: Client, jacket: Product):
    page = text_of(client, f"/products/variant/{jacket.variants.get().pk}/")
    assert attribute_rows(page) == {
        "brand": ["Nord from product", "Nord from product"],
        "color": ["red", "red from Default"],
        "weight": ["3", "3 from Default"],
    }


def test_a_product_shows_where_the_default_stands_in(client: Client, jacket: Product):
    page = text_of(client, f"/products/product/{jacket.pk}/")
    assert attribute_rows(page) == {
        "brand": ["Nord", "Nord from Default"],
        "weight": ["2", "2 kg"],
    }


def wrong_boxes(page: str) -> list[str]:
    boxes = re.findall(r'<(?:input|textarea)\b[^>]*aria-invalid="true"[^>]*>', page, re.S)
    return [re.search(r'name="([^"]+)"', box)[1] for box in boxes]


@pytest.mark.parametrize(
    ("typed", "wrong", "anchor"),
    [
        ({"name.de_DE": ""}, ["name.de_DE"], "#id_name_de_DE"),
        ({"name.en_US": "x" * 256}, ["name.en_US"], "#id_name_en_US"),
        ({"name.en_US": "", "name.de_DE": ""}, ["name.en_US", "name.de_DE"], "#id_name_en_US"),
        ({"paths.de_DE": "no path"}, ["paths.de_DE"], "#id_paths_de_DE"),
    ],
)
def test_only_the_language_that_is_wrong_is_marked(
    client: Client, jacket: Product, typed: dict[str, str], wrong: list[str], anchor: str
):
    address = f"/products/product/{jacket.pk}/change/"
    page = client.post(address, untouched(client, address) | typed).content.decode()
    assert wrong_boxes(page) == wrong
    assert re.findall(r'<a href="(#[^"]+)" data-go-field', page) == [anchor]


def test_only_the_address_that_is_taken_is_marked(client: Client, shop, jacket: Product):
    address = f"/products/product/{jacket.pk}/change/"
    other = make.product("other", stores=[shop["store"]], tax_set=shop["tax"])
    theirs = f"/products/product/{other.pk}/change/"
    sent = untouched(client, theirs) | {"name.de_DE": "Anderes", "paths.de_DE": "/de/taken"}
    assert client.post(theirs, sent).status_code == 302
    typed = {"paths.de_DE": "/de/taken", "paths.en_US": "/en/free"}
    page = client.post(address, untouched(client, address) | typed).content.decode()
    assert wrong_boxes(page) == ["paths.de_DE"]
    assert Variant.objects.filter(product=jacket).count() == 1


def card(page: str, name: str) -> str:
    return re.search(rf'<section class="bo-card" aria-labelledby="side-{name}">.*?</section>', page, re.S)[0]


def test_beside_the_fields_stands_what_is_missing_and_what_changed(client: Client, jacket: Product):
    address = f"/products/product/{jacket.pk}/change/"
    client.post(address, untouched(client, address) | {"name.en_US": "Parka", "_note": "4137"})
    page = text_of(client, address)
    readiness, history = card(page, "readiness"), card(page, "history")
    assert '<a href="#media" data-go>' in readiness
    assert words(re.search(r"</meter>(.*?)</span>", readiness, re.S)[1]) == "5/11"
    assert "passes In a store" in words(readiness)
    assert "Name (en_US) Jacket Parka" in words(history)
    assert f'href="/products/product/{jacket.pk}/history/"' in history
    assert 'aria-labelledby="side-' not in text_of(client, "/products/product/add/")


def test_the_cards_cost_the_same_however_much_there_is(
    client: Client, shop, jacket: Product, django_assert_max_num_queries
):
    address = f"/products/product/{jacket.pk}/change/"
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    number_of_queries = len(few)
    for number in range(5):
        make.variant(f"more-{number}", product=jacket, attributes={"size": str(number)})
        client.post(address, untouched(client, address) | {"name.en_US": f"Parka {number}"})
    with django_assert_max_num_queries(number_of_queries + 1):
        client.get(address)
