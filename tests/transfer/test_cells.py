"""How single cells are read and written back (import-export 2)."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from backoffice.transfer.declaring.dates import Day, Moment
from backoffice.transfer.declaring.numbers import Dec, Int, Money
from backoffice.transfer.declaring.widgets import Bool, Code, Listed, Locale, Text, Words
from backoffice.transfer.problems import CellError


def read(widget: Any, cell: str, **options: Any) -> Any:
    """The value of a cell, or the code of what is wrong with it."""
    try:
        return widget.clean(cell, **options)
    except CellError as error:
        return error.code


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (("1", "true", "yes", "on", "y", "ja", "JA", " True "), True),
        (("0", "false", "no", "off", "n", "nein", "-", "Nein"), False),
        (("", "  "), None),
        (("2", "wahr", "x", "1.0"), "bad_bool"),
    ],
)
def test_yes_and_no_are_read_in_the_usual_words(words: tuple[str, ...], value: Any):
    assert [read(Bool(), word) for word in words] == [value] * len(words)


def test_yes_and_no_are_written_as_each_file_spells_them():
    assert [Bool().render(value) for value in (True, False, None)] == ["1", "0", ""]
    assert [Bool("yes", "no").render(value) for value in (True, False)] == ["yes", "no"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("12", 12),
        ("-5", -5),
        (" 7 ", 7),
        ("", None),
        ("1.0", "bad_int"),
        ("٣", "bad_int"),
        ("1e3", "bad_int"),
    ],
)
def test_whole_numbers(cell: str, value: Any):
    assert read(Int(), cell) == value


@pytest.mark.parametrize(
    ("cell", "sign", "value"),
    [
        ("12.50", ".", Decimal("12.5")),
        ("-0.5", ".", Decimal("-0.5")),
        ("12,5", ",", Decimal("12.5")),
        ("12,5", ".", "bad_decimal"),
        ("12.5", ",", "bad_decimal"),
        ("1.250,5", ",", "bad_decimal"),
        ("1,250.5", ".", "bad_decimal"),
        ("1e3", ".", "bad_decimal"),
        (".5", ".", "bad_decimal"),
        ("12345678901", ".", "bad_decimal"),
        ("1.12345678901", ".", "bad_decimal"),
    ],
)
def test_decimals_have_the_sign_of_their_file_and_no_thousands_signs(cell: str, sign: str, value: Any):
    assert read(Dec(), cell, decimal_sign=sign) == value


def test_decimals_are_written_without_needless_zeros():
    assert [Dec().render(Decimal(text)) for text in ("12.50", "100", "0.00", "1200")] == [
        "12.5",
        "100",
        "0",
        "1200",
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1490", 1490),
        ("0", 0),
        ("", None),
        ("14.90", "bad_money"),
        ("-1", "out_of_range"),
        ("2147483648", "out_of_range"),
    ],
)
def test_amounts_are_whole_minor_units_and_empty_is_not_nothing(cell: str, value: Any):
    assert read(Money(), cell) == value


NOON = datetime.datetime(2026, 12, 31, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-12-31", NOON.replace(hour=0)),
        ("2026-12-31 8:05", NOON.replace(hour=8, minute=5)),
        ("2026-12-31 08:05:09.25", NOON.replace(hour=8, minute=5, second=9, microsecond=250_000)),
        ("2026-12-31T12:00", NOON),
        ("2026-12-31T12:00:00Z", NOON),
        ("2026-12-31T12:00:00-00:00", NOON),
        ("2026-12-31T14:00:00+02:00", NOON),
        ("2027-01-01T02:30+14:30", NOON),
        ("", None),
        ("31.12.2026", "bad_date"),
        ("12/31/2026", "bad_date"),
        ("2026-02-30", "bad_date"),
        ("2026-12-31 24:00", "bad_date"),
        ("2026-12-31T12:00+99:00", "bad_date"),
    ],
)
def test_moments_without_an_offset_are_utc(cell: str, moment: Any):
    assert read(Moment(), cell) == moment


def test_moments_and_days_are_written_as_they_are_read_back():
    assert Moment().render(NOON) == "2026-12-31 12:00:00.000000"
    assert Moment("%Y-%m-%dT%H:%M:%S+00:00").render(NOON) == "2026-12-31T12:00:00+00:00"
    assert read(Moment(), Moment().render(NOON)) == NOON
    assert Day().render(read(Day(), "2026-12-31")) == "2026-12-31"
    assert [read(Day(), cell) for cell in ("2026-12-31 08:00", "31.12.2026")] == ["bad_date"] * 2


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (" 000417\u00a0", "000417"),
        ("9.521E+12", "sci_notation"),
        ("9,521e+12", "sci_notation"),
        ("1.5e3", "sci_notation"),
        ("5E3", "5E3"),
        ('="000417"', "formula"),
        ("'=A1", "=A1"),
        ("'", "'"),
        ("a\u200bb", "bad_key"),
    ],
)
def test_codes_are_text_for_ever(cell: str, value: Any):
    assert read(Code(), cell) == value


def test_a_formula_in_a_code_is_told_with_the_repaired_value():
    with pytest.raises(CellError) as error:
        Code().clean('="000417"')
    assert error.value.params == {"hint": "000417"}


def test_texts_are_kept_as_typed_and_never_cut():
    assert read(Text(), "  a\t&nbsp;\n ") == "  a\t&nbsp;\n "
    assert read(Text(3), "abcd") == "too_long"
    assert [read(Text(), cell) for cell in ("'=1+1", "''=1+1", "'plain", "=1+1")] == [
        "=1+1",
        "'=1+1",
        "'plain",
        "=1+1",
    ]


@pytest.mark.parametrize(
    ("cell", "value"), [("de_DE", "de_DE"), ("de", "bad_choice"), ("DE_de", "bad_choice")]
)
def test_locales_are_language_and_country(cell: str, value: str):
    assert read(Locale(), cell) == value


def test_items_of_a_list_are_trimmed_and_one_with_a_comma_stands_in_quotes():
    assert read(Listed(), 'red , "sand, light","4"" pipe",') == ("red", "sand, light", '4" pipe', "")
    assert read(Listed(), " \u00a0 ") is None
    assert Listed().render(["red", "sand, light", '4" pipe']) == 'red,"sand, light","4"" pipe"'


@pytest.mark.parametrize(
    ("sign", "remedy"),
    [
        (".", "Write digits with a point, such as 12.5, and no thousands signs."),
        (",", "Write digits with a comma, such as 12,5, and no thousands signs."),
    ],
)
def test_the_remedy_of_a_decimal_has_the_sign_of_the_file(sign: str, remedy: str):
    with pytest.raises(CellError) as refused:
        Dec().clean("7.5" if sign == "," else "7,5", decimal_sign=sign)
    problem = refused.value.problem("quantity", "7,5")
    assert (problem.sentence, problem.repair) == ("“7,5” is not a number.", remedy)


def test_of_a_list_of_words_only_the_wrong_ones_are_told():
    with pytest.raises(CellError) as wrong:
        Words(["PDP", "Cart"]).clean("pdp,Shop, Till,Shop")
    problem = wrong.value.problem("visibility", "pdp,Shop, Till,Shop")

    assert problem.sentence == "“Shop, Till” is not one of the accepted words."
    assert problem.repair == "Use one of: PDP, Cart."
