"""Roles and users limited to categories see only products in them (spec: products 0.12, 26.29)."""

import pytest
from django.test import Client

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from catalog.categories.scope import KIND
from catalog.products.models import Product
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> dict[str, Product]:
    make.store("DE")
    tools, clothing = make.category("tools"), make.category("clothing")
    drills = make.category("drills", tools)
    return {
        "tools": tools,
        "drill": make.product("drill", categories=[drills, clothing], variants=1),
        "jacket": make.product("jacket", categories=[clothing], variants=1),
        "loose": make.product("loose", variants=1),
    }


def limited(shop: dict[str, Product]) -> Client:
    user: User = make.user(roles=["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, [shop["tools"]])
    client = Client()
    client.force_login(user)
    return client


def test_only_products_in_a_granted_category_or_below_are_listed_once(shop):
    page = limited(shop).get("/products/product/").content.decode()
    assert page.count(">drill</") == 1
    assert "jacket" not in page
    assert "loose" not in page


def test_variants_follow_their_product(shop):
    page = limited(shop).get("/products/variant/").content.decode()
    assert "drill-1" in page
    assert "jacket-1" not in page
    assert "loose-1" not in page


@pytest.mark.parametrize("page", ["", "change/", "history/", "readiness/", "duplicate/"])
def test_what_is_outside_is_missing(shop, page):
    client = limited(shop)
    assert client.get(f"/products/product/{shop['drill'].pk}/{page}").status_code == 200
    for key in ("jacket", "loose"):
        answer = client.get(f"/products/product/{shop[key].pk}/{page}")
        assert answer.status_code in (302, 404)
        variant = shop[key].variants.get()
        assert client.get(f"/products/variant/{variant.pk}/").status_code in (302, 404)


def test_who_is_not_limited_sees_all(shop):
    client = Client()
    client.force_login(make.user(roles=["Category Manager"], content_locale="en_US"))
    page = client.get("/products/variant/").content.decode()
    assert all(sku in page for sku in ("drill-1", "jacket-1", "loose-1"))
