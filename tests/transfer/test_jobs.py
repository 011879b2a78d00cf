"""Jobs with real commits: workers, progress, cancelling, crashes, one apply at a time."""

import datetime
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings as project
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from backoffice.history.models import Change, ChangeSet
from backoffice.transfer.jobs import exports, intake, keeping, lifecycle, workers
from backoffice.transfer.models import Job, JobFile, JobProgress, RowResult
from backoffice.transfer.progress import LiveProgress, Progress
from backoffice.transfer.reading.sources import private_path
from catalog.packaging.models import PackagingType
from tests import make
from tests.transfer.conftest import TYPES, counts, imported, problems, written

ROWS = 3_000
KILLED = 6_000
"""Rows of the run that is killed again and again."""


@pytest.fixture
def live(
    live_database: str, tmp_path: Path, settings: Any, django_db_blocker: Any
) -> Iterator[dict[str, str]]:
    """A database with real commits, and the environment in which other processes find it and the files."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    with django_db_blocker.unblock():
        make.store("DE", locales=("en_US",))
        yield {**os.environ, "DATABASE_URL": live_database, "BACKOFFICE_VAR": str(tmp_path)}
        connections.close_all()


def many(folder: Path, rows: int = ROWS) -> Path:
    lines = "".join(f"key{number},Box {number}\n" for number in range(rows))
    return written(folder, f"{TYPES}.csv", f"name,name.en_US\n{lines}")


def uploaded(path: Path, **options: str) -> Job:
    job = lifecycle.create(make.superuser(), options=options, title=path.name)
    intake.take_path(job, path)
    return job


def manage(live: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(project.BASE_DIR / "manage.py"), *arguments], env=live)


@contextmanager
def until(seconds: float = 30) -> Iterator[Any]:
    """A loop that gives up: ``for _ in wait: …``."""
    end = time.monotonic() + seconds

    def beats() -> Iterator[None]:
        while time.monotonic() < end:
            yield
            time.sleep(0.05)
        pytest.fail(f"not within {seconds} seconds")

    yield beats()


def test_a_large_file_waits_for_a_worker_which_runs_it(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path))
    lifecycle.start(job, "check")
    assert Job.objects.get().state == "queued"

    assert manage(live, "run_jobs", "--batch", "--no-startup-delay").wait(60) == 0
    job.refresh_from_db()
    assert (job.state, counts(job)) == ("checked", (ROWS, 0, 0, 0, 0))
    assert job.progress.rows_total in (0, ROWS)

    lifecycle.start(job, "apply")
    assert manage(live, "run_jobs", "--batch", "--no-startup-delay").wait(60) == 0
    job.refresh_from_db()
    assert (job.state, PackagingType.objects.filter(key__startswith="key").count()) == ("done", ROWS)
    assert [state for state, _at in job.states] == [
        *("uploaded", "queued", "checking", "checked"),
        *("queued", "applying", "done"),
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_worker_writes_a_large_export(live: dict[str, str], kind: str):
    make.packaging_type("Box", key="box")
    wanted = exports.Wanted(TYPES, kind, screen="packaging.packagingtype", query="q=bo")
    job = exports.start(wanted, make.superuser())

    assert manage(live, "run_jobs", "--batch", "--no-startup-delay").wait(60) == 0
    job.refresh_from_db()
    assert (job.state, job.counts, job.progress.rows_done <= 1) == ("done", {"rows": 1}, True)
    content = private_path(exports.file_for(job, job.owner).stored).read_bytes()
    assert content == b"name\nbox\n" if kind == "csv" else content.startswith(b"PK")


def test_a_small_file_runs_at_once(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path, 500))
    lifecycle.start(job, "check")

    assert (job.state, DBTaskResult.objects.count()) == ("checked", 0)


def test_a_job_queued_in_a_transaction_that_fails_never_runs(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path))
    with pytest.raises(RuntimeError), transaction.atomic():
        lifecycle.start(job, "check")
        raise RuntimeError

    assert DBTaskResult.objects.count() == 0
    assert Job.objects.get().state == "uploaded"


def test_a_job_that_is_given_twice_runs_once(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path))
    lifecycle.check(job)
    lifecycle.start(job, "apply")
    for _time in range(2):
        lifecycle.run_job.call(job.pk, "apply")

    assert ChangeSet.objects.filter(job=job.pk).count() == 1
    assert Change.objects.filter(change_set__job=job.pk).count() == ROWS


@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_a_running_job_is_cancelled(live: dict[str, str], tmp_path: Path, settings: Any, on_error: str):
    settings.TRANSFER_BATCH = 20  # many small steps, so that the run outlives the cancel on any machine
    job = uploaded(many(tmp_path, 60_000), on_error=on_error)

    def run() -> None:
        lifecycle.apply(Job.objects.get(pk=job.pk), LiveProgress(job))
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    with until() as beats:
        for _beat in beats:
            if JobProgress.objects.filter(rows_done__gt=0).exists():
                break
    lifecycle.cancel(job)
    asked = time.monotonic()
    thread.join(30)

    assert time.monotonic() - asked < 5
    written_rows = PackagingType.objects.filter(key__startswith="key").count()
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert written_rows == 0 if on_error == "stop" else 0 < written_rows < 60_000
    assert Change.objects.filter(change_set__job=job.pk).count() == written_rows


class Late(LiveProgress):
    """Somebody presses cancel when the last row is written already, between two beats."""

    EVERY = 60

    def step(self, file: JobFile, line: int, rows: int) -> None:
        super().step(file, line, rows)
        if self.rows_done == ROWS:
            presses = threading.Thread(target=self._press)
            presses.start()
            presses.join(10)

    def _press(self) -> None:
        lifecycle.cancel(self.job)
        connections.close_all()


def test_a_cancel_after_the_last_row_leaves_nothing_of_all_or_nothing(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path))
    lifecycle.check(job)
    lifecycle.apply(job, Late(Job.objects.get(pk=job.pk)))

    held = Job.objects.get()
    assert (job.state, held.state, held.change_set, held.message) == ("cancelled", "cancelled", None, "")
    assert [state for state, _at in held.states][-2:] == ["applying", "cancelled"]
    assert PackagingType.objects.filter(key__startswith="key").count() == 0
    assert ChangeSet.objects.filter(job=job.pk).count() == 0


def test_a_cancel_that_comes_too_late_is_told(live: dict[str, str], tmp_path: Path):
    said = "The request to cancel came too late: the job was finished already."
    skipping = uploaded(many(tmp_path), on_error="skip")
    lifecycle.apply(skipping, Late(Job.objects.get(pk=skipping.pk)))
    assert (skipping.state, Job.objects.get(pk=skipping.pk).message) == ("done", said)
    assert PackagingType.objects.filter(key__startswith="key").count() == ROWS

    ended = imported(many(tmp_path))
    assert lifecycle.cancel(ended) is False
    ended.refresh_from_db()
    assert (ended.state, ended.message) == ("done", said)


def test_a_killed_import_leaves_nothing_behind_and_runs_again(live: dict[str, str], tmp_path: Path):
    path = many(tmp_path, 100_000)
    child = manage(live, "import_catalog", str(path))
    with until() as beats:
        for _beat in beats:
            if JobProgress.objects.filter(rows_done__gt=0).exists() or child.poll() is not None:
                break
    child.send_signal(signal.SIGKILL)
    child.wait()
    job = Job.objects.get()
    if job.state != "done":
        assert PackagingType.objects.filter(key__startswith="key").count() == 0
        assert ChangeSet.objects.filter(job=job.pk).count() == 0

    lifecycle.apply(job)
    assert PackagingType.objects.filter(key__startswith="key").count() == 100_000
    assert ChangeSet.objects.filter(job=job.pk).count() == 1


class Doomed(Progress):
    """Kills its own process at the given look at the progress: a row that is read, a batch that is planned."""

    looks, last = 0, 0

    def tick(self, file: JobFile, line: int) -> None:
        self.looks += 1
        if self.looks == self.last:
            os.kill(os.getpid(), signal.SIGKILL)
        super().tick(file, line)


@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_a_run_killed_at_any_moment_leaves_nothing_half_written(
    live: dict[str, str], tmp_path: Path, settings: Any, on_error: str
):
    settings.TRANSFER_BATCH = 500
    job = uploaded(many(tmp_path, KILLED), on_error=on_error)
    whole = Doomed(job)
    lifecycle.check(job, whole)
    moments, found = Random(2026), set()
    batches = KILLED // 500
    for look in (
        moments.randint(1, whole.looks),
        whole.looks - moments.randint(1, batches // 2),
        whole.looks,
    ):
        killed(job, look=look)
        found.add(written_rows(job, on_error))
    for _round in range(3):
        killed(job, seconds=moments.uniform(0.02, 0.5))
        found.add(written_rows(job, on_error))
    lifecycle.apply(Job.objects.get(pk=job.pk))

    assert found - {0, KILLED} if on_error == "skip" else 0 in found
    assert written_rows(job, "stop") == KILLED
    job.refresh_from_db()
    assert (job.state, job.counts["errors"], job.counts["rows"]) == ("done", 0, KILLED)
    keys = PackagingType.objects.filter(key__startswith="key")
    assert set(keys.values_list("name__en_US", flat=True)) == {f"Box {number}" for number in range(KILLED)}


def killed(job: Job, *, look: int = 0, seconds: float = 10) -> None:
    """Another process applies the job and is killed there or after so many seconds, if it still lives. Back when
    the database has noticed."""

    def run() -> None:
        progress = Doomed(job)
        progress.last = look
        lifecycle.apply(Job.objects.get(pk=job.pk), progress)

    connections.close_all()
    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join(seconds)
    child.kill()
    child.join()
    with until() as beats, connection.cursor() as cursor:
        for _beat in beats:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            if cursor.fetchone() == (1,):
                break


def written_rows(job: Job, on_error: str) -> int:
    """How many rows are there, each with its history; under all or nothing all of them or none."""
    rows = list(
        PackagingType.objects.filter(key__startswith="key").order_by("pk").values_list("pk", flat=True)
    )
    told = Change.objects.filter(change_set__job=job.pk, object_type=PackagingType._meta.label_lower)
    assert list(told.order_by("object_id").values_list("object_id", flat=True)) == rows
    assert on_error == "skip" or len(rows) in (0, KILLED)
    return len(rows)


def test_a_worker_that_lives_is_seen_and_a_dead_one_is_not(live: dict[str, str]):
    assert not workers.is_alive()
    child = manage(live, "run_jobs")
    with until() as beats:
        for _beat in beats:
            if workers.is_alive():
                break
    child.send_signal(signal.SIGKILL)
    child.wait()
    with until() as beats:
        for _beat in beats:
            if not workers.is_alive():
                break


def test_a_small_apply_is_queued_while_another_job_is_applied(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path, 10))
    lifecycle.check(job)
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lifecycle._LOCKS["catalogue"]])
    lifecycle.start(job, "apply")

    assert (job.state, DBTaskResult.objects.count()) == ("queued", 1)
    assert not lifecycle.start(job, "apply")
    other.close()


def test_a_second_apply_in_the_same_area_waits(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path, 10))
    other = connections["default"].copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lifecycle._LOCKS["catalogue"]])
    other.inc_thread_sharing()

    def run() -> None:
        lifecycle.apply(Job.objects.get(pk=job.pk))
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(1)
    assert (Job.objects.get().state, PackagingType.objects.filter(key="key1").count()) == ("applying", 0)
    other.close()
    thread.join(30)
    assert Job.objects.get().state == "done"


def test_a_job_without_a_sign_of_life_is_stalled(db: None):
    now = timezone.now()
    old = now - datetime.timedelta(seconds=90)
    silent = Job.objects.create(state="applying")
    JobProgress.objects.create(job=silent, heartbeat_at=old)
    living = Job.objects.create(state="applying")
    JobProgress.objects.create(job=living, heartbeat_at=now)
    Job.objects.update(state_at=old)

    assert keeping.call_stalled() == 1
    silent.refresh_from_db()
    living.refresh_from_db()
    assert (silent.state, living.state) == ("stalled", "applying")


def test_files_and_row_results_go_after_thirty_days_and_counts_stay(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    job = imported(written(tmp_path, f"{TYPES}.csv", "name\n=x\n"), check=True)
    stored = private_path(job.files.get().stored)
    assert stored.exists()
    Job.objects.update(created_at=timezone.now() - datetime.timedelta(days=31))

    assert (keeping.purge(), keeping.purge()) == (1, 0)
    assert (stored.exists(), RowResult.objects.count()) == (False, 0)
    assert Job.objects.get().counts["errors"] == 1


def test_a_row_that_only_the_database_refuses_is_found_and_named(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX one_name ON packaging_packagingtype ((name->>'en_US'))")
    lines = "".join(f"key{number},Box {number % 90}\n" for number in range(100))
    path = written(tmp_path, f"{TYPES}.csv", f"name,name.en_US\n{lines}")
    job = imported(path, on_error="skip")

    assert counts(job) == (90, 0, 0, 0, 10)
    assert problems(job) == [(line, "name", "error", "conflict") for line in range(92, 102)]
    assert Change.objects.filter(change_set=job.change_set).count() == 90


def test_a_run_whose_every_row_the_database_refuses_is_done_with_errors(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    make.packaging_type("Box", key="packaging_unit_type.box.name")
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX one_name ON packaging_packagingtype ((name->>'en_US'))")
    path = written(tmp_path, f"{TYPES}.csv", "name,name.en_US\nkey1,Box\n")
    job = imported(path, on_error="skip")

    assert counts(job) == (0, 0, 0, 0, 1)
    assert (job.state, job.change_set) == ("done_with_errors", None)


def test_a_broken_run_says_so(live: dict[str, str], tmp_path: Path):
    job = uploaded(many(tmp_path, 10))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE history_change RENAME TO elsewhere")
    with pytest.raises(DatabaseError):
        lifecycle.apply(job)

    job.refresh_from_db()
    assert job.state == "failed"
    assert PackagingType.objects.filter(key__startswith="key").count() == 0


def test_a_record_that_somebody_makes_meanwhile_is_not_overwritten(live: dict[str, str], tmp_path: Path):
    """Another connection holds a new record open while the import plans the same key as new."""
    job = uploaded(many(tmp_path, 10), on_error="skip")
    other = connections["default"].copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO packaging_packagingtype (created_at, updated_at, version, key, name, search)"
            " VALUES (now(), now(), 1, 'key3', '{\"en_US\": \"Theirs\"}', '')"
        )
    other.inc_thread_sharing()

    def run() -> None:
        lifecycle.apply(Job.objects.get(pk=job.pk))
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(1)
    other.commit()
    other.close()
    thread.join(30)

    job.refresh_from_db()
    assert (counts(job), problems(job)) == ((9, 0, 0, 0, 1), [(5, "name", "error", "stale")])
    assert PackagingType.objects.get(key="key3").name == {"en_US": "Theirs"}
    assert Change.objects.filter(change_set=job.change_set).count() == 9
