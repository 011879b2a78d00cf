"""Passwords and the like are gone before an upload is stored: from tables, workbooks and archives."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from openpyxl import Workbook, load_workbook

from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.columns import KEY, Column
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.declaring.widgets import Code, Text
from backoffice.transfer.exporting import guides
from backoffice.transfer.exporting.reports import bad_rows
from backoffice.transfer.models import Job
from backoffice.transfer.reading.sources import private_path
from catalog.packaging.models import PackagingType
from tests import make
from tests.transfer.conftest import errors, imported

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
SECRET = "geheim-4711"
TEXT = f"name,password,name.en_US\nbox,{SECRET},Box\nsack,{SECRET}-ü,{'x' * 300}\n"


class PersonFile(FileResource):
    key = Column("key", "name", Code(255), required=KEY)
    text = Column("name", "name", Text(255), localized=True)

    class Meta:
        model = PackagingType
        file = "customer"
        unkept = ("password",)


@pytest.fixture(autouse=True)
def people(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make.store("DE", locales=("en_US",))
    monkeypatch.setitem(formats._resources, "customer", PersonFile())


def taken(path: Path, data: bytes | str, name: str = "customer.csv") -> Job:
    file = path / name
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return imported(file, on_error="skip")


def workbook(rows: list[list[Any]]) -> bytes:
    book, target = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(target)
    return target.getvalue()


def unpacked(path: Path) -> bytes:
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def assert_gone(root: Path) -> None:
    """Neither a stored file nor any text in the database holds it."""
    for file in root.rglob("*"):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert file.is_dir() or SECRET.encode(encoding) not in unpacked(file)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            query = f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s'  # noqa: S608 - our own tables
            cursor.execute(query, [f"%{SECRET}%"])
            assert (table, cursor.fetchone()[0]) == (table, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_table_is_stored_without_the_column(
    tmp_path: Path, private_root: Path, encoding: str, separator: str
):
    data = TEXT.replace(",", separator).replace("Box", "Böx").encode(encoding)
    file = tmp_path / "customer.csv"
    file.write_bytes(data)
    job = imported(file, encoding="windows-1252" if encoding == "windows-1252" else "", on_error="skip")

    assert_gone(private_root)
    assert PackagingType.objects.get(key="box").name == {"en_US": "Böx"}
    assert errors(job) == [(3, "name.en_US", "too_long")]
    assert "".join(bad_rows(job.files.get())).splitlines()[0] == "name,name.en_US,__line,__errors"


def test_lines_stay_where_they_were(tmp_path: Path, private_root: Path):
    text = f'name,password,name.en_US\n\n"a","{SECRET}\n{SECRET}","A"\r\n\r\nb,{SECRET},"{"x" * 300}\ny"\nc,,""\n'
    text += f"d,{SECRET},{'x' * 300}\n"
    job = taken(tmp_path, text)

    assert_gone(private_root)
    assert errors(job) == [(6, "name.en_US", "too_long"), (9, "name.en_US", "too_long")]


@pytest.mark.parametrize("row", [f"Smith, John,{SECRET},Box", f"a,{SECRET},{SECRET},e", f"a,{SECRET}", "a"])
def test_a_row_that_does_not_fit_keeps_nothing_that_could_be_secret(
    tmp_path: Path, private_root: Path, row: str
):
    job = taken(tmp_path, f"name,password,name.en_US\n{row}\nbox,{SECRET},Box,,\n")

    assert_gone(private_root)
    assert errors(job) == [(2, "", "ragged_row")]
    assert PackagingType.objects.get(key="box").name == {"en_US": "Box"}


def test_a_workbook_is_stored_without_the_column(tmp_path: Path, private_root: Path):
    rows = [
        ["name", "password", "name.en_US"],
        ["007", SECRET, "=Box"],
        ["sack", SECRET, "x" * 300],
        [None],
        ["b", 1],
    ]
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.active["C2"].data_type = "s"
    book.active["C5"] = "=1+1"
    target = io.BytesIO()
    book.save(target)
    job = taken(tmp_path, target.getvalue(), "customer.xlsx")

    assert_gone(private_root)
    assert PackagingType.objects.get(key="007").name == {"en_US": "=Box"}
    assert errors(job) == [(3, "name.en_US", "too_long"), (5, "name.en_US", "formula")]
    [problem] = [p for r in job.files.get().results.filter(line=5) for p in r.problems]
    assert problem["params"] == {"address": "C5"}
    stored = load_workbook(io.BytesIO(private_path(job.files.get().stored).read_bytes())).worksheets[0]
    assert [cell.value for cell in stored["B"]] == [None] * 5


def test_an_archive_is_stored_without_the_column(tmp_path: Path, private_root: Path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("all/customer.csv", TEXT)
        archive.writestr("all/glossary.csv", f"key,locale,password\nk,en_US,{SECRET}\n")
        archive.writestr("all/customer.xlsx", workbook([["name", "Password "], ["x", SECRET]]))
    job = taken(tmp_path, target.getvalue(), "all.zip")

    assert_gone(private_root)
    assert sorted(job.files.exclude(stored="").values_list("name", "rows")) == [
        ("customer.csv", 2),
        ("customer.xlsx", 1),
        ("glossary.csv", 1),
    ]


def test_a_file_of_which_nobody_knows_what_it_holds_keeps_none_either(tmp_path: Path, private_root: Path):
    browser = Client()
    browser.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    upload = SimpleUploadedFile("people.csv", f"who;PASSWORD\nmara;{SECRET}\n".encode())
    response = browser.post("/transfer/job/upload/", {"files": upload})
    page = browser.get(response["Location"]).content.decode() if response.status_code == 302 else ""

    assert SECRET not in page
    assert_gone(private_root)


def test_a_file_that_cannot_be_read_is_not_stored(tmp_path: Path, private_root: Path):
    job = taken(tmp_path, f'name,password\nbox,"{SECRET}\n')

    assert (job.files.get().refusal["code"], job.files.get().stored) == ("unclosed_quote", "")
    assert_gone(private_root)


def test_the_same_upload_is_known_again(tmp_path: Path):
    text = f"name,password\nbox,{SECRET}\n"
    first, second = taken(tmp_path, text), taken(tmp_path, text)

    assert first.files.get().digest == second.files.get().digest
    assert "already_applied" in [note["code"] for note in second.files.get().notes]


def test_a_file_without_such_a_column_is_stored_as_it_came(tmp_path: Path):
    data = b"name,name.en_US\r\nbox,my password\r\n"
    job = taken(tmp_path, data)

    assert private_path(job.files.get().stored).read_bytes() == data


def test_the_guide_says_that_it_is_never_kept():
    [*_others, last] = guides.explain(formats.resource_of("customer"))

    assert last.name == "password"
    assert last.meaning == "Removed while the file is uploaded; never read, stored or shown."
