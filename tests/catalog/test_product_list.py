"""The lists of products and variants: columns, search, filters, deeds over many (spec: products 2, 4.3)."""

import datetime
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from backoffice.console import paging
from backoffice.console.bulk import doing
from backoffice.console.paging import Count, Order
from backoffice.history.models import Change, ChangeSet
from catalog.products import finding, narrowing
from catalog.products.models import Discontinued, Product, ProductSettings, ReadinessCodes, Variant
from catalog.products.readiness import checks, storing
from catalog.taxes.models import TaxSet
from tests import make

pytestmark = pytest.mark.django_db
LIST, VARIANTS = "/products/product/", "/products/variant/"
YESTERDAY, TOMORROW = (timezone.now() + datetime.timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.superuser(content_locale="en_US"))
    return client


@pytest.fixture(params=["few", "some", "many"])
def plan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways to narrow: by the ids of rare facts, by joining, and by asking row by row."""
    if request.param != "few":
        monkeypatch.setattr(narrowing, "FEW", -1)
    if request.param == "many":
        monkeypatch.setattr(narrowing, "MANY", -1)


def listed(client: Client, address: str) -> list[str]:
    """The SKUs of a page, in order."""
    page = client.get(address).content.decode()
    rows = re.findall(r'<tr id="row-\d+">(.*?)</tr>', page, re.S)
    return [re.search(r'<span class="bo-mono">([^<]+)</span>', row)[1] for row in rows]


def skus_of_pages(rows: QuerySet, order: Order) -> list[str]:
    """The SKUs of all pages of two rows, which are the same from the first page and from the last one."""
    total, found = Count.of(rows), []
    page = paging.cut(rows, order, 2, total)
    while True:
        found += [row.sku for row in page.rows]
        if not page.has_next:
            break
        page = paging.cut(rows, order, 2, total, way="after", mark=order.mark_of(page.rows[-1]))
    back = []
    page = paging.cut(rows, order, 2, total, way="last")
    while True:
        back[:0] = [row.sku for row in page.rows]
        if not page.has_previous:
            break
        page = paging.cut(rows, order, 2, total, way="before", mark=order.mark_of(page.rows[0]))
    assert back == found
    return found


def page_of(client: Client, address: str, sku: str) -> str:
    return re.search(
        rf'<tr id="row-{Product.objects.get(sku=sku).pk}">(.*?)</tr>',
        client.get(address).content.decode(),
        re.S,
    )[1]


# --- columns and order ---------------------------------------------------------------------------


def test_a_row_shows_what_products_are_told_apart_by(manager: Client):
    tax = TaxSet.objects.create(name="Standard rate")
    stores = [make.store("DE"), make.store("AT")]
    make.product("tent-2p", name="Trail tent", stores=stores, tax_set=tax, variants=3, is_active=True)

    row = page_of(manager, LIST, "tent-2p")

    cells = [
        re.sub(r"<[^>]+>", " ", cell).split() for cell in re.findall(r"<t[dh][^>]*>.*?</t[dh]>", row, re.S)
    ]
    assert cells[2:9] == [
        ["Trail", "tent"],
        ["tent-2p"],
        ["Standard", "rate"],
        ["3"],
        ["Active"],
        ["Product"],
        [],
    ]
    assert cells[9] == ["AT", "DE"]


def test_a_row_shows_how_ready_the_product_is_in_all_its_stores(manager: Client):
    make.product("bare", stores=[make.store("DE"), make.store("AT")])
    storing.refresh(Product.objects.values_list("pk", flat=True))
    failing = {code for codes in ReadinessCodes.objects.values_list("codes", flat=True) for code in codes}
    shown = checks.shown_checks(stored=True)
    passed = sum(check.code not in failing for check in shown)

    row = page_of(manager, LIST, "bare")

    assert 0 < passed < len(shown)
    assert f"</meter>{passed}/{len(shown)}<" in row
    assert "In an active category" in row


def test_a_name_that_is_missing_falls_back_and_the_row_stays(manager: Client):
    make.store("DE", locales=("en_US", "de_DE"))
    make.product("lamp", name={"de_DE": "Bogenlampe"})
    make.product("bare", name={"fr_FR": "Nu"})

    assert "Bogenlampe" in page_of(manager, LIST, "lamp")
    assert ">bare</a>" in page_of(manager, LIST, "bare")


def test_the_newest_product_comes_first(manager: Client):
    for sku in ("one", "two", "three"):
        make.product(sku)

    assert listed(manager, LIST) == ["three", "two", "one"]


@pytest.mark.parametrize(
    ("order", "skus"),
    [
        ("id", ["z-1", "a-2", "m-3"]),
        ("sku", ["a-2", "m-3", "z-1"]),
        ("shown_name", ["m-3", "z-1", "a-2"]),
        ("-shown_name", ["a-2", "z-1", "m-3"]),
        ("tax_set", ["a-2", "z-1", "m-3"]),
    ],
)
def test_products_are_sorted_by(order: str, skus: list[str], manager: Client):
    low, high = (TaxSet.objects.create(name=name) for name in ("Exempt", "Standard"))
    make.product("z-1", name="bench", tax_set=high)
    make.product("a-2", name="Chair", tax_set=low)
    make.product("m-3", name="Ärmel")

    assert listed(manager, f"{LIST}?o={order}") == skus


def test_a_list_sorted_by_name_is_paged_without_losing_a_row(manager: Client):
    for number in range(60):
        make.product(f"p-{number:02}", name={"en_US": f"Name {number % 7}"} if number % 3 else {"de_DE": "x"})
    seen, address = [], f"{LIST}?o=shown_name"
    for _page in range(3):
        seen += listed(manager, address)
        following = re.search(r'href="(\?[^"]*after=[^"]+)"', manager.get(address).content.decode())
        address = LIST + following[1].replace("&amp;", "&") if following else ""

    assert len(seen) == 60
    assert len(set(seen)) == 60


# --- search --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("drill-18v-voltage-18", ["drill-18v"]),
        ("drill-18v-volt", ["drill-18v"]),
        ("DRILL-18V-VOLT", ["drill-18v"]),
        ("18v-voltage", []),
        ("rill-18", ["drill-18v"]),
        ("bohrer", ["drill-18v"]),
        ("reduced", ["drill-18v"]),
        ("2000000000015", ["drill-18v"]),
        ("02000000000015", ["drill-18v"]),
        ("200000000001", []),
        ("_", []),
        ("%", []),
    ],
)
def test_search_finds_products(text: str, found: list[str], plan: None, manager: Client):
    tax = TaxSet.objects.create(name="Reduced rate")
    drill = make.product("drill-18v", name={"en_US": "Drill", "de_DE": "Bohrer"}, tax_set=tax)
    make.variant("drill-18v-voltage-18", product=drill, name="Big one", gtin="2000000000015")
    make.product("tent")

    assert listed(manager, LIST + "?" + "q=" + text.replace("%", "%25")) == found


def test_a_whole_sku_or_gtin_comes_first(plan: None, manager: Client):
    drill = make.product("drill")
    make.variant("drill-18v", product=drill, gtin="2000000000015")
    make.product("drill-18")
    make.product("drill-18v-set", name="Set 2000000000015")
    assert listed(manager, f"{LIST}?q=drill") == ["drill", "drill-18v-set", "drill-18"]
    assert listed(manager, f"{LIST}?q=DRILL-18") == ["drill-18", "drill-18v-set", "drill"]
    assert listed(manager, f"{LIST}?q=drill-18v") == ["drill", "drill-18v-set"]
    assert listed(manager, f"{LIST}?q=2000000000015") == ["drill", "drill-18v-set"]
    assert listed(manager, f"{LIST}?q=drill&o=-sku") == ["drill-18v-set", "drill-18", "drill"]


def test_the_setting_takes_variants_out_of_the_search(manager: Client, settings: Any):
    drill = make.product("drill")
    make.variant("other-sku", product=drill, name="Big one")
    assert listed(manager, f"{LIST}?q=other-sku") == ["drill"]

    settings.PRODUCT_SEARCH_FINDS_VARIANTS = False

    assert listed(manager, f"{LIST}?q=other-sku") == []


def test_texts_too_long_for_an_index_are_found_too(manager: Client):
    """In their place, and counted."""
    for sku in ("first", "long", "last"):
        make.product(sku, name="Trail tent")
    far = "".join(chr(0x20000 + number) for number in range(600))
    Product.objects.filter(sku="last").update(search=f"{far[:591]}last tent")
    Product.objects.filter(sku="long").update(search=f"{far * 9}long tent")
    rows = finding.search_products(Product.objects.all(), "tent")

    assert skus_of_pages(rows, Order("pk", True)) == ["last", "long", "first"]
    assert skus_of_pages(rows, Order("pk")) == ["first", "long", "last"]
    assert Count.of(rows) == Count(3)


def test_a_search_is_counted_to_the_cap_only(manager: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(finding, "COUNT_CAP", 2)
    monkeypatch.setattr(paging, "COUNT_CAP", 2)
    for number in range(4):
        make.product(f"tent-{number}")
        capped = Count.of(finding.search_products(Product.objects.all(), "tent"))
        assert capped == Count(min(number + 1, 2), number > 1)


# --- filters -------------------------------------------------------------------------------------


def test_status_stores_and_search_narrow_together(plan: None, manager: Client):
    de, at = make.store("DE"), make.store("AT")
    make.product("tent-2p", name="Trail tent", stores=[de], variants=1, is_active=True)
    make.product("tent-2p-old", name="Trail tent", stores=[at], variants=1)
    both = f"store={de.pk}&store={at.pk}"

    assert listed(manager, f"{LIST}?status=active&{both}&q=Trail+tent") == ["tent-2p"]
    assert listed(manager, f"{LIST}?status=active&store={at.pk}&q=Trail+tent") == []
    assert "No matching records" in manager.get(f"{LIST}?status=active&store={at.pk}").content.decode()
    assert listed(manager, f"{LIST}?q=Trail+tent") == ["tent-2p-old", "tent-2p"]


@pytest.mark.parametrize(
    ("made", "states"),
    [
        ({"is_active": True}, {"active"}),
        ({"is_active": False}, {"deactivated"}),
        ({"is_active": True, "valid_from": TOMORROW}, {"deactivated"}),
        ({"is_active": True, "valid_to": YESTERDAY}, {"deactivated"}),
        ({"is_active": True, "valid_from": YESTERDAY, "valid_to": TOMORROW}, {"active"}),
    ],
)
def test_a_product_is_found_by_the_state_of_its_variants(
    made: Any, states: set[str], plan: None, manager: Client
):
    make.variant("lamp", **made)

    found = {state for state in ("active", "deactivated") if listed(manager, f"{LIST}?status={state}")}

    assert found == states


def test_what_a_filter_has_counted_is_not_counted_again(manager: Client, django_assert_num_queries):
    """Only while nothing else narrows the list, too."""
    off = [make.variant(f"lamp-{each}", is_active=False).product for each in range(3)]
    for variant in ("lamp-0-b", "lamp-1-b"):
        make.variant(variant, product=off[0], is_active=False)
    make.variant("saw", is_active=True)
    rows = finding.of_variant_status(Product.objects.all(), ["deactivated"])

    with django_assert_num_queries(0):
        assert Count.of(rows) == Count(3)
    with django_assert_num_queries(1):
        assert Count.of(rows.filter(sku__endswith="lamp-2")) == Count(1)
    assert Count.of(Product.objects.exclude(pk__in=rows)) == Count(1)
    assert Count.of(rows, exact=True) == Count(3)


def test_a_list_of_a_frequent_state_is_paged_from_either_end(plan: None):
    """By each of the reasons why a variant is not live."""
    dead = make.variant("off", is_active=False)
    for sku in ("off-2", "off-3"):
        make.variant(sku, product=dead.product)
    make.variant("on", is_active=True)
    make.variant("gone", is_active=True, valid_to=YESTERDAY)
    make.bundle("kit", components={dead: 1}, is_active=True)
    ended = make.variant("ended", is_active=True)
    long_ago = YESTERDAY.date() - datetime.timedelta(days=2)
    Discontinued.objects.create(variant=ended, active_until=long_ago, note={})
    make.bundle("pair", components={ended: 1}, is_active=True)
    rows = finding.of_variant_status(Product.objects.all(), ["deactivated"])

    assert skus_of_pages(rows, Order("pk", True)) == ["pair", "ended", "kit", "gone", "off"]
    assert skus_of_pages(rows, Order("pk")) == ["off", "gone", "kit", "ended", "pair"]
    assert skus_of_pages(rows, Order("sku")) == ["ended", "gone", "kit", "off", "pair"]
    assert [row.sku for row in Product.objects.exclude(pk__in=rows)] == ["on"]
    assert [row.sku for row in rows.filter(sku__startswith="o")] == ["off"]


def test_a_frequent_state_is_counted_once(monkeypatch: pytest.MonkeyPatch, django_assert_num_queries):
    """It has more rows than are counted: nothing has to read all of them."""
    for module in (narrowing, paging):
        monkeypatch.setattr(module, "COUNT_CAP", 2)
    monkeypatch.setattr(narrowing, "FEW", 2)
    for number in range(4):
        make.variant(f"lamp-{number}", is_active=False)
    with django_assert_num_queries(1):
        rows = finding.of_variant_status(Product.objects.all(), ["deactivated"])
        assert Count.of(rows) == Count(2, is_capped=True)
    with django_assert_num_queries(2):
        page = paging.cut(rows, Order("pk", True), 3, Count(2, is_capped=True))
    assert [row.sku for row in page.rows] == ["lamp-3", "lamp-2", "lamp-1"]


def test_a_mixed_product_is_found_under_both_states(plan: None, manager: Client):
    lamp = make.product("lamp")
    make.variant("lamp-on", product=lamp, is_active=True)
    make.variant("lamp-off", product=lamp)

    assert listed(manager, f"{LIST}?status=active") == ["lamp"]
    assert listed(manager, f"{LIST}?status=deactivated") == ["lamp"]
    assert listed(manager, f"{LIST}?status=deactivated&status=active") == ["lamp"]


def test_a_bundle_with_a_dead_component_is_found_as_deactivated(plan: None, manager: Client):
    chair = make.variant("chair")
    make.bundle("kit", components={chair: 2}, is_active=True)

    assert listed(manager, f"{LIST}?status=active") == []
    assert listed(manager, f"{LIST}?status=deactivated") == ["kit", "chair"]


def test_a_product_is_found_by_its_type(plan: None, manager: Client):
    chair = make.variant("chair")
    make.bundle("kit", components={chair: 2})

    assert listed(manager, f"{LIST}?type=bundle") == ["kit"]
    assert listed(manager, f"{LIST}?type=product") == ["chair"]
    assert listed(manager, f"{LIST}?type=product&type=bundle") == ["kit", "chair"]


def test_a_category_finds_what_lies_below_it(plan: None, manager: Client):
    tools = make.category("tools")
    drills = make.category("drills", tools)
    make.product("drill", categories=[drills])
    make.product("tent", categories=[make.category("outdoor")])

    assert listed(manager, f"{LIST}?category=tools") == ["drill"]
    assert listed(manager, f"{LIST}?category=tools&category=outdoor") == ["tent", "drill"]


def test_with_many_categories_one_is_typed(manager: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("catalog.products.admin.product_list.MANY", 2)
    tools = make.category("tools")
    make.product("drill", categories=[make.category("drills", tools)])

    page = manager.get(LIST).content.decode()

    assert 'name="category"' in page
    assert 'data-suggest="/categories/category/suggest/"' in page
    assert listed(manager, f"{LIST}?category=tools") == ["drill"]
    assert listed(manager, f"{LIST}?category=Tool") == ["drill"]
    assert listed(manager, f"{LIST}?category=garden") == []


def test_tax_set_and_its_absence_are_filters(manager: Client):
    tax = TaxSet.objects.create(name="Standard")
    make.product("with", tax_set=tax)
    make.product("without")

    assert listed(manager, f"{LIST}?tax_set={tax.pk}") == ["with"]
    assert listed(manager, f"{LIST}?tax_set=none") == ["without"]
    assert listed(manager, f"{LIST}?tax_set=none&tax_set={tax.pk}") == ["without", "with"]


def test_products_are_found_by_the_checks_that_fail(plan: None, manager: Client):
    bare, whole = make.product("bare"), make.product("whole")
    ReadinessCodes.objects.create(product=bare, codes=["no_image", "no_store"])
    ReadinessCodes.objects.create(product=whole, codes=[])

    assert listed(manager, f"{LIST}?blocked=no_image") == ["bare"]
    assert listed(manager, f"{LIST}?blocked=no_image&blocked=no_tax_set") == ["bare"]
    assert listed(manager, f"{LIST}?blocked=no_tax_set") == []


def test_checks_that_depend_on_the_time_are_no_filter(manager: Client):
    make.product("lamp")
    page = manager.get(LIST).content.decode()

    assert 'value="no_image"' in page
    assert 'value="not_live"' not in page
    assert 'value="not_approved"' not in page


def test_approval_is_column_and_filter_only_while_it_is_on(manager: Client):
    make.product("jacket")
    make.product("coat", approval_status="approved")
    assert "Approval" not in [*headings(manager)]

    ProductSettings.objects.create(pk=1, has_approval=True)

    assert "Approval" in [*headings(manager)]
    assert "Draft" in page_of(manager, LIST, "jacket")
    assert listed(manager, f"{LIST}?approval=draft") == ["jacket"]
    assert listed(manager, f"{LIST}?approval=approved") == ["coat"]


def headings(client: Client) -> Iterable[str]:
    page = client.get(LIST).content.decode()
    for cell in re.findall(r"<th\s+scope=\"col\".*?</th>", page, re.S):
        yield re.sub(r"<[^>]+>", "", cell).strip()


# --- variants ------------------------------------------------------------------------------------


def test_the_list_of_variants_says_why_one_is_not_live(manager: Client):
    lamp = make.product("lamp")
    make.variant("lamp-1", product=lamp, is_active=True)
    make.variant("lamp-2", product=lamp)
    make.variant("lamp-3", product=lamp, is_active=True, valid_from=TOMORROW)

    page = manager.get(VARIANTS).content.decode()

    assert re.findall(r'<span class="bo-badge is-dot [^"]*">([^<]+)<', page) == [
        "Active",
        "Deactivated",
        "Active, not live",
    ]
    assert listed(manager, f"{VARIANTS}?status=deactivated") == ["lamp-2", "lamp-3"]
    assert listed(manager, f"{VARIANTS}?status=active") == ["lamp-1"]


def test_variants_are_found_by_product_bundle_and_gtin(manager: Client):
    lamp = make.variant("lamp-1", product=make.product("lamp"), gtin="2000000000015")
    make.bundle("kit", components={lamp: 1})

    assert listed(manager, f"{VARIANTS}?product=lamp") == ["lamp-1"]
    assert listed(manager, f"{VARIANTS}?is_bundle=1") == ["kit"]
    assert listed(manager, f"{VARIANTS}?is_bundle=0") == ["lamp-1"]
    assert listed(manager, f"{VARIANTS}?q=2000000000015") == ["lamp-1"]
    assert listed(manager, f"{VARIANTS}?gtin=0") == ["kit"]


# --- deeds over many -----------------------------------------------------------------------------


def post(client: Client, name: str, address: str = LIST, **data: Any) -> str:
    return client.post(f"{address}bulk/{name}/", data).content.decode()


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def figures(page: str) -> list[int]:
    """Will change, unchanged, refused."""
    return [int(number.replace(",", "")) for number in re.findall(r'<div class="bo-num">([^<]+)</div>', page)]


def run(client: Client, name: str, page: str, address: str = LIST, **data: Any) -> Any:
    """Press the button of a preview, with all that its form holds."""
    form = re.search(r'<form method="post" class="bo-stack">.*?</form>', page, re.S)[0]
    given: dict[str, Any] = {"keep": re.findall(r'name="keep"\s+value="(\d+)"', form)}
    for field, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form):
        given.setdefault(field, []).append(value)
    given |= data
    return client.post(f"{address}bulk/{name}/", given, follow=True)


def test_the_preview_counts_and_changes_nothing(manager: Client):
    lamp = make.product("lamp", variants=2)
    make.variant("lamp-on", product=lamp, is_active=True)
    dead = make.variant("dead")
    kit = make.bundle("kit", components={dead: 1})

    page = post(manager, "activate", pick=[lamp.pk, kit.product_id])

    assert figures(page) == [2, 1, 1]
    assert "Its component dead is not live. Activate that first." in page
    assert set(Variant.objects.filter(is_active=True).values_list("sku", flat=True)) == {"lamp-on"}
    assert not ChangeSet.objects.exists()


def test_a_run_is_one_change_set_that_can_be_undone(manager: Client):
    lamps = [make.product(f"lamp-{number}", variants=2) for number in range(3)]
    preview = post(manager, "activate", pick=[lamp.pk for lamp in lamps])

    page = run(manager, "activate", preview, _note="ticket 4137").content.decode()

    made = ChangeSet.objects.get()
    assert (made.kind, made.screen, made.note) == ("bulk_edit", "products.product", "ticket 4137")
    assert made.changes.filter(object_type="products.variant").count() == 6
    assert Variant.objects.filter(is_active=True, version=2).count() == 6
    assert "Activate variants: 6 records changed." in page
    assert f"/history/changeset/{made.pk}/undo/" in page


def test_unticked_rows_of_the_preview_are_left_out(manager: Client):
    keep, leave = make.product("keep", variants=1), make.product("leave", variants=1)
    preview = post(manager, "activate", pick=[keep.pk, leave.pk])

    run(manager, "activate", preview, keep=[keep.pk])

    assert list(Variant.objects.filter(is_active=True).values_list("product__sku", flat=True)) == ["keep"]


def test_rows_that_somebody_changed_since_the_preview_are_left_out(manager: Client):
    tax = TaxSet.objects.create(name="Standard")
    one, two = make.product("one"), make.product("two")
    preview = post(manager, "tax_set", step="preview", rows=f"{one.pk}.1 {two.pk}.1", tax_set=tax.pk)
    Product.objects.filter(pk=two.pk).update(version=7)

    page = run(manager, "tax_set", preview).content.decode()

    assert list(Product.objects.filter(tax_set=tax).values_list("sku", flat=True)) == ["one"]
    assert "1 were left out, because somebody changed them meanwhile" in page


def test_all_that_a_preview_refuses_is_taken_away(manager: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doing, "SHOWN", 2)
    dead = make.variant("dead")
    kits = [make.bundle(f"kit-{number}", components={dead: 1}).product_id for number in range(5)]
    page = post(manager, "activate", pick=[make.product("lamp", variants=1).pk, *kits])
    assert "These are the first 2 of 5." in " ".join(page.split())
    assert "kit-1" in page
    assert "kit-2" not in page

    form = re.search(r'<form method="post" class="bo-card-f.*?</form>', page, re.S)[0]
    given = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))
    response = manager.post(f"{LIST}bulk/activate/", {**given, "refused": "csv"})
    assert b"".join(response.streaming_content).decode().splitlines() == [
        "record,reason",
        *(f"kit-{number},Its component dead is not live. Activate that first." for number in range(5)),
    ]
    assert response["Content-Disposition"] == 'attachment; filename="activate-refused.csv"'
    assert not Variant.objects.filter(is_active=True).exists()
    assert not ChangeSet.objects.exists()


def test_all_of_the_filter_is_taken_and_then_frozen(manager: Client):
    de = make.store("DE")
    for number in range(30):
        make.product(f"in-{number}", stores=[de], variants=1)
    make.product("out", variants=1)

    preview = post(manager, "activate", all="1", list=f"store={de.pk}")
    make.product("late", stores=[de], variants=1)
    run(manager, "activate", preview)

    assert figures(preview) == [30, 0, 0]
    active = set(Variant.objects.filter(is_active=True).values_list("product__sku", flat=True))
    assert active == {f"in-{number}" for number in range(30)}


def test_more_rows_than_the_limit_are_refused(manager: Client, settings: Any):
    settings.BULK_ROWS = 2
    for number in range(3):
        make.product(f"p-{number}", variants=1)

    page = manager.post(f"{LIST}bulk/activate/", {"all": "1"}, follow=True).content.decode()

    assert "At most 2 rows are changed at once." in page
    assert not Variant.objects.filter(is_active=True).exists()


def test_nothing_ticked_is_said(manager: Client):
    page = manager.post(f"{LIST}bulk/activate/", {}, follow=True).content.decode()

    assert "Tick at least one row." in page


def test_ticks_of_other_pages_count(manager: Client):
    one, two = make.product("one", variants=1), make.product("two", variants=1)

    assert figures(post(manager, "activate", pick=[one.pk], picked=f"{two.pk},{one.pk}")) == [2, 0, 0]


def test_the_preview_of_deactivating_names_what_goes_down(manager: Client):
    chair = make.variant("chair", is_active=True)
    make.bundle("desk-kit", components={chair: 1}, is_active=True)

    page = post(manager, "deactivate", pick=[chair.product_id])

    assert "desk-kit" in page
    assert "have no live variant left" in page


@pytest.mark.parametrize(
    ("deed", "question"),
    [("tax_set", "tax_set"), ("add_store", "stores"), ("add_category", "categories.add")],
)
def test_a_deed_with_a_question_asks_first(deed: str, question: str, manager: Client):
    make.store("DE")
    page = post(manager, deed, pick=[make.product("one").pk])
    assert f'name="{question}"' in page

    again = post(manager, deed, step="preview", rows=hidden(page, "rows"))

    assert f'name="{question}"' in again
    assert 'class="bo-err"' in again


def test_stores_are_added_and_taken_with_their_history(manager: Client):
    de, at = make.store("DE"), make.store("AT")
    one, two = make.product("one", stores=[de]), make.product("two", stores=[de, at])
    rows = f"{one.pk}.1 {two.pk}.1"

    preview = post(manager, "add_store", step="preview", rows=rows, stores=[at.pk])
    assert figures(preview) == [1, 1, 0]
    run(manager, "add_store", preview)

    assert set(one.stores.values_list("name", flat=True)) == {"DE", "AT"}
    change = Change.objects.get()
    assert (change.object_type, change.action, change.parent_id) == ("products.productstore", "add", one.pk)


def test_categories_are_added_by_key(manager: Client):
    tools = make.category("tools")
    one = make.product("one")
    given = {"categories.add": "tools"}

    preview = post(manager, "add_category", step="preview", rows=f"{one.pk}.1", **given)
    assert figures(preview) == [1, 0, 0]
    run(manager, "add_category", preview)

    assert list(one.categories.all()) == [tools]
    assert Change.objects.get().fields == {
        "categories": {"before": None, "after": [{"key": "tools", "order": 0}]}
    }


@pytest.mark.parametrize("who", ["Inventory Manager", "Customer Service"])
def test_who_only_views_is_offered_no_deeds(who: str, client: Client, seeded: Callable[[], None]):
    product = make.product("one", variants=1)
    client.force_login(make.user(roles=[who]))

    page = client.get(LIST).content.decode()

    assert "bo-pick" not in page
    assert f"{LIST}{product.pk}/change/" not in page
    assert client.post(f"{LIST}bulk/activate/", {"pick": product.pk}).status_code == 403
    assert client.post(f"{VARIANTS}{product.variants.get().pk}/activate/").status_code == 403
    assert not Variant.objects.filter(is_active=True).exists()


@pytest.fixture
def seeded() -> Callable[[], None]:
    from backoffice.accounts.seeds import restore

    restore()
    return restore


def test_the_list_of_variants_shows_the_window(manager: Client):
    make.variant("lamp", valid_from=TOMORROW, gtin="2000000000015")

    page = manager.get(VARIANTS).content.decode()

    assert "from <time datetime=" in page
    assert '<span class="bo-nowrap">2000000000015</span>' in page


@pytest.mark.parametrize(
    ("page", "format"),
    [
        ("/products/product/", "product_abstract"),
        ("/products/variant/", "product_concrete"),
        ("/categories/category/", "category"),
        ("/attributes/attribute/", "product_management_attribute"),
    ],
)
def test_import_and_export_begin_with_the_rows_of_the_list(client, page: str, format: str):
    client.force_login(make.user(roles=["Category Manager"]))
    html = client.get(page).content.decode()
    assert f'href="/transfer/job/upload/?format={format}"' in html
    assert f'href="/transfer/job/export/?format={format}&amp;' in html


def test_a_short_tax_set_stays_on_one_line_and_a_long_one_may_wrap(manager: Client):
    long = "Reduced rate of the islands"
    for name in ("Standard rate", long):
        make.product(tax_set=make.tax_set(name))
    make.product("untaxed")
    page = manager.get(LIST).content.decode()
    cells = re.findall(r'<td class="bo-p3" data-l="Tax set">(.*?)</td>', page)
    assert cells == ["", long, '<span class="bo-nowrap">Standard rate</span>']
