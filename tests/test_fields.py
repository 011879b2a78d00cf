"""Typed amounts and texts per locale (working-day 12.2, prices-and-taxes 1.3)."""

import pytest
from django.core.exceptions import ValidationError

from backoffice.fields import LocalizedFormField, MapField, to_minor_units
from backoffice.texts import normalise


@pytest.mark.parametrize(
    ("typed", "digits", "sign", "amount"),
    [
        ("12.34", 2, ".", 1234),
        ("12,34", 2, ".", 1234),
        ("1.234,50", 2, ",", 123450),
        ("1,234.50", 2, ".", 123450),
        ("1,234,567", 2, ".", 123456700),
        ("1 234,5", 2, ",", 123450),
        ("1'234.50", 2, ".", 123450),
        ("1.250", 3, ".", 1250),
        ("0", 2, ".", 0),
        ("500", 0, ".", 500),
        ("", 2, ".", None),
    ],
)
def test_typed_amounts_become_minor_units(typed, digits, sign, amount):
    assert to_minor_units(typed, digits=digits, decimal_sign=sign) == amount


@pytest.mark.parametrize(
    ("typed", "sign", "code"),
    [
        ("1.250", ",", "ambiguous"),
        ("12,345", ",", "decimals"),
        ("abc", ".", "invalid"),
        ("1e3x", ".", "invalid"),
    ],
)
def test_amounts_are_never_guessed_or_rounded(typed, sign, code):
    with pytest.raises(ValidationError) as problem:
        to_minor_units(typed, digits=2, decimal_sign=sign)
    assert problem.value.code == code


def test_an_ambiguous_amount_offers_both_readings():
    with pytest.raises(ValidationError) as problem:
        to_minor_units("1.250", digits=2, decimal_sign=",")
    assert problem.value.messages == ["1.250 can be read as 1250 or 1,250. Type it without the separator."]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  Stück  XL ", "stuck xl"),
        ("Straße", "strasse"),
        ("ÉCLAIR", "eclair"),
        ("Łódź", "lodz"),
        ("ABC-1", "abc-1"),
    ],
)
def test_search_text_has_no_case_and_no_accents(text, plain):
    assert normalise(text) == plain


def test_empty_texts_are_not_stored(db):
    field = LocalizedFormField(required=False)
    assert field.clean({"en_US": " Carton ", "de_DE": "  "}) == {"en_US": "Carton"}


def test_a_control_character_in_a_text_is_refused(db):
    with pytest.raises(ValidationError) as problem:
        LocalizedFormField(required=False).clean({"en_US": "Car\x00ton"})
    assert problem.value.messages == ["en_US: the text holds a control character. Remove it."]


def test_a_map_is_taken_apart_and_put_together_entry_by_entry():
    one, two = MapField(), MapField(levels=2)
    assert one.entries({"a.b": 1, "c": [2]}) == {"a.b": 1, "c": [2]}
    assert one.with_entry({"a.b": 1}, "a.b", None) == {}
    assert one.with_entry(None, "c", 3) == {"c": 3}
    held = {"de_DE": {"weight": "2 kg"}, "en_US": {"weight": "2"}}
    assert two.entries(held) == {"de_DE.weight": "2 kg", "en_US.weight": "2"}
    assert two.with_entry(held, "de_DE.weight", None) == {"en_US": {"weight": "2"}}
    assert two.with_entry(held, "de_DE.colour.x", "rot")["de_DE"] == {"weight": "2 kg", "colour.x": "rot"}
