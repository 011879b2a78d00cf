"""The list of imports and exports: what it is narrowed by, and what becomes of jobs that nobody decides."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from backoffice.accounts.models import User
from backoffice.transfer.jobs import keeping, lifecycle
from backoffice.transfer.models import Job, JobFile, RowResult
from backoffice.transfer.reading.sources import private_path
from tests import make
from tests.transfer.conftest import TYPES
from tests.transfer.test_reading_page import text_of
from tests.transfer.test_screens import LIST, UPLOAD, page, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(db: None) -> User:
    make.store("DE", locales=("en_US",))
    return make.user(roles=["Category Manager"])


@pytest.fixture
def browser(manager: User) -> Client:
    return signed_in(manager)


def titles(browser: Client, query: str = "") -> list[str]:
    """The files that the list names, as a row each."""
    found = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', page(browser, f"{LIST}?{query}"), re.DOTALL)
    return [text_of(each).strip() for each in found]


def chips(browser: Client) -> list[str]:
    found = re.findall(r'<summary class="bo-chip[^>]*>(.*?)<svg', page(browser, LIST), re.DOTALL)
    return [text_of(each).strip() for each in found]


def job(owner: User | None, title: str, state: str = "done", kind: str = "import", note: str = "") -> Job:
    made = lifecycle.create(owner, title=title, kind=kind, note=note)
    Job.objects.filter(pk=made.pk).update(state=state)
    return made


def aged(job: Job, days: float) -> None:
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - datetime.timedelta(days=days))


def checked(browser: Client, *deeds: str) -> Job:
    file = SimpleUploadedFile(f"{TYPES}.csv", b"name,name.en_US\nbox,Box\n")
    url = browser.post(UPLOAD, {"files": file})["Location"]
    for deed in deeds:
        browser.post(f"{url}{deed}/")
    return Job.objects.latest("pk")


def test_jobs_are_narrowed_by_state_and_kind(browser: Client, manager: User):
    job(manager, "a.csv", "checked")
    job(manager, "b.csv", "done")
    job(manager, "c.zip", "done", "export")
    assert titles(browser) == ["c.zip", "b.csv", "a.csv"]
    assert titles(browser, "state=checked") == ["a.csv"]
    assert titles(browser, "kind=export") == ["c.zip"]
    assert titles(browser, "kind=import&state=done") == ["b.csv"]
    assert chips(browser) == ["State", "Kind", "Started"]


def test_who_sees_the_jobs_of_others_tells_them_from_his_own(browser: Client, manager: User):
    boss = make.user(is_superuser=True)
    job(manager, "theirs.csv")
    job(None, "nobodys.csv")
    job(boss, "mine.csv")
    sees = signed_in(boss)
    assert titles(sees) == ["mine.csv", "nobodys.csv", "theirs.csv"]
    assert titles(sees, "whose=own") == ["mine.csv"]
    assert titles(sees, "whose=others") == ["nobodys.csv", "theirs.csv"]
    assert len(titles(sees, "whose=others&whose=own")) == 3
    assert chips(sees) == ["State", "Kind", "Whose", "Started"]
    assert titles(browser, "whose=others") == ["theirs.csv"]
    assert "was left out" in page(browser, f"{LIST}?whose=others")


def test_jobs_are_found_by_file_by_one_of_several_files_and_by_note(browser: Client, manager: User):
    job(manager, "types.csv", note="Ticket 4137")
    several = job(manager, "")
    JobFile.objects.create(job=several, name="Product_Stock.csv")
    assert 'placeholder="File or note"' in page(browser, LIST)
    assert titles(browser, "q=TYPES") == ["types.csv"]
    assert titles(browser, "q=stock") == ["several files"]
    assert titles(browser, "q=4137") == ["types.csv"]
    assert titles(browser, "q=price") == []


def test_a_check_that_was_never_applied_expires_with_its_files(browser: Client):
    waiting = checked(browser, "check")
    stored = private_path(waiting.files.get().stored)
    aged(waiting, 29.9)
    assert keeping.purge() == 0
    assert stored.exists()

    aged(waiting, 30.1)
    assert keeping.purge() == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.message) == ("cancelled", keeping.EXPIRED)
    assert (waiting.counts["new"], waiting.files.get().stored) == (1, "")
    assert not stored.exists()
    assert not RowResult.objects.exists()
    html = text_of(page(browser, f"/transfer/job/{waiting.token}/"))
    assert "it has expired, and its files were removed. Nothing was written." in html
    assert "Files removed" in html
    assert "No rows here" not in html
    assert keeping.purge() == 0


@pytest.mark.parametrize("state", ["uploaded", "stalled", "checked"])
def test_whatever_waits_for_somebody_expires_even_if_its_files_went_before(manager: User, state: str):
    waiting = job(manager, "a.csv", state)
    aged(waiting, 31)
    Job.objects.filter(pk=waiting.pk).update(purged_at=timezone.now())
    call_command("purge_jobs")
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"


@pytest.mark.parametrize("state", ["done", "failed", "undone", "refused", "applying"])
def test_what_ended_or_is_on_its_way_keeps_its_state(manager: User, state: str):
    ended = job(manager, "a.csv", state)
    aged(ended, 31)
    assert keeping.purge() == (state != "applying")
    ended.refresh_from_db()
    assert (ended.state, bool(ended.purged_at)) == (state, state != "applying")


@pytest.mark.parametrize("deeds", [(), ("check",)])
def test_the_page_of_a_job_says_when_it_expires(browser: Client, deeds: tuple[str, ...]):
    waiting = checked(browser, *deeds)
    Job.objects.filter(pk=waiting.pk).update(
        created_at=datetime.datetime(2026, 11, 1, 9, tzinfo=datetime.UTC)
    )
    html = text_of(page(browser, f"/transfer/job/{waiting.token}/"))
    assert re.search(
        r"If nobody goes on with it, this job expires on 1 Dec 2026, \d+:00 \w+ and its files", html
    )

    browser.post(f"/transfer/job/{waiting.token}/apply/")
    if deeds:
        html = text_of(page(browser, f"/transfer/job/{waiting.token}/"))
        assert "this job expires" not in html
        assert "Files kept until 1 Dec 2026" in html
