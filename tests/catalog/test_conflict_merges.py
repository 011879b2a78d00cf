"""A page of conflicts asks about some fields and merges all others as they were when the form was opened
(working-day 6.1, products 26.27)."""

import pytest
from django.test import Client

from backoffice.history.recording import recording
from catalog.categories.models import Category
from catalog.packaging.models import PackagingType
from catalog.products import addressing, status
from catalog.products.models import Product, Variant
from tests import make
from tests.catalog.boxes import boxes
from tests.catalog.sending import untouched

pytestmark = [pytest.mark.django_db]
CHOICES = pytest.mark.parametrize("choice", ["mine", "theirs"])


@pytest.fixture
def ben(db) -> Client:
    other = Client()
    other.force_login(make.user("ben@example.com", first_name="Ben", roles=["Category Manager"]))
    return other


def send(client, url, **changes):
    response = client.post(url, untouched(client, url) | changes)
    assert response.status_code == 302, response.context["page"].problems


def asked(client, url, values) -> tuple[list[str], dict]:
    """The fields that a post asks about, and the page that comes back as a browser would send it."""
    response = client.post(url, values)
    assert response.status_code == 409
    return [each.name for each in response.context["page"].conflicts], boxes(response)


def paths(product) -> dict[str, str]:
    return {code: url.path for code, url in addressing.paths_of(product.pk).items()}


@CHOICES
def test_a_product_keeps_what_only_the_other_changed_in_every_tab(client, shop, ben, choice):
    lamp = make.product(
        "lamp",
        name={"en_US": "Lamp", "de_DE": "Lampe"},
        stores=[shop["store"]],
        tax_set=shop["tax"],
        variants=1,
    )
    with recording("action") as recorder:
        status.activate(lamp.variants.values_list("pk", flat=True), recorder=recorder)
    tools, at, zero = make.category("tools"), make.store("AT", locales=("de_DE",)), make.tax_set("Zero")
    url = f"/products/product/{lamp.pk}/change/"
    mine = untouched(ben, url)
    theirs = {"stores": [at.pk], "categories": [tools.pk], "tax_set": zero.pk, "color_code": "red"}
    texts = {"name.en_US": "Curve", "meta_title.de_DE": "Bogen"}
    send(client, url, **theirs, **texts)
    names, again = asked(ben, url, mine | {"name.en_US": "Bow", "meta_keywords.de_DE": "Licht"})
    assert names == ["name.en_US"]

    send(client, url, **{"name.en_US": "Arc", "color_code": "blue"})
    names, again = asked(ben, url, again | {"_keep.name.en_US": choice})
    assert names == ["name.en_US"]
    assert ben.post(url, again | {"_keep.name.en_US": choice}).status_code == 302
    lamp = Product.objects.get(pk=lamp.pk)
    name = {"mine": "Bow", "theirs": "Arc"}[choice]
    assert (lamp.name["en_US"], lamp.color_code, lamp.tax_set) == (name, "blue", zero)
    assert (lamp.meta_title, lamp.meta_keywords) == ({"de_DE": "Bogen"}, {"de_DE": "Licht"})
    assert [store.name for store in lamp.stores.all()] == ["AT"]
    assert [link.category.key for link in lamp.category_links.all()] == ["tools"]
    assert paths(lamp)["en_US"] == f"/en/{name.lower()}-{lamp.pk}"
    assert not any(url.is_custom for url in addressing.paths_of(lamp.pk).values())


@CHOICES
def test_a_variant_keeps_its_window_and_flags(client, shop, ben, choice):
    chair = make.variant("chair", gtin="2000000000022", name={"en_US": "Stool", "de_DE": "Stuhl"})
    url = f"/products/variant/{chair.pk}/change/"
    mine = untouched(ben, url)
    send(client, url, **{"name.en_US": "Chair", "valid_from": "2031-01-10T08:30", "is_searchable": ["en_US"]})
    names, again = asked(ben, url, mine | {"name.en_US": "Seat"})
    assert names == ["name.en_US"]
    assert ben.post(url, again | {"_keep.name.en_US": choice}).status_code == 302
    chair = Variant.objects.get(pk=chair.pk)
    assert chair.name["en_US"] == {"mine": "Seat", "theirs": "Chair"}[choice]
    assert (chair.valid_from.year, chair.is_searchable["en_US"]) == (2031, True)


@CHOICES
def test_a_category_keeps_its_meta_title(client, shop, ben, choice):
    client.force_login(make.superuser())
    tools = make.category("tools", name={"en_US": "Tools", "de_DE": "Werkzeug"})
    url = f"/categories/category/{tools.pk}/change/"
    mine = untouched(ben, url)
    send(client, url, **{"name.en_US": "Gear", "meta_title.en_US": "All gear"})
    names, again = asked(ben, url, mine | {"name.en_US": "Kit"})
    assert names == ["name.en_US"]
    assert ben.post(url, again | {"_keep.name.en_US": choice}).status_code == 302
    tools = Category.objects.get(pk=tools.pk)
    assert tools.name["en_US"] == {"mine": "Kit", "theirs": "Gear"}[choice]
    assert tools.meta_title == {"en_US": "All gear"}


@CHOICES
def test_a_plain_record_keeps_the_other_language(client, shop, ben, choice):
    carton = make.packaging_type({"de_DE": "Karton", "en_US": "Carton"})
    url = f"/packaging/packagingtype/{carton.pk}/change/"
    mine = untouched(ben, url)
    send(client, url, **{"name.en_US": "Box", "name.de_DE": "Kiste"})
    names, again = asked(ben, url, mine | {"name.en_US": "Case"})
    assert names == ["name.en_US"]
    assert ben.post(url, again | {"_keep.name.en_US": choice}).status_code == 302
    name = {"mine": "Case", "theirs": "Box"}[choice]
    assert PackagingType.objects.get(pk=carton.pk).name == {"de_DE": "Kiste", "en_US": name}
