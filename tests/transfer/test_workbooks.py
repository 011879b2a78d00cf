"""XLSX: cells as they were meant, and workbooks that are refused before they are opened."""

import datetime
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from backoffice.transfer.problems import FileRefused
from backoffice.transfer.reading.workbooks import Formula, Number, judge_workbook, workbook_rows
from catalog.packaging.models import PackagingType
from tests import make
from tests.transfer.conftest import BAD, TYPES, counts, imported, problems, refusals


def workbook(folder: Path, *rows: list[Any], name: str = f"{TYPES}.xlsx") -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    path = folder / name
    book.save(path)
    return path


def test_cells_are_read_as_they_were_meant(tmp_path: Path):
    day = datetime.datetime(2026, 12, 31)
    moment = datetime.datetime(2026, 12, 31, 8, 30)
    row = ["000417", 417, 1250.5, 1e15, True, day, moment, None, "two\nlines"]
    path = workbook(tmp_path, list("abcdefghi"), row)

    assert [row.cells for row in workbook_rows(path)][1] == [
        *("000417", "417", "1250.5", "1000000000000000", "1"),
        *("2026-12-31", "2026-12-31 08:30:00", "", "two\nlines"),
    ]


def test_the_sample_workbooks_are_read_by_sheet_rows():
    legal = list(workbook_rows(BAD / "product_stock__legal.xlsx"))
    assert [row.line for row in legal] == [1, 2, 3]
    assert not any(isinstance(row.cells[0], Number) for row in legal)

    formula = list(workbook_rows(BAD / "product_stock__formula_cell.xlsx"))[1]
    assert [cell for cell in formula.cells if isinstance(cell, Formula)] == ["C2"]

    numeric = list(workbook_rows(BAD / "product_stock__numeric_sku.xlsx"))[1]
    assert (numeric.cells[0], isinstance(numeric.cells[0], Number)) == ("417", True)


def test_a_workbook_imports_like_a_table(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    path = workbook(tmp_path, ["name", "name.en_US"], ["box", "Box"], [], ["007", "=1+1"], [8, "Eight"])
    job = imported(path, on_error="skip")

    assert job.files.get().reading["kind"] == "xlsx"
    assert (counts(job), problems(job)) == (
        (2, 0, 0, 0, 1),
        [(4, "name.en_US", "error", "formula"), (5, "name", "warning", "number_as_code")],
    )
    assert PackagingType.objects.get(key="8").name == {"en_US": "Eight"}
    problem = job.files.get().results.get(line=4).problems[0]
    assert problem["params"] == {"address": "B4"}


def test_entities_and_swollen_parts_are_refused_unopened(tmp_path: Path):
    path = workbook(tmp_path, ["name"], ["box"])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/evil.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    with pytest.raises(FileRefused) as refused:
        judge_workbook(path)
    assert refused.value.problem.code == "unsafe_archive"

    path = workbook(tmp_path, ["name"], ["box"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/more.xml", b"<x>" + b"0" * 30_000_000)
    with pytest.raises(FileRefused) as refused:
        judge_workbook(path)
    assert refused.value.problem.code == "too_large"


def test_a_workbook_with_too_many_columns_is_refused(db: None, tmp_path: Path):
    path = workbook(tmp_path, [f"column {number}" for number in range(1_100)])

    assert refusals(imported(path)) == ["too_large"]


def test_an_empty_workbook_is_refused(db: None, tmp_path: Path):
    assert refusals(imported(workbook(tmp_path))) == ["empty_file"]
