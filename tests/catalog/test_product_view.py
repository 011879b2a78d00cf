"""The pages on which products and variants are looked at (products 5, 6.1, 9.4)."""

import pytest

from catalog.products.models import ProductSettings
from tests import make

pytestmark = pytest.mark.django_db
PRODUCT, VARIANT = "/products/product/", "/products/variant/"


def panels(response) -> dict[str, dict]:
    """What stands on each panel, by its key, in order."""
    return {each.panel.key: each.contents for each in response.context["panels"]}


def rows(contents) -> list[list[str]]:
    return [[str(cell.text) for _heading, cell in row] for row in contents["rows"]]


def test_the_page_of_a_product_shows_its_panels_in_order(client, shop):
    ProductSettings.objects.create(pk=1, has_approval=True)
    tools = make.category("tools", name={"en_US": "Tools"})
    lamp = make.product(
        "lamp",
        name={"en_US": "Lamp"},
        stores=[shop["store"]],
        categories=[tools],
        tax_set=shop["tax"],
        attributes={"tags": ["desk", "floor"], "watt": "7"},
        attributes_localized={"de_DE": {"watt": "7 Watt"}},
    )
    make.variant("lamp-1", product=lamp, is_active=True)

    page = client.get(f"{PRODUCT}{lamp.pk}/")
    found = panels(page)

    assert list(found)[:6] == ["general", "attributes", "seo", "images", "variants", "groups"]
    assert list(found)[6:] == ["categories"]
    facts = {str(label): str(value) for label, value in found["general"]["facts"]}
    expected = {"SKU": "lamp", "Status": "Active", "Approval": "Draft", "Type": "Product", "Stores": "DE"}
    assert facts.items() >= expected.items()
    tags, watt = rows(found["attributes"])
    assert (tags[:2], watt) == (["tags", "desk, floor"], ["watt", "7", "7 Watt"])
    assert "from Default" in tags[2]
    assert rows(found["variants"])[0][0] == "lamp-1"
    assert rows(found["categories"])[0] == [f"#{tools.pk}: Tools", "tools", "0"]
    assert f'href="/categories/category/{tools.pk}/products/"' in page.content.decode()
    assert f'href="{PRODUCT}{lamp.pk}/readiness/"' in page.content.decode()


@pytest.mark.parametrize(("code", "fills"), [("#102030", 1), ("Navy", 1), ("", 0)])
def test_a_colour_code_is_shown_as_a_swatch_in_the_view_and_the_form(client, shop, code, fills):
    lamp = make.product(
        "lamp", name={"en_US": "Lamp", "de_DE": "Lampe"}, tax_set=shop["tax"], color_code=code
    )
    for page in (f"{PRODUCT}{lamp.pk}/", f"{PRODUCT}{lamp.pk}/change/"):
        assert client.get(page).content.decode().count(f'rx="4" fill="{code}"') == fills


def test_a_product_without_categories_says_so(client, shop):
    lamp = make.product("lamp")
    html = client.get(f"{PRODUCT}{lamp.pk}/").content.decode()
    assert "none" in html[html.index('id="categories"') :]


def test_the_page_of_a_variant_shows_its_panels_in_order(client, shop):
    lamp = make.product("lamp", attributes={"watt": "7"})
    bulb = make.variant("bulb")
    kit = make.bundle("lamp-kit", product=lamp, components={bulb: 2}, attributes={"color": "red"})

    found = panels(client.get(f"{VARIANT}{kit.pk}/"))

    assert list(found) == ["general", "attributes", "images", "components"]
    facts = {str(label): str(value) for label, value in found["general"]["facts"]}
    assert (facts["SKU"], facts["color"]) == ("lamp-kit", "red")
    assert rows(found["components"])[0][::2] == ["bulb", "2"]
    used = panels(client.get(f"{VARIANT}{bulb.pk}/"))["used_in"]
    assert [(sku, use) for sku, _name, use in rows(used)] == [("lamp-kit", "component of")]


def test_readiness_is_told_of_a_single_variant_too(client, shop):
    lamp = make.product("lamp", name={"en_US": "Lamp", "de_DE": "Lampe"}, stores=[shop["store"]])
    off = make.variant("lamp-off", product=lamp, name=lamp.name, is_searchable={"en_US": True})
    make.variant("lamp-on", product=lamp, is_active=True)

    html = client.get(f"{VARIANT}{off.pk}/readiness/").content.decode()

    assert (
        f'<a href="{VARIANT}{off.pk}/change/">It is switched off. Activate it at the top of its page.</a>'
        in html
    )
    assert f'<a href="{VARIANT}{off.pk}/change/#media">' in html
    assert "lamp-on" not in html
    assert f'<a href="{PRODUCT}{lamp.pk}/change/#general">No tax set is chosen.</a>' in html
    assert f'href="{VARIANT}{off.pk}/readiness/"' in client.get(f"{VARIANT}{off.pk}/change/").content.decode()


@pytest.mark.parametrize("role", ["Inventory Manager", "Customer Service"])
def test_who_may_only_look_is_led_to_pages_that_he_may_open(client, shop, role):
    lamp = make.product("lamp", categories=[make.category("tools")], variants=1)
    client.force_login(make.user(roles=[role]))
    html = client.get(f"{PRODUCT}{lamp.pk}/").content.decode()
    assert "/change/" not in html
    assert "/products/variant/" in html
    assert f"/categories/category/{lamp.categories.get().pk}/products/" not in html
