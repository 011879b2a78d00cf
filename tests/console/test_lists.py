"""Lists: address, order, paging by key, counts, search and filters (working-day 3)."""

import re

import pytest
from django.test import Client

from backoffice.console import joined, paging
from backoffice.console.paging import Order
from catalog.packaging.models import PackagingType
from catalog.products.models import Product
from catalog.taxes.models import TaxSet
from tests import make
from tests.site.page import compact

LIST = "/packaging/packagingtype/"


@pytest.fixture
def client(db) -> Client:
    client = Client()
    client.force_login(make.user(roles=["Category Manager"]))
    return client


@pytest.fixture
def sixty(db) -> list[str]:
    """Sixty types beside *item*; keys k00 … k59."""
    for number in range(60):
        make.packaging_type(f"Box {number:02}", key=f"packaging_unit_type.k{number:02}.name")
    return list(PackagingType.objects.order_by("key").values_list("key", flat=True))


def keys(response) -> list[str]:
    return re.findall(r'<span class="bo-mono">([^<]+)</span>', response.content.decode())


def link(response, words: str) -> str:
    """The address behind a pager button; nothing when it is switched off."""
    marks = {"Next page": r'href="([^"]+)" rel="next"', "Previous page": r'href="([^"]+)" rel="prev"'}
    found = re.search(marks.get(words, rf'href="([^"]+)">{words}<'), response.content.decode())
    return LIST + found.group(1).replace("&amp;", "&") if found else ""


def test_pages_follow_by_key_in_both_directions(client, sixty):
    seen, url = [], LIST
    while url:
        page = client.get(url)
        seen += keys(page)
        url = link(page, "Next page")
    assert seen == sixty
    back = []
    while page:
        back = keys(page) + back
        url = link(page, "Previous page")
        page = client.get(url) if url else None
    assert back == sixty


def test_last_is_the_end_of_the_list(client, sixty):
    page = client.get(link(client.get(LIST), "Last"))
    assert keys(page) == sixty[50:]
    assert "51–61 of <b>61</b>" in page.content.decode()
    assert link(page, "Next page") == ""


def test_descending_pages_turn_the_order_round(client, sixty):
    first = client.get(f"{LIST}?o=-key")
    second = client.get(link(first, "Next page"))
    assert keys(first) + keys(second) == sixty[::-1][:50]
    assert 'aria-sort="descending"' in first.content.decode()


def test_the_third_click_on_a_heading_gives_the_usual_order(client, sixty):
    headings = r'href="([^"]+)">ID<'
    first = re.search(headings, compact(client.get(LIST))).group(1)
    second = re.search(headings, compact(client.get(LIST + first))).group(1)
    third = re.search(headings, compact(client.get(LIST + second))).group(1)
    assert (first, second, third) == ("?o=id", "?o=-id", "?")


def test_a_page_survives_the_deletion_of_the_row_it_starts_from(client, sixty):
    url = link(client.get(LIST), "Next page")
    PackagingType.objects.filter(key=sixty[24]).delete()
    assert keys(client.get(url)) == sixty[25:50]


def test_search_ignores_case_and_accents(client, db):
    make.packaging_type({"en_US": "Bürobox"}, key="packaging_unit_type.office.name")
    assert keys(client.get(LIST, {"q": "BUROB"})) == ["packaging_unit_type.office.name"]


def test_search_finds_a_type_by_the_glossary_text_that_stands_in(client, db):
    make.store(locales=("de_DE",))
    make.glossary_text("packaging_unit_type.item.name", "Stück", locale="de_DE")
    assert keys(client.get(LIST, {"q": "stuck"})) == ["packaging_unit_type.item.name"]


@pytest.fixture
def alike(db) -> list[str]:
    """Thirty-one keys that hold *z*: k00.z … k30.z, and after them z alone."""
    found = [f"k{number:02}.z" for number in range(31)]
    for key in [*found, "z"]:
        make.packaging_type("Carton", key=key)
    return found


def test_a_search_lists_the_record_with_just_this_key_first_and_once(client, alike):
    first = client.get(f"{LIST}?q=Z")
    second = client.get(link(first, "Next page"))
    assert keys(first) == ["z", *alike[:24]]
    assert keys(second) == alike[24:]
    assert "1–25 of <b>32</b>" in first.content.decode()
    assert "26–32 of <b>32</b>" in second.content.decode()
    assert keys(client.get(link(second, "Previous page"))) == keys(first)
    assert keys(client.get(link(first, "Last"))) == keys(second)
    assert "26–32 of <b>32</b>" in client.get(link(first, "Last")).content.decode()


def test_a_clicked_heading_puts_every_row_in_its_order(client, alike):
    assert keys(client.get(f"{LIST}?q=z&o=key"))[:2] == alike[:2]
    assert keys(client.get(f"{LIST}?q=k0"))[:2] == alike[:2]


def test_save_and_next_goes_on_behind_the_record_that_stands_first(client, alike):
    rows = {key: PackagingType.objects.get(key=key).pk for key in ("z", *alike[:2], alike[-1])}

    def following(key: str) -> str:
        address = f"{LIST}{rows[key]}/change/?list=q%3Dz"
        hidden = re.findall(
            r'name="(_version|_opened|_who)" value="([^"]*)"', client.get(address).content.decode()
        )
        answer = client.post(address, dict(hidden) | {"name.en_US": "Other", "_next": "1"})
        return answer.headers["Location"]

    assert following("z") == f"{LIST}{rows[alike[0]]}/change/?list=q%3Dz"
    assert following(alike[0]) == f"{LIST}{rows[alike[1]]}/change/?list=q%3Dz"
    assert f"/{rows['z']}/" not in following(alike[-1])


def test_filters_are_or_within_and_and_between(client, db):
    make.store(locales=("de_DE", "en_US"))
    make.packaging_type({"de_DE": "Karton", "en_US": "Carton"}, key="packaging_unit_type.carton.name")
    make.packaging_type({"de_DE": "Rolle"}, key="packaging_unit_type.coil.name")
    make.packaging_type({"en_US": "Sack"}, key="packaging_unit_type.sack.name")
    both = client.get(f"{LIST}?missing=de_DE&missing=en_US")
    assert keys(both) == [f"packaging_unit_type.{name}.name" for name in ("coil", "item", "sack")]
    assert "Name missing in: de_DE, en_US" in both.content.decode()
    assert "(filtered from 4)" in both.content.decode()
    searched = client.get(f"{LIST}?missing=de_DE&missing=en_US&q=sack")
    assert keys(searched) == ["packaging_unit_type.sack.name"]


def test_reset_keeps_the_search_and_clear_all_drops_it(client, sixty):
    html = client.get(f"{LIST}?q=box&missing=en_US").content.decode()
    assert 'href="?q=box">Reset filters' in html
    assert 'href="?">Clear all' in html


def test_unknown_names_in_the_address_are_left_out_with_a_note(client, sixty):
    page = client.get(f"{LIST}?after=xx&sort=password&status=xyz")
    html = page.content.decode()
    assert page.status_code == 200
    assert keys(page) == sixty[:25]
    assert "“sort” is not known on this list and was left out." in html
    assert "The page in this address is not known; this is the first page." in html


def test_counts_stop_at_the_cap_and_count_exactly_on_demand(client, sixty, monkeypatch):
    monkeypatch.setattr(paging, "COUNT_CAP", 30)
    html = compact(client.get(LIST))
    assert "1–25 of<b>30</b>+<a" in html
    second = client.get(link(client.get(LIST), "Next page")).content.decode()
    assert "<b>30+</b>" in second
    assert "26–50" not in second
    assert "<b>61</b>" in client.get(f"{LIST}?count=exact").content.decode()


def test_the_page_size_is_remembered_with_the_user(client, sixty):
    refused = client.post("/preference/", {"page_size": "100000", "next": LIST})
    assert refused.status_code == 400
    answer = client.post("/preference/", {"page_size": "50", "next": LIST})
    assert answer.headers["Location"] == LIST
    assert len(keys(client.get(LIST))) == 50


def test_an_empty_list_says_what_it_is_for_and_offers_to_create(client, db):
    PackagingType.objects.all().delete()
    html = client.get(LIST).content.decode()
    assert "A packaging type says what a product is packed in" in html
    assert "Create packaging type" in html


def test_no_match_offers_to_clear(client, sixty):
    html = client.get(f"{LIST}?q=zzz").content.decode()
    assert "No matching records" in html
    assert "(filtered from 61)" in html


def test_names_are_shown_in_the_users_content_locale(db):
    make.store(locales=("de_DE", "en_US"))
    make.packaging_type({"de_DE": "Karton", "en_US": "Carton"}, key="packaging_unit_type.carton.name")
    german, english = Client(), Client()
    german.force_login(make.user(roles=["Category Manager"], content_locale="de_DE"))
    english.force_login(make.user(roles=["Category Manager"], content_locale="en_US"))
    assert ">Karton<" in german.get(LIST).content.decode()
    assert ">Carton<" in english.get(LIST).content.decode()


def test_an_auditor_sees_no_buttons_that_would_be_refused(db):
    client = Client()
    client.force_login(make.user(roles=["Auditor"]))
    html = client.get(LIST).content.decode()
    assert "packaging_unit_type.item.name" in html
    assert "Create packaging type" not in html
    assert "/change/" not in html
    assert "/delete/" not in html


# --- rows in the order of a joined row -----------------------------------------------------------


@pytest.fixture(params=[30, 0])
def taxed(db, request, monkeypatch) -> list[str]:
    """SKUs of products by the name of their tax set; those without one come last. Few tax sets are read one by one,
    of many the whole order is sorted."""
    monkeypatch.setattr(joined, "FEW", request.param)
    sets = [make.tax_set(name) for name in ("Standard", "Exempt", "Reduced")]
    for number in range(12):
        make.product(f"p{number:02}", tax_set=[*sets, None][number % 4])
    return ["p01", "p05", "p09", "p02", "p06", "p10", "p00", "p04", "p08", "p03", "p07", "p11"]


@pytest.mark.parametrize("sign", ["", "-"])
def test_pages_in_the_order_of_a_joined_row_leave_none_out(taxed, sign):
    rows, order = Product.objects.filter(sku__startswith="p"), Order.of(f"{sign}tax_set__name")
    expected = taxed[::-1] if sign else taxed
    total = paging.Count.of(rows)
    seen, back = [], []
    page = paging.cut(rows, order, 5, total)
    while page.rows:
        seen += [row.sku for row in page.rows]
        last = page.rows[-1]
        page = paging.cut(rows, order, 5, total, way="after", mark=order.mark_of(last))
    assert seen == expected
    page = paging.cut(rows, order, 5, total, way="last")
    while page.rows:
        back = [row.sku for row in page.rows] + back
        page = paging.cut(rows, order, 5, total, way="before", mark=order.mark_of(page.rows[0]))
    assert back == expected


def test_a_mark_of_a_joined_row_that_has_another_name_meanwhile_keeps_its_place(taxed):
    rows, order = Product.objects.filter(sku__startswith="p"), Order.of("tax_set__name")
    mark = order.mark_of(rows.get(sku="p10"))
    TaxSet.objects.filter(name="Reduced").update(name="Zero")
    page = paging.cut(rows, order, 5, paging.Count.of(rows), way="after", mark=mark)
    assert [row.sku for row in page.rows] == ["p00", "p04", "p08", "p02", "p06"]
