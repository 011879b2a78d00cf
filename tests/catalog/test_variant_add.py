"""One more variant of a product (products 8, attributes 5)."""

import pytest
from django.core.exceptions import ValidationError

from backoffice.history.models import Change
from backoffice.history.recording import recording
from catalog.products import composing, creating
from catalog.products.models import BundleItem, Variant
from tests import make
from tests.catalog.wizard import problems


def one_more(shop, color="", size="", **more):
    data = {
        f"super.{shop['color'].pk}": color,
        f"super.{shop['size'].pk}": size,
        "name.en_US": "Jacket",
        "name.de_DE": "Jacke",
        "generate_sku": "on",
        "_save": "1",
    }
    return {name: value for name, value in {**data, **more}.items() if value is not None}


def add_url(product):
    return f"/products/product/{product.pk}/variants/add/"


def test_a_combination_that_a_sibling_has_is_refused_by_name(client, shop, jacket):
    response = client.post(add_url(jacket), one_more(shop, "red", "XL"))
    assert problems(response) == [
        "Color: Variant jacket-red-XL has this combination already: color red, size XL."
    ]
    assert jacket.variants.count() == 2


def test_another_combination_is_created_inactive(client, shop, jacket):
    response = client.post(
        add_url(jacket), one_more(shop, "red", "S", sku="jacket-black-xl", generate_sku=None)
    )
    variant = jacket.variants.get(sku="jacket-black-xl")
    assert response.url == f"/products/variant/{variant.pk}/change/"
    assert (variant.is_active, variant.attributes) == (False, {"color": "red", "size": "S"})
    assert variant.is_searchable == {"en_US": False, "de_DE": False}


def test_a_generated_sku_gets_a_number_where_it_is_taken(client, shop, jacket):
    make.variant("jacket-color-red_size-S")
    response = client.post(add_url(jacket), one_more(shop, "red", "S"), follow=True)
    assert jacket.variants.filter(sku="jacket-color-red_size-S-2").exists()
    text = "jacket-color-red_size-S was taken, so the variant got the SKU jacket-color-red_size-S-2."
    assert text in response.content.decode()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"color": "red"},
            "Size: Every super attribute needs a value; missing: Size.",
        ),
        ({"color": "red", "size": "huge"}, "Size: “huge” is no predefined value of Size."),
        (
            {"color": "red", "size": "S", "generate_sku": None},
            "SKU: Type a SKU, or let it be generated.",
        ),
        (
            {"color": "red", "size": "S", "generate_sku": None, "sku": "jacket red"},
            "SKU: Use letters, digits, dot, dash and underscore only.",
        ),
        (
            {"color": "red", "size": "S", "generate_sku": None, "sku": "x" * 256},
            "SKU: A SKU has at most 255 characters.",
        ),
        (
            {"color": "red", "size": "S", "generate_sku": None, "sku": "jacket-red-XL"},
            "SKU: Variant jacket-red-XL of product jacket has this SKU. Choose another one.",
        ),
        ({"color": "red", "size": "S", "gtin": "12x"}, "GTIN: A GTIN has digits only."),
        ({"color": "red", "size": "S", "gtin": "2000000000015"}, "GTIN: The variant held has this GTIN."),
        (
            {"color": "red", "size": "S", "valid_from": "2031-01-10T10:00", "valid_to": "2031-01-10T10:00"},
            "Valid to: “Valid to” must be after “valid from”.",
        ),
        ({"color": "red", "size": "S", "name.de_DE": ""}, "Name: Type a text for DE."),
    ],
)
def test_what_a_further_variant_refuses(client, shop, jacket, change, problem):
    make.variant("held", gtin="2000000000015")
    assert problems(client.post(add_url(jacket), one_more(shop, **change))) == [problem]
    assert jacket.variants.count() == 2


def test_a_custom_value_is_free_text_and_a_number_where_the_attribute_is_one(client, shop, db):
    length = make.attribute("length", values={"1": {}}, is_super=True, allow_input=True, input_type="number")
    rope = make.product("rope")
    make.variant("rope-1", product=rope, attributes={"length": "1"})
    own = {f"uses_custom.{length.pk}": "on", "name.en_US": "Rope", "name.de_DE": "Seil", "generate_sku": "on"}
    response = client.post(add_url(rope), {**own, f"custom.{length.pk}": "long", "_save": "1"})
    assert problems(response) == ["Length: Length is a number. Type digits, such as 12.5."]
    client.post(add_url(rope), {**own, f"custom.{length.pk}": "2.5", "_save": "1"})
    assert rope.variants.get(sku="rope-length-2.5").attributes == {"length": "2.5"}


def test_a_product_without_super_attributes_takes_no_further_variant(client, shop):
    mug = make.product("mug", variants=1)
    response = client.get(add_url(mug), follow=True)
    assert "has no super attributes, so it has one variant." in response.content.decode()
    assert "Add variant" not in client.get(f"/products/product/{mug.pk}/").content.decode()


def test_the_verb_refuses_a_combination_that_is_contained_in_a_sibling(shop, jacket):
    fresh = Variant(
        product=jacket, sku="jacket-x", attributes={"color": "red", "size": "XL", "weight": "3 kg"}
    )
    with pytest.raises(ValidationError) as refused, recording("save") as recorder:
        creating.add_variant(fresh, recorder=recorder)
    assert refused.value.messages == [
        "Variant jacket-red-XL has this combination already: color red, size XL."
    ]


def test_a_bundle_is_added_with_its_components_and_undone_with_them(client, shop, jacket):
    chair = make.variant("chair-fold")
    client.force_login(make.superuser())
    parts = {"components-chosen": "", "components-tick": [str(chair.pk)]}
    client.post(add_url(jacket), one_more(shop, "red", "S", **parts))
    bundle = jacket.variants.get(sku="jacket-color-red_size-S")
    assert composing.components_of([bundle.pk]) == {bundle.pk: {chair.pk: 1}}
    told = Change.objects.get(object_id=bundle.pk, object_type="products.variant")
    assert told.fields["components"]["after"] == [{"key": "chair-fold", "quantity": 1}]
    client.post(f"/history/changeset/{told.change_set_id}/undo/")
    assert not jacket.variants.filter(pk=bundle.pk).exists()
    assert not BundleItem.objects.exists()


def test_the_sku_that_would_be_generated_is_asked_while_one_types(client, shop, jacket):
    asked = one_more(shop, "red", "S") | {"_sku": "1"}
    before = Variant.objects.count()
    assert client.post(add_url(jacket), asked).json() == {"sku": "jacket-color-red_size-S"}
    make.variant("jacket-color-red_size-S")
    assert client.post(add_url(jacket), asked).json() == {"sku": "jacket-color-red_size-S-2"}
    assert client.post(add_url(jacket), {"_sku": "1"}).json() == {"sku": ""}
    assert Variant.objects.count() == before + 1
    assert "backoffice/previews" in client.get(add_url(jacket)).content.decode()
