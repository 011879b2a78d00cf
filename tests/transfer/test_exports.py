"""What is written can be read again: 0 changes, byte for byte the same, nothing that runs in a spreadsheet."""

import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from backoffice.accounts.models import User
from backoffice.spreadsheets import guarded
from backoffice.transfer.declaring.formats import resource_of, resources
from backoffice.transfer.declaring.numbers import Dec, Int
from backoffice.transfer.declaring.widgets import Code, Text, unguarded
from backoffice.transfer.exporting.sheets import CannotHold, protected, temporary_sheet, typed, write_sheet
from backoffice.transfer.exporting.streams import Shape, csv_lines, sheet_rows
from backoffice.transfer.jobs import exports, keeping, lifecycle
from backoffice.transfer.models import Job
from backoffice.transfer.reading.sources import private_path
from catalog.packaging.models import PackagingType
from catalog.products.models import Product
from catalog.stores.models import GlossaryText
from tests import make
from tests.site.page import compact
from tests.transfer.conftest import TYPES, imported, problems, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
NAMES = [resource.file for resource in resources()]


def exported(name: str, **shape: bool) -> str:
    return "".join(csv_lines(resource_of(name), shape=Shape(**shape)))


def sheet(name: str, **shape: bool) -> bytes:
    with temporary_sheet(name, sheet_rows(resource_of(name), shape=Shape(**shape))) as file:
        return file.read()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_export_imports_to_no_change(sample: Job, tmp_path: Path, name: str, language: str):
    PackagingType.objects.filter(key__contains="coil").update(name={"de_DE": "Rolle", "en_US": "=Coil"})
    Product.objects.filter(sku__startswith="T1").update(approval_status="approved")
    with translation.override(language):
        text = exported(name, extra_columns=True)
        assert text == exported(name, extra_columns=True)
        job = imported(written(tmp_path, f"{name}.csv", text))

    assert (job.state, job.counts["new"], job.counts["changed"], job.counts["errors"]) == ("done", 0, 0, 0)
    assert job.counts["rows"] == text.count("\n") - 1 or name == "glossary"
    assert job.change_set is None


def test_the_whole_catalogue_goes_out_and_comes_back(sample: Job, tmp_path: Path):
    call_command("export_catalog", str(tmp_path / "out"), "--extra-columns")

    assert sorted(path.stem for path in (tmp_path / "out").iterdir()) == sorted(NAMES)
    job = imported(tmp_path / "out")
    assert (job.counts["new"], job.counts["changed"], job.counts["errors"]) == (0, 0, 0)


def test_extra_columns_are_written_only_when_asked_for(sample: Job):
    assert exported(TYPES).splitlines()[0] == "name"
    assert exported(TYPES, extra_columns=True).splitlines()[0] == "name,name.de_DE,name.en_US"


def test_rows_come_in_the_order_of_the_key_and_columns_are_spelled_as_they_are_read(sample: Job):
    assert exported("currency_store") == (
        "currency_code,store_name,is_default\nCHF,DE,0\nEUR,AT,1\nEUR,DE,1\nUSD,US,1\n"
    )
    assert exported("store_context").splitlines()[1] == (
        'AT,"{""application_contexts"": [{""application"": null, ""timezone"": ""Europe/Vienna""}]}"'
    )


def test_a_mark_in_front_is_a_choice(sample: Job):
    assert exported(TYPES, has_mark=True).startswith("\ufeffname")


DANGEROUS = [
    "=1+1",
    "+cmd",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "'=1",
    "''=1",
    "'plain",
]


def test_texts_a_spreadsheet_would_run_come_back_as_they_were(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    for number, text in enumerate(DANGEROUS):
        GlossaryText.objects.create(key=f"k{number:02}", locale="en_US", translation=text)
    text = exported("glossary")
    GlossaryText.objects.all().delete()
    job = imported(written(tmp_path, "glossary.csv", text))

    assert (job.counts["new"], problems(job)) == (len(DANGEROUS), [])
    stored = list(GlossaryText.objects.order_by("key").values_list("translation", flat=True))
    assert stored == DANGEROUS
    assert "'=1+1" in text and "''=1" in text and ",'plain" in text and "''plain" not in text


def test_line_ends_alone_are_no_change(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    GlossaryText.objects.create(key="k", locale="en_US", translation="two\r\nlines")
    job = imported(written(tmp_path, "glossary.csv", exported("glossary")))

    assert (job.counts["unchanged"], GlossaryText.objects.get().translation) == (1, "two\r\nlines")


def test_for_another_system_nothing_is_protected(db: None):
    make.store("DE", locales=("en_US",))
    GlossaryText.objects.create(key="k", locale="en_US", translation="=1+1")

    assert exported("glossary", is_guarded=False) == "key,translation,locale\nk,=1+1,en_US\n"


@given(st.text(st.sampled_from("'=+-@\t\r＝ab"), max_size=8))
def test_every_text_survives_the_protection(text: str):
    assert unguarded(guarded(text)) == text
    assert Text().clean(guarded(text)) == text


# --- workbooks


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_workbook_imports_to_no_change(
    sample: Job, tmp_path: Path, name: str, language: str, monkeypatch: pytest.MonkeyPatch
):
    PackagingType.objects.filter(key__contains="coil").update(name={"de_DE": "Rolle", "en_US": "=Coil"})
    Product.objects.filter(sku__startswith="T1").update(approval_status="approved")
    with translation.override(language):
        content = sheet(name, extra_columns=True)
        monkeypatch.setattr("time.time", lambda: 4_000_000_000.0)
        assert content == sheet(name, extra_columns=True)
        monkeypatch.undo()
        path = tmp_path / f"{name}.xlsx"
        path.write_bytes(content)
        job = imported(path)

    assert (job.state, job.counts["new"], job.counts["changed"], job.counts["errors"]) == ("done", 0, 0, 0)
    assert job.counts["rows"] > 0 and job.files.get().reading["kind"] == "xlsx"
    assert job.change_set is None


def test_texts_are_text_cells_whatever_they_look_like(db: None):
    make.store("DE", locales=("en_US",))
    make.packaging_type("=1+1", key="007")
    page = load_workbook(io.BytesIO(sheet(TYPES, extra_columns=True))).worksheets[0]

    cells = [cell for row in page.iter_rows(max_row=2) for cell in row]
    assert [cell.value for cell in cells] == ["name", "name.en_US", "007", "=1+1"]
    assert {(cell.data_type, cell.number_format) for cell in cells[:3]} == {("s", "@")}
    assert cells[3].number_format == "@"
    assert b"<f>" not in sheet(TYPES, extra_columns=True)


def test_quantities_and_amounts_are_numbers_unless_they_would_be_rounded():
    assert (typed("5", Int()), typed("-1.25", Dec())) == (5, Decimal("-1.25"))
    assert (typed("1234567890.1234567", Dec()), typed("", Int())) == ("1234567890.1234567", "")
    assert (typed("007", Code()), typed("1", Text())) == ("007", "1")


def test_dangerous_texts_come_back_from_a_workbook_as_they_were(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    texts = [*DANGEROUS, "a_x000D_b", "_x005F_", "  blanks  ", "two\nlines"]
    for number, text in enumerate(texts):
        GlossaryText.objects.create(key=f"k{number:02}", locale="en_US", translation=text)
    path = tmp_path / "glossary.xlsx"
    path.write_bytes(sheet("glossary"))
    GlossaryText.objects.all().delete()
    job = imported(path)

    assert (job.counts["new"], problems(job)) == (len(texts), [])
    assert list(GlossaryText.objects.order_by("key").values_list("translation", flat=True)) == texts


@given(st.text(st.sampled_from("'=+-@\t\r＝ab"), max_size=8))
def test_every_text_survives_the_protection_of_a_workbook(text: str):
    assert Text().clean(protected(text)) == text


def test_a_code_that_looks_like_a_formula_survives_in_a_workbook():
    assert protected("=1", is_code=True) == "'=1"
    assert Code().clean("'=1") == "=1"


@pytest.mark.parametrize("text", ["x" * 32_768, "a\x01b"])
def test_a_text_that_no_workbook_can_hold_is_said_and_nothing_is_cut(db: None, browser: Client, text: str):
    PackagingType.objects.create(key="box", name={"en_US": text})
    with pytest.raises(CannotHold):
        sheet(TYPES, extra_columns=True)
    response = browser.post(EXPORT, {"format": TYPES, "kind": "xlsx", "extra_columns": "on"})

    assert response.status_code == 422
    assert "Export as CSV." in response.content.decode()


def test_more_rows_than_a_sheet_has_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("backoffice.transfer.exporting.sheets.MOST_ROWS", 2)
    with pytest.raises(CannotHold):
        write_sheet(tmp_path / "x.xlsx", "x", [["a"], ["b"], ["c"]])
    write_sheet(tmp_path / "x.xlsx", "x", [["a"], ["b"]])


def test_the_whole_catalogue_goes_out_as_workbooks_and_comes_back(sample: Job, tmp_path: Path):
    call_command("export_catalog", str(tmp_path / "out"), "--extra-columns", "--xlsx")

    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(f"{n}.xlsx" for n in NAMES)
    job = imported(tmp_path / "out")
    assert (job.counts["new"], job.counts["changed"], job.counts["errors"]) == (0, 0, 0)


# --- the command


def run_export(*arguments: str) -> tuple[int, str]:
    """Exit code, what it said or complained about."""
    out = io.StringIO()
    try:
        call_command("export_catalog", *arguments, stdout=out)
    except CommandError as problem:
        return problem.returncode, str(problem)
    return 0, out.getvalue()


def relative(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_command_lays_files_out_by_store_and_they_come_back(sample: Job, tmp_path: Path):
    run_export(str(tmp_path / "out"), "--extra-columns", "--folders")

    found = relative(tmp_path / "out")
    assert {"store.csv", "DE/currency_store.csv", "US/store_context.csv", "glossary.csv"} <= set(found)
    assert "currency_store.csv" not in found
    job = imported(tmp_path / "out")
    assert (job.counts["new"], job.counts["changed"], job.counts["errors"]) == (0, 0, 0)
    assert job.counts["warnings"] == 0


def test_the_command_writes_a_zip_that_imports(sample: Job, tmp_path: Path):
    code, said = run_export(str(tmp_path / "all.zip"), "--extra-columns", "--stores", "DE,AT")
    job = Job.objects.get(kind="export")

    assert (code, job.state, job.title) == (0, "done", "all.zip")
    assert f"{tmp_path / 'all.zip'}/DE/locale_store.csv" in said
    again = imported(tmp_path / "all.zip")
    assert (again.counts["new"], again.counts["changed"], again.counts["errors"]) == (0, 0, 0)
    assert again.counts["rows"] == job.counts["rows"]
    assert not again.files.filter(folder="US").exists()


def test_the_command_exports_what_a_filter_leaves(sample: Job, tmp_path: Path):
    run_export(str(tmp_path), "--formats", "store,country_store", "--filter", "q=DE")

    assert (tmp_path / "store.csv").read_text() == "name\nDE\n"
    assert (tmp_path / "country_store.csv").read_text() == "store_name,country\nDE,CH\nDE,DE\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--formats", "nothing"),
        ("--filter", "q=DE"),
        ("--formats", "store", "--filter", "colour=red"),
        ("--formats", "store", "--filter", "DE"),
        ("--user", "nobody@example.com"),
    ],
)
def test_wrong_usage_of_the_command_writes_nothing(sample: Job, tmp_path: Path, arguments: tuple[str, ...]):
    assert run_export(str(tmp_path / "out"), *arguments)[0] == 2
    assert not (tmp_path / "out").exists()


def test_the_command_exports_with_the_rights_of_the_named_user(sample: Job, tmp_path: Path):
    user = make.user(roles=["Category Manager"])
    run_export(str(tmp_path), "--user", user.email)

    assert f"{TYPES}.csv" in relative(tmp_path) and "store.csv" not in relative(tmp_path)
    assert Job.objects.get(kind="export").owner == user


# --- the page and its jobs

EXPORT = "/transfer/job/export/"
ITEM = "packaging_unit_type.item.name"


@pytest.fixture
def manager(db: None) -> User:
    make.store("DE", locales=("en_US",))
    return make.user(roles=["Category Manager"])


@pytest.fixture
def browser(manager: User) -> Client:
    client = Client()
    client.force_login(manager, backend="backoffice.accounts.backends.RoleBackend")
    return client


@pytest.fixture
def large(settings: Any) -> None:
    """Four records are too many to be written at once."""
    settings.TRANSFER_EXPORT_AT_ONCE = settings.TRANSFER_EXPORT_WITHOUT_WORKER = 2
    for key in ("bag", "box", "sack"):
        make.packaging_type(key.title(), key=key)


def ordered(browser: Client, **chosen: str) -> Job:
    """A large export, asked for on the page."""
    response = browser.post(EXPORT, {"format": TYPES, **chosen})
    job = Job.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/transfer/job/{job.token}/")
    return job


def test_bad_rows_of_a_workbook_are_a_workbook(browser: Client, manager: User, tmp_path: Path):
    path = tmp_path / f"{TYPES}.xlsx"
    write_sheet(path, TYPES, [["name", "name.en_US"], ["007", "Seven"], ["x" * 300, "=A"], ["", "5"]])
    job = imported(path, user=manager, on_error="skip")
    response = browser.get(f"/transfer/job/{job.token}/bad-rows/")
    content = b"".join(response.streaming_content)
    page = load_workbook(io.BytesIO(content)).worksheets[0]

    assert response["Content-Disposition"] == f'attachment; filename="{TYPES}_bad-rows.xlsx"'
    rows = list(page.iter_rows())
    assert [[cell.value for cell in row][:3] for row in rows] == [
        ["name", "name.en_US", "__line"],
        ["x" * 300, "=A", "3"],
        [None, "5", "4"],
    ]
    assert {cell.number_format for row in rows for cell in row if cell.value} == {"@"}


def test_the_page_says_beside_each_content_of_a_list_how_many_rows_it_has(browser: Client, large: None):
    asked = {"format": TYPES, "screen": "packaging.packagingtype", "list": "q=bo"}
    assert f"({TYPES}): 1 row</span>" in compact(browser.get(EXPORT, asked))
    asked["list"] = ""
    assert f"({TYPES}): more than 2 rows</span>" in compact(browser.get(EXPORT, asked))
    assert f"({TYPES})</span>" in compact(browser.get(EXPORT, {"format": TYPES}))


def test_contents_that_hang_on_the_listed_records_follow_the_filter(sample: Job):
    client = Client()
    client.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    asked = {"format": "store", "screen": "stores.store", "list": "q=DE"}
    page = compact(client.get(EXPORT, asked))
    assert "(store): 1 row</span>" in page and "(currency_store): 2 rows</span>" in page
    response = client.post(EXPORT, {**asked, "format": ["store", "currency_store"]})

    assert response["Content-Disposition"] == 'attachment; filename="export.zip"'
    assert unzipped(response) == {
        "currency_store.csv": "currency_code,store_name,is_default\nCHF,DE,0\nEUR,DE,1\n",
        "store.csv": "name\nDE\n",
    }


def unzipped(response: Any) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        return {name: archive.read(name).decode() for name in sorted(archive.namelist())}


def test_a_zip_has_a_folder_per_store_and_the_same_data_gives_the_same_bytes(sample: Job):
    client = Client()
    client.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    chosen = {"format": ["currency", "country_store"], "packing": "folders", "stores": ["AT", "DE"]}
    first, second = (b"".join(client.post(EXPORT, chosen).streaming_content) for _time in range(2))

    assert first == second
    files = unzipped(client.post(EXPORT, chosen))
    assert list(files) == ["AT/country_store.csv", "DE/country_store.csv", "currency.csv"]
    assert files["AT/country_store.csv"] == "store_name,country\nAT,AT\n"


def test_a_packed_export_may_be_a_job_too(browser: Client, large: None):
    response = browser.post(EXPORT, {"format": [TYPES, "product_attribute_key"], "kind": "xlsx"})
    job = Job.objects.get()
    lifecycle.run_job.call(job.pk, "export")
    job.refresh_from_db()
    file = browser.get(f"{response['Location']}download/")

    assert (job.state, job.title, job.counts) == ("done", "export.zip", {"rows": 4})
    assert file["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(b"".join(file.streaming_content))) as archive:
        assert sorted(archive.namelist()) == [f"{name}.xlsx" for name in ("product_attribute_key", TYPES)]


def test_nothing_chosen_is_said(browser: Client):
    response = browser.post(EXPORT, {})
    assert (response.status_code, "Choose what to export." in response.content.decode()) == (422, True)


def test_a_filter_on_a_list_that_one_may_not_see_gives_nothing(browser: Client, sample: Job):
    asked = {"format": TYPES, "screen": "accounts.user", "list": "q=a"}
    assert f"({TYPES})</span>" in compact(browser.get(EXPORT, asked))


@pytest.mark.parametrize("state", ["stalled", "failed", "cancelled"])
def test_an_export_that_broke_off_can_be_run_again(browser: Client, large: None, state: str):
    job = ordered(browser)
    lifecycle.move(job, Job.State.APPLYING)
    lifecycle.move(job, state)
    url = f"/transfer/job/{job.token}/"
    assert f'action="{url}again/"' in browser.get(url).content.decode()

    assert browser.get(f"{url}again/").status_code == 405
    assert browser.post(f"{url}again/")["Location"] == url
    job.refresh_from_db()
    assert job.state == "queued"
    lifecycle.run_job.call(job.pk, "export")
    assert b"".join(browser.get(f"{url}download/").streaming_content).startswith(b"name\nbag\n")
    assert f'action="{url}again/"' not in browser.get(url).content.decode()


def test_a_finished_export_and_that_of_another_are_not_run_again(browser: Client, large: None):
    job = ordered(browser)
    lifecycle.run_job.call(job.pk, "export")
    browser.post(f"/transfer/job/{job.token}/again/")
    job.refresh_from_db()
    assert job.state == "done"

    lifecycle.move(job, Job.State.FAILED)
    other = Client()
    other.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    other.post(f"/transfer/job/{job.token}/again/")
    job.refresh_from_db()
    assert job.state == "failed"


def test_a_workbook_is_downloaded_at_once_when_it_is_small(browser: Client):
    make.packaging_type("Box", key="box")
    response = browser.post(EXPORT, {"format": TYPES, "kind": "xlsx"})
    page = load_workbook(io.BytesIO(b"".join(response.streaming_content))).worksheets[0]

    assert response["Content-Disposition"] == f'attachment; filename="{TYPES}.xlsx"'
    assert list(page.values) == [("name",), ("box",), (ITEM,)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_large_export_becomes_a_job_with_a_file(browser: Client, large: None, kind: str):
    job = ordered(browser, kind=kind, screen="packaging.packagingtype", list="")
    url = f"/transfer/job/{job.token}/"
    assert (job.kind, job.state) == ("export", "queued")
    assert "The job waits for a worker." in browser.get(url).content.decode()
    assert browser.get(f"{url}download/")["Location"] == f"/transfer/job/{job.token}/"

    lifecycle.run_job.call(job.pk, "export")
    html = browser.get(url).content.decode()
    assert "4 rows were exported." in html and f"{url}download/" in html
    response = browser.get(f"{url}download/")
    content = b"".join(response.streaming_content)
    assert response["Content-Disposition"] == f'attachment; filename="{TYPES}.{kind}"'
    assert content == (sheet(TYPES) if kind == "xlsx" else f"name\nbag\nbox\n{ITEM}\nsack\n".encode())


def test_a_job_writes_the_filtered_list_only(browser: Client, large: None, settings: Any):
    settings.TRANSFER_EXPORT_AT_ONCE = settings.TRANSFER_EXPORT_WITHOUT_WORKER = 0
    job = ordered(browser, screen="packaging.packagingtype", list="q=bo")
    lifecycle.run_job.call(job.pk, "export")

    content = b"".join(browser.get(f"/transfer/job/{job.token}/download/").streaming_content)
    assert content == b"name\nbox\n"


def test_an_exported_file_is_for_its_owner_as_long_as_he_may_export(
    browser: Client, manager: User, large: None
):
    job = ordered(browser)
    lifecycle.run_job.call(job.pk, "export")
    url = f"/transfer/job/{job.token}/download/"
    other = Client()
    other.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    assert other.get(url).status_code == 404

    response = browser.get(url)
    assert (response.status_code, b"".join(response.streaming_content)[:4]) == (200, b"name")
    manager.groups.set(Group.objects.none())
    assert browser.get(url).status_code in {403, 404}


def test_who_lost_the_right_gets_no_file_written(browser: Client, manager: User, large: None):
    job = ordered(browser)
    manager.groups.set(Group.objects.none())
    lifecycle.run_job.call(job.pk, "export")
    job.refresh_from_db()

    assert (job.state, job.files.count()) == ("failed", 0)


def test_a_cancelled_export_leaves_no_file(browser: Client, large: None, private_root: Path):
    job = ordered(browser)

    class Impatient(exports.Progress):
        def tick(self, file: Any, line: int) -> None:
            self.is_cancelled = line > 2
            super().tick(file, line)

    lifecycle.move(job, Job.State.APPLYING)
    exports.perform(job, Impatient(job))
    job.refresh_from_db()

    assert (job.state, job.files.get().stored) == ("cancelled", "")
    assert list((private_root / "transfer").iterdir()) == []
    assert browser.get(f"/transfer/job/{job.token}/").status_code == 200


def test_an_export_waiting_for_a_worker_can_be_cancelled(browser: Client, large: None):
    job = ordered(browser)
    browser.post(f"/transfer/job/{job.token}/cancel/")
    lifecycle.run_job.call(job.pk, "export")
    job.refresh_from_db()

    assert (job.state, job.files.count()) == ("cancelled", 0)


def test_exported_files_go_after_thirty_days(browser: Client, large: None):
    job = ordered(browser)
    lifecycle.run_job.call(job.pk, "export")
    path = private_path(job.files.get().stored)
    assert path.exists()

    Job.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert (keeping.purge(), path.exists()) == (1, False)
    assert browser.get(f"/transfer/job/{job.token}/download/")["Location"] == f"/transfer/job/{job.token}/"
    assert (
        "The file was removed after its time" in browser.get(f"/transfer/job/{job.token}/").content.decode()
    )
