"""The product picker, seen on the form of a bundle: searches, ticks over pages, pasted SKUs, boxes, what others saved
meanwhile (issue 4, products 12.1 to 12.5)."""

import re
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.accounts import scopes
from backoffice.history.models import Change
from backoffice.history.recording import recording
from catalog.categories.scope import KIND
from catalog.products import bundle_tab, composing
from catalog.products.models import BundleItem, Variant
from catalog.products.picker import Extra, add_column, declaring, pasting
from tests import make
from tests.catalog.boxes import boxes, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.superuser(content_locale="en_US"))
    return client


@pytest.fixture
def kit() -> Variant:
    return make.variant("desk-kit", name="Desk kit")


def form_of(variant: Variant) -> str:
    return f"/products/variant/{variant.pk}/change/"


def parts(variant: Variant) -> dict[str, int]:
    """The stored composition by SKU."""
    return dict(BundleItem.objects.filter(bundle=variant).values_list("item__sku", "quantity"))


def offered(page: HttpResponse) -> list[str]:
    """The SKUs that can be ticked, in order."""
    return re.findall(r'name="components-tick".*?aria-label="[^"]*, ([^"]+)"', page.content.decode(), re.S)


def ticked(*variants: Variant) -> list[str]:
    return [str(each.pk) for each in variants]


def test_a_ticked_row_becomes_a_component_with_quantity_one(manager: Client, kit: Variant):
    chair = make.variant("chair-fold", name="Folding chair")

    page = manager.get(form_of(kit))
    assert offered(page) == []
    found = send(manager, page, "components-go", "find", **{"components-q": "folding"})
    assert offered(found) == ["chair-fold"]
    assert parts(kit) == {}
    saved = send(manager, found, **{"components-tick": ticked(chair)})

    assert saved.status_code == 302
    assert parts(kit) == {"chair-fold": 1}


def test_ticks_survive_new_searches_and_pages(manager: Client, kit: Variant):
    chairs = [make.variant(f"chair-{n:02}") for n in range(25)]
    lamp = make.variant("lamp", name="Arc lamp")

    page = send(manager, manager.get(form_of(kit)), "components-go", "find", **{"components-q": "chair"})
    assert offered(page) == [f"chair-{n:02}" for n in range(20)]
    mark = re.search(r'value="(after:[^"]+)"', page.content.decode())[1]
    page = send(manager, page, "components-go", mark, **{"components-tick": ticked(chairs[0], chairs[3])})
    assert offered(page) == [f"chair-{n:02}" for n in range(20, 25)]
    page = send(
        manager,
        page,
        "components-go",
        "find",
        **{"components-tick": ticked(chairs[24]), "components-q": "arc"},
    )
    assert offered(page) == ["lamp"]
    page = send(manager, page, "components-go", "keep", **{"components-tick": ticked(lamp)})
    assert boxes(page)["components-chosen"] == [",".join(ticked(chairs[0], chairs[3], chairs[24], lamp))]
    page = send(manager, page, "components-go", "find", **{"components-q": "chair"})
    send(manager, page, **{"components-tick": ticked(chairs[3])})

    assert parts(kit) == {"chair-03": 1, "chair-24": 1, "lamp": 1}


def test_quantities_are_typed_and_kept_while_one_looks_around(manager: Client, kit: Variant):
    chair, desk = make.variant("chair-fold"), make.variant("desk-oak")
    kit = make.bundle("set", components={desk: 1, chair: 2})

    page = manager.get(form_of(kit))
    quantity = f"components-quantity.{chair.pk}"
    assert boxes(page)[quantity] == ["2"]
    page = send(manager, page, "components-go", "find", **{quantity: "4"})
    assert boxes(page)[quantity] == ["4"]
    send(manager, page)

    assert parts(kit) == {"desk-oak": 1, "chair-fold": 4}
    told = Change.objects.get(object_id=kit.pk, object_type="products.variant").fields
    assert list(told) == ["components"]


@pytest.mark.parametrize("typed", ["0", "-1", "1.5", "many", ""])
def test_a_quantity_is_a_whole_number_from_one(manager: Client, typed: str):
    chair = make.variant("chair-fold")
    kit = make.bundle("set", components={chair: 2})

    page = send(manager, manager.get(form_of(kit)), **{f"components-quantity.{chair.pk}": typed})

    assert "Quantity: Type a whole number from 1." in page.content.decode()
    assert parts(kit) == {"chair-fold": 2}


def test_a_component_is_removed_by_its_button_once_the_form_is_saved(manager: Client):
    chair, desk = make.variant("chair-fold"), make.variant("desk-oak")
    kit = make.bundle("set", components={desk: 1, chair: 2})

    page = send(manager, manager.get(form_of(kit)), "components-go", f"drop:{chair.pk}")
    assert parts(kit) == {"desk-oak": 1, "chair-fold": 2}
    send(manager, page)

    assert parts(kit) == {"desk-oak": 1}


def test_typed_values_of_other_tabs_survive_a_search(manager: Client, kit: Variant):
    page = send(manager, manager.get(form_of(kit)), "components-go", "find", **{"name.en_US": "Desk set"})

    assert boxes(page)["name.en_US"] == ["Desk set"]
    assert Variant.objects.get(pk=kit.pk).name == {"en_US": "Desk kit"}


def test_enter_in_the_search_searches_and_saves_nothing(manager: Client, kit: Variant):
    make.variant("chair-fold")

    page = send(manager, manager.get(form_of(kit)), "_save", "enter", **{"components-q": "chair"})

    assert offered(page) == ["chair-fold"]
    assert send(manager, page, "_save", "enter").status_code == 302


# --- what is offered -----------------------------------------------------------------------------


def test_bundles_and_the_variant_itself_are_not_offered(manager: Client, kit: Variant):
    chair = make.variant("chair-fold")
    make.bundle("old-kit", components={chair: 1})

    page = send(manager, manager.get(form_of(kit)), "components-go", "find")

    assert offered(page) == ["chair-fold"]


def test_a_component_of_a_bundle_is_told_why_it_cannot_become_one(manager: Client):
    chair = make.variant("chair-fold")
    make.bundle("kit-a", components={chair: 1})

    page = manager.get(form_of(chair)).content.decode()

    assert "It is a component of kit-a, so it cannot become a bundle." in page
    assert "components-q" not in page


def test_a_forged_bundle_as_component_is_refused(manager: Client, kit: Variant):
    nested = make.bundle("inner", components={make.variant("chair-fold"): 1})

    page = send(manager, manager.get(form_of(kit)), **{"components-tick": ticked(nested)})

    assert "inner is a bundle itself. A bundle contains no other bundle." in page.content.decode()
    assert parts(kit) == {}


def test_the_status_narrows_what_is_offered(manager: Client, kit: Variant):
    make.variant("on", is_active=True)
    make.variant("off")

    page = send(manager, manager.get(form_of(kit)), "components-go", "find")
    page = send(manager, page, "components-go", "find", **{"components-f-status": "active"})

    assert offered(page) == ["on"]


def test_a_gtin_finds_a_row(manager: Client, kit: Variant):
    make.variant("chair-fold", gtin="2000000000015")
    make.variant("other")

    page = send(
        manager, manager.get(form_of(kit)), "components-go", "find", **{"components-q": "2000000000015"}
    )

    assert offered(page) == ["chair-fold"]


def test_only_rows_in_the_scope_are_offered_and_others_read_as_unknown(client: Client):
    tools = make.category("tools")
    drill = make.product("drill", categories=[tools], variants=2)
    foreign = make.product("jacket", variants=1).variants.get()
    user = make.user(roles=["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, [tools])
    client.force_login(user)
    kit = drill.variants.get(sku="drill-1")

    page = send(client, client.get(form_of(kit)), "components-go", "find")
    assert offered(page) == ["drill-2"]
    page = send(client, page, "components-go", "paste", **{"components-paste": "drill-2\njacket-1\nnope"})
    assert "Unknown SKUs: jacket-1, nope" in page.content.decode()
    forged = ",".join(ticked(kit, foreign))
    page = send(client, client.get(form_of(kit)), "components-go", "keep", **{"components-chosen": forged})
    assert "jacket-1" not in page.content.decode()


# --- pasted SKUs ---------------------------------------------------------------------------------


def test_pasted_skus_are_added_and_unknown_ones_named(manager: Client, kit: Variant):
    make.variant("chair-fold")
    make.variant("desk-oak")
    make.bundle("old-kit", components={make.variant("lamp"): 1})

    page = send(
        manager,
        manager.get(form_of(kit)),
        "components-go",
        "paste",
        **{"components-paste": "chair-fold\t4\r\nDESK-OAK\r\nnope-1\r\nold-kit"},
    )
    text = page.content.decode()
    assert "2 were added." in text
    assert "Unknown SKUs: nope-1" in text
    assert "old-kit is a bundle itself." in text
    assert boxes(page)["components-paste"] == ["nope-1\nold-kit"]
    refused = send(manager, page, **{"components-paste": "nope-1\nnope-2"})
    told = "These SKUs cannot be added: nope-2. Mend them, or save again to leave them out."
    assert told in refused.content.decode()
    assert boxes(refused)["components-paste"] == ["nope-1\nnope-2"]
    assert parts(kit) == {}
    send(manager, refused)

    assert parts(kit) == {"chair-fold": 4, "desk-oak": 1}


def test_the_sku_of_a_product_offers_its_variants(manager: Client, kit: Variant):
    variant = make.variant("F6002-1", product=make.product("F6002"))
    page = send(
        manager, manager.get(form_of(kit)), "components-go", "paste", **{"components-paste": "f6002\nnope"}
    )
    text = page.content.decode()
    assert "F6002 is a product; its variant is F6002-1." in text
    assert "Unknown SKUs: nope<" in text
    page = send(manager, page, "components-go", f"take:{variant.pk}")
    assert boxes(page)["components-paste"] == ["nope"]
    send(manager, page)
    assert parts(kit) == {"F6002-1": 1}


def test_a_bundle_pasted_into_itself_is_told_so(manager: Client):
    kit = make.bundle("desk-kit", components={make.variant("chair-fold"): 1})

    page = send(
        manager, manager.get(form_of(kit)), "components-go", "paste", **{"components-paste": "DESK-KIT"}
    )

    assert "A bundle cannot contain itself (DESK-KIT)." in page.content.decode()
    assert "is a bundle itself" not in page.content.decode()


def test_a_refused_save_leaves_the_form_unsaved(manager: Client, kit: Variant):
    page = send(manager, manager.get(form_of(kit)), **{"components-paste": "nope-1"})

    assert 'data-guard="1"' in page.content.decode()
    assert 'data-guard="0"' in manager.get(form_of(kit)).content.decode()


def test_skus_in_the_box_are_added_when_one_saves_at_once(manager: Client, kit: Variant):
    make.variant("chair-fold")

    send(manager, manager.get(form_of(kit)), **{"components-paste": "chair-fold"})

    assert parts(kit) == {"chair-fold": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a, b; c\nd", {"a": "", "b": "", "c": "", "d": ""}),
        ("a\t2\nb\t3", {"a": "2", "b": "3"}),
        ("000417\n000417", {"000417": ""}),
        (" \n\r\n", {}),
    ],
)
def test_pasted_text_is_read_line_by_line(text: str, found: dict[str, str]):
    assert pasting.read(text, with_value=True) == found


# --- several people, many rows -------------------------------------------------------------------


def compose(bundle: Variant, **wanted: int) -> None:
    ids = dict(Variant.objects.filter(sku__in=wanted).values_list("sku", "pk"))
    with recording("save") as recorder:
        composing.compose(
            bundle, [composing.Component(ids[sku], n) for sku, n in wanted.items()], recorder=recorder
        )


def test_components_that_somebody_else_added_meanwhile_stay(manager: Client):
    chair, desk, lamp = (make.variant(sku) for sku in ("chair", "desk", "lamp"))
    kit = make.bundle("set", components={chair: 1})

    opened = manager.get(form_of(kit))
    compose(kit, chair=1, desk=2)
    send(manager, opened, **{"components-tick": ticked(lamp)})

    assert parts(kit) == {"chair": 1, "desk": 2, "lamp": 1}
    assert desk.pk in composing.components_of([kit.pk])[kit.pk]


@pytest.mark.parametrize(("choice", "left"), [("theirs", 2), ("mine", 3)])
def test_a_quantity_that_two_people_change_is_asked_about(manager: Client, choice: str, left: int):
    chair, desk = make.variant("chair"), make.variant("desk")
    kit = make.bundle("set", components={chair: 1})
    quantity = f"components-quantity.{chair.pk}"

    opened = manager.get(form_of(kit))
    compose(kit, chair=2, desk=1)
    asked = send(manager, opened, **{quantity: "3"})
    for _press in range(2):
        assert asked.status_code == 409
        (told,) = asked.context["page"].conflicts
        assert (told.label, told.opened, told.theirs, told.mine, told.choice) == (
            "Bundle: chair",
            "Quantity: 1",
            "Quantity: 2",
            "Quantity: 3",
            "",
        )
        assert told.change.fields["components"]["after"]
        assert parts(kit) == {"chair": 2, "desk": 1}
        asked = send(manager, asked)
    send(manager, asked, **{f"_keep.{told.name}": choice})

    assert parts(kit) == {"chair": left, "desk": 1}
    assert desk.sku == "desk"


def test_a_component_that_one_takes_out_and_another_changes_is_asked_about(manager: Client):
    chair, desk = make.variant("chair"), make.variant("desk")
    kit = make.bundle("set", components={chair: 1, desk: 1})
    opened = manager.get(form_of(kit))
    compose(kit, chair=2, desk=1)
    asked = send(manager, opened, **{"components-chosen": str(desk.pk)})
    (told,) = asked.context["page"].conflicts
    assert (told.label, told.theirs, told.mine) == ("Bundle: chair", "Quantity: 2", "Not chosen")
    assert parts(kit) == {"chair": 2, "desk": 1}
    send(manager, asked, **{f"_keep.{told.name}": "theirs"})
    assert parts(kit) == {"chair": 2, "desk": 1}


def test_saving_an_untouched_bundle_changes_nothing(manager: Client):
    kit = make.bundle("set", components={make.variant("chair"): 2})

    send(manager, manager.get(form_of(kit)))

    assert not Change.objects.exists()
    assert Variant.objects.get(pk=kit.pk).version == 1


def test_the_form_costs_the_same_with_one_and_with_many_rows(manager: Client, kit: Variant):
    make.bundle("a", components={make.variant("one"): 1})
    few = Variant.objects.get(sku="a")
    many = make.bundle("b", components={make.variant(f"part-{n}"): 1 for n in range(30)})
    pages = {
        each.pk: send(manager, manager.get(form_of(each)), "components-go", "find") for each in (few, many)
    }
    counts = []
    for each in (few, many):
        with CaptureQueriesContext(connection) as held:
            send(manager, pages[each.pk], "components-go", "find", **{"components-q": ""})
        counts.append(len(held))

    assert counts[0] == counts[1]


# --- the picker alone ----------------------------------------------------------------------------


def test_scripts_get_the_picker_alone(manager: Client, kit: Variant):
    chair = make.variant("chair-fold")
    data = {"components-chosen": str(chair.pk), "components-go": "find", "components-owner": str(kit.pk)}

    page = manager.post("/products/picker/components/", data)

    assert page.status_code == 200
    assert b"<html" not in page.content
    assert b'value="' + str(chair.pk).encode() in page.content


def test_the_picker_alone_asks_for_the_right_of_its_form(client: Client, kit: Variant):
    client.force_login(make.user(roles=["Customer Service"]))
    assert client.post("/products/picker/components/", {"components-chosen": ""}).status_code == 403


def test_rooms_above_add_columns_and_hints(manager: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(declaring, "_extras", {})
    monkeypatch.setattr(bundle_tab, "hints", [lambda request, record, held: f"{sum(held.values())} pieces"])
    asked: list[list[int]] = []

    def stock(request: Any, ids: Any) -> dict[int, int]:
        asked.append(list(ids))
        return dict.fromkeys(ids, 58)

    add_column(Variant, Extra("Available", stock, is_num=True))
    add_column(Variant, Extra("Secret", stock, is_shown=lambda request: False))
    kit = make.bundle("set", components={make.variant("chair"): 2})

    page = manager.get(form_of(kit)).content.decode()

    assert '<td data-l="Available" class="num">58</td>' in page
    assert "Secret" not in page
    assert "2 pieces" in page
    assert len(asked) == 1
