"""Assigning products to a category, their order in it, and what the list of categories tells of them (spec: products
19.2 to 19.4, 22.25)."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.accounts import scopes
from backoffice.history.models import Change, ChangeSet
from catalog.categories.models import Category
from catalog.categories.scope import KIND
from catalog.products import members
from catalog.products.models import CategoryProduct, Product
from tests import make
from tests.catalog.boxes import boxes, send

pytestmark = pytest.mark.django_db
LIST = "/categories/category/"


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.superuser(content_locale="en_US"))
    return client


@pytest.fixture
def tools() -> Category:
    return make.category("tools")


def assigned(category: Category, *skus: str, **orders: int) -> list[Product]:
    """Products in the category; ``orders`` by SKU."""
    found = []
    for sku, order in {**dict.fromkeys(skus, 0), **orders}.items():
        product = make.product(sku, name=sku.capitalize())
        CategoryProduct.objects.create(product=product, category=category, product_order=order)
        found.append(product)
    return found


def page_of(category: Category) -> str:
    return f"{LIST}{category.pk}/products/"


def held(category: Category) -> dict[str, int]:
    return dict(
        CategoryProduct.objects.filter(category=category).values_list("product__sku", "product_order")
    )


def listed(page: HttpResponse) -> list[str]:
    return re.findall(r"Remove (\S+) from the category", page.content.decode())


def offered(page: HttpResponse) -> list[str]:
    return re.findall(r'name="assigned-tick".*?aria-label="[^"]*, ([^"]+)"', page.content.decode(), re.S)


def ids(*products: Product) -> list[str]:
    return [str(each.pk) for each in products]


def test_products_stand_by_order_and_then_by_name(manager: Client, tools: Category):
    other = make.category("clothing")
    saw = assigned(tools, saw=5, drill=0, file=0)[0]
    CategoryProduct.objects.create(product=saw, category=other, product_order=1)
    page = manager.get(page_of(tools))
    assert listed(page) == ["drill", "file", "saw"]
    assert boxes(page)[f"members-order.{saw.pk}"] == ["5"]
    assert offered(page) == []
    assert listed(manager.get(page_of(other))) == ["saw"]


def test_one_save_assigns_removes_and_orders(manager: Client, tools: Category):
    [saw, drill] = assigned(tools, saw=0, drill=0)
    file, lamp = make.product("file"), make.product("lamp")
    make.product("other")

    page = manager.get(page_of(tools))
    assert offered(page) == ["file", "lamp", "other"]
    page = send(manager, page, "assigned-go", "keep", **{"assigned-tick": ids(file, lamp)})
    saved = send(
        manager,
        page,
        **{
            "members-tick": ids(drill),
            f"members-order.{saw.pk}": "7",
            f"assigned-order.{lamp.pk}": "3",
            "_note": "ticket 4137",
        },
    )

    assert saved.status_code == 302
    assert held(tools) == {"saw": 7, "file": 0, "lamp": 3}
    [deed] = ChangeSet.objects.all()
    assert (deed.note, deed.screen) == ("ticket 4137", "products.product")
    assert sorted(Change.objects.values_list("label", flat=True)) == ["drill", "file", "lamp", "saw"]
    message = manager.get(page_of(tools)).content.decode()
    assert "2 products came, 1 product left, 1 product changed its order." in message


def test_saving_an_untouched_page_changes_nothing(manager: Client, tools: Category):
    assigned(tools, saw=2)
    send(manager, manager.get(page_of(tools)))
    assert held(tools) == {"saw": 2}
    assert not ChangeSet.objects.exists()


def test_ticks_and_orders_survive_pages_and_searches(
    manager: Client, tools: Category, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(members, "SIZE", 2)
    [a, b, c, _d] = assigned(tools, "a", "b", "c", "d")
    page = manager.get(page_of(tools))
    assert listed(page) == ["a", "b"]
    page = send(
        manager, page, "members-go", "page:2", **{"members-tick": ids(a), f"members-order.{b.pk}": "9"}
    )
    assert listed(page) == ["c", "d"]
    assert "Will be removed" in page.content.decode()
    page = send(manager, page, "members-go", "find", **{f"members-order.{c.pk}": "4", "members-q": "b"})
    assert listed(page) == ["b"]
    assert boxes(page)[f"members-order.{b.pk}"] == ["9"]
    assert held(tools) == {"a": 0, "b": 0, "c": 0, "d": 0}
    send(manager, page)
    assert held(tools) == {"b": 9, "c": 4, "d": 0}


@pytest.mark.parametrize("typed", ["-1", "first", "1.5", ""])
def test_an_order_is_a_whole_number(manager: Client, tools: Category, typed: str):
    [saw] = assigned(tools, saw=2)
    page = send(manager, manager.get(page_of(tools)), **{f"members-order.{saw.pk}": typed})
    assert "Order: Type a whole number from 0." in page.content.decode()
    assert held(tools) == {"saw": 2}


def test_an_order_that_somebody_else_gave_meanwhile_stays_when_one_did_not_touch_it(
    manager: Client, tools: Category
):
    [saw, drill] = assigned(tools, saw=1, drill=1)
    page = manager.get(page_of(tools))
    CategoryProduct.objects.filter(product=saw).update(product_order=8)
    send(manager, page, **{f"members-order.{drill.pk}": "5"})
    assert held(tools) == {"saw": 8, "drill": 5}


def test_pasted_skus_are_assigned_with_their_order_and_variants_name_their_product(
    manager: Client, tools: Category
):
    assigned(tools, saw=1)
    make.product("drill", variants=1)
    make.product("lamp")
    page = send(
        manager,
        manager.get(page_of(tools)),
        "assigned-go",
        "paste",
        **{"assigned-paste": "drill-1\t5\nlamp\nsaw\nnope"},
    )
    text = page.content.decode()
    assert "2 were added." in text
    assert "Unknown SKUs: nope" in text
    assert "saw is in the category already." in text
    send(manager, page, **{"assigned-paste": ""})
    assert held(tools) == {"saw": 1, "drill": 5, "lamp": 0}


def test_scripts_get_the_table_alone(manager: Client, tools: Category):
    [saw] = assigned(tools, saw=1)
    page = manager.get(page_of(tools))
    part = manager.post(
        page_of(tools) + "?part=1", {**boxes(page), "members-tick": ids(saw), "members-go": "keep"}
    )
    assert b"<html" not in part.content
    assert b"Will be removed" in part.content
    assert held(tools) == {"saw": 1}


# --- rights and rows -----------------------------------------------------------------------------


def test_a_limited_user_assigns_in_his_categories_only_and_keeps_his_products_in_sight(client: Client):
    tools, clothing = make.category("tools"), make.category("clothing")
    drills = make.category("drills", tools)
    [drill, saw] = assigned(tools, drill=0, saw=0)
    CategoryProduct.objects.create(product=drill, category=drills)
    assigned(clothing, jacket=0)
    user = make.user(roles=["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, [tools])
    client.force_login(user)

    assert client.get(page_of(clothing)).status_code == 404
    page = client.get(page_of(tools))
    assert offered(client.get(page_of(drills))) == ["saw"]
    refused = send(client, page, **{"members-tick": ids(drill, saw)})
    assert "would be in no category of yours and out of your sight: saw." in refused.content.decode()
    assert held(tools) == {"drill": 0, "saw": 0}
    send(client, page, **{"members-tick": ids(drill)})
    assert held(tools) == {"saw": 0}
    assert held(drills) == {"drill": 0}


def test_who_may_not_change_products_is_refused(client: Client, tools: Category):
    client.force_login(make.user(roles=["Customer Service"], content_locale="en_US"))
    assert client.get(page_of(tools)).status_code == 403
    assert client.post(page_of(tools)).status_code == 403


def test_a_forged_id_is_not_assigned(manager: Client, tools: Category):
    page = manager.get(page_of(tools))
    assert send(manager, page, **{"assigned-chosen": "999999", "members-tick": "999998"}).status_code == 302
    assert held(tools) == {}


# --- what categories tell of their products ------------------------------------------------------


def test_the_list_of_categories_counts_their_products(manager: Client, tools: Category):
    assigned(tools, "a", "b")
    page = manager.get(LIST).content.decode()
    assert f'<a href="{page_of(tools)}">2</a>' in page
    root = Category.objects.get(is_root=True)
    assert f'<a href="{page_of(root)}">0</a>' in page


def test_the_page_of_a_category_leads_to_its_products(manager: Client, tools: Category):
    assert f'href="{page_of(tools)}"' in manager.get(f"{LIST}{tools.pk}/").content.decode()


def test_deleting_a_category_counts_its_assignments(manager: Client, tools: Category):
    [saw, _drill] = assigned(tools, "saw", "drill")
    page = " ".join(
        re.sub(r"<[^>]+>", " ", manager.get(f"{LIST}{tools.pk}/delete/").content.decode()).split()
    )
    assert "Products 2 saw , drill stay; it is taken out of them" in page
    assert Product.objects.filter(pk=saw.pk).exists()


def test_the_page_costs_the_same_with_one_and_with_many_products(manager: Client, tools: Category):
    manager.get(page_of(tools))
    counts = []
    for number in (1, 20):
        assigned(tools, *(f"p{number}-{n}" for n in range(number)))
        with CaptureQueriesContext(connection) as held:
            manager.get(page_of(tools))
        counts.append(len(held))
    assert counts[0] == counts[1]


def test_rows_are_dragged_only_where_all_of_them_are_in_sight(
    manager: Client, tools: Category, monkeypatch: pytest.MonkeyPatch
):
    assigned(tools, "saw", "drill", "file")
    page = manager.get(page_of(tools)).content.decode()
    assert page.count("data-order-row") == 3
    found = send(manager, manager.get(page_of(tools)), "members-go", "find", **{"members-q": "saw"})
    assert "data-order-row" not in found.content.decode()
    monkeypatch.setattr(members, "SIZE", 2)
    assert "data-order-row" not in manager.get(page_of(tools)).content.decode()
