"""What a run says of its rows: the value as the cell held it, and a remedy that fits (spec: import-export 1.3.5)."""

from pathlib import Path

import pytest
from django.utils import translation

from backoffice.transfer.exporting.reports import problems_of
from backoffice.transfer.models import Job
from backoffice.transfer.problems import SENTENCES, Problem
from catalog.attributes.models import AttributeKey
from tests import make
from tests.catalog.taking import open_shop
from tests.transfer.conftest import imported, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
WARNINGS = [
    *("both_skus", "key_url_changed", "moved", "number_as_code", "repeated_row", "super_value_changed"),
    *("store_differs_from_folder", "undeclared_key", "value_not_listed"),
]
DECLARED = "product_management_attribute"


def take(folder: Path, name: str, text: str) -> Job:
    return imported(written(folder, f"{name}.csv", text), check=True, on_error="skip")


def said(job: Job) -> list[tuple[str, str, str, str]]:
    """Column, value, sentence, remedy."""
    found = [each for file in job.files.all() for _row, each in problems_of(file)]
    return [(each.column, each.value, each.sentence, each.repair) for each in found]


def test_a_missing_column_shows_no_value(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    AttributeKey.objects.create(key="fresh")
    [found] = said(take(tmp_path, DECLARED, "key\nfresh\n"))
    assert found[:2] == ("input_type", "")


def test_yes_and_no_are_shown_as_the_file_spells_them(db: None, tmp_path: Path):
    make.attribute("length", is_super=True, values={"1": {}})
    make.product("saw", attributes={"length": "1"})
    [flag] = said(take(tmp_path, "product_attribute_key", "attribute_key,is_super\nlength,0\n"))
    assert flag[:2] == ("is_super", "0")

    free = said(take(tmp_path, DECLARED, "key,allow_input\nlength,yes\n"))
    assert free[0][:2] == ("allow_input", "yes")
    [wrong] = said(take(tmp_path, DECLARED, "key,allow_input\nlength,perhaps\n"))
    assert wrong == ("allow_input", "perhaps", "“perhaps” is neither yes nor no.", "Write yes or no.")
    [wrong] = said(take(tmp_path, "product_attribute_key", "attribute_key,is_super\nlength,perhaps\n"))
    assert wrong[3] == "Write 1 or 0."


@pytest.mark.parametrize(
    ("head", "row", "column", "value"),
    [
        ("new_from,new_to", "2026-02-01,2026-01-01", "new_to", "2026-01-01"),
        ("new_from", "2026-02-01 08:30", "new_from", "2026-02-01 08:30:00"),
    ],
)
def test_days_that_contradict_each_other_name_a_column_of_the_file(
    db: None, tmp_path: Path, head: str, row: str, column: str, value: str
):
    open_shop()
    before = "abstract_sku,category_key,name.en_US,new_from,new_to\nsaw,tools,Saw,2025-01-01,2026-01-01\n"
    imported(written(tmp_path, "product_abstract.csv", before))
    [found] = said(take(tmp_path, "product_abstract", f"abstract_sku,{head}\nsaw,{row}\n"))
    assert found[:3] == (column, value, "“New to” must be after “new from”.")


@pytest.mark.parametrize("code", WARNINGS)
def test_every_warning_has_a_remedy(code: str):
    assert str(SENTENCES[code][1])


@pytest.mark.parametrize(
    ("kind", "value", "what"),
    [
        ("number", "abc", "no number"),
        ("float", "1.5.1", "no number"),
        ("date", "99-99-99", "no day"),
        ("date", "2026-02-30", "no day"),
        ("time", "25:00", "no time of day"),
        ("datetime", "soon", "no day with a time"),
    ],
)
@pytest.mark.parametrize("tail", ["", ".en_US"])
def test_a_value_that_is_not_of_its_type_is_told_so(
    db: None, tmp_path: Path, kind: str, value: str, what: str, tail: str
):
    open_shop()
    make.attribute("fact", input_type=kind, allow_input=True)
    head = f"abstract_sku,category_key,name.en_US,attribute_key_1{tail},value_1{tail}"
    [found] = said(take(tmp_path, "product_abstract", f"{head}\nplane,tools,Plane,fact,{value}\n"))
    assert found[:3] == (f"value_1{tail}", value, f"“{value}” is {what}, as “fact” asks for; it is stored.")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("number", "12,5"), ("date", "2026-02-28"), ("time", "14:30"), ("datetime", "2026-02-28T14:30")],
)
def test_a_value_of_its_type_is_not_remarked(db: None, tmp_path: Path, kind: str, value: str):
    open_shop()
    make.attribute("fact", input_type=kind, allow_input=True)
    head = "abstract_sku,category_key,name.en_US,attribute_key_1,value_1"
    assert said(take(tmp_path, "product_abstract", f'{head}\nplane,tools,Plane,fact,"{value}"\n')) == []


def test_numbers_of_things_have_thousands_signs_and_lines_have_none():
    problem = Problem("error", "too_long", params={"length": "12345", "limit": "2000", "line": "12345"})
    assert problem.sentence == "The text has 12,345 characters, at most 2,000 are allowed."
    with translation.override("de"):
        assert "12.345" in problem.sentence
    repeated = Problem("error", "duplicate_row", params={"line": "12345"})
    assert repeated.sentence == "The same key stands on line 12345 with other values."
