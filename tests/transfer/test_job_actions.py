"""What can be done with a job in its row of the list and on its pages, by whom, and what becomes of it."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from backoffice.accounts.models import User
from backoffice.transfer.jobs import keeping, lifecycle
from backoffice.transfer.models import Job
from catalog.packaging.models import PackagingType
from tests import make
from tests.transfer.conftest import TYPES, counts, errors
from tests.transfer.test_reading_page import text_of
from tests.transfer.test_screens import LIST, UPLOAD, page, signed_in

pytestmark = pytest.mark.django_db
TEXT = "name,name.en_US\nbox,Box\nsack,Sack\n"


@pytest.fixture
def manager(db: None) -> User:
    make.store("DE", locales=("en_US",))
    return make.user(roles=["Category Manager"])


@pytest.fixture
def browser(manager: User) -> Client:
    return signed_in(manager)


def imported(browser: Client, text: str = TEXT) -> Job:
    file = SimpleUploadedFile(f"{TYPES}.csv", text.encode())
    url = browser.post(UPLOAD, {"files": file})["Location"]
    for deed in ("check", "apply"):
        browser.post(f"{url}{deed}/")
    return Job.objects.order_by("-pk").first()


def actions(browser: Client, number: int = 0) -> list[str]:
    """The buttons of a row of the list."""
    cells = re.findall(r'<td class="bo-c bo-act">(.*?)</td>', page(browser, LIST), re.DOTALL)
    return re.findall(r"</svg>\s*([^<]+?)\s*</(?:a|button)>", cells[number])


def steps(html: str) -> list[str]:
    found = re.search(r'<ol class="bo-steps">(.*?)</ol>', html, re.DOTALL)[1]
    return [
        "current" if "aria-current" in each else "done" if "is-done" in each else "open"
        for each in re.findall(r"<li[^>]*>", found)
    ]


def address(job: Job, page: str = "") -> str:
    return f"/transfer/job/{job.token}/{page}"


def test_a_row_offers_what_can_be_done_with_its_job(browser: Client, manager: User):
    job = imported(browser)
    assert actions(browser) == ["Result", "Undo", "Run again"]
    undo = f"/history/changeset/{job.change_set}/undo/"
    assert f'href="{undo}"' in page(browser, LIST)
    browser.post(undo)
    assert actions(browser, number=1) == ["Result", "Run again"]

    waiting = lifecycle.create(manager, title="types.csv")
    assert actions(browser) == ["Open"]
    lifecycle.move(waiting, Job.State.QUEUED)
    assert actions(browser) == ["Open", "Cancel"]


def test_a_finished_import_is_run_again_as_another_job(browser: Client, private_root: Path):
    job = imported(browser)
    PackagingType.objects.filter(key="sack").delete()
    assert f'action="{address(job, "again/")}"' in page(browser, address(job))
    answer = browser.post(address(job, "again/"))
    again = Job.objects.order_by("-pk").first()
    assert answer["Location"] == address(again)
    assert (again.pk != job.pk, again.state, counts(again)) == (True, "checked", (1, 0, 1, 0, 0))
    job.refresh_from_db()
    assert (job.state, job.change_set is not None) == ("done", True)

    Job.objects.filter(pk=job.pk).update(created_at="2020-01-01T00:00Z")
    assert keeping.purge() == 1
    browser.post(address(again, "apply/"))
    assert PackagingType.objects.filter(key="sack").exists()
    assert actions(browser, number=1) == ["Result"]


def test_an_import_that_wrote_nothing_is_run_again_under_its_number(browser: Client):
    job = imported(browser, f"name,name.en_US\nbox,{'x' * 300}\n")
    lifecycle.move(job, Job.State.CANCELLED)
    assert browser.post(address(job, "again/"))["Location"] == address(job)
    job.refresh_from_db()
    assert (job.state, Job.objects.count()) == ("checked", 1)


def test_only_the_owner_runs_an_import_again(browser: Client):
    job = imported(browser)
    other = signed_in(make.superuser())
    assert "Run again" not in page(other, address(job))
    other.post(address(job, "again/"))
    assert Job.objects.count() == 1


def test_the_job_of_another_is_cancelled_with_the_right_only(browser: Client, manager: User):
    job = lifecycle.create(manager, title="types.csv")
    lifecycle.move(job, Job.State.QUEUED)
    viewer = signed_in(make.user(roles=[make.role(rights=["transfer.view_job"])]))
    assert actions(viewer) == ["Open"]
    assert "/cancel/" not in page(viewer, address(job))
    assert viewer.post(address(job, "cancel/")).status_code == 403
    job.refresh_from_db()
    assert job.state == "queued"

    ender = signed_in(make.user(roles=[make.role(rights=["transfer.view_job", "transfer.cancel_job"])]))
    assert actions(ender) == ["Open", "Cancel"]
    assert ender.post(address(job, "cancel/")).status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_the_steps_follow_the_job(browser: Client, manager: User):
    job = imported(browser)
    assert steps(page(browser, address(job))) == ["done", "done", "done", "done"]
    taken = lifecycle.create(manager, title="types.csv")
    assert steps(page(browser, address(taken))) == ["done", "current", "open", "open"]
    states = {
        "checking": ["done", "done", "current", "open"],
        "applying": ["done", "done", "done", "current"],
    }
    for state, found in states.items():
        running = lifecycle.create(manager, title="types.csv")
        lifecycle.move(running, state)
        assert steps(page(browser, address(running))) == found
    waiting = lifecycle.create(manager, title="types.csv")
    for state in ("checking", "checked", "queued"):
        lifecycle.move(waiting, state)
    assert steps(page(browser, address(waiting))) == ["done", "done", "done", "current"]


def test_an_undone_import_says_so_and_leads_to_the_undo(browser: Client):
    job = imported(browser)
    browser.post(f"/history/changeset/{job.change_set}/undo/")
    html = page(browser, address(job))
    assert re.search(r'class="bo-alert\s+is-info\s*"', html)
    assert "This run was undone: what it wrote was taken back. Change set What the undo did" in text_of(html)
    assert 'class="bo-badge is-dot is-warn"' in html


# --- what happens between the check and the import ---------------------------------------------------


def checked(browser: Client, text: str = TEXT, **options: str) -> Job:
    file = SimpleUploadedFile(f"{TYPES}.csv", text.encode())
    url = browser.post(UPLOAD, {"files": file, **options})["Location"]
    browser.post(f"{url}check/")
    return Job.objects.order_by("-pk").first()


def test_all_or_nothing_names_the_record_that_somebody_saved_since_the_check(browser: Client):
    box = make.packaging_type("Crate", key="box")
    job = checked(browser)
    PackagingType.objects.filter(pk=box.pk).update(
        name={"en_US": "Chest"}, version=2, updated_at=timezone.now()
    )
    browser.post(address(job, "apply/"))

    job.refresh_from_db()
    assert (job.state, counts(job)) == ("done_with_errors", (1, 0, 0, 0, 1))
    assert errors(job) == [(2, "name", "stale")]
    assert not PackagingType.objects.filter(key="sack").exists()
    html = page(browser, address(job))
    assert "Somebody saved this record after the check began." in html
    assert "Check the file again." in html
    problems = b"".join(browser.get(address(job, "problems/")).streaming_content).decode()
    assert ",stale," in problems
    bad = b"".join(browser.get(f"{address(job, 'bad-rows/')}?file=1").streaming_content).decode()
    assert "box,Box,2,name: Somebody saved this record after the check began." in bad


def test_a_check_after_a_rollback_tells_what_only_the_writing_found(browser: Client):
    """A rule that only the table knows: the check cannot see it, the apply meets it and is rolled back."""
    job = checked(browser)
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE packaging_packagingtype ADD CONSTRAINT no_sacks CHECK (key <> 'sack') NOT VALID"
        )
    browser.post(address(job, "apply/"))
    job.refresh_from_db()
    assert (job.state, counts(job), errors(job)) == (
        "done_with_errors",
        (1, 0, 0, 0, 1),
        [(3, "name", "conflict")],
    )


@pytest.mark.parametrize("is_undone", [False, True])
def test_a_finished_import_is_neither_checked_nor_applied_again(browser: Client, is_undone: bool):
    job = imported(browser)
    if is_undone:
        browser.post(f"/history/changeset/{job.change_set}/undo/")
    before = Job.objects.values().get(pk=job.pk)
    for deed in ("check", "apply"):
        answer = browser.post(address(job, f"{deed}/"), follow=True)
        assert "This job has ended. Press Run again to check its files anew." in answer.content.decode()
        assert not lifecycle.start(job, deed)
    assert not lifecycle.start(job, "check", again=True)
    assert Job.objects.values().get(pk=job.pk) == before
