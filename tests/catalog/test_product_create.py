"""Creating products with their variants, bundles, further variants and copies (products 3, 8, 10, 12.2, 28)."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from backoffice.accounts import scopes
from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from backoffice.history.screens.access import gate_for
from catalog.categories.scope import KIND
from catalog.products import creating, grid
from catalog.products.models import Product, ProductStore, Variant
from catalog.urls.models import Url
from tests import make

ADD = "/products/product/add/"


@pytest.fixture
def shop(db, client):
    """A store in two languages, a tax set, colours and sizes, and a signed-in Category Manager."""
    store = make.store("DE", locales=("en_US", "de_DE"))
    client.force_login(make.user("mara@example.com", roles=["Category Manager"]))
    return {
        "store": store,
        "tax": make.tax_set("Standard"),
        "color": make.attribute("color", values={"red": {"de_DE": "rot"}, "blue": {}}, is_super=True),
        "size": make.attribute("size", values={"S": {}, "M": {}, "XL": {}}, is_super=True),
    }


def typed(shop, sku="jacket", *, save=True, **more):
    """What a browser sends of the wizard."""
    data = {
        "sku": sku,
        "name.en_US": "Jacket",
        "name.de_DE": "Jacke",
        "stores": [shop["store"].pk],
        "tax_set": shop["tax"].pk,
        **({"_save": "1"} if save else {"_show": "1"}),
    }
    return {name: value for name, value in {**data, **more}.items() if value is not None}


def chosen(**axes):
    """The ticked super attributes with their values: ``chosen(color=(attribute, ["red"]))``."""
    found = {"super": [attribute.pk for attribute, _values in axes.values()]}
    for attribute, values in axes.values():
        found[f"values.{attribute.pk}"] = values
    return found


def both(shop):
    return chosen(color=(shop["color"], ["red", "blue"]), size=(shop["size"], ["S", "M", "XL"]))


def row(combination, field="sku"):
    return f"{field}.{grid.digest(combination)}"


def shown_rows(response):
    """The grid as a browser would send it back."""
    found = {}
    for each in response.context["page"].form.grid.rows:
        found |= {row(each.combination): each.sku, row(each.combination, "generated"): each.generated}
        found |= {row(each.combination, "make"): "1"} if each.is_made else {}
    return found


def problems(response):
    assert response.status_code == 200
    return [sentence for _anchor, sentence in response.context["page"].problems]


# --- the acceptance examples of products.md 26 -----------------------------------------------------


def test_two_colours_and_three_sizes_give_six_inactive_variants(client, shop):
    response = client.post(ADD, typed(shop, **both(shop)))
    product = Product.objects.get()
    assert response.url == f"/products/product/{product.pk}/change/"
    assert [variant.sku for variant in product.variants.order_by("pk")] == [
        "jacket-color-red_size-S",
        "jacket-color-red_size-M",
        "jacket-color-red_size-XL",
        "jacket-color-blue_size-S",
        "jacket-color-blue_size-M",
        "jacket-color-blue_size-XL",
    ]
    for variant in product.variants.all():
        assert (variant.is_active, variant.name) == (False, {"en_US": "Jacket", "de_DE": "Jacke"})
        assert variant.is_searchable == {"en_US": False, "de_DE": False}
        assert not variant.image_set_links.exists()
    assert product.variants.get(sku="jacket-color-red_size-XL").attributes == {"color": "red", "size": "XL"}
    assert product.approval_status == "draft"


def test_without_super_attributes_there_is_one_variant_with_the_sku_of_the_product(client, shop):
    client.post(ADD, typed(shop, "mug-classic"))
    variant = Product.objects.get().variants.get()
    assert (variant.sku, variant.is_active, variant.attributes) == ("mug-classic", False, {})


def test_values_that_clean_up_alike_get_a_number_and_are_named(client, shop):
    memory = make.attribute("memory", values={"16 GB": {}, "16GB": {}}, is_super=True)
    picked = chosen(memory=(memory, ["16 GB", "16GB"]))
    preview = client.post(ADD, typed(shop, "laptop-14", save=False, **picked)).content.decode()
    assert "One generated SKU is taken and got a number." in preview
    assert "laptop-14-memory-16GB is taken." in preview
    response = client.post(ADD, typed(shop, "laptop-14", **picked), follow=True)
    assert sorted(Variant.objects.values_list("sku", flat=True)) == [
        "laptop-14-memory-16GB",
        "laptop-14-memory-16GB-2",
    ]
    assert "One SKU was taken, so this variant got a number:" in response.content.decode()
    assert "<b>laptop-14-memory-16GB-2</b> (16GB)" in response.content.decode()


def test_a_missing_name_saves_nothing_and_keeps_everything_typed(client, shop):
    picked = both(shop)
    response = client.post(
        ADD, typed(shop, "drill-18v", **{"name.de_DE": "", "meta_title.en_US": "Drill"}, **picked)
    )
    assert problems(response) == ["Name: Type a text for DE."]
    html = response.content.decode()
    assert 'aria-invalid="true"' in html
    assert 'value="Drill"' in html
    assert response.context["page"].form.grid.count == 6
    assert html.count("data-make") == 6
    assert not Product.objects.exists()


def test_new_to_must_come_after_new_from(client, shop):
    day = {"new_from": "2031-01-10"}
    response = client.post(ADD, typed(shop, **day, new_to="2031-01-10"))
    assert problems(response) == ["New to: Pick a day after Jan. 10, 2031."]
    assert not Product.objects.exists()
    assert client.post(ADD, typed(shop, **day)).status_code == 302


def test_new_days_are_stored_from_their_start_to_their_end(client, shop):
    client.post(ADD, typed(shop, new_from="2031-01-10", new_to="2031-01-12"))
    product = Product.objects.get()
    zone = datetime.UTC
    assert product.new_from == datetime.datetime(2031, 1, 10, tzinfo=zone)
    assert product.new_to == datetime.datetime(2031, 1, 12, 23, 59, 59, 999999, tzinfo=zone)


# --- validation texts (25) -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"sku": ""}, "SKU prefix: Type a SKU."),
        ({"sku": "jac ket"}, "SKU prefix: Use letters, digits, dot, dash and underscore only."),
        ({"sku": "x" * 256}, "SKU prefix: A SKU has at most 255 characters."),
        ({"sku": "taken"}, "SKU prefix: Product taken has this SKU. Choose another one."),
        (
            {"sku": "taken-1"},
            "SKU prefix: Variant taken-1 of product taken has this SKU. Choose another one.",
        ),
        (
            {"sku": "TAKEN"},
            "SKU prefix: Product taken has this SKU. Choose another one. "
            "Small and capital letters count as the same.",
        ),
        ({"name.en_US": "x" * 256}, "Name: en_US: at most 255 characters, this text has 256."),
        ({"tax_set": ""}, "Tax set: Choose a tax set."),
        (
            {"color_code": "sunny"},
            "Colour code: Write #RRGGBB or a colour name of CSS such as navy.",
        ),
        ({"color_code": "lightgreen"}, "Colour code: A colour has at most 8 characters."),
        (
            {"categories.add": "nope"},
            "Categories: There is no category “nope”. Type its key, or choose a suggestion.",
        ),
        (
            {"paths.en_US": "no slash"},
            "Address (URL): en_US: an address begins with / and has neither blanks nor backslashes.",
        ),
        ({"paths.en_US": "/" + "x" * 255}, "Address (URL): en_US: an address has at most 255 characters."),
    ],
)
def test_what_the_general_fields_refuse(client, shop, change, problem):
    make.product("taken", variants=1)
    assert problems(client.post(ADD, typed(shop, **change))) == [problem]
    assert Product.objects.count() == 1


def test_a_taken_address_names_its_owner(client, shop):
    client.post(ADD, typed(shop, "lamp", **{"paths.en_US": "/en/our-lamp"}))
    url = Url.objects.get()
    assert (url.path, url.locale, url.is_custom, url.owner_id) == (
        "/en/our-lamp",
        "en_US",
        True,
        Product.objects.get().pk,
    )
    found = problems(client.post(ADD, typed(shop, "lamp-2", **{"paths.en_US": "/en/Our-Lamp"})))
    assert len(found) == 1
    assert "Jacket" in found[0]
    assert Product.objects.count() == 1


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


# --- the grid ----------------------------------------------------------------------------------------


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


# --- stores, categories, rights, history -------------------------------------------------------------


def test_no_store_is_allowed_with_a_warning(client, shop):
    response = client.post(ADD, typed(shop, stores=[]), follow=True)
    assert "The product is in no store, so it is visible nowhere." in response.content.decode()
    assert not ProductStore.objects.exists()


def test_all_stores_are_ticked_at_first(client, shop):
    make.store("AT")
    form = client.get(ADD).context["page"].form
    assert len(form.initial["stores"]) == 2


def test_categories_are_chosen_by_tick_and_by_key(client, shop):
    root = make.category("root")
    tools, drills = make.category("tools", parent=root), make.category("drills", parent=root)
    hits = client.get("/products/product/categories/?q=TOOL").json()["hits"]
    assert [hit["key"] for hit in hits] == ["tools"]
    client.post(ADD, typed(shop, categories=[tools.pk], **{"categories.add": "drills, "}))
    links = Product.objects.get().category_links.order_by("category__key")
    assert [(link.category, link.product_order) for link in links] == [(drills, 0), (tools, 0)]


def test_one_deed_in_the_history_that_names_the_product_and_its_variants(client, shop):
    client.post(ADD, typed(shop, **chosen(color=(shop["color"], ["red"]))))
    deed = ChangeSet.objects.get()
    told = sorted(Change.objects.filter(change_set=deed).values_list("object_type", "label", "action"))
    assert told == [
        ("products.product", "jacket", "add"),
        ("products.productstore", "jacket DE", "add"),
        ("products.variant", "jacket-color-red", "add"),
    ]


@pytest.mark.parametrize("role", ["Inventory Manager", "Customer Service"])
def test_who_may_not_add_is_refused_and_changes_nothing(client, shop, role):
    product = make.product("mug", variants=1)
    client.force_login(make.user(roles=[role]))
    for url in (
        ADD,
        f"/products/product/{product.pk}/variants/add/",
        f"/products/product/{product.pk}/duplicate/",
    ):
        assert client.get(url).status_code == 403
        assert client.post(url, typed(shop)).status_code == 403
    assert Product.objects.count() == 1
    assert Variant.objects.count() == 1


def test_the_verb_refuses_skus_that_are_taken(db):
    make.product("taken", variants=1)
    with pytest.raises(ValidationError) as refused, recording("save") as recorder:
        creating.create(
            Product(sku="fresh", name={"en_US": "Fresh"}),
            [creating.NewVariant("taken-1"), creating.NewVariant("free")],
            recorder=recorder,
        )
    assert refused.value.messages == ["Variant taken-1 of product taken has this SKU. Choose another one."]
    assert Product.objects.count() == 1


# --- bundles -----------------------------------------------------------------------------------------


def test_a_bundle_begins_as_a_product_with_one_variant(client, shop):
    page = client.get(f"{ADD}?bundle=1")
    assert "<h1>Create bundle</h1>" in page.content.decode()
    assert "A bundle has no variants to choose" in page.content.decode()
    client.post(f"{ADD}?bundle=1", typed(shop, "desk-kit", **both(shop)))
    assert list(Variant.objects.values_list("sku", "attributes")) == [("desk-kit", {})]


# --- one more variant --------------------------------------------------------------------------------


@pytest.fixture
def jacket(shop):
    product = make.product("jacket", name={"en_US": "Jacket", "de_DE": "Jacke"})
    for color, size in (("red", "XL"), ("blue", "S")):
        combination = {"color": color, "size": size}
        make.variant(f"jacket-{color}-{size}", product=product, attributes={**combination, "weight": "2 kg"})
    return product


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
        ({"color": "red", "size": "S", "gtin": "2000000000015"}, "GTIN: Another variant has this GTIN."),
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


# --- copies ------------------------------------------------------------------------------------------


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


# --- category scope (0.12) -----------------------------------------------------------------------------


@pytest.fixture
def limited(client, shop):
    """A Category Manager who may use ``tools`` only; ``clothing`` is another branch."""
    root = make.category("root")
    found = {key: make.category(key, parent=root) for key in ("tools", "clothing")}
    user = make.user(roles=["Category Manager"])
    scopes.limit(user, KIND, [found["tools"]])
    client.force_login(user)
    return found


def test_who_is_limited_to_categories_must_choose_one_of_them(client, shop, limited):
    assert problems(client.post(ADD, typed(shop))) == ["Categories: Choose at least one of your categories."]
    foreign = client.post(ADD, typed(shop, **{"categories.add": "clothing"}))
    assert problems(foreign) == [
        "Categories: There is no category “clothing”. Type its key, or choose a suggestion."
    ]
    response = client.post(ADD, typed(shop, categories=[limited["clothing"].pk]))
    assert problems(response) == ["Categories: Choose at least one of your categories."]
    assert not Product.objects.exists()
    assert client.post(ADD, typed(shop, categories=[limited["tools"].pk])).status_code == 302


def test_suggestions_obey_the_scope(client, shop, limited):
    hits = client.get("/products/product/categories/?q=o").json()["hits"]
    assert [hit["key"] for hit in hits] == ["tools"]


def test_a_product_outside_of_the_scope_is_neither_copied_nor_extended(client, shop, limited):
    jacket = make.product("jacket", categories=[limited["clothing"]], variants=1)
    for page in ("variants/add", "duplicate"):
        assert client.get(f"/products/product/{jacket.pk}/{page}/").status_code == 404


# --- history ---------------------------------------------------------------------------------------


def undone(user):
    deed = ChangeSet.objects.latest("pk")
    with acting(user):
        return undoing.undo(deed, gate_for(deed, user))[0].counts


def test_undo_takes_a_product_away_with_all_that_was_made_with_it(client, shop):
    make.category("tools")
    client.post(
        ADD, typed(shop, **both(shop), **{"categories.add": "tools", "paths.en_US": "/en/our-jacket"})
    )
    told = Change.objects.get(object_type="products.product").fields["categories"]["after"]
    assert [each["key"] for each in told] == ["tools"]
    undone(make.superuser())
    assert (Product.objects.count(), Variant.objects.count(), Url.objects.count()) == (0, 0, 0)


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
