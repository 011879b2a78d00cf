"""Copies of products (products 28)."""

from backoffice.history.recording import recording
from catalog.images import saving
from catalog.images.models import Image
from catalog.images.saving import WantedImage, WantedSet
from catalog.products import duplicating
from catalog.products.models import Product, Variant
from catalog.products.pictures import PRODUCT_IMAGES
from catalog.urls.models import Url
from tests import make
from tests.catalog.wizard import undone


def test_a_copy_has_new_skus_and_leaves_behind_what_is_of_one_product_alone(client, shop, jacket):
    root = make.category("root")
    jacket.category_links.create(category=root, product_order=7)
    jacket.store_links.create(store=shop["store"])
    jacket.variants.filter(sku="jacket-red-XL").update(gtin="2000000000015", is_active=True, was_active=True)
    page = client.get(f"/products/product/{jacket.pk}/duplicate/").content.decode()
    assert 'value="jacket-2"' in page
    client.post(
        f"/products/product/{jacket.pk}/duplicate/",
        {"sku": "coat", "name.en_US": "Coat", "name.de_DE": "Mantel"},
    )
    coat = Product.objects.get(sku="coat")
    assert sorted(coat.variants.values_list("sku", "gtin", "is_active", "was_active")) == [
        ("coat-blue-S", None, False, False),
        ("coat-red-XL", None, False, False),
    ]
    assert coat.variants.get(sku="coat-red-XL").attributes == {"color": "red", "size": "XL", "weight": "2 kg"}
    assert coat.category_links.get().product_order == 7
    assert coat.store_links.get().store == shop["store"]
    assert not Url.objects.exists()


def test_a_copy_of_a_bundle_has_the_same_components(client, shop):
    desk = make.variant("desk")
    kit = make.bundle("kit", components={desk: 2})
    client.post(
        f"/products/product/{kit.product_id}/duplicate/",
        {"sku": "kit-b", "name.en_US": "Kit B", "name.de_DE": "Set B"},
    )
    assert list(Variant.objects.get(sku="kit-b").components.values_list("item", "quantity")) == [(desk.pk, 2)]


def test_a_copy_needs_a_free_sku(client, shop, jacket):
    url = f"/products/product/{jacket.pk}/duplicate/"
    for sku, problem in (
        ("", "Type a SKU."),
        ("co at", "Use letters, digits, dot, dash and underscore only."),
        ("jacket", "Product jacket has this SKU. Choose another one."),
    ):
        response = client.post(url, {"sku": sku, "name.en_US": "Coat"})
        assert response.context["form"].errors["sku"] == [problem]
    assert Product.objects.count() == 1


def test_undo_takes_a_copy_away_and_leaves_the_first_one(client, shop):
    desk = make.variant("desk")
    kit = make.bundle("kit", components={desk: 2})
    client.post(
        f"/products/product/{kit.product_id}/duplicate/",
        {"sku": "kit-b", "name.en_US": "Kit B", "name.de_DE": "Set B", "with_images": "on"},
    )
    undone(make.superuser())
    assert sorted(Variant.objects.values_list("sku", flat=True)) == ["desk", "kit"]
    assert kit.components.count() == 1


def test_a_room_above_copies_its_own_part(client, shop, jacket, monkeypatch):
    copied = []
    monkeypatch.setattr(duplicating, "_copiers", [lambda copies, recorder: copied.append(copies)])
    url = f"/products/product/{jacket.pk}/duplicate/"
    client.post(url, {"sku": "coat", "name.en_US": "Coat", "name.de_DE": "Mantel"})
    coat = Product.objects.get(sku="coat")
    assert dict(copied[0].products) == {jacket.pk: coat.pk}
    twins = {old.sku: new for old in jacket.variants.all() for new in [copied[0].variants[old.pk]]}
    assert twins == {
        "jacket-red-XL": coat.variants.get(sku="coat-red-XL").pk,
        "jacket-blue-S": coat.variants.get(sku="coat-blue-S").pk,
    }


def test_a_copy_shares_the_pictures_when_that_is_wanted(client, shop, jacket):
    front = WantedImage(url_small="https://pics.example/s.png", url_large="https://pics.example/l.png")
    with recording("save") as recorder:
        saving.save(PRODUCT_IMAGES, {jacket.pk: [WantedSet("default", "", [front])]}, recorder)
    url, names = f"/products/product/{jacket.pk}/duplicate/", {"name.en_US": "Coat", "name.de_DE": "Mantel"}
    client.post(url, {"sku": "coat", "with_images": "on", **names})
    client.post(url, {"sku": "cape", **names})
    assert Image.objects.count() == 1
    assert Product.objects.get(sku="coat").image_set_links.get().image_set.images.get() == Image.objects.get()
    assert not Product.objects.get(sku="cape").image_set_links.exists()


def test_the_skus_of_the_copies_follow_what_is_typed(client, shop, jacket):
    url = f"/products/product/{jacket.pk}/duplicate/"
    part = client.get(url, {"part": "1", "sku": "coat"}).content.decode()
    assert ("coat-red-XL" in part, "<html" in part) == (True, False)
    assert "SKU of the copy" not in client.get(url, {"part": "1", "sku": "co at"}).content.decode()
    page = client.get(url).content.decode()
    assert 'data-preview-of="id_sku"' in page
    assert "backoffice/previews" in page
