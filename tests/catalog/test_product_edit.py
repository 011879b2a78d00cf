"""The form of a product (products 4, 18.3, 26.5, 26.6, 26.27, 26.28, 26.30)."""

import datetime
import json
import re

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.accounts import scopes
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from catalog.categories.scope import KIND
from catalog.images.models import Image, ImageInSet, ImageSet
from catalog.products import addressing, status
from catalog.products.models import (
    CategoryProduct,
    Product,
    ProductAlternative,
    ProductImageSet,
    ReadinessCodes,
    Variant,
)
from catalog.products.readiness import storing
from catalog.urls import slugs
from catalog.urls.models import Url
from tests import make
from tests.catalog.sending import untouched
from tests.catalog.wizard import problems, undone

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
LIST = "/products/product/"


@pytest.fixture
def lamp(shop) -> Product:
    return make.product(
        "lamp",
        name={"en_US": "Lamp Arc", "de_DE": "Bogenlampe"},
        stores=[shop["store"]],
        tax_set=shop["tax"],
        variants=1,
    )


def page(product) -> str:
    return f"{LIST}{product.pk}/change/"


def send(client, product, **changes):
    """Post the form as it is, with some values typed anew; None leaves a box out."""
    values = untouched(client, page(product)) | changes
    return client.post(page(product), {name: v for name, v in values.items() if v is not None})


def activate(product) -> None:
    with recording("action") as recorder:
        status.activate(product.variants.values_list("pk", flat=True), recorder=recorder)


def paths(product) -> dict[str, str]:
    return {code: url.path for code, url in addressing.paths_of(product.pk).items()}


def last_fields() -> dict[str, tuple]:
    """What the last change set says of the product's own fields: (before, after)."""
    change = Change.objects.get(change_set=ChangeSet.objects.latest("pk"), object_type="products.product")
    return {name: (each["before"], each["after"]) for name, each in change.fields.items()}


# --- saving --------------------------------------------------------------------------------------


def test_saving_unchanged_is_a_success_and_leaves_no_entry(client, shop, lamp):
    category = make.category("lamps")
    CategoryProduct.objects.create(product=lamp, category=category, product_order=5)
    Product.objects.filter(pk=lamp.pk).update(
        description={"en_US": "<p>A &amp; b</p>\r\n<img src='x'>"}, new_to=timezone.now()
    )
    activate(lamp)
    before = ChangeSet.objects.count()
    response = send(client, lamp)
    assert (response.status_code, response.url) == (302, page(lamp))
    assert "Nothing changed." in client.get(response.url).content.decode()
    assert ChangeSet.objects.count() == before
    assert lamp.category_links.get().product_order == 5


def test_one_save_is_one_entry_with_stores_categories_and_texts(client, shop, lamp):
    tools, other = make.category("tools"), make.store("AT", locales=("de_DE",))
    lamp.category_links.create(category=make.category("sale"))
    response = send(
        client,
        lamp,
        **{
            "name.en_US": "Lamp Curve",
            "stores": [other.pk],
            "categories": [tools.pk],
            "color_code": "#102030",
            "_note": "ticket 4137",
        },
    )
    assert response.status_code == 302
    lamp.refresh_from_db()
    assert lamp.name == {"en_US": "Lamp Curve", "de_DE": "Bogenlampe"}
    assert "lamp curve" in lamp.search
    assert [store.name for store in lamp.stores.all()] == ["AT"]
    assert [link.category.key for link in lamp.category_links.all()] == ["tools"]
    fields = last_fields()
    assert fields["name.en_US"] == ("Lamp Arc", "Lamp Curve")
    assert [each["key"] for each in fields["categories"][1]] == ["tools"]
    assert ChangeSet.objects.latest("pk").note == "ticket 4137"


def test_a_save_can_be_undone_with_all_it_did(client, shop, lamp):
    lamp.category_links.create(category=make.category("sale"), product_order=3)
    send(client, lamp, **{"name.en_US": "Lamp Curve", "stores": [], "categories": []})
    assert undone(make.superuser())["restored"] == 2
    lamp.refresh_from_db()
    assert lamp.name["en_US"] == "Lamp Arc"
    assert [store.name for store in lamp.stores.all()] == ["DE"]
    assert list(lamp.category_links.values_list("category__key", "product_order")) == [("sale", 3)]


def test_a_name_missing_in_a_language_saves_nothing_and_keeps_what_was_typed(client, shop, lamp):
    response = send(client, lamp, **{"name.de_DE": "", "color_code": "navy", "meta_title.en_US": "Arc"})
    assert problems(response) == ["Name: Type a text for DE."]
    html = response.content.decode()
    assert 'value="navy"' in html
    assert 'value="Arc"' in html
    lamp.refresh_from_db()
    assert (lamp.name["de_DE"], lamp.color_code, lamp.meta_title) == ("Bogenlampe", "", {})


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"color_code": "#12345"}, "Colour code: Write #RRGGBB or a colour name of CSS such as navy."),
        ({"name.en_US": "x" * 256}, "Name: en_US: at most 255 characters, this text has 256."),
        ({"tax_set": ""}, "Tax set: Choose a tax set."),
        ({"new_from": "2031-01-10", "new_to": "2031-01-10"}, "New to: Pick a day after 10 Jan 2031."),
        (
            {"categories.add": "nope"},
            "Categories: There is no category “nope”. Type its key, or choose a suggestion.",
        ),
        (
            {"paths.en_US": "no slash"},
            f"Address (URL): en_US: {slugs.RULE}.",
        ),
    ],
)
def test_what_the_form_refuses(client, shop, lamp, typed, problem):
    before = ChangeSet.objects.count()
    assert problems(send(client, lamp, **typed)) == [problem]
    assert ChangeSet.objects.count() == before


@pytest.mark.parametrize("sent", ["²", "99999999999999999999999", "-1", "x"])
def test_odd_ids_break_nothing(client, shop, lamp, sent):
    assert send(client, lamp, categories=[sent], **{"name.en_US": "Lamp Curve"}).status_code == 302
    assert send(client, lamp, stores=[sent]).status_code == 200
    assert client.get(page(lamp), {"q": sent, "o": sent, "after": sent}).status_code == 200


def test_only_new_from_is_saved_from_the_start_of_the_day(client, shop, lamp):
    send(client, lamp, new_from="2031-01-10")
    lamp.refresh_from_db()
    assert timezone.localtime(lamp.new_from).strftime("%Y-%m-%d %H:%M") == "2031-01-10 00:00"
    assert lamp.new_to is None


def test_the_sku_is_read_only(client, shop, lamp):
    send(client, lamp, **{"sku": "other", "name.en_US": "Lamp Curve"})
    lamp.refresh_from_db()
    assert (lamp.sku, lamp.name["en_US"]) == ("lamp", "Lamp Curve")


# --- addresses -----------------------------------------------------------------------------------


def test_a_rename_moves_the_generated_address_and_leaves_a_redirect(client, shop, lamp):
    activate(lamp)
    send(client, lamp, **{"name.en_US": "Lamp Curve"})
    assert paths(lamp)["en_US"] == f"/en/lamp-curve-{lamp.pk}"
    assert Url.objects.get(path=f"/en/lamp-arc-{lamp.pk}").target.path == f"/en/lamp-curve-{lamp.pk}"


def test_a_typed_address_survives_a_rename_and_is_reset_by_emptying_its_box(client, shop, lamp):
    activate(lamp)
    send(client, lamp, **{"paths.en_US": "/en/our-arc"})
    send(client, lamp, **{"name.en_US": "Lamp Curve"})
    assert paths(lamp)["en_US"] == "/en/our-arc"
    send(client, lamp, **{"paths.en_US": "", "name.en_US": "Lamp Bow"})
    assert paths(lamp)["en_US"] == f"/en/lamp-bow-{lamp.pk}"
    assert not addressing.paths_of(lamp.pk)["en_US"].is_custom


def test_a_clash_names_who_has_the_address(client, shop, lamp):
    other = make.product("desk", name={"en_US": "Oak desk"}, variants=1)
    activate(other)
    response = send(client, lamp, **{"paths.en_US": f"/en/oak-desk-{other.pk}"})
    assert problems(response) == [
        f"Address (URL): The address /en/oak-desk-{other.pk} belongs to product “Oak desk” (desk) already."
    ]
    assert paths(lamp) == {}


def test_a_product_that_was_never_active_gets_no_address_by_a_save(client, shop, lamp):
    send(client, lamp, **{"name.en_US": "Lamp Curve"})
    assert paths(lamp) == {}


# --- two people ----------------------------------------------------------------------------------


def second() -> Client:
    other = Client()
    other.force_login(make.user("ben@example.com", first_name="Ben", roles=["Category Manager"]))
    return other


def test_two_people_rename_and_the_second_sees_both_names_and_loses_nothing(client, shop, lamp):
    ben = second()
    mine = untouched(ben, page(lamp))
    send(client, lamp, **{"name.en_US": "Lamp Curve"})
    mine |= {"name.en_US": "Lamp Bow", "color_code": "navy"}
    response = ben.post(page(lamp), mine)
    assert response.status_code == 409
    (conflict,) = response.context["page"].conflicts
    assert (conflict.opened, conflict.theirs, conflict.mine) == ("Lamp Arc", "Lamp Curve", "Lamp Bow")
    assert 'value="navy"' in response.content.decode()
    chosen = {"_version": str(Product.objects.get().version), "_keep.name.en_US": "theirs"}
    assert ben.post(page(lamp), mine | chosen).status_code == 302
    lamp.refresh_from_db()
    assert (lamp.name["en_US"], lamp.color_code) == ("Lamp Curve", "navy")


def test_a_text_that_was_emptied_needs_an_answer_like_any_other(client, shop, lamp):
    send(client, lamp, **{"meta_title.de_DE": "Lampe"})
    ben = second()
    mine = untouched(ben, page(lamp)) | {"meta_title.de_DE": ""}
    send(client, lamp, **{"meta_title.de_DE": "Bogen"})
    assert ben.post(page(lamp), mine).status_code == 409
    lamp.refresh_from_db()
    again = {"_version": str(lamp.version), "_asked.meta_title.de_DE": '"Lampe"'}
    again["_opened"] = json.dumps(json.loads(mine["_opened"][0]) | {"meta_title.de_DE": "Bogen"})
    assert ben.post(page(lamp), mine | again).status_code == 409
    lamp.refresh_from_db()
    assert lamp.meta_title == {"de_DE": "Bogen"}


def test_fields_that_only_the_other_changed_stay_as_he_saved_them(client, shop, lamp):
    tools, at = make.category("tools"), make.store("AT", locales=("de_DE",))
    ben = second()
    mine = untouched(ben, page(lamp))
    send(
        client,
        lamp,
        **{
            "stores": [at.pk],
            "categories": [tools.pk],
            "new_to": "2031-01-10",
            "paths.en_US": "/en/our-arc",
            "meta_title.de_DE": "Bogen",
        },
    )
    response = ben.post(page(lamp), mine | {"color_code": "navy"})
    assert response.status_code == 302
    lamp.refresh_from_db()
    assert [store.name for store in lamp.stores.all()] == ["AT"]
    assert [link.category.key for link in lamp.category_links.all()] == ["tools"]
    assert (lamp.color_code, lamp.meta_title, paths(lamp)["en_US"]) == (
        "navy",
        {"de_DE": "Bogen"},
        "/en/our-arc",
    )
    assert timezone.localtime(lamp.new_to).date() == datetime.date(2031, 1, 10)


def test_every_field_that_both_changed_is_shown_in_words(client, shop, lamp):
    tools, sale = make.category("tools", name="Tools"), make.category("sale", name="Sale")
    at, ch = make.store("AT", locales=("de_DE",)), make.store("CH", locales=("de_DE",))
    reduced = make.tax_set("Reduced")
    zero = make.tax_set("Zero")
    ben = second()
    mine = untouched(ben, page(lamp))
    send(
        client,
        lamp,
        stores=[at.pk],
        categories=[tools.pk],
        tax_set=reduced.pk,
        new_to="2031-01-10",
        **{"paths.en_US": "/en/mine"},
    )
    typed = {"stores": [ch.pk], "categories": [sale.pk], "tax_set": zero.pk, "new_to": "2031-02-10"}
    response = ben.post(page(lamp), mine | typed | {"paths.en_US": "/en/his"})
    assert response.status_code == 409
    told = {each.name: (each.opened, each.theirs, each.mine) for each in response.context["page"].conflicts}
    assert told == {
        "stores": ("DE", "AT", "CH"),
        "categories": ("", "Tools", "Sale"),
        "tax_set": ("Standard", "Reduced", "Zero"),
        "new_to": ("", "2031-01-10", "2031-02-10"),
        "paths.en_US": ("", "/en/mine", "/en/his"),
    }
    chosen = {f"_keep.{name}": "theirs" for name in told} | {"_version": str(Product.objects.get().version)}
    assert ben.post(page(lamp), mine | typed | {"paths.en_US": "/en/his"} | chosen).status_code == 302
    lamp.refresh_from_db()
    assert (lamp.tax_set, paths(lamp)["en_US"]) == (reduced, "/en/mine")
    assert [store.name for store in lamp.stores.all()] == ["AT"]


# --- category scope ------------------------------------------------------------------------------


def limited(*categories) -> Client:
    user = make.user("lim@example.com", roles=["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, categories)
    client = Client()
    client.force_login(user)
    return client


def test_assignments_outside_the_scope_stay_and_cannot_be_removed(shop, lamp):
    tools, clothing, drills = make.category("tools"), make.category("clothing"), make.category("drills")
    for each in (tools, clothing):
        CategoryProduct.objects.create(product=lamp, category=each)
    client = limited(tools, drills)
    html = client.get(page(lamp)).content.decode()
    assert "1 more are outside of your categories and stay." in html
    assert "clothing" not in html
    send(client, lamp, categories=[drills.pk])
    assert sorted(lamp.category_links.values_list("category__key", flat=True)) == ["clothing", "drills"]


def test_within_a_scope_one_of_its_categories_is_needed(shop, lamp):
    tools, clothing = make.category("tools"), make.category("clothing")
    for each in (tools, clothing):
        CategoryProduct.objects.create(product=lamp, category=each)
    client = limited(tools)
    response = send(client, lamp, categories=None)
    assert problems(response) == ["Categories: Choose at least one of your categories."]
    foreign = send(client, lamp, categories=[clothing.pk])
    assert problems(foreign) == ["Categories: Choose at least one of your categories."]
    assert lamp.category_links.count() == 2


# --- the table of variants -----------------------------------------------------------------------


def shown_skus(response) -> list[str]:
    (tab,) = [tab for tab in response.context["page"].tabs if tab.key == "variants"]
    return [row.sku for row in tab.table.page.rows]


def test_a_thousand_variants_cost_what_one_costs(client, shop, lamp, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(page(lamp))
    with CaptureQueriesContext(connection) as one:
        client.get(page(lamp))
    Variant.objects.bulk_create(
        [Variant(product=lamp, sku=f"many-{n:04}", name={"en_US": "Many"}) for n in range(1000)]
    )
    with django_assert_num_queries(len(one)):
        response = client.get(page(lamp))
    assert shown_skus(response)[:2] == ["lamp-1", "many-0000"]
    assert "1,001" in response.content.decode()


def test_variants_are_searched_sorted_and_paged(client, shop, lamp):
    window = {"valid_from": datetime.datetime(2031, 1, 10, 12, tzinfo=datetime.UTC)}
    make.variant("arc-red", product=lamp, name="Red one", **window)
    make.variant("arc-blue", product=lamp, name="Blue one")
    make.variant("other")
    assert shown_skus(client.get(page(lamp))) == ["arc-blue", "arc-red", "lamp-1"]
    assert shown_skus(client.get(page(lamp) + "?q=red+one")) == ["arc-red"]
    assert shown_skus(client.get(page(lamp) + "?q=2031-01-10")) == ["arc-red"]
    assert shown_skus(client.get(page(lamp) + "?o=-id"))[0] == "arc-blue"
    assert shown_skus(client.get(page(lamp) + "?o=valid_from&list=q%3Dlamp"))[0] == "arc-red"
    assert shown_skus(client.get(page(lamp) + "?q=nothing")) == []


def test_a_switch_in_the_table_leads_back_to_it(client, shop, lamp):
    variant = lamp.variants.get()
    assert f"/products/variant/{variant.pk}/activate/?of=product" in client.get(page(lamp)).content.decode()
    response = client.post(f"/products/variant/{variant.pk}/activate/?of=product")
    assert response.url == page(lamp) + "#variants"
    variant.refresh_from_db()
    assert variant.is_active


# --- pictures ------------------------------------------------------------------------------------


def test_pictures_on_the_form_bring_readiness_in_line(client, shop, lamp):
    from catalog.products.readiness import storing

    storing.refresh([lamp.pk])
    assert "no_image" in ReadinessCodes.objects.get().codes
    values = untouched(client, page(lamp))
    large = next(name for name in values if name.endswith("-url_large"))
    urls = {large: "/l.jpg", large.replace("url_large", "url_small"): "/s.jpg"}
    assert client.post(page(lamp), values | urls).status_code == 302
    assert lamp.image_set_links.get().image_set.images.count() == 1
    assert "no_image" not in ReadinessCodes.objects.get().codes


# --- who may -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "view", "edit"), [("Inventory Manager", 200, 403), ("Customer Service", 200, 403)]
)
def test_who_may_only_look_is_refused_at_the_form(shop, lamp, role, view, edit):
    client = Client()
    client.force_login(make.user(roles=[role]))
    assert client.get(f"{LIST}{lamp.pk}/").status_code == view
    assert client.get(page(lamp)).status_code == edit
    assert client.post(page(lamp), {"name.en_US": "Hers"}).status_code == edit
    lamp.refresh_from_db()
    assert lamp.name["en_US"] == "Lamp Arc"


@pytest.mark.parametrize("deed", ["activate", "deactivate", "discontinue", "restore"])
def test_a_get_never_changes_anything(client, shop, lamp, deed):
    variant = lamp.variants.get()
    before = ChangeSet.objects.count()
    assert client.get(f"/products/variant/{variant.pk}/{deed}/").status_code in {200, 405}
    assert ChangeSet.objects.count() == before


# --- deleting ------------------------------------------------------------------------------------


@pytest.fixture
def boss(client, shop):
    client.force_login(make.superuser())
    return client


def delete(client, record):
    url = f"/products/{record._meta.model_name}/{record.pk}/delete/"
    return client.post(url, {"_version": str(type(record).objects.get(pk=record.pk).version)})


def forbidding(response) -> dict[str, int]:
    assert response.status_code == 200
    return {line.label: line.count.number for line in response.context["touched"] if line.forbids}


def test_a_product_that_was_ever_active_is_not_deleted(boss, shop, lamp):
    activate(lamp)
    with recording("action") as recorder:
        status.deactivate(lamp.variants.values_list("pk", flat=True), recorder=recorder)
    assert forbidding(delete(boss, lamp)) == {"Variants that were active": 1}
    assert forbidding(delete(boss, lamp.variants.get())) == {"Variants that were active": 1}
    assert Product.objects.filter(pk=lamp.pk).exists()


def test_every_blocker_is_listed(boss, shop, lamp):
    variant = lamp.variants.get()
    other = make.variant("kit")
    make.bundle("box", components={variant: 2})
    ProductAlternative.objects.create(variant=other, alternative_product=lamp)
    ProductAlternative.objects.create(variant=other, alternative_variant=variant)
    assert forbidding(delete(boss, lamp)) == {"Alternatives": 1, "Bundle components": 1}
    assert forbidding(delete(boss, variant)) == {"Alternatives": 1, "Bundle components": 1}
    assert Product.objects.filter(pk=lamp.pk).exists()


def test_blockers_are_named_with_links_and_derived_rows_are_not_told(boss, shop, lamp):
    variant = lamp.variants.get()
    kits = [make.bundle(f"box-{number:02}", components={variant: 2}) for number in range(12)]
    response = boss.get(f"/products/variant/{variant.pk}/delete/")
    [line] = [line for line in response.context["touched"] if line.forbids]
    assert [each.name for each in line.examples] == [f"box-{number:02}" for number in range(10)]
    text = response.content.decode()
    assert f'<a href="/products/variant/{kits[0].pk}/">box-00</a>' in text
    assert "and 2 more" in text
    storing.refresh([lamp.pk])
    assert lamp.readiness.exists()
    text = boss.get(f"/products/product/{lamp.pk}/delete/").content.decode()
    assert "eadiness" not in text.partition("What is affected")[2]
    text = boss.get(f"/taxes/taxset/{lamp.tax_set_id}/delete/").content.decode()
    assert f'<a href="/products/product/{lamp.pk}/">lamp</a>' in text


def test_a_mistake_goes_with_its_own_records_and_undo_brings_them_back(boss, shop, lamp):
    variant = lamp.variants.get()
    twin = make.variant("lamp-2", product=lamp)
    ProductAlternative.objects.create(variant=variant, alternative_variant=twin)
    make.product_group("lamps", products=[lamp])
    lamp.category_links.create(category=make.category("lighting"), product_order=4)
    image_set = ImageSet.objects.create(name="default")
    ImageInSet.objects.create(
        image_set=image_set, image=Image.objects.create(key="one", url_small="/s.jpg", url_large="/l.jpg")
    )
    ProductImageSet.objects.create(product=lamp, image_set=image_set, name="default")
    send(boss, lamp, **{"paths.en_US": "/en/our-arc"})
    assert delete(boss, lamp).url == LIST
    assert [m.objects.count() for m in (Product, Variant, ProductAlternative, Url, Image)] == [0, 0, 0, 0, 0]
    undone(make.superuser())
    again = Product.objects.get(pk=lamp.pk)
    assert sorted(again.variants.values_list("sku", flat=True)) == ["lamp-1", "lamp-2"]
    assert again.category_links.get().product_order == 4
    assert again.group_links.get().group.key == "lamps"
    assert again.image_set_links.get().image_set.images.get().key == "one"
    assert paths(again) == {"en_US": "/en/our-arc"}
    assert ProductAlternative.objects.get().alternative_variant_id == twin.pk


def test_a_variant_goes_alone(boss, shop, lamp):
    twin = make.variant("lamp-2", product=lamp)
    assert delete(boss, twin).status_code == 302
    assert list(lamp.variants.values_list("sku", flat=True)) == ["lamp-1"]


def test_nobody_but_a_superuser_is_offered_the_deletion(client, shop, lamp):
    assert "/delete/" not in client.get(page(lamp)).content.decode()
    assert delete(client, lamp).status_code == 403
    assert "delete" not in {deed.name for deed in client.get(LIST).context["screen"].bulk}


# --- looking -------------------------------------------------------------------------------------


def test_the_page_lists_groups_uses_and_addresses(client, shop, lamp):
    bulb = make.product("bulb", name="Bulb")
    make.product_group("lights", products=[bulb, lamp])
    ProductAlternative.objects.create(variant=make.variant("old-lamp"), alternative_product=lamp)
    make.bundle("lamp-kit", components={lamp.variants.get(): 1})
    activate(lamp)
    html = client.get(f"{LIST}{lamp.pk}/").content.decode()
    for text in ("Bulb", "lights", "old-lamp", "replacement for", "lamp-kit", f"/en/lamp-arc-{lamp.pk}"):
        assert text in html


def test_a_page_that_is_a_tab_of_the_form_is_named_once(client, shop, lamp):
    html = client.get(page(lamp)).content.decode()
    assert html.count(f'href="{LIST}{lamp.pk}/attributes/"') == 0
    assert html.count('href="#attributes"') == 1
    assert f'href="{page(lamp)}#attributes"' in client.get(f"{LIST}{lamp.pk}/").content.decode()


def test_former_addresses_stand_on_the_seo_tab_and_changes_on_the_page(client, shop, lamp):
    activate(lamp)
    former = paths(lamp)["en_US"]
    send(client, lamp, **{"paths.en_US": "/en/our-arc"})
    form = client.get(page(lamp)).content.decode()
    table = form.partition("Former addresses")[2].partition("</table>")[0]
    assert former in table
    assert "/en/our-arc" in table
    view = client.get(f"{LIST}{lamp.pk}/").content.decode()
    assert "<ins>/en/our-arc</ins>" in view.partition("Last changes")[2]


def test_a_heading_of_the_variants_sorts_within_the_form(client, shop, lamp):
    html = client.get(page(lamp) + "?q=lamp").content.decode()
    sorting = re.findall(r'<a href="([^"]+)" data-part-link>\s*(\w+)', html)
    assert ("?q=lamp&amp;o=-sku#variants", "SKU") in sorting
