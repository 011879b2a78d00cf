"""Bundles: what they consist of, when they are live, what follows a component (spec: products 12, 26.12, 26.13)."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from backoffice.history.models import Change
from backoffice.history.recording import recording
from catalog.products import composing, discontinuing, status
from catalog.products.composing import Component
from catalog.products.models import Discontinued, Variant
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def kit() -> dict[str, Variant]:
    chair, desk = make.variant("chair-fold", is_active=True), make.variant("desk-oak", is_active=True)
    kit = make.bundle("desk-kit", components={desk: 1, chair: 2}, is_active=True)
    return {"chair": chair, "desk": desk, "kit": kit}


def compose(bundle: Variant, *wanted: tuple[Variant, int]) -> bool:
    with recording("save") as recorder:
        parts = [Component(item.pk, quantity) for item, quantity in wanted]
        return composing.compose(bundle, parts, recorder=recorder)


def codes(problem: ValidationError) -> list[str]:
    return [each.code for each in problem.error_list]


def is_live(variant: Variant) -> bool:
    return Variant.objects.live().filter(pk=variant.pk).exists()


def test_while_a_component_is_off_no_bundle_with_it_is_live_and_its_own_switch_stays(kit):
    assert is_live(kit["kit"])
    with recording("save") as recorder:
        status.deactivate([kit["chair"].pk], recorder=recorder)
    assert not is_live(kit["chair"])
    assert not is_live(kit["kit"])
    assert Variant.objects.get(pk=kit["kit"].pk).is_active
    with recording("save") as recorder:
        status.activate([kit["chair"].pk], recorder=recorder)
    assert is_live(kit["kit"])


def test_a_composition_is_replaced_as_a_whole_and_stands_in_the_history_of_the_bundle(kit):
    lamp = make.variant("lamp")
    assert compose(kit["kit"], (kit["desk"], 3), (lamp, 1))
    assert composing.components_of([kit["kit"].pk]) == {kit["kit"].pk: {kit["desk"].pk: 3, lamp.pk: 1}}
    change = Change.objects.get()
    assert change.object_id == kit["kit"].pk
    told = change.fields["components"]
    assert [(each["key"], each["quantity"]) for each in told["before"]] == [
        ("chair-fold", 2),
        ("desk-oak", 1),
    ]
    assert [(each["key"], each["quantity"]) for each in told["after"]] == [("desk-oak", 3), ("lamp", 1)]


def test_the_same_composition_again_changes_nothing(kit):
    assert not compose(kit["kit"], (kit["desk"], 1), (kit["chair"], 2))
    assert not Change.objects.exists()


def test_no_components_make_it_an_ordinary_variant_again(kit):
    assert compose(kit["kit"])
    assert not composing.components_of([kit["kit"].pk])


def test_itself_twice_and_less_than_one_are_refused(kit):
    with pytest.raises(ValidationError) as found:
        compose(kit["kit"], (kit["kit"], 1), (kit["desk"], 0), (kit["desk"], 1))
    assert codes(found.value) == ["self_reference", "out_of_range", "duplicate_row"]


def test_no_bundle_in_a_bundle_in_either_direction(kit):
    other = make.variant("other")
    with pytest.raises(ValidationError) as found:
        compose(other, (kit["kit"], 1))
    assert codes(found.value) == ["nested_bundle"]
    with pytest.raises(ValidationError) as found:
        compose(kit["chair"], (other, 1))
    assert found.value.messages == ["chair-fold is a component of desk-kit and cannot become a bundle."]


def test_discontinuing_a_component_discontinues_its_bundles_and_restore_waits_for_it(kit):
    with recording("save") as recorder:
        outcome = discontinuing.discontinue([kit["chair"].pk], recorder=recorder)
    assert outcome.changed == {kit["chair"].pk, kit["kit"].pk}
    until = discontinuing.today() + datetime.timedelta(days=180)
    assert set(Discontinued.objects.values_list("active_until", flat=True)) == {until}
    with recording("save") as recorder:
        outcome = discontinuing.restore([kit["kit"].pk], recorder=recorder)
    assert outcome.refused == {kit["kit"].pk: "Its component chair-fold is discontinued. Restore that first."}
    with recording("save") as recorder:
        assert discontinuing.restore([kit["chair"].pk], recorder=recorder).changed == {kit["chair"].pk}
        assert discontinuing.restore([kit["kit"].pk], recorder=recorder).changed == {kit["kit"].pk}
    assert not Discontinued.objects.exists()


def test_discontinued_twice_is_refused_and_changes_nothing(kit):
    with recording("save") as recorder:
        discontinuing.discontinue([kit["desk"].pk], recorder=recorder, until=datetime.date(2040, 1, 1))
    with recording("save") as recorder:
        outcome = discontinuing.discontinue([kit["desk"].pk], recorder=recorder)
    assert outcome.refused == {kit["desk"].pk: "It is discontinued already."}
    assert set(Discontinued.objects.values_list("active_until", flat=True)) == {datetime.date(2040, 1, 1)}


def test_a_discontinued_component_discontinues_the_bundle_it_comes_into(kit):
    lamp = make.variant("lamp")
    with recording("save") as recorder:
        discontinuing.discontinue([lamp.pk], recorder=recorder, until=datetime.date(2040, 1, 1))
    compose(kit["kit"], (lamp, 1))
    assert Discontinued.objects.get(variant=kit["kit"]).active_until == datetime.date(2040, 1, 1)


def test_after_the_last_day_it_is_not_live_without_any_job_and_the_note_stays(kit):
    with transaction.atomic(), recording("save") as recorder:
        discontinuing.discontinue(
            [kit["desk"].pk],
            recorder=recorder,
            until=discontinuing.today() - datetime.timedelta(days=1),
            note={"en_US": "Sold out"},
        )
    assert not is_live(kit["desk"])
    assert Discontinued.objects.get(variant=kit["desk"]).note == {"en_US": "Sold out"}
