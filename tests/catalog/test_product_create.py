"""Creating products and bundles: what is made and refused, by whom, how it is undone (products 3, 10, 12.2)."""

import datetime
import re

import pytest
from django.core.exceptions import ValidationError

from backoffice.accounts import scopes
from backoffice.console import tabs
from backoffice.console.forms import BoundTab, Tab
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from catalog.categories.scope import KIND
from catalog.products import creating
from catalog.products.models import Product, ProductStore, Variant
from catalog.stores.models import GlossaryText
from catalog.urls import slugs
from catalog.urls.models import Url
from tests import make
from tests.catalog.wizard import ADD, both, chosen, problems, typed, undone

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
    told = "2 variants were created; renamed: laptop-14-memory-16GB-2."
    assert told in response.content.decode()
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
    assert problems(response) == ["New to: Pick a day after 10 Jan 2031."]
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
        (
            {"color_code": "x" * 30},
            "Colour code: Write #RRGGBB or a colour name of CSS such as navy.",
        ),
        (
            {"categories.add": "nope"},
            "Categories: There is no category “nope”. Type its key, or choose a suggestion.",
        ),
        (
            {"paths.en_US": "no slash"},
            f"Address (URL): en_US: {slugs.RULE}.",
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
    answer = client.post(f"{ADD}?bundle=1", typed(shop, "desk-kit", **both(shop)))
    assert list(Variant.objects.values_list("sku", "attributes")) == [("desk-kit", {})]
    kit = Variant.objects.get()
    assert answer.url == f"/products/variant/{kit.pk}/change/#bundle"
    assert "Choose its components" in client.get(answer.url).content.decode()


def test_the_page_of_a_bundle_product_lists_its_components(client, shop):
    part = make.variant("chair")
    kit = make.bundle("desk-kit", components={part: 3})
    page = client.get(f"/products/product/{kit.product_id}/").content.decode()
    components = page.partition(">Components<")[2].partition("</table>")[0]
    assert f'<a href="/products/variant/{part.pk}/">chair</a>' in components
    assert re.search(r"<td[^>]*>\s*3\s*</td>", components)


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


def test_undo_takes_a_product_away_with_all_that_was_made_with_it(client, shop):
    make.category("tools")
    client.post(
        ADD, typed(shop, **both(shop), **{"categories.add": "tools", "paths.en_US": "/en/our-jacket"})
    )
    told = Change.objects.get(object_type="products.product").fields["categories"]["after"]
    assert [each["key"] for each in told] == ["tools"]
    undone(make.superuser())
    assert (Product.objects.count(), Variant.objects.count(), Url.objects.count()) == (0, 0, 0)


# --- what rooms above contribute ---------------------------------------------------------------------


class BoundPrices(BoundTab):
    """Stands in for the prices of a room above: one amount, kept as a text of the glossary."""

    @property
    def amount(self):
        return self.form.data.get("amount", "") if self.form.is_bound else ""

    def is_valid(self):
        return not self.problems

    @property
    def problems(self):
        missing = [] if self.amount or not self.form.is_bound else [("#amount", "Type at least one amount.")]
        return [*super().problems, *missing]

    def save(self, record, recorder):
        recorder.added(make.glossary_text(f"price.{record.sku}", self.amount), parent=record)


class Prices(Tab):
    def bind(self, request, record, form):
        return BoundPrices(self, request, record, form)


@pytest.fixture
def prices(monkeypatch):
    """Prices take the place of the tab that holds the tax set, and stock comes last."""
    held = [Tab("stock", "Stock"), Prices("prices", "Prices", fields=("tax_set",))]
    monkeypatch.setitem(tabs._contributed, Product, held)


def test_contributed_tabs_stand_in_their_places_and_all_or_none_is_saved(client, shop, prices):
    page = client.get(ADD).context["page"]
    assert [tab.key for tab in page.tabs] == ["general", "prices", "variants", "seo", "media", "stock"]
    assert problems(client.post(ADD, typed(shop, **both(shop)))) == ["Type at least one amount."]
    assert not Product.objects.exists()
    response = client.post(ADD, typed(shop, **both(shop), amount="9.90", tax_set=""))
    assert problems(response) == ["Tax set: Choose a tax set."]
    assert response.context["page"].tabs[1].amount == "9.90"
    assert not GlossaryText.objects.exists()
    client.post(ADD, typed(shop, **both(shop), amount="9.90"))
    assert GlossaryText.objects.get().key == "price.jacket"
    assert ChangeSet.objects.count() == 1


def test_the_list_offers_to_create_a_product_or_a_bundle(client, shop):
    html = client.get("/products/product/").content.decode()
    assert f'href="{ADD}"' in html
    assert f'href="{ADD}?bundle=1"' in html
