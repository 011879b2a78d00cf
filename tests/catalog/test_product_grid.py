"""The grid of variants in the wizard: values, rows skipped and renamed, collisions, limits (products 10.1 to 10.4)."""

import pytest

from backoffice.history.models import ChangeSet
from catalog.products.models import Product, Variant
from tests import make
from tests.catalog.wizard import ADD, both, chosen, problems, row, shown_rows, typed


def test_a_ticked_attribute_needs_a_value_and_a_value_its_tick(client, shop):
    response = client.post(ADD, typed(shop, super=[shop["color"].pk]))
    assert problems(response) == ["Tick at least one value of Color, or take Color out."]
    response = client.post(ADD, typed(shop, **{f"values.{shop['color'].pk}": ["red"]}))
    assert problems(response) == ["Values of Color are ticked. Tick Color, too, or take them out."]
    assert not Product.objects.exists()


def test_a_value_that_is_not_predefined_is_refused(client, shop):
    response = client.post(ADD, typed(shop, **chosen(color=(shop["color"], ["red", "pink"]))))
    assert problems(response) == ["“pink” is no predefined value of Color."]


def test_more_than_a_hundred_variants_ask_first(client, shop):
    numbers = make.attribute("number", values={str(n): {} for n in range(101)}, is_super=True)
    picked = chosen(number=(numbers, [str(n) for n in range(101)]))
    response = client.post(ADD, typed(shop, **picked))
    assert problems(response) == ["These are 101 variants. Confirm the number to make them all."]
    assert not Product.objects.exists()
    response = client.post(ADD, typed(shop, **picked, confirm_many="101"))
    assert Variant.objects.count() == 101
    assert ChangeSet.objects.count() == 1


def test_more_than_five_hundred_variants_are_refused_with_a_way_out(client, shop, settings):
    settings.MOST_VARIANTS_AT_ONCE = 5
    response = client.post(ADD, typed(shop, **both(shop)))
    assert problems(response) == [
        "6 variants are too many for one product; the limit is 5. Make one product per value of one attribute, "
        "such as the colour, and join them in a product group."
    ]
    assert not Product.objects.exists()


def test_showing_the_variants_saves_nothing_and_tells_no_other_fault(client, shop):
    response = client.post(ADD, typed(shop, save=False, **{"name.de_DE": ""}, **both(shop)))
    html = response.content.decode()
    assert problems(response) == []
    assert "2 × 3 = 6 combinations, 0 skipped. At most 500 at once." in " ".join(html.split())
    assert 'value="jacket-color-red_size-XL"' in html
    assert not Product.objects.exists()


def test_scripts_get_the_grid_alone(client, shop):
    response = client.post(ADD, typed(shop, save=False, _part="1", **both(shop)))
    html = response.content.decode()
    assert html.count("data-make") == 6
    assert "<html" not in html


def test_rows_are_skipped_and_renamed(client, shop):
    picked = chosen(color=(shop["color"], ["red", "blue"]))
    shown = shown_rows(client.post(ADD, typed(shop, save=False, **picked)))
    del shown[row({"color": "red"}, "make")]
    shown[row({"color": "blue"})] = "JK-BLUE"
    client.post(ADD, typed(shop, **picked, **shown))
    assert list(Variant.objects.values_list("sku", "attributes")) == [("JK-BLUE", {"color": "blue"})]


def test_rows_that_were_not_renamed_follow_another_prefix(client, shop):
    picked = chosen(color=(shop["color"], ["red", "blue"]))
    shown = shown_rows(client.post(ADD, typed(shop, save=False, **picked)))
    client.post(ADD, typed(shop, "coat", **picked, **shown))
    assert sorted(Variant.objects.values_list("sku", flat=True)) == ["coat-color-blue", "coat-color-red"]


@pytest.mark.parametrize(
    ("sku", "problem"),
    [
        ("jacket-color-red", "blue: Used in row 1. Change one of them."),
        (
            "TAKEN-1",
            "blue: Variant taken-1 of product taken has this SKU. Choose another one. "
            "Small and capital letters count as the same.",
        ),
        ("taken", "blue: Product taken has this SKU. Choose another one."),
        ("jk blue", "blue: Use letters, digits, dot, dash and underscore only."),
        ("x" * 256, "blue: A SKU has at most 255 characters."),
    ],
)
def test_a_renamed_row_is_checked(client, shop, sku, problem):
    make.product("taken", variants=1)
    picked = chosen(color=(shop["color"], ["red", "blue"]))
    shown = shown_rows(client.post(ADD, typed(shop, save=False, **picked)))
    response = client.post(ADD, typed(shop, **picked, **{**shown, row({"color": "blue"}): sku}))
    assert problems(response) == [problem]
    assert Product.objects.count() == 1


def test_all_rows_skipped_is_refused(client, shop):
    picked = chosen(color=(shop["color"], ["red"]))
    shown = {row({"color": "red"}): "x", row({"color": "red"}, "generated"): "jacket-color-red"}
    response = client.post(ADD, typed(shop, **picked, **shown))
    assert problems(response) == ["All variants are skipped. Tick at least one."]


def test_without_any_super_attribute_the_tab_leads_to_making_one(client, db):
    make.store("DE")
    client.force_login(make.superuser())
    html = client.get(ADD).content.decode()
    assert "There are no super attributes, so the product gets one variant with its own SKU." in html
    assert 'href="/attributes/attribute/add/"' in html


def test_the_page_costs_the_same_queries_for_few_and_many_values(client, shop, django_assert_max_num_queries):
    make.attribute("number", values={str(n): {} for n in range(60)}, is_super=True)
    with django_assert_max_num_queries(30):
        client.post(ADD, typed(shop, save=False, _part="1", **both(shop)))
