"""Product groups (products 20)."""

import pytest
from django.test import Client

from backoffice.accounts import scopes
from backoffice.history.models import ChangeSet
from catalog.categories.scope import KIND
from catalog.products.models import GroupMember, Product, ProductGroup
from tests import make
from tests.catalog.boxes import boxes
from tests.catalog.sending import untouched
from tests.catalog.wizard import problems, undone

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
MEND = "Mend them, or save again to leave them out."
LIST = "/products/productgroup/"


@pytest.fixture
def tents(shop) -> ProductGroup:
    return make.product_group("tents", products=[make.product(f"tent-{c}") for c in ("blue", "green", "red")])


def page(group) -> str:
    return f"{LIST}{group.pk}/change/"


def send(client, group, **changes):
    values = untouched(client, page(group)) | changes
    return client.post(page(group), {name: v for name, v in values.items() if v is not None})


def order(group) -> list[str]:
    return list(group.members.order_by("position", "pk").values_list("product__sku", flat=True))


def pk(sku: str) -> int:
    return Product.objects.get(sku=sku).pk


def test_a_group_is_created_with_its_products_in_order(client, shop):
    red = make.product("tent-red")
    make.product("tent-blue")
    chosen = {"grouped-chosen": f"{red.pk}", "grouped-paste": "tent-blue"}
    response = client.post(LIST + "add/", {"key": "tents", "_save": "1"} | chosen)
    assert response.status_code == 302
    group = ProductGroup.objects.get()
    assert (group.key, order(group)) == ("tents", ["tent-red", "tent-blue"])
    assert undone(make.superuser())["cannot"] == 0
    assert not ProductGroup.objects.exists()


def test_saving_unchanged_leaves_no_entry(client, tents):
    GroupMember.objects.filter(product__sku="tent-red").update(position=40)
    before = ChangeSet.objects.count()
    assert send(client, tents).status_code == 302
    assert ChangeSet.objects.count() == before


def test_a_typed_place_moves_a_product(client, tents):
    send(client, tents, **{f"place.{pk('tent-red')}": "1"})
    assert order(tents) == ["tent-red", "tent-blue", "tent-green"]
    send(client, tents, **{f"place.{pk('tent-red')}": "3"})
    assert order(tents) == ["tent-blue", "tent-green", "tent-red"]
    assert undone(make.superuser())["restored"] == 3
    assert order(tents) == ["tent-red", "tent-blue", "tent-green"]


def test_products_come_and_go(client, tents):
    make.product("tent-sand")
    send(client, tents, **{"members.gone": [pk("tent-green")], "grouped-chosen": pk("tent-sand")})
    assert order(tents) == ["tent-blue", "tent-red", "tent-sand"]
    assert Product.objects.filter(sku="tent-green").exists()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (
            {"grouped-paste": "nope"},
            f"These SKUs cannot be added: nope. {MEND}",
        ),
        (
            {"grouped-paste": "tent-red"},
            f"These SKUs cannot be added: tent-red. {MEND}",
        ),
        ({"key": ""}, "Key: This field is required."),
        ({"key": "chairs"}, "Key: Another group has this key."),
        ({"key": "x" * 33}, "Key: Ensure this value has at most 32 characters (it has 33)."),
    ],
)
def test_what_the_form_refuses(client, tents, typed, problem):
    make.product_group("chairs")
    before = ChangeSet.objects.count()
    assert problems(send(client, tents, **typed)) == [problem]
    assert ChangeSet.objects.count() == before


@pytest.mark.parametrize("sent", ["²", "99999999999999999999999", "-1", "x"])
def test_odd_ids_break_nothing(client, tents, sent):
    odd = {
        "grouped-chosen": sent,
        "grouped-tick": [sent],
        "members.gone": [sent],
        "members.opened": f'[{{"a": 1}}, "{sent}", null]',
    }
    assert send(client, tents, **odd).status_code == 302
    assert order(tents) == ["tent-blue", "tent-green", "tent-red"]


def test_a_place_is_a_whole_number(client, tents):
    response = send(client, tents, **{f"place.{pk('tent-red')}": "first"})
    assert problems(response) == ["tent-red: Type a whole number from 1."]


def test_a_product_that_somebody_else_added_meanwhile_stays(client, tents):
    values = untouched(client, page(tents))
    make.product("tent-sand")
    send(client, tents, **{"grouped-paste": "tent-sand"})
    client.post(page(tents), values | {"members.gone": [pk("tent-green")]})
    assert order(tents) == ["tent-blue", "tent-red", "tent-sand"]


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        ("theirs", ["tent-red", "tent-blue", "tent-green"]),
        ("mine", ["tent-green", "tent-blue", "tent-red"]),
    ],
)
def test_two_orders_at_once_are_asked_about(client, tents, choice, left):
    values = untouched(client, page(tents))
    send(client, tents, **{f"place.{pk('tent-red')}": "1"})
    values |= {f"place.{pk('tent-green')}": "1"}
    for _press in range(2):
        asked = client.post(page(tents), values)
        assert asked.status_code == 409
        (told,) = asked.context["page"].conflicts
        assert (told.label, told.opened, told.theirs, told.mine, told.choice) == (
            "Order of the products",
            "tent-blue, tent-green, tent-red",
            "tent-red, tent-blue, tent-green",
            "tent-green, tent-blue, tent-red",
            "",
        )
        assert order(tents) == ["tent-red", "tent-blue", "tent-green"]
        values = boxes(asked)
    assert client.post(page(tents), values | {f"_keep.{told.name}": choice}).status_code == 302
    assert order(tents) == left


def test_groups_are_found_by_key_and_by_sku(client, tents):
    make.product_group("chairs", products=[make.product("stool")])

    def found(text):
        return [row.key for row in client.get(LIST, {"q": text}).context["list"].page.rows]

    assert (found("tent"), found("stool"), found("nothing")) == (["tents"], ["chairs"], [])


def test_deleting_a_group_leaves_its_products(client, tents):
    client.force_login(make.superuser())
    assert client.post(f"{LIST}{tents.pk}/delete/", {"_version": str(tents.version)}).status_code == 302
    assert not ProductGroup.objects.exists()
    assert Product.objects.filter(sku__startswith="tent-").count() == 3
    undone(make.superuser())
    assert order(ProductGroup.objects.get()) == ["tent-blue", "tent-green", "tent-red"]


def test_who_is_limited_sees_and_moves_his_products_only(shop, tents):
    tools = make.category("tools")
    for sku in ("tent-blue", "tent-red"):
        Product.objects.get(sku=sku).category_links.create(category=tools)
    user = make.user("lim@example.com", roles=["Category Manager"])
    scopes.limit(user, KIND, [tools])
    client = Client()
    client.force_login(user)
    assert "tent-green" not in client.get(page(tents)).content.decode()
    offered = client.post("/products/picker/grouped/", {"grouped-chosen": "", "grouped-q": "tent"})
    assert "tent-red" in offered.content.decode()
    assert "tent-green" not in offered.content.decode()
    send(client, tents, **{f"place.{pk('tent-red')}": "1"})
    assert "tent-green" in order(tents)
    assert [sku for sku in order(tents) if sku != "tent-green"] == ["tent-red", "tent-blue"]


def test_the_picker_offers_what_is_not_in_the_group_and_keeps_its_ticks(client, tents):
    sand, stool = make.product("tent-sand"), make.product("stool")
    sent = {
        "grouped-chosen": f"{stool.pk}",
        "grouped-owner": tents.pk,
        "grouped-q": "tent",
        "grouped-go": "find",
    }
    found = client.post("/products/picker/grouped/", sent).content.decode()
    assert f'id="grouped-tick-{sand.pk}"' in found
    assert f'id="grouped-tick-{pk("tent-red")}"' not in found
    assert f'name="grouped-chosen"\n    value="{stool.pk}"' in found
    looked = send(
        client, tents, **{"grouped-q": "tent", "grouped-go": "find", f"place.{pk('tent-red')}": "1"}
    )
    assert looked.status_code == 200
    assert order(tents) == ["tent-blue", "tent-green", "tent-red"]
