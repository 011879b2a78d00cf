"""The form of a variant: its fields, phase-out, alternatives, inherited texts and pictures (products 9, 13 to 15,
26.8, 26.13 to 26.15)."""

import datetime
import re

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.accounts import scopes
from backoffice.history.models import Change, ChangeSet
from catalog.categories.scope import KIND
from catalog.images.models import Image, ImageInSet, ImageSet
from catalog.products import composing, discontinuing, replacing
from catalog.products.composing import Component
from catalog.products.models import (
    Discontinued,
    ProductAlternative,
    ProductImageSet,
    ReadinessCodes,
    Variant,
)
from tests import make
from tests.catalog.sending import untouched
from tests.catalog.wizard import problems, undone

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
LIST = "/products/variant/"
NAMES = {"en_US": "Chair", "de_DE": "Stuhl"}


@pytest.fixture
def chair(shop) -> Variant:
    product = make.product("chair", name=NAMES, description={"en_US": "<p>Folds</p>"}, stores=[shop["store"]])
    return make.variant(
        "chair-fold",
        product=product,
        name=NAMES,
        attributes={"color": "red", "weight": "2"},
        is_searchable={"en_US": False, "de_DE": False},
    )


def page(variant) -> str:
    return f"{LIST}{variant.pk}/change/"


def send(client, variant, **changes):
    values = untouched(client, page(variant)) | changes
    return client.post(page(variant), {name: v for name, v in values.items() if v is not None})


def messages_of(client, response) -> str:
    return client.get(response.url).content.decode()


def today() -> datetime.date:
    return discontinuing.today()


# --- general -------------------------------------------------------------------------------------


def test_sku_and_super_values_are_read_only_and_the_page_says_why(client, chair):
    html = client.get(page(chair)).content.decode()
    assert 'name="sku"' not in html
    assert "These values never change after creation." in html
    send(client, chair, **{"sku": "x", "attributes": "{}", "product": "1", "name.en_US": "Folding chair"})
    chair.refresh_from_db()
    assert (chair.sku, chair.attributes, chair.name["en_US"]) == (
        "chair-fold",
        {"color": "red", "weight": "2"},
        "Folding chair",
    )


def test_saving_unchanged_is_a_success_and_leaves_no_entry(client, chair):
    now = timezone.now().replace(second=42, microsecond=7)
    Variant.objects.filter(pk=chair.pk).update(
        valid_from=now, gtin="2000000000015", description={"en_US": "<p>A &amp; b"}
    )
    before = ChangeSet.objects.count()
    response = send(client, chair)
    assert response.status_code == 302
    assert "Nothing changed." in messages_of(client, response)
    assert ChangeSet.objects.count() == before
    chair.refresh_from_db()
    assert chair.valid_from == now


def test_all_fields_are_saved_in_one_entry(client, chair):
    send(
        client,
        chair,
        **{
            "description.de_DE": "<p>Klappt<script>x</script></p>",
            "is_searchable": ["de_DE"],
            "is_quantity_splittable": None,
            "gtin": "2000 0000 0001 5",
            "valid_from": "2031-01-10T08:30",
            "valid_to": "2031-02-10T08:30",
        },
    )
    chair.refresh_from_db()
    assert chair.description == {"de_DE": "<p>Klappt</p>"}
    assert chair.is_searchable == {"en_US": False, "de_DE": True}
    assert (chair.is_quantity_splittable, chair.gtin) == (False, "2000000000015")
    assert timezone.localtime(chair.valid_from).isoformat()[:16] == "2031-01-10T08:30"
    assert Change.objects.get(change_set=ChangeSet.objects.latest("pk")).object_id == chair.pk


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"gtin": "200000000001"}, "GTIN: The check digit is wrong"),
        ({"gtin": "4.00E+12"}, "GTIN: A spreadsheet has shortened this number."),
        ({"gtin": "2000000000022"}, "GTIN: The variant other has this GTIN."),
        ({"name.de_DE": ""}, "Name: Type a text for DE."),
        (
            {"valid_from": "2031-01-10T08:30", "valid_to": "2031-01-10T08:30"},
            "Valid to: “Valid to” must be after “valid from”.",
        ),
    ],
)
def test_what_the_form_refuses(client, chair, typed, problem):
    make.variant("other", gtin="2000000000022")
    before = ChangeSet.objects.count()
    (told,) = problems(send(client, chair, **typed))
    assert told.startswith(problem)
    assert ChangeSet.objects.count() == before


def test_searchable_counts_for_readiness_at_once(client, chair):
    send(client, chair, **{"name.en_US": "Seat"})
    assert "not_searchable" in ReadinessCodes.objects.get().codes
    send(client, chair, is_searchable=["en_US", "de_DE"])
    assert "not_searchable" not in ReadinessCodes.objects.get().codes


def test_switched_on_before_its_window_it_is_live_from_that_minute(client, chair):
    start = timezone.now().replace(second=0, microsecond=0) + datetime.timedelta(days=1)
    send(client, chair, valid_from=timezone.localtime(start).strftime("%Y-%m-%dT%H:%M"))
    client.post(f"{LIST}{chair.pk}/activate/")
    just_before = start - datetime.timedelta(seconds=1)
    assert not Variant.objects.live(just_before).filter(pk=chair.pk).exists()
    assert Variant.objects.live(start).filter(pk=chair.pk).exists()
    client.post(f"{LIST}{chair.pk}/deactivate/")
    assert not Variant.objects.live(start).filter(pk=chair.pk).exists()


def test_two_people_change_the_same_fields(client, chair):
    ben = Client()
    ben.force_login(make.user("ben@example.com", roles=["Category Manager"]))
    mine = untouched(ben, page(chair))
    send(client, chair, is_searchable=["en_US"], valid_to="2031-01-10T08:30", gtin="2000000000015")
    typed = {"is_searchable": ["de_DE"], "valid_to": "2031-03-10T08:30", "name.en_US": "Seat"}
    response = ben.post(page(chair), mine | typed)
    assert response.status_code == 409
    told = {each.name: (each.theirs, each.mine) for each in response.context["page"].conflicts}
    assert told == {"valid_to": ("10 Jan 2031, 08:30", "10 Mar 2031, 08:30")}
    choice = {"_keep.valid_to": "theirs", "_version": str(Variant.objects.get(pk=chair.pk).version)}
    assert (
        ben.post(page(chair), mine | typed | {"is_searchable": ["en_US", "de_DE"]} | choice).status_code
        == 302
    )
    chair.refresh_from_db()
    assert timezone.localtime(chair.valid_to).isoformat()[:16] == "2031-01-10T08:30"
    assert (chair.is_searchable, chair.name["en_US"]) == ({"en_US": True, "de_DE": True}, "Seat")


def test_a_time_counts_as_untouched_in_every_time_zone(client, chair):
    ben = Client()
    ben.force_login(make.user("ben@example.com", roles=["Category Manager"], time_zone="America/New_York"))
    Variant.objects.filter(pk=chair.pk).update(
        valid_from=datetime.datetime(2031, 1, 10, 12, tzinfo=datetime.UTC)
    )
    mine = untouched(ben, page(chair))
    assert mine["valid_from"] == ["2031-01-10T07:00"]
    send(client, chair, valid_from="2031-01-11T12:00")
    assert ben.post(page(chair), mine | {"name.en_US": "Seat"}).status_code == 302
    chair.refresh_from_db()
    assert (chair.valid_from.day, chair.name["en_US"]) == (11, "Seat")
    late = untouched(ben, page(chair)) | {"valid_from": "2031-02-01T07:00"}
    send(client, chair, valid_from="2031-03-01T12:00")
    (conflict,) = ben.post(page(chair), late).context["page"].conflicts
    assert (conflict.theirs, conflict.mine) == ("1 Mar 2031, 07:00", "1 Feb 2031, 07:00")


def test_flags_and_gtin_that_only_the_other_changed_stay(client, chair):
    ben = Client()
    ben.force_login(make.user("ben@example.com", roles=["Category Manager"]))
    mine = untouched(ben, page(chair))
    send(client, chair, is_searchable=["en_US"], valid_to="2031-01-10T08:30", gtin="2000000000015")
    assert ben.post(page(chair), mine | {"name.en_US": "Seat"}).status_code == 302
    chair.refresh_from_db()
    assert chair.is_searchable == {"en_US": True, "de_DE": False}
    assert (chair.gtin, chair.name["en_US"]) == ("2000000000015", "Seat")
    assert timezone.localtime(chair.valid_to).isoformat()[:16] == "2031-01-10T08:30"
    fields = Change.objects.get(change_set=ChangeSet.objects.latest("pk")).fields
    assert set(fields) == {"name.en_US"}


# --- inherited -----------------------------------------------------------------------------------


def test_an_inherited_description_is_shown_as_such(client, chair):
    html = client.get(page(chair)).content.decode()
    assert "Inherited from the product:" in html
    assert 'data-fill-with="&lt;p&gt;Folds&lt;/p&gt;"' in html
    send(client, chair, **{"description.en_US": "<p>Own</p>"})
    assert "Own description. From the product:" in client.get(page(chair)).content.decode()


@pytest.fixture
def pictured(chair):
    image_set = ImageSet.objects.create(name="default")
    image = Image.objects.create(key="one", url_small="/s.jpg", url_large="/l.jpg")
    ImageInSet.objects.create(image_set=image_set, image=image, sort_order=3)
    ProductImageSet.objects.create(product=chair.product, image_set=image_set, name="default")
    return chair


def test_inherited_pictures_become_own_ones_and_go_again(client, pictured):
    assert "From the product" in client.get(page(pictured)).content.decode()
    send(client, pictured, **{"media.inherit": "override"})
    own = pictured.image_set_links.get().image_set
    assert [place.image.key for place in own.places.all()] == ["one"]
    assert Image.objects.count() == 1
    send(client, pictured, **{"media.inherit": "reset"})
    assert not pictured.image_set_links.exists()
    assert Image.objects.count() == 1


# --- discontinue ---------------------------------------------------------------------------------


def test_discontinuing_takes_the_default_day_and_the_bundles_along(client, chair):
    kit = make.bundle("desk-kit", components={chair: 2})
    url = f"{LIST}{chair.pk}/discontinue/"
    values = {"active_until": discontinuing.default_day().isoformat(), "note.en_US": "Sold out"}
    asked = client.post(url, values)
    assert asked.status_code == 200
    assert "desk-kit" in asked.content.decode()
    assert not Discontinued.objects.exists()
    response = client.post(url, values | {"_sure": "1"})
    assert response.url == page(chair) + "#discontinue"
    held = Discontinued.objects.get(variant=chair)
    assert (held.active_until, held.note) == (today() + datetime.timedelta(days=180), {"en_US": "Sold out"})
    assert Discontinued.objects.filter(variant=kit).exists()
    html = client.get(page(chair)).content.decode()
    assert "181 days left, today included" in html
    assert 'form="discontinue-form"' not in html


def test_discontinued_twice_is_an_error_and_changes_nothing(client, chair):
    url = f"{LIST}{chair.pk}/discontinue/"
    client.post(url, {"active_until": "2031-06-30"})
    response = client.post(url, {"active_until": "2032-06-30", "_sure": "1"})
    assert "It is discontinued already." in messages_of(client, response)
    assert Discontinued.objects.get().active_until == datetime.date(2031, 6, 30)


def test_a_day_in_the_past_is_refused(client, chair):
    yesterday = (today() - datetime.timedelta(days=1)).isoformat()
    response = client.post(f"{LIST}{chair.pk}/discontinue/", {"active_until": yesterday})
    assert "This day is over. Choose today or a later one." in response.content.decode()
    assert not Discontinued.objects.exists()
    Discontinued.objects.create(variant=chair, active_until=today())
    assert problems(send(client, chair, active_until=yesterday)) == [
        "Active until: This day is over. Choose today or a later one."
    ]


def test_a_bundle_is_not_restored_before_its_component(client, chair):
    kit = make.bundle("desk-kit", components={chair: 2})
    client.post(f"{LIST}{chair.pk}/discontinue/", {"active_until": "2031-06-30", "_sure": "1"})
    refused = client.post(f"{LIST}{kit.pk}/restore/")
    assert "Its component chair-fold is discontinued. Restore that first." in messages_of(client, refused)
    client.post(f"{LIST}{chair.pk}/restore/")
    client.post(f"{LIST}{kit.pk}/restore/")
    assert not Discontinued.objects.exists()


def test_after_the_last_day_it_is_not_live_and_the_note_is_still_there(client, chair):
    Variant.objects.filter(pk=chair.pk).update(is_active=True)
    Discontinued.objects.create(
        variant=chair, active_until=today() - datetime.timedelta(days=1), note={"en_US": "Sold out"}
    )
    assert not Variant.objects.live().filter(pk=chair.pk).exists()
    assert "Sold out" in client.get(f"{LIST}{chair.pk}/").content.decode()
    html = client.get(page(chair)).content.decode()
    assert "The last day is over: it is not live." in html
    assert send(client, chair, **{"note.de_DE": "Ausverkauft"}).status_code == 302
    assert Discontinued.objects.get().note == {"en_US": "Sold out", "de_DE": "Ausverkauft"}


def test_day_and_note_are_saved_with_the_form_and_undone_with_it(client, chair):
    Discontinued.objects.create(variant=chair, active_until=today(), note={"en_US": "Sold out"})
    send(client, chair, **{"active_until": "2031-06-30", "name.en_US": "Seat"})
    assert Discontinued.objects.get().active_until == datetime.date(2031, 6, 30)
    assert undone(make.superuser())["restored"] == 2
    assert Discontinued.objects.get().active_until == today()


def test_two_people_change_the_note(client, chair):
    Discontinued.objects.create(variant=chair, active_until=today(), note={"en_US": "Sold out"})
    ben = Client()
    ben.force_login(make.user("ben@example.com", roles=["Category Manager"]))
    mine = untouched(ben, page(chair))
    send(client, chair, **{"note.en_US": "Gone", "active_until": "2031-06-30"})
    response = ben.post(page(chair), mine | {"note.en_US": "Finished"})
    assert response.status_code == 409
    (conflict,) = response.context["page"].conflicts
    assert (conflict.name, conflict.theirs, conflict.mine) == ("note.en_US", "Gone", "Finished")
    choice = {"_keep.note.en_US": "mine", "_version": str(Variant.objects.get(pk=chair.pk).version)}
    again = mine | {"note.en_US": "Finished", "active_until": "2031-06-30"} | choice
    assert ben.post(page(chair), again).status_code == 302
    held = Discontinued.objects.get()
    assert (held.note, held.active_until) == ({"en_US": "Finished"}, datetime.date(2031, 6, 30))


def test_a_form_opened_before_the_phase_out_leaves_it_alone(client, chair):
    values = untouched(client, page(chair))
    Discontinued.objects.create(variant=chair, active_until=today())
    assert client.post(page(chair), values | {"name.en_US": "Seat"}).status_code == 302
    assert Discontinued.objects.get().active_until == today()


def test_who_may_not_discontinue_reads_only(shop, chair):
    client = Client()
    rights = ["products.view_product", "products.change_product"]
    client.force_login(make.user(roles=[make.role(rights=rights)]))
    assert "Active until" not in client.get(page(chair)).content.decode()
    Discontinued.objects.create(variant=chair, active_until=today(), note={"en_US": "Sold out"})
    html = client.get(page(chair)).content.decode()
    assert "Sold out" in html
    assert 'name="active_until"' not in html
    send(client, chair, **{"active_until": "2031-06-30", "name.en_US": "Seat"})
    assert Discontinued.objects.get().active_until == today()
    assert client.post(f"{LIST}{chair.pk}/restore/").status_code == 403


# --- alternatives --------------------------------------------------------------------------------


def hits(client, variant, text) -> list[str]:
    answer = client.get(f"{LIST}{variant.pk}/alternatives/", {"q": text})
    return [hit["name"] for hit in answer.json()["hits"]]


def test_alternatives_are_suggested_from_three_letters_without_itself(client, chair):
    stool = make.product("stool", name="Chair without back")
    make.variant("stool-red", product=stool, name="Red chair")
    assert hits(client, chair, "ch") == []
    assert hits(client, chair, "cha") == [
        "Chair without back (sku: stool) · Product",
        "Red chair (sku: stool-red) · Variant",
    ]


def test_products_and_variants_stand_in_and_are_removed(client, chair):
    stool = make.product("stool", name="Stool", categories=[make.category("seats", name="Seats")])
    bench = make.variant("bench-1", name="Bench", product=make.product("bench"))
    send(client, chair, **{"alternatives.add": "stool, bench-1"})
    html = client.get(page(chair)).content.decode()
    assert html.index(">Stool</a>") < html.index(">Bench</a>")
    assert "Seats" in html
    found = {(each.alternative_product, each.alternative_variant) for each in chair.alternatives.all()}
    assert found == {(stool, None), (None, bench)}
    gone = chair.alternatives.get(alternative_variant=bench)
    send(client, chair, **{"alternatives.gone": [gone.pk]})
    assert chair.alternatives.get().alternative_product == stool
    assert "replacement for" in client.get(f"/products/product/{stool.pk}/").content.decode()
    undone(make.superuser())
    assert chair.alternatives.count() == 2


def test_a_sku_of_both_means_the_product_and_a_chosen_variant_the_variant(client, chair):
    both = make.variant("mug-classic")
    send(client, chair, **{"alternatives.add": "mug-classic"})
    assert chair.alternatives.get().alternative_product == both.product
    send(client, chair, alternatives=[f"variant:{both.pk}"])
    assert chair.alternatives.filter(alternative_variant=both).exists()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("nope-1", "There is no product and no variant with the SKU “nope-1”."),
        ("chair-fold", "“chair-fold” is this variant itself. Choose another one."),
        ("chair", "“chair” is the variant's own product. Choose another one."),
        ("stool", "“stool” is an alternative already."),
    ],
)
def test_what_stands_in_for_nothing(client, chair, typed, problem):
    stool = make.product("stool")
    ProductAlternative.objects.create(variant=chair, alternative_product=stool)
    response = send(client, chair, **{"alternatives.add": typed, "name.en_US": "Seat"})
    assert problems(response) == [problem]
    assert f'value="{typed}"' in response.content.decode()
    chair.refresh_from_db()
    assert chair.name["en_US"] == "Chair"
    assert chair.alternatives.count() == 1


@pytest.mark.parametrize(
    "sent", ["²", "99999999999999999999999", "-1", "x", "x\x00", "product:²", "variant:9" + "9" * 30]
)
def test_odd_ids_break_nothing(client, chair, sent):
    response = send(
        client, chair, **{"alternatives": [sent], "alternatives.gone": [sent], "name.en_US": "Seat"}
    )
    assert response.status_code == 200
    assert problems(response) == [f"There is no product and no variant with the SKU “{sent}”."]
    assert send(client, chair, **{"alternatives.gone": [sent], "name.en_US": "Seat"}).status_code == 302


def test_suggestions_and_skus_obey_the_category_scope(shop, chair):
    tools, clothing = make.category("tools"), make.category("clothing")
    chair.product.category_links.create(category=tools)
    make.product("jacket", categories=[clothing], variants=1)
    user = make.user("lim@example.com", roles=["Category Manager"])
    scopes.limit(user, KIND, [tools])
    client = Client()
    client.force_login(user)
    assert hits(client, chair, "jacket") == []
    response = send(client, chair, **{"alternatives.add": "jacket"})
    assert problems(response) == ["There is no product and no variant with the SKU “jacket”."]
    assert replacing.suggest("jacket", make.superuser()) != []


# --- looking -------------------------------------------------------------------------------------


def test_the_page_tells_what_it_is_made_of_and_what_uses_it(client, chair):
    from backoffice.history.recording import recording

    lamp = make.variant("lamp-1", name="Lamp")
    with recording("action") as recorder:
        composing.compose(chair, [Component(lamp.pk, 4)], recorder=recorder)
    ProductAlternative.objects.create(variant=make.variant("old-chair"), alternative_variant=chair)
    html = client.get(f"{LIST}{chair.pk}/").content.decode()
    for text in (
        "Components",
        "lamp-1",
        "old-chair",
        "replacement for",
        "red",
        "Description, from the product",
    ):
        assert text in html
    assert "chair-fold" in client.get(f"{LIST}{lamp.pk}/").content.decode()


# --- switched on and off -------------------------------------------------------------------------


def test_switches_in_the_head_of_the_form_lead_back_to_it(client, chair):
    shown = client.get(page(chair) + "?list=q%3Dchair").content.decode()
    address = re.search(rf'action="(/products/variant/{chair.pk}/(?:de)?activate/[^"]*)"', shown)[1]

    done = client.post(address.replace("&amp;", "&"), {"_sure": "1"})

    assert done.headers["Location"] == page(chair) + "?list=q%3Dchair"


def test_switches_in_the_head_of_the_view_lead_back_to_it(client, chair):
    view = f"/products/variant/{chair.pk}/"
    address = re.search(rf'action="({view}(?:de)?activate/[^"]*)"', client.get(view).content.decode())[1]

    assert client.post(address, {"_sure": "1"}).headers["Location"] == view


def test_who_has_a_gtin_is_named_with_a_link(client, chair):
    other = make.variant("other", gtin="2000000000022")
    page = send(client, chair, gtin="2000000000022").content.decode()
    assert f'<a href="/products/variant/{other.pk}/">other</a>' in page


def test_what_is_cleaned_out_of_a_text_is_told_once(client, chair):
    typed = '<p>Seat<img src="data:x"><a href="javascript:x()">go</a></p>'
    page = client.get(send(client, chair, **{"description.de_DE": typed}).url).content.decode()
    chair.refresh_from_db()
    assert chair.description["de_DE"] == "<p>Seatgo</p>"
    told = "Description: taken out, because a text may not hold it: &lt;img src=data:x&gt;, "
    assert page.count(told + "&lt;a href=javascript:x()&gt;") == 1


def test_restoring_a_component_names_the_bundles_that_are_left(client, chair):
    kit = make.bundle("kit", components={chair: 1})
    client.post(f"/products/variant/{chair.pk}/discontinue/", {"_sure": "1", "active_until": "2099-01-01"})
    page = client.post(f"/products/variant/{chair.pk}/restore/", follow=True).content.decode()
    link = f'<a href="/products/variant/{kit.pk}/change/#discontinue">kit</a>'
    assert f"Still discontinued are the bundles with it: {link}." in page


def test_a_saved_variant_is_told_by_its_sku(client, chair):
    response = send(client, chair, gtin="", **{"name.en_US": "Stool"})
    assert ">Stool (chair-fold)</a> was saved." in messages_of(client, response)
