"""Roles and users limited to categories see only products in them (spec: products 0.12, 26.29)."""

import pytest
from django.test import Client

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.actor import acting
from backoffice.console.seen import seen_changes
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from catalog.categories.scope import KIND
from catalog.products import skus
from catalog.products.models import Product, Variant
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
    return signed_in(limited_user(shop))


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


@pytest.mark.parametrize("page", ["", "change/", "attributes/", "history/", "readiness/", "duplicate/"])
def test_what_is_outside_is_missing(shop, page):
    client = limited(shop)
    assert client.get(f"/products/product/{shop['drill'].pk}/{page}").status_code == 200
    for key in ("jacket", "loose"):
        address = f"/products/product/{shop[key].pk}/{page}"
        assert client.get(address).status_code == 404
        variant = shop[key].variants.get()
        of_variant = "" if page == "duplicate/" else page
        assert client.get(f"/products/variant/{variant.pk}/{of_variant}").status_code == 404


@pytest.mark.parametrize("deed", ["activate", "deactivate", "discontinue", "restore"])
def test_nothing_is_done_to_what_is_outside(shop, deed):
    client, variant = limited(shop), shop["jacket"].variants.get()
    assert client.post(f"/products/variant/{variant.pk}/{deed}/", {"_sure": "1"}).status_code == 404
    assert client.post(f"/products/product/{shop['jacket'].pk}/approve/").status_code == 404
    variant.refresh_from_db()
    assert (variant.is_active, variant.version) == (False, 1)


def test_deeds_over_many_leave_out_what_is_outside(shop):
    client = limited(shop)
    pick = [shop[key].pk for key in ("drill", "jacket", "loose")]
    page = client.post("/products/product/bulk/activate/", {"pick": pick})
    assert list(page.context["done"].changed) == [shop["drill"].variants.get().pk]
    only = {"pick": [shop["jacket"].pk]}
    refused = client.post("/products/product/bulk/activate/", only, follow=True).content.decode()
    assert "None of these rows can be changed by you." in refused


def test_who_is_not_limited_sees_all(shop):
    client = Client()
    client.force_login(make.user(roles=["Category Manager"], content_locale="en_US"))
    page = client.get("/products/variant/").content.decode()
    assert all(sku in page for sku in ("drill-1", "jacket-1", "loose-1"))


def changed(shop: dict[str, Product], user: User | None, *keys: str) -> ChangeSet:
    """One change set that touches products, their variants and the places of a group."""
    group = make.product_group(f"group-of-{len(keys)}", products=[shop[key] for key in keys])
    with acting(user), recording("save", screen="products.product") as recorder:
        for key in keys:
            for record in (shop[key], shop[key].variants.get(), *group.members.filter(product=shop[key])):
                recorder.added(record)
        return recorder.change_set


def limited_user(shop: dict[str, Product]) -> User:
    user = make.user(roles=["Category Manager", "Auditor"], content_locale="en_US")
    scopes.limit(user, KIND, [shop["tools"]])
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_change_set_shows_only_changes_within_the_scope(shop):
    user = limited_user(shop)
    deed = changed(shop, user, "jacket", "loose", "drill")
    client = signed_in(user)
    page = client.get(f"/history/changeset/{deed.pk}/").content.decode()
    assert "drill-1" in page
    assert "jacket" not in page
    assert "loose" not in page


def test_the_list_the_start_page_and_the_file_leave_out_what_is_outside(shop):
    user = limited_user(shop)
    mixed = changed(shop, user, "jacket", "drill")
    outside = changed(shop, user, "loose")
    client = signed_in(user)
    listed = client.get("/history/changeset/").content.decode()
    assert f"/history/changeset/{outside.pk}/" not in listed
    assert listed.count("drill and 2 more") == 1
    assert "jacket" not in listed
    assert "loose" not in listed
    start = client.get("/")
    assert [(c.change_set.pk, str(c.summary)) for c in start.context["changes"]] == [
        (mixed.pk, "drill and 2 more")
    ]
    file = b"".join(client.get("/history/changeset/export/?as=csv").streaming_content).decode()
    assert "products.variant drill-1" in file
    assert "jacket" not in file
    assert "loose" not in file


def test_what_is_gone_is_seen_with_its_product_only(shop):
    user = limited_user(shop)
    with acting(user), recording("save", screen="products.product") as recorder:
        for key in ("drill", "jacket"):
            variant = shop[key].variants.get()
            recorder.deleted(variant)
            Variant.objects.filter(pk=variant.pk).delete()
        recorder.deleted(shop["loose"])
        shop["loose"].variants.all().delete()
        Product.objects.filter(pk=shop["loose"].pk).delete()
        deed = recorder.change_set
    assert [c.label for c in deed.changes.filter(seen_changes(user))] == ["drill-1"]


def test_who_is_not_limited_reads_all_changes(shop):
    user = make.user(roles=["Category Manager"], content_locale="en_US")
    deed = changed(shop, user, "jacket", "drill")
    page = signed_in(user).get(f"/history/changeset/{deed.pk}/").content.decode()
    assert "jacket-1" in page
    assert "drill-1" in page
    assert "EXISTS" not in str(Change.objects.filter(seen_changes(user)).query)


def test_bundles_outside_are_counted_and_not_named(shop):
    drill, jacket = shop["drill"].variants.get(), shop["jacket"].variants.get()
    make.bundle("secret-kit", product=shop["jacket"], components={drill: 1, jacket: 2})
    client = limited(shop)
    for page in ("change/", "", "discontinue/"):
        assert "secret-kit" not in client.get(f"/products/variant/{drill.pk}/{page}").content.decode()
    page = client.get(f"/products/variant/{drill.pk}/change/").content.decode()
    assert "It is a component of 1 you may not see, so it cannot become a bundle." in page
    Variant.objects.update(is_active=True)
    page = client.get(f"/products/variant/{drill.pk}/deactivate/")
    bundles = next(line for line in page.context["falls"] if line.label == "Bundles")
    assert (bundles.number, bundles.names) == (1, ["1 you may not see"])


def test_components_outside_are_counted_and_not_named(shop):
    drill, jacket = shop["drill"].variants.get(), shop["jacket"].variants.get()
    kit = make.bundle("kit", product=shop["drill"], components={jacket: 2})
    client = limited(shop)
    page = client.get(f"/products/variant/{kit.pk}/").content.decode()
    assert ("1 you may not see" in page, "jacket" in page) == (True, False)
    told = client.post(f"/products/variant/{kit.pk}/activate/", follow=True).content.decode()
    assert "Its component 1 you may not see is not live." in told
    assert drill.sku == "drill-1"


def test_a_group_counts_members_outside_and_does_not_call_itself_empty(shop):
    group = make.product_group("secret", products=[shop["jacket"], shop["loose"]])
    client = limited(shop)
    for page in ("", f"{group.pk}/", f"{group.pk}/change/"):
        text = client.get(f"/products/productgroup/{page}").content.decode()
        assert "2 you may not see" in text
        assert "No products yet" not in text
        assert "jacket" not in text


@pytest.mark.parametrize("sku", ["jacket", "JACKET-1"])
def test_a_taken_sku_does_not_name_a_holder_outside(shop, sku):
    user = limited_user(shop)
    client = signed_in(user)
    told = "This SKU is taken. Choose another one."
    for page in ("add/", f"{shop['drill'].pk}/duplicate/"):
        form = client.post(f"/products/product/{page}", {"sku": sku}).content.decode()
        assert told in form
        assert "of product jacket" not in form
        assert "Product jacket" not in form
    with acting(user):
        assert skus.product_holder(sku).sentence(sku) == told
        assert skus.variant_holders([sku])[sku.lower()].sentence(sku) == told


def test_a_taken_sku_names_a_holder_in_sight(shop):
    with acting(limited_user(shop)):
        told = skus.product_holder("drill-1").sentence("drill-1")
    assert told == "Variant drill-1 of product drill has this SKU. Choose another one."
