"""Forms of products that were sent after the session ended come back whole, unsaved (working-day 6.2, 15.5)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.accounts.models import User
from catalog.products.models import BundleItem, Product, Variant
from tests import make
from tests.catalog.sending import untouched
from tests.catalog.wizard import ADD, both, typed

pytestmark = pytest.mark.django_db
BACK = "nothing is saved until you press Save"


def sent_too_late(client: Client, url: str, values: dict) -> str:
    """The page after signing in again."""
    client.cookies.pop("bo_session")
    assert client.post(url, values).headers["Location"].startswith("/login/?next=")
    client.force_login(User.objects.get(email="mara@example.com"))
    return client.get(url).content.decode()


def test_a_product_comes_back_with_the_values_of_all_its_tabs(client, shop):
    tools = make.category("tools")
    lamp = make.product("lamp", name={"en_US": "Lamp", "de_DE": "Lampe"}, tax_set=shop["tax"], variants=1)
    url = f"/products/product/{lamp.pk}/change/"
    given = {
        "name.en_US": "Lamp Arc",
        "color_code": "#102030",
        "categories": [tools.pk],
        "new_from": "2031-01-10",
        "meta_title.de_DE": "Bogen",
        "paths.en_US": "/en/our-lamp",
    }
    values = untouched(client, url) | given
    large = next(name for name in values if name.endswith("-url_large"))

    html = sent_too_late(client, url, values | {large: "/large.jpg"})

    assert BACK in html
    for text in ("Lamp Arc", "#102030", "2031-01-10", "Bogen", "/en/our-lamp", "/large.jpg"):
        assert f'value="{text}"' in html
    assert f'value="{tools.pk}"' in html
    lamp.refresh_from_db()
    assert (lamp.name["en_US"], lamp.version) == ("Lamp", 1)
    assert BACK not in client.get(url).content.decode()


def test_the_wizard_comes_back_with_its_grid(client, shop):
    html = sent_too_late(client, ADD, untouched(client, ADD) | typed(shop, color_code="navy", **both(shop)))
    assert BACK in html
    assert [f'value="{text}"' in html for text in ("jacket", "navy", "jacket-color-red_size-XL")] == [
        True
    ] * 3
    assert not Product.objects.exists()


def test_a_bundle_comes_back_with_its_chosen_components(client, shop):
    chair, kit = make.variant("chair-fold"), make.variant("desk-kit", name={"en_US": "Kit", "de_DE": "Set"})
    url = f"/products/variant/{kit.pk}/change/"
    values = untouched(client, url) | {"components-tick": [chair.pk], "gtin": "2000000000015"}
    html = sent_too_late(client, url, values)
    assert BACK in html
    assert 'value="2000000000015"' in html
    assert "chair-fold" in html
    assert not BundleItem.objects.exists()
    assert not Variant.objects.filter(gtin="2000000000015").exists()


def test_files_that_were_chosen_are_named_to_be_chosen_again(client, shop):
    lamp = make.product("lamp", name={"en_US": "Lamp", "de_DE": "Lampe"}, tax_set=shop["tax"], variants=1)
    url = f"/products/product/{lamp.pk}/change/"
    pictures = [SimpleUploadedFile(name, b"picture", "image/png") for name in ("front.png", "back.png")]
    html = sent_too_late(client, url, untouched(client, url) | {"img-0-files": pictures})
    assert "Choose these files again: front.png, back.png." in html


def test_a_file_that_a_script_could_not_send_is_named_to_be_chosen_again(client, shop):
    lamp = make.product("lamp", name={"en_US": "Lamp", "de_DE": "Lampe"}, tax_set=shop["tax"], variants=1)
    url = f"/products/product/{lamp.pk}/change/"
    html = sent_too_late(client, url, untouched(client, url) | {"_unsent": ["side.png", "top.png"]})
    assert "Choose these files again: side.png, top.png." in html
