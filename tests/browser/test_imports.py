"""Imports in a browser: what a script or the stylesheet adds to their pages."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from backoffice.transfer.jobs import intake, lifecycle, workers
from backoffice.transfer.models import Job, JobProgress
from tests import make
from tests.browser.steps import press, sign_in
from tests.transfer.conftest import TYPES, written


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
    with workers.living():
        open_job(page, server, job)
        assert page.get_by_text("The worker takes the job up within a few seconds.").is_visible()
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
