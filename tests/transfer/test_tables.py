"""Reading delimited text: the same cells as Python's own reader, with lines and refusals it does not know."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice.transfer.declaring.columns import KEY, Column, understand
from backoffice.transfer.declaring.widgets import Code
from backoffice.transfer.problems import FileRefused
from backoffice.transfer.reading.sniffing import content_kind, find_encoding
from backoffice.transfer.reading.tables import (
    Reading,
    csv_rows,
    guess_decimal_sign,
    guess_separator,
    records,
)
from tests.transfer.conftest import BAD

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=12)
ROWS = st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=6)


def lines_of(text: str, separator: str = ",") -> list[tuple[int, list[str]]]:
    return list(records(io.StringIO(text, newline=""), separator))


@settings(max_examples=300, deadline=None)
@given(rows=ROWS, separator=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_what_pythons_writer_wrote_is_read_back(rows: list[list[str]], separator: str, end: str):
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)

    assert [cells for _line, cells in lines_of(buffer.getvalue(), separator)] == [
        row for row in rows if "".join(row).strip()
    ]


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from('ab",;\n\r \t'), max_size=40))
def test_any_text_gives_pythons_rows_or_a_sentence(text: str):
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if "".join(row).strip()]
    try:
        found = [cells for _line, cells in lines_of(text)]
    except FileRefused as refused:
        assert refused.problem.code == "unclosed_quote"
        assert refused.problem.params["line"] <= text.count("\n") + text.count("\r") + 1
        lines_of(text + '"')
    else:
        assert found == [[cell.replace("\r\n", "\n") for cell in row] for row in expected]


def test_a_record_is_called_by_the_line_on_which_it_begins():
    text = 'a,b\n1,"two\nlines"\n\n3,4\n'

    assert lines_of(text) == [(1, ["a", "b"]), (2, ["1", "two\nlines"]), (5, ["3", "4"])]


def test_line_breaks_inside_quotes_become_line_feeds():
    assert lines_of('a,"x\r\ny"\r\n') == [(1, ["a", "x\ny"])]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a,b\n1,"open\n2,3\n', 2),
        ('a,b\n"closed\nhere","open\n2,3\n', 3),
        ('a,b\n"with ""doubled"" quotes",1\n2,"open ""\n', 3),
    ],
)
def test_the_line_of_the_quote_that_stays_open_is_named(text: str, line: int):
    with pytest.raises(FileRefused) as refused:
        lines_of(text)

    assert (refused.value.problem.code, refused.value.problem.params) == ("unclosed_quote", {"line": line})


def test_a_quote_inside_a_cell_is_text():
    assert lines_of('size\n5" pipe\n') == [(1, ["size"]), (2, ['5" pipe'])]


@pytest.mark.parametrize(
    ("name", "encoding", "separator", "sign"),
    [
        ("product_stock__bom_semicolon.csv", "utf-8-sig", ";", "."),
        ("product_stock__utf16_tab.csv", "utf-16", "\t", "."),
        ("product_stock__semicolon_decimal_comma.csv", "utf-8", ";", ","),
        ("product_stock__thousands_sign.csv", "utf-8", ";", ","),
        ("product_stock__decimal_comma_in_comma_file.csv", "utf-8", ",", "."),
    ],
)
def test_encoding_separator_and_decimal_sign_are_found_out(
    name: str, encoding: str, separator: str, sign: str
):
    path = BAD / name

    assert content_kind(path) == "csv"
    assert find_encoding(path).name == encoding
    assert guess_separator(path, encoding, {"concrete_sku", "name", "quantity"}) == separator
    reading = Reading("csv", encoding, separator)
    if name != "product_stock__thousands_sign.csv" or sign == ",":
        assert guess_decimal_sign(path, reading, {"quantity"}) == sign


def test_windows_letters_are_only_guessed():
    found = find_encoding(BAD / "category__windows_1252.csv")

    assert (found.name, found.guessed) == ("windows-1252", True)
    assert not find_encoding(BAD / "category__windows_1252.csv", "windows-1252").guessed


@pytest.mark.parametrize(
    "head",
    [
        b"MZ\x90\x00",
        b"%PDF-1.7",
        b"\x89PNG\r\n",
        b"\xd0\xcf\x11\xe0",
        b"  <html><body>",
        b"<!DOCTYPE html>",
        b"\x7fELF",
    ],
)
def test_what_is_no_table_is_refused_whatever_its_name(tmp_path: Path, head: bytes):
    path = tmp_path / "store.csv"
    path.write_bytes(head + b"name\nDE\n")

    with pytest.raises(FileRefused) as refused:
        content_kind(path)
    assert refused.value.problem.code == "not_a_table"


def test_rows_with_signs_nobody_sees_are_marked(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes("name\nplain\nno\u00a0break\nta\tb\n".encode())

    assert [row.is_plain for row in csv_rows(path, Reading())] == [True, True, False, False]


COLUMNS = [Column("key", "name", Code(), required=KEY), Column("text", "text", localized=True)]


def test_letter_case_and_order_of_columns_do_not_matter_but_the_locales_do():
    header = understand(["TEXT.en_US", " Name ", "text.EN_us"], COLUMNS, ["en_US"])

    assert [(place.name, place.position) for place in header.places] == [("name", 1), ("text.en_US", 0)]
    assert [(note.code, note.column) for note in header.notes] == [("unknown_locale_column", "text.EN_us")]


def test_an_unknown_column_is_told_with_the_nearest_known_one():
    note = understand(["name", "txt.en_US", "__errors"], COLUMNS, ["en_US"]).notes[0]

    assert (note.code, note.params) == ("unknown_column", {"nearest": "text.en_US"})
    assert note.sentence.endswith("Did you mean “text.en_US”?")


def test_a_content_locale_without_column_is_noted():
    header = understand(["name", "text.en_US"], COLUMNS, ["en_US", "de_DE"])

    assert [(note.code, note.params) for note in header.notes] == [
        ("missing_locale_column", {"locale": "de_DE"})
    ]


@pytest.mark.parametrize(
    ("cells", "code"), [(["text.en_US"], "missing_column"), (["name", "NAME"], "duplicate_column")]
)
def test_a_header_without_key_or_with_a_name_twice_is_refused(cells: list[str], code: str):
    with pytest.raises(FileRefused) as refused:
        understand(cells, COLUMNS, ["en_US"])
    assert refused.value.problem.code == code
