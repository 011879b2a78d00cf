"""XLSX: cells as they were meant, and workbooks that are refused before they are opened."""

import datetime
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook, load_workbook

from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting import guides
from backoffice.transfer.exporting.reports import bad_cells, problem_lines, report
from backoffice.transfer.exporting.sheets import write_sheet
from backoffice.transfer.jobs.sheets import by_title
from backoffice.transfer.models import Job
from backoffice.transfer.problems import FileRefused, Problem
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
    assert [cell.address for cell in formula.cells if isinstance(cell, Formula)] == ["C2"]

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


def test_a_formula_stays_refused_when_the_bad_rows_are_imported_as_they_are(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    rows = (
        ["name", "name.en_US"],
        ["ok", "Fine"],
        ['=B2&"x"', "Box"],
        ["sack", "=1+1"],
        ["x" * 300, "=plain"],
    )
    path = workbook(tmp_path, *rows)
    book = load_workbook(path)
    book.active["B5"].data_type = "s"
    book.save(path)
    job = imported(path, on_error="skip")
    assert [row.cells[0] for row in workbook_rows(path)][2] == '=B2&"x"'
    assert counts(job) == (1, 0, 0, 0, 3)
    problem = Problem.from_json(job.files.get().results.get(line=3).problems[0])
    assert (problem.value, problem.cell, problem.sentence) == (
        '=B2&"x"',
        "A3",
        "The cell A3 holds a formula.",
    )

    bad = tmp_path / "bad" / f"{TYPES}_bad-rows.xlsx"
    bad.parent.mkdir()
    write_sheet(bad, TYPES, bad_cells(job.files.get()))
    cells = [row for row in load_workbook(bad).active.iter_rows() if row[0].row > 1]
    assert [cell.data_type for row in cells for cell in row[:2]] == ["s"] * 6
    again = imported(bad, check=True)
    assert [(line, column, code) for line, column, _level, code in problems(again)] == [
        (2, "name", "formula"),
        (3, "name.en_US", "formula"),
        (4, "name", "too_long"),
    ]
    assert "The cell A2 holds a formula." in [
        Problem.from_json(found).sentence for row in again.files.get().results.all() for found in row.problems
    ]

    book = load_workbook(bad)
    book.active["A2"], book.active["B3"], book.active["A4"] = "box", "Sack", "plain"
    book.save(bad)
    assert counts(imported(bad)) == (3, 0, 0, 0, 0)
    assert PackagingType.objects.get(key="plain").name == {"en_US": "=plain"}


def test_the_problems_of_a_workbook_name_the_cell(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    rows = (["remark", "name", "name.en_US"], [], ["", "box", "x" * 300], ["", "", "Sack"])
    job = imported(workbook(tmp_path, *rows), check=True)
    lines = [line.split(",")[:6] for line in problem_lines(job)]
    assert lines == [
        ["file", "line", "cell", "key", "column", "value"],
        [f"{TYPES}.xlsx", "3", "C3", "box", "name.en_US", "x" * 79 + "…"],
        [f"{TYPES}.xlsx", "4", "B4", "", "name", ""],
    ]
    [file] = report(job)["files"]
    assert [error["cell"] for error in file["details"]["errors"]] == ["C3", "B4"]
    client = Client()
    job.owner = make.superuser()
    job.save()
    client.force_login(job.owner, backend="backoffice.accounts.backends.RoleBackend")
    html = client.get(f"/transfer/job/{job.token}/?tab=errors").content.decode()
    assert '<b class="bo-mono">C3</b>' in html


# --- several sheets ------------------------------------------------------------------------------


def sheets(folder: Path, name: str, **tables: list[list[Any]]) -> Path:
    """A workbook with these sheets in their order."""
    book = Workbook()
    book.remove(book.active)
    for title, rows in tables.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = folder / name
    book.save(path)
    return path


CARTONS = [["name", "name.en_US"], ["packaging_unit_type.box.name", "Box"]]
TEXTS = [["key", "locale", "translation"], ["a", "en_US", "A"], ["b", "en_US", "B"]]


def told(job: Job) -> list[tuple[str, str]]:
    found = [Problem.from_json(note) for file in job.files.order_by("position") for note in file.notes]
    return [(note.code, note.sentence) for note in found if note.code == "not_imported_here"]


def test_sheets_called_like_formats_are_files_of_their_own(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    path = sheets(
        tmp_path, "all.xlsx", product_packaging_unit_type=CARTONS, Remarks=[["Ask Mia"]], glossary=TEXTS
    )
    job = imported(path)
    assert [(str(file), file.format, file.new) for file in job.files.order_by("position")] == [
        ("all.xlsx [glossary]", "glossary", 2),
        ("all.xlsx [product_packaging_unit_type]", TYPES, 1),
    ]
    assert told(job) == [
        (
            "not_imported_here",
            "The sheets “Remarks” are left out: they are not called like a kind of file.",
        )
    ]
    assert PackagingType.objects.get(key="packaging_unit_type.box.name").name == {"en_US": "Box"}


def test_a_second_sheet_that_is_left_out_is_told(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    for check in (True, False):
        job = imported(
            sheets(tmp_path, f"{TYPES}.xlsx", First=CARTONS, Second=CARTONS, Third=[]), check=check
        )
        assert told(job) == [
            ("not_imported_here", "The sheets “Second” are left out: only the first sheet is read.")
        ]
    assert counts(job) == (1, 0, 0, 0, 0)


def test_the_guide_beside_a_template_is_no_sheet_to_tell_of(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    guide = guides.table(formats.resource_of(TYPES))
    assert told(imported(sheets(tmp_path, f"{TYPES}.xlsx", First=CARTONS, Columns=guide))) == []


def test_a_long_name_is_cut_by_the_sheet():
    assert by_title("product_measurement_sales_unit_") == "product_measurement_sales_unit_store"
    assert by_title("product_measurement_sales_unit") == "product_measurement_sales_unit"
    assert by_title("product_abstract_approval_statu") == "product_abstract_approval_status"


def test_the_bad_rows_of_a_sheet_are_those_of_its_own_table(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    bad = [*CARTONS, ["packaging_unit_type.long.name", "x" * 300]]
    job = imported(sheets(tmp_path, "all.xlsx", glossary=TEXTS, **{TYPES: bad}), on_error="skip")
    assert counts(job) == (3, 0, 0, 0, 1)
    [file] = job.files.filter(errors=1)
    assert [row[0] for row in bad_cells(file)] == ["name", "packaging_unit_type.long.name"]


def test_an_error_value_of_a_spreadsheet_is_never_data(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    make.packaging_type(key="box", name={"en_US": "Box"})
    rows = ["name", "name.en_US"], ["box", "#REF!"], ["#N/A", "Sack"], ["text", "#N/A"]
    path = workbook(tmp_path, *rows)
    book = load_workbook(path)
    book.active["B4"].data_type = "s"
    book.save(path)
    job = imported(path, on_error="skip")
    assert (counts(job), problems(job)) == (
        (1, 0, 0, 0, 2),
        [(2, "name.en_US", "error", "formula"), (3, "name", "error", "formula")],
    )
    problem = Problem.from_json(job.files.get().results.get(line=2).problems[0])
    assert (problem.cell, problem.sentence, problem.repair) == (
        "B2",
        "The cell B2 holds the error “#REF!” of the spreadsheet instead of a value.",
        "Put the value itself into the cell.",
    )
    assert PackagingType.objects.get(key="box").name == {"en_US": "Box"}
    assert PackagingType.objects.get(key="text").name == {"en_US": "#N/A"}

    bad = tmp_path / "bad" / f"{TYPES}_bad-rows.xlsx"
    bad.parent.mkdir()
    write_sheet(bad, TYPES, bad_cells(job.files.get()))
    assert [code for *_place, code in problems(imported(bad, check=True))] == ["formula", "formula"]
    book = load_workbook(bad)
    book.active["B2"], book.active["A3"] = "# 1", "sack"
    book.save(bad)
    assert counts(imported(bad)) == (1, 1, 0, 0, 0)


def test_a_row_of_blanks_is_skipped_and_the_token_is_told_like_in_a_table(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    path = workbook(tmp_path, ["name", "name.en_US"], [" ", "  "], ["box", "[[clear]]"], ["sack", "Sack"])
    job = imported(path, check=True)

    assert counts(job) == (2, 0, 0, 0, 0)
    assert [found for found in problems(job) if found[2] == "warning"] == [
        (3, "name.en_US", "warning", "clear_not_kept")
    ]
