"""What is done to many products at once (products 2.8, 26.28)."""

import re
from typing import Any

import pytest
from django.test import Client

from backoffice.accounts import scopes
from backoffice.history.recording import recording
from catalog.categories.scope import KIND
from catalog.products import addressing
from catalog.products.models import Product, ProductSettings, Variant
from tests import make
from tests.catalog.test_product_list import LIST, figures, post, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.superuser(content_locale="en_US"))
    return client


def test_stores_are_taken_from_those_that_have_them(manager: Client):
    de, at = make.store("DE"), make.store("AT")
    one, two = make.product("one", stores=[de, at]), make.product("two", stores=[at])

    preview = post(manager, "remove_store", step="preview", rows=f"{one.pk}.1 {two.pk}.1", stores=[de.pk])
    assert figures(preview) == [1, 1, 0]
    assert one.stores.count() == 2
    run(manager, "remove_store", preview)

    assert [store.name for store in one.stores.all()] == ["AT"]
    assert [store.name for store in two.stores.all()] == ["AT"]


def test_the_preview_says_what_is_visible_nowhere_without_its_stores(manager: Client):
    de, at = make.store("DE"), make.store("AT")
    one, two = make.product("one", stores=[de], variants=1), make.product("two", stores=[de, at])
    make.product("none")
    part = one.variants.get()
    Variant.objects.update(is_active=True)
    make.bundle("kit", components={part: 1}, is_active=True)
    with recording("save") as recorder:
        addressing.follow([one.pk], recorder, {one.pk: {"en_US": "/en/one"}})

    def falls(*products):
        asked = {"step": "preview", "rows": " ".join(f"{each.pk}.1" for each in products), "stores": [de.pk]}
        found = manager.post(f"{LIST}bulk/remove_store/", asked).context["falls"]
        return [(line.label, line.number, line.names, line.outcome) for line in found]

    assert falls(one, two) == [
        ("Products", 1, ["one"], "are in no store left and visible nowhere"),
        ("Addresses", 1, ["/en/one"], "are shown by no store; they stay reserved"),
        ("Bundles", 1, ["kit"], "stay on sale with a component that no store shows"),
    ]
    assert falls(two) == []


def told(
    manager: Client, deed: str, given: dict, *products: Product
) -> list[tuple[str, int, list[str], str]]:
    """What the preview of a deed says is affected."""
    rows = " ".join(f"{each.pk}.{each.version}" for each in products)
    page = manager.post(f"{LIST}bulk/{deed}/", {"step": "preview", "rows": rows, **given})
    return [(line.label, line.number, line.names, line.outcome) for line in page.context["falls"]]


def shown_product(sku: str, **fields: Any) -> Product:
    """A product with a live variant and an address in English."""
    made = make.product(sku, variants=1, is_active=True, approval_status="approved", **fields)
    with recording("save") as recorder:
        addressing.follow([made.pk], recorder, {made.pk: {"en_US": f"/en/{sku}"}})
    return made


def test_the_preview_says_what_a_store_shows_and_would_show_no_longer(manager: Client):
    de, at = make.store("DE"), make.store("AT")
    room = make.category("room", stores=[de, at])
    lamp = shown_product("lamp", stores=[de, at], categories=[room])
    hidden = make.product("hidden", stores=[de, at], categories=[room], variants=1)
    assert told(manager, "remove_store", {"stores": [de.pk]}, lamp, hidden) == [
        ("Products", 1, ["lamp"], "are no longer shown in DE")
    ]


def test_the_preview_says_what_is_in_no_category_left_and_what_a_store_shows_no_longer(manager: Client):
    de, at = make.store("DE"), make.store("AT")
    room, other = make.category("room", stores=[de, at]), make.category("other", stores=[de])
    off = make.category("off", stores=[de, at], is_active=False)
    lamp = shown_product("lamp", stores=[de, at], categories=[room])
    desk = shown_product("desk", stores=[de, at], categories=[room, other, off])
    make.bundle("kit", components={lamp.variants.get(): 1}, is_active=True)

    assert told(manager, "remove_category", {"categories.add": "room"}, desk, lamp) == [
        ("Products", 1, ["lamp"], "are in no category left and visible nowhere"),
        ("Addresses", 1, ["/en/lamp"], "are shown by no store; they stay reserved"),
        ("Bundles", 1, ["kit"], "stay on sale with a component that no store shows"),
        ("Products", 1, ["desk"], "are no longer shown in AT"),
    ]
    assert told(manager, "remove_category", {"categories.add": "other"}, desk, lamp) == []


def test_nobody_takes_a_product_out_of_his_own_sight(client: Client):
    tools, sale, other = make.category("tools"), make.category("sale"), make.category("other")
    user = make.user(roles=["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, [tools, sale])
    client.force_login(user)
    one, two = make.product("one", categories=[tools, other]), make.product("two", categories=[tools, sale])
    rows, given = f"{one.pk}.1 {two.pk}.1", {"categories.add": "tools"}

    preview = post(client, "remove_category", step="preview", rows=rows, **given)
    assert figures(preview) == [1, 0, 1]
    assert "It would be in no category of yours and out of your sight." in preview
    run(client, "remove_category", preview)

    assert [sorted(c.key for c in each.categories.all()) for each in (one, two)] == [
        ["other", "tools"],
        ["sale"],
    ]


def test_categories_are_taken_from_those_that_have_them(manager: Client):
    tools, sale = make.category("tools"), make.category("sale")
    one, two = make.product("one", categories=[tools, sale]), make.product("two", categories=[tools])
    rows, given = f"{one.pk}.1 {two.pk}.1", {"categories.add": "sale"}

    preview = post(manager, "remove_category", step="preview", rows=rows, **given)
    assert figures(preview) == [1, 1, 0]
    run(manager, "remove_category", preview)

    assert [list(each.categories.all()) for each in (one, two)] == [[tools], [tools]]


def test_a_preview_is_paged_and_keeps_what_was_unticked_on_every_page(manager: Client, monkeypatch):
    monkeypatch.setattr("backoffice.console.bulk.doing.SHOWN", 2)
    shop = make.store("DE")
    five = [make.product(f"lamp-{number}") for number in range(5)]
    sent = {"stores": [shop.pk], "rows": " ".join(f"{each.pk}.1" for each in five)}
    preview = manager.post(f"{LIST}bulk/add_store/", sent | {"step": "preview"})
    assert [row.pk for row in preview.context["listed"]] == [five[0].pk, five[1].pk]

    def state(page, **more):
        names = ("listed_rows", "unticked_rows")
        listed, unticked = (page.context[name] for name in names)
        return sent | {"step": "run", "listed": listed, "unticked": unticked, "_note": "ticket 7"} | more

    third = manager.post(f"{LIST}bulk/add_store/", state(preview, keep=[five[1].pk], turn="3"))
    assert [row.pk for row in third.context["listed"]] == [five[4].pk]
    assert 'value="ticket 7"' in third.content.decode()
    first = manager.post(f"{LIST}bulk/add_store/", state(third, keep=[], turn="1"))
    html = first.content.decode()
    assert re.findall(r'name="keep"\s+value="(\d+)"\s+(checked)?', html) == [
        (str(five[0].pk), ""),
        (str(five[1].pk), "checked"),
    ]
    assert not Product.objects.filter(stores=shop).exists()

    manager.post(f"{LIST}bulk/add_store/", state(first, keep=[five[1].pk]))
    skus = Product.objects.filter(stores=shop).order_by("sku").values_list("sku", flat=True)
    assert list(skus) == ["lamp-1", "lamp-2", "lamp-3"]


def test_products_are_approved_and_denied_while_approval_is_on(manager: Client):
    waiting = make.product("waiting", approval_status="waiting_for_approval")
    approved = make.product("approved", approval_status="approved")
    pick = [waiting.pk, approved.pk]
    assert "bulk/approve" not in manager.get(LIST).content.decode()
    refused = manager.post(f"{LIST}bulk/approve/", {"pick": pick}, follow=True).content.decode()
    assert "This cannot be done at present." in refused

    ProductSettings.objects.create(pk=1, has_approval=True)
    preview = post(manager, "approve", pick=pick)
    assert figures(preview) == [1, 1, 0]
    run(manager, "approve", preview)
    run(manager, "deny", post(manager, "deny", pick=[waiting.pk]))

    states = dict(Product.objects.values_list("sku", "approval_status"))
    assert states == {"waiting": "denied", "approved": "approved"}


def test_a_move_that_is_not_allowed_is_refused_and_changes_nothing(manager: Client):
    ProductSettings.objects.create(pk=1, has_approval=True)
    jacket = make.product("jacket", approval_status="approved")
    page = manager.post(f"/products/product/{jacket.pk}/submit/", follow=True).content.decode()
    assert "From “Approved” it cannot become “Waiting for approval”." in page
    jacket.refresh_from_db()
    assert (jacket.approval_status, jacket.version) == ("approved", 1)
    assert manager.post("/products/product/999999/approve/").status_code == 404


def test_the_moves_of_approval_are_a_setting(manager: Client, settings):
    ProductSettings.objects.create(pk=1, has_approval=True)
    settings.PRODUCT_APPROVAL_MOVES = {"draft": ("waiting_for_approval",)}
    jacket = make.product("jacket")
    html = manager.get(f"/products/product/{jacket.pk}/").content.decode()
    assert [f"/{deed}/" in html for deed in ("submit", "approve", "deny")] == [True, False, False]
    manager.post(f"/products/product/{jacket.pk}/approve/")
    manager.post(f"/products/product/{jacket.pk}/submit/")
    jacket.refresh_from_db()
    assert jacket.approval_status == "waiting_for_approval"


def test_a_row_offers_to_view_edit_and_manage_attributes(manager: Client):
    jacket = make.product("jacket")
    html = manager.get(LIST).content.decode()
    for page in ("", "change/", "attributes/"):
        assert f'href="/products/product/{jacket.pk}/{page}' in html


def test_nobody_deletes_many_products_at_once(manager: Client):
    one = make.product("one")
    assert "bulk/delete" not in manager.get(LIST).content.decode()
    assert manager.post(f"{LIST}bulk/delete/", {"pick": one.pk}).status_code == 404
    assert Product.objects.count() == 1


def test_who_may_view_products_and_nothing_else(client: Client):
    jacket = make.product("jacket", variants=1)
    client.force_login(make.user(roles=[make.role(rights=["products.view_product"])]))
    page = f"/products/product/{jacket.pk}/"
    assert [client.get(url).status_code for url in (LIST, page)] == [200, 200]
    for url in (f"{LIST}add/", f"{page}change/", f"{page}variants/add/", f"{page}delete/"):
        assert [client.get(url).status_code, client.post(url).status_code] == [403, 403]
    for format_name in ("product_abstract", "product_concrete"):
        assert client.get(f"/transfer/job/export/?format={format_name}").status_code == 403


def test_all_actions_of_a_row_are_in_its_menu_while_approval_takes_their_width(manager: Client):
    make.product("lamp")
    edit = '<a class="bo-btn is-ghost is-sm " href="/products/product/'
    assert edit in manager.get(LIST).content.decode()
    ProductSettings.objects.create(pk=1, has_approval=True)
    page = manager.get(LIST).content.decode()
    assert edit not in page
    assert '<td class="bo-c bo-act"><div class="bo-row"><details class="bo-drop"' in page
