"""Attributes come back with their values and translations (working-day 7.4, 7.5)."""

import pytest

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.recording import recording
from backoffice.history.screens.access import gate_for
from catalog.attributes import declaring
from catalog.attributes.models import Attribute, AttributeKey, AttributeValue, PredefinedValue
from tests import make

pytestmark = pytest.mark.django_db


def set_values(attribute: Attribute, **values: dict[str, str]) -> ChangeSet:
    with recording("save", screen="attributes.attribute") as recorder:
        before = declaring.state(Attribute.objects.get(pk=attribute.pk))
        declaring.set_values(attribute, [PredefinedValue(v, texts) for v, texts in values.items()])
        recorder.changed(attribute, before, declaring.state(Attribute.objects.get(pk=attribute.pk)))
        return recorder.change_set


def undo(change_set: ChangeSet, user=None) -> undoing.Report:
    user = user or make.superuser()
    with acting(user):
        return undoing.undo(change_set, gate_for(change_set, user))[0]


def values(attribute: Attribute) -> list[PredefinedValue]:
    return Attribute.objects.get(pk=attribute.pk).predefined()


def test_values_come_back_in_their_order_with_their_translations_and_ids():
    colour = make.attribute("colour", values={"red": {"de_DE": "rot"}, "blue": {"de_DE": "blau"}})
    before, red = values(colour), AttributeValue.objects.get(value="red").pk
    undo(set_values(colour, green={"de_DE": "grün"}, red={"de_DE": "rot"}))
    assert values(colour) == before
    assert AttributeValue.objects.get(value="red").pk == red


def test_values_that_somebody_changed_since_stay_with_their_translations():
    colour = make.attribute("colour", values={"red": {"de_DE": "rot"}})
    first = set_values(colour, red={"de_DE": "rot"}, blue={"de_DE": "blau"})
    set_values(colour, blue={"de_DE": "blau"}, red={"de_DE": "rot"}, green={"de_DE": "grün"})
    after = values(colour)
    report = undo(first)
    assert values(colour) == after
    assert [field.name for field in report.lines["left"][0].fields] == ["values", "value_translations.de_DE"]


def test_translations_added_since_stay_with_their_values():
    colour = make.attribute("colour", values={"red": {}, "blue": {}})
    first = set_values(colour, blue={}, red={})
    set_values(colour, blue={"de_DE": "blau"}, red={"de_DE": "rot"})
    undo(first)
    assert values(colour) == [
        PredefinedValue("red", {"de_DE": "rot"}),
        PredefinedValue("blue", {"de_DE": "blau"}),
    ]


def test_a_deleted_attribute_comes_back_with_key_and_values():
    colour = make.attribute("colour", values={"red": {"de_DE": "rot"}, "blue": {}})
    pk, key, before = colour.pk, colour.key, declaring.state(colour)
    with recording("action", screen="attributes.attribute") as recorder:
        recorder.deleted(colour, before)
        colour.delete()
        recorder.deleted(key)
        key.delete()
        change_set = recorder.change_set
    undo(change_set)
    assert declaring.state(Attribute.objects.get(pk=pk)) == before
    assert "colour" in Attribute.objects.get(pk=pk).search


def test_a_first_load_of_attributes_goes_with_values_and_keys():
    with recording("import", screen="attributes.attribute") as recorder:
        colour = make.attribute("colour", values={"red": {}})
        recorder.added(colour.key)
        recorder.added(colour)
        for change in recorder._changes:
            change.fields = None
        change_set = recorder.change_set
    undo(change_set)
    assert (Attribute.objects.count(), AttributeKey.objects.count(), AttributeValue.objects.count()) == (
        0,
        0,
        0,
    )


def test_translations_ask_for_the_right_to_translate():
    rights = [f"attributes.{right}_attribute" for right in ("view", "change")]
    user = make.user(roles=[make.role(rights=rights)])
    colour = make.attribute("colour", values={"red": {}})
    report = undo(set_values(colour, red={"de_DE": "rot"}), user)
    assert [line.reason for line in report.lines["cannot"]] == [
        "You lack the right “translate” on attributes."
    ]
