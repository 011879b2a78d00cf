"""Imports in a browser: a large one with progress and cancel, differences and their filter, bad rows and workbooks
mended and brought back, and what script and stylesheet add to the pages."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from backoffice.transfer.jobs import intake, lifecycle
from backoffice.transfer.models import Job, JobProgress
from catalog.packaging.models import PackagingType
from tests import make
from tests.browser.steps import heading, press, sign_in
from tests.transfer.conftest import TYPES, written

LIST = "/packaging/packagingtype/"
LARGE = 30_000


@pytest.fixture
def job(live_database: str, tmp_path: Path, settings: Any) -> Job:
    """An uploaded file of three rows."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    make.store(locales=("de_DE", "en_US"))
    mara = make.user("mara@example.com", roles=["Category Manager"])
    job = lifecycle.create(mara, title="types.csv")
    intake.take_path(job, written(tmp_path, f"{TYPES}.csv", "name,name.en_US\nbox,Box\nroll,Roll\nbag,Bag\n"))
    return job


def open_job(page: Any, server: str, job: Job) -> None:
    page.goto(f"{server}/transfer/job/{job.token}/")
    sign_in(page, "mara@example.com")


def test_a_page_opened_while_a_job_waits_follows_it_to_its_result(page, server, job):
    lifecycle.move(job, Job.State.QUEUED)
    open_job(page, server, job)
    page.evaluate("window.isTheSamePage = true")

    lifecycle.move(job, Job.State.CHECKING)
    now = timezone.now()
    facts = {"began_at": now, "heartbeat_at": now, "rows_done": 50_000, "rows_total": 200_000}
    JobProgress.objects.create(job=job, **facts)
    page.get_by_text("50,000 of 200,000 rows done").wait_for()
    JobProgress.objects.update(rows_done=150_000, heartbeat_at=timezone.now())
    page.get_by_text("150,000 of 200,000 rows done").wait_for()
    assert page.get_by_role("heading", name="Checking").is_visible()
    assert page.locator("progress").get_attribute("value") == "150000"
    assert page.evaluate("window.isTheSamePage")

    lifecycle.check(job)
    page.get_by_role("button", name="Import 3 rows").wait_for()


def test_the_first_rows_stand_below_their_heads(page, server, job):
    open_job(page, server, job)
    head = page.get_by_role("columnheader", name="name", exact=True).bounding_box()
    first = page.get_by_role("cell", name="box", exact=True).bounding_box()

    assert head["y"] + head["height"] <= first["y"] + 1


def test_the_bar_of_the_check_page_reaches_the_edge_of_the_window(page, server, job):
    open_job(page, server, job)
    press(page, "Check file")
    bar = page.get_by_role("region", name="Import").bounding_box()

    assert bar["x"] + bar["width"] == page.evaluate("document.documentElement.clientWidth")


@pytest.fixture
def mara(live_database: str, tmp_path: Path, settings: Any) -> Any:
    settings.PRIVATE_ROOT = tmp_path / "private"
    make.store(locales=("de_DE", "en_US"))
    return make.user("mara@example.com", roles=["Category Manager"])


@pytest.fixture
def slow_disk(live_database: str) -> None:
    """Every batch takes its time, so that somebody can watch on any machine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';"
            "CREATE TRIGGER slow BEFORE INSERT ON packaging_packagingtype EXECUTE FUNCTION wait()"
        )


@pytest.fixture
def worker(live_database: str, tmp_path: Path) -> Iterator[None]:
    """A worker in a process of its own, on the same database and files."""
    live = {**os.environ, "DATABASE_URL": live_database, "BACKOFFICE_VAR": str(tmp_path)}
    child = subprocess.Popen([sys.executable, str(project.BASE_DIR / "manage.py"), "run_jobs"], env=live)
    yield
    child.kill()
    child.wait()


def signed_in(page: Any, server: str) -> None:
    page.goto(f"{server}{LIST}")
    sign_in(page, "mara@example.com")


def checked(page: Any, file: Path) -> None:
    """From the list of packaging types to the page of the check."""
    page.goto(LIST)
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label("File", exact=False).first.set_input_files(file)
    press(page, "Read file")
    press(page, "Check file")


def figures(page: Any) -> list[str]:
    """New, changed, unchanged, errors."""
    page.locator(".bo-tile").first.wait_for()
    return page.locator(".bo-tile .bo-num").all_inner_texts()


def narrow(page: Any, chip: str, *choices: str) -> None:
    """Open a filter above the rows, tick and apply."""
    box = page.locator("#rows details").filter(has=page.locator("summary", has_text=chip))
    box.locator("summary").click()
    for choice in choices:
        box.get_by_label(choice, exact=True).check()
    with page.expect_navigation():
        box.get_by_role("button", name="Apply").click()


def test_a_large_import_shows_its_progress_and_is_cancelled(page, server, mara, slow_disk, worker, tmp_path):
    lines = "".join(f"key{number},Box {number}\n" for number in range(LARGE))
    file = written(tmp_path, f"{TYPES}.csv", f"name,name.en_US\n{lines}")
    signed_in(page, server)
    checked(page, file)
    page.get_by_role("button", name="Import 30,000 rows").wait_for(timeout=30_000)
    assert figures(page) == ["30,000", "0", "0", "0"]

    press(page, "Import 30,000 rows")
    page.get_by_text("of 30,000 rows done").wait_for(timeout=30_000)
    assert page.locator("progress").get_attribute("max") == "30000"
    press(page, "Cancel")
    page.get_by_text("Nothing was written.").wait_for()
    assert page.get_by_role("status").get_by_text("Cancelled").is_visible()
    assert (Job.objects.get().state, PackagingType.objects.filter(key__startswith="key").count()) == (
        "cancelled",
        0,
    )


def test_the_differences_of_a_check_are_narrowed(page, server, mara, tmp_path, axe):
    for number in range(60):
        make.packaging_type({"en_US": f"Box {number}", "de_DE": f"Kiste {number}"}, key=f"key{number:02}")
    lines = "".join(f"key{number:02},Case {number},Kiste {number % 7}\n" for number in range(70))
    signed_in(page, server)
    checked(page, written(tmp_path, f"{TYPES}.csv", f"name,name.en_US,name.de_DE\n{lines}"))
    assert figures(page) == ["10", "60", "0", "0"]
    rows = page.locator("#rows tbody tr")
    assert rows.count() == 50

    narrow(page, "Field", "name.de_DE")
    narrow(page, "Result", "changed")
    axe(page)
    assert "Kiste 8" in rows.nth(1).inner_text()
    assert "Case 8" not in rows.nth(1).inner_text()
    with page.expect_navigation():
        page.get_by_role("link", name="Next page").click()
    assert rows.count() == 3
    with page.expect_download() as download:
        page.get_by_role("link", name="Download these rows").click()
    saved = Path(download.value.path()).read_text().splitlines()
    assert (len(saved), saved[1]) == (54, f"{TYPES}.csv,9,key07,changed,name.de_DE,Kiste 7,Kiste 0")

    page.get_by_role("link", name="Reset").click()
    narrow(page, "Result", "new")
    assert rows.count() == 10


def test_the_bad_rows_of_a_workbook_are_mended_in_it_and_imported(page, server, mara, tmp_path):
    signed_in(page, server)
    path = tmp_path / f"{TYPES}.xlsx"
    export(page, path)
    book = load_workbook(path)
    for row in (["sack", "y" * 300, "Sack"], ["roll", "Roll", "Rolle"]):
        book.active.append(row)
    book.save(path)
    checked(page, path)
    assert figures(page) == ["1", "0", "1", "1"]
    press(page, "Skip bad rows and import 1 row")

    with page.expect_download() as download:
        page.get_by_role("link", name="Only the bad rows").click()
    bad = tmp_path / download.value.suggested_filename
    download.value.save_as(bad)
    book = load_workbook(bad)
    assert [book.active.max_row, book.active["A2"].value] == [2, "sack"]
    book.active["B2"] = "Sack"
    book.save(bad)
    checked(page, bad)
    assert figures(page) == ["1", "0", "0", "0"]
    press(page, "Import 1 row")
    assert PackagingType.objects.get(key="sack").name == {"en_US": "Sack", "de_DE": "Sack"}


def test_an_exported_workbook_comes_back_without_a_change(page, server, mara, tmp_path):
    for number in range(5):
        make.packaging_type({"en_US": f"=Box {number}", "de_DE": "'007"}, key=f"00{number}")
    before = list(PackagingType.objects.order_by("pk").values_list("key", "name", "version"))
    signed_in(page, server)
    path = tmp_path / f"{TYPES}.xlsx"
    export(page, path)
    checked(page, path)

    assert figures(page) == ["0", "0", "6", "0"]
    assert page.get_by_text("Nothing had to be written: everything is there already.").is_visible()
    assert page.get_by_role("button", name="Import 0 rows").count() == 0
    assert list(PackagingType.objects.order_by("pk").values_list("key", "name", "version")) == before


def export(page: Any, path: Path) -> None:
    """The packaging types with their names, as a workbook."""
    page.goto(LIST)
    page.get_by_role("link", name="Export", exact=True).click()
    assert heading(page) == "Export"
    page.get_by_label("File type").select_option("xlsx")
    page.get_by_label("Extra columns").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    download.value.save_as(path)


def test_all_contents_of_an_export_are_chosen_at_once(page, server, live_database):
    make.store(locales=("de_DE", "en_US"))
    make.user("mara@example.com", roles=["Category Manager"])
    page.goto(f"{server}/transfer/job/export/")
    sign_in(page, "mara@example.com")
    boxes = page.locator("input[name=format]")
    for wanted in (True, False):
        page.get_by_label("Select all").set_checked(wanted)
        assert {box.is_checked() for box in boxes.all()} == {wanted}
    assert page.evaluate("(e => e.scrollHeight - e.clientHeight)(document.querySelector('.bo-checks'))") == 0


def test_words_of_the_first_rows_stay_whole(page, server, live_database, tmp_path, settings):
    settings.PRIVATE_ROOT = tmp_path / "private"
    make.store(locales=("de_DE", "en_US"))
    mara = make.user("mara@example.com", roles=["Category Manager"])
    job = lifecycle.create(mara, title="products")
    head = ",".join(["abstract_sku", *(f"attribute_key_{n},value_{n}" for n in range(1, 13))])
    intake.take_path(
        job, written(tmp_path, "product_abstract.csv", f"{head}\nsaw{',brand,Brundalin' * 12}\n")
    )
    open_job(page, server, job)
    cell = page.get_by_role("cell", name="brand", exact=True).first
    one_line = "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length; }"
    assert cell.evaluate(one_line) == 1
