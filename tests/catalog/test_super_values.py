"""Variants with like names are told apart by their super values wherever they are listed, beside their picture; what
is phased out says so (products 3, 4.3, 12.3, 14, 15.2)."""

import datetime
import re

import pytest
from django.test import Client

from catalog.images.models import Image, ImageInSet, ImageSet
from catalog.products.models import Discontinued, Product, ProductAlternative, ProductImageSet, Variant
from catalog.products.super_values import super_values
from tests import make

pytestmark = pytest.mark.django_db
VARIANTS = "/products/variant/"


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.superuser(content_locale="de_DE"))
    return client


@pytest.fixture
def jacket() -> Product:
    """Two variants of one name, red and XL, and blue."""
    make.store("DE", locales=("de_DE", "en_US"))
    make.attribute("colour", values={"red": {"de_DE": "rot"}, "blue": {}}, is_super=True)
    make.attribute("size", values={"XL": {}}, is_super=True)
    make.attribute("weight", input_type="text", allow_input=True)
    found = make.product("jacket", name="Jacket")
    red = {"size": "XL", "colour": "red", "weight": "2"}
    make.variant("jacket-1", product=found, name="Jacket", attributes=red)
    make.variant("jacket-2", product=found, name="Jacket", attributes={"colour": "blue"})
    return found


def rows_of(page: str) -> list[str]:
    """The text of each table row, blanks collapsed."""
    rows = re.findall(r"<tr[^>]*>.*?</tr>", page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def row_with(page: str, sku: str) -> str:
    return next(row for row in rows_of(page) if sku in row)


def test_super_values_come_in_the_words_of_the_user_by_key(jacket: Product):
    red, blue = jacket.variants.order_by("sku")
    plain = make.variant("plain")
    Variant.objects.filter(pk=blue.pk).update(attributes={"colour": ["blue", "sand, light"]})
    assert super_values([red.pk, blue.pk, plain.pk], "de_DE") == {
        red.pk: "rot · XL",
        blue.pk: "blue, sand, light",
    }


def test_a_bare_number_is_named_by_its_attribute(jacket: Product):
    make.attribute("length", name={"de_DE": "Länge (mm)"}, is_super=True)
    tape = make.variant("tape", attributes={"length": "3000", "size": "XL"})
    assert super_values([tape.pk], "de_DE") == {tape.pk: "Länge (mm) 3000 · XL"}
    assert super_values([tape.pk], "en_US") == {tape.pk: "length 3000 · XL"}


def test_lists_of_variants_tell_like_names_apart(manager: Client, jacket: Product):
    red = jacket.variants.get(sku="jacket-1")
    kit = make.bundle("kit", components={red: 1})
    ProductAlternative.objects.create(variant=kit, alternative_variant=red)
    for address in (
        VARIANTS,
        f"/products/product/{jacket.pk}/change/",
        f"/products/product/{jacket.pk}/",
        f"/products/product/{jacket.pk}/readiness/",
        f"{VARIANTS}{kit.pk}/",
        f"{VARIANTS}{kit.pk}/change/",
    ):
        assert "Jacket rot · XL" in row_with(manager.get(address).content.decode(), "jacket-1"), address
    offered = manager.get(f"{VARIANTS}{kit.pk}/alternatives/?q=jacket-2").json()["hits"]
    assert [hit["name"] for hit in offered] == ["Jacket, blue (sku: jacket-2) · Variant"]


def test_the_table_of_what_a_bundle_holds_and_what_stands_in_names_super_values(
    manager: Client, jacket: Product
):
    red = jacket.variants.get(sku="jacket-1")
    kit = make.bundle("kit", components={red: 1})
    ProductAlternative.objects.create(variant=kit, alternative_variant=red)
    page = manager.get(f"{VARIANTS}{kit.pk}/change/").content.decode()
    assert len([row for row in rows_of(page) if "jacket-1" in row and "Jacket rot · XL" in row]) == 2


def test_a_variant_that_is_phased_out_says_so_and_is_found_by_it(manager: Client, jacket: Product):
    red = jacket.variants.get(sku="jacket-1")
    Discontinued.objects.create(variant=red, active_until=datetime.date(2031, 1, 10))
    page = manager.get(VARIANTS).content.decode()
    assert "Deactivated Discontinued" in row_with(page, "jacket-1")
    assert 'title="until 10 Jan 2031"' in page
    assert "Discontinued" not in row_with(page, "jacket-2")
    form = manager.get(f"/products/product/{jacket.pk}/change/").content.decode()
    assert "Deactivated Discontinued" in row_with(form, "jacket-1")

    def found(answer: str) -> list[str]:
        return re.findall(r"jacket-\d", " ".join(rows_of(manager.get(VARIANTS + answer).content.decode())))

    assert (found("?discontinued=1"), found("?discontinued=0")) == (["jacket-1"], ["jacket-2"])


def test_variants_show_the_picture_of_their_product(manager: Client, jacket: Product):
    image = Image.objects.create(url_small="/media/red-small.jpg", url_large="/media/red.jpg")
    image_set = ImageSet.objects.create(name="default")
    ImageInSet.objects.create(image_set=image_set, image=image, sort_order=0)
    ProductImageSet.objects.create(product=jacket, image_set=image_set, name="default", locale="")
    for address in (
        VARIANTS,
        f"/products/product/{jacket.pk}/change/",
        f"/products/product/{jacket.pk}/",
    ):
        page = manager.get(address).content.decode()
        rows = [row for row in re.findall(r"<tr[^>]*>.*?</tr>", page, re.S) if "jacket-" in row]
        assert len(rows) == 2, address
        assert all('<img class="bo-thumb"' in row and "/media/red-small.jpg" in row for row in rows), address
