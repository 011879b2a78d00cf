"""The life of a job: made, checked, applied; in the request when it is small, else by a worker.

The job's row is the truth; the queue only carries its number, queued on commit. One apply at a time per area.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop
from django_tasks import task

from backoffice import actor
from backoffice.accounts.models import User
from backoffice.accounts.security import log
from backoffice.history.models import Change
from backoffice.transfer.declaring import formats
from backoffice.transfer.jobs.silence import is_dead
from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, JobFile, JobProgress
from backoffice.transfer.options import Options
from backoffice.transfer.planning.runs import HasErrors, Run, perform
from backoffice.transfer.planning.shelf import drop_shelves
from backoffice.transfer.problems import FileRefused
from backoffice.transfer.progress import Cancelled, LiveProgress, Progress
from backoffice.transfer.reading.sources import Source

logger = logging.getLogger(__name__)
State = Job.State
NO_PERMISSION = "no_permission"
TOO_LATE = gettext_noop("The request to cancel came too late: the job was finished already.")
_LOCKS = {"catalogue": 7_301, "stock": 7_302, "reviews": 7_303, "lists": 7_304}


def create(
    user: User | None,
    *,
    options: Mapping[str, Any] | None = None,
    note: str = "",
    title: str = "",
    kind: str = Job.Kind.IMPORT,
) -> Job:
    """A job without files yet."""
    known = Options(**{k: v for k, v in (options or {}).items() if v and k in Options.__dataclass_fields__})
    job = Job(
        owner=user,
        owner_name=str(user or ""),
        kind=kind,
        options=known.as_json(),
        note=note[:500],
        title=title[:150],
    )
    job.states = [[job.state, timezone.now().isoformat()]]
    job.save()
    return job


def move(job: Job, state: str, message: str = "") -> None:
    """A change of state, time-stamped."""
    if job.state == state:
        return
    now = timezone.now()
    job.state, job.state_at, job.message = state, now, message
    job.states = [*job.states, [state, now.isoformat()]]
    job.finished_at = now if job.is_finished else None
    job.save(update_fields=["state", "state_at", "message", "states", "finished_at"])


def check(job: Job, progress: Progress | None = None) -> None:
    """Plan every file; nothing is written."""
    progress = progress or Progress(job)
    job.check_began_at = timezone.now()
    job.save(update_fields=["check_began_at"])
    move(job, State.CHECKING)
    with _failing_well(job), _as_owner(job), progress:
        ask_right(job)
        perform(Run(job, job.owner, False, progress))
        drop_shelves()
        _sum_up(job)
        move(job, State.CHECKED if _readable(job) else State.REFUSED)


def apply(job: Job, progress: Progress | None = None) -> None:
    """Plan and write. With all or nothing a row in error leaves nothing behind, and the job is checked anew so
    that every error is told."""
    progress = progress or Progress(job)
    job.run_began_at = timezone.now()
    job.save(update_fields=["run_began_at"])
    move(job, State.APPLYING)
    with _failing_well(job), _as_owner(job), progress, _alone(job):
        ask_right(job)
        run = Run(job, job.owner, True, progress)
        try:
            with transaction.atomic() if run.stops else _open():
                perform(run)
                with transaction.atomic():
                    _close(job, run)
        except HasErrors as rolled_back:
            job.refresh_from_db()
            perform(Run(job, job.owner, False, Progress(job), rolled_back=rolled_back))
            _sum_up(job)
            move(job, State.DONE_WITH_ERRORS if _readable(job) else State.REFUSED)
        drop_shelves()
        log("import", job.title or job.pk, result="ok" if job.state == State.DONE else "failed", job=job.pk)


@contextmanager
def _open() -> Iterator[None]:
    yield


def _close(job: Job, run: Run) -> None:
    """The end of a run, in its own transaction if it has one. A change set whose every row the database refused
    stays empty: history is append-only. The last look for a cancel comes while the job's row is held: whoever asks
    later waits, and is told that it was too late."""
    if run.recorder.has_changes and Change.objects.filter(change_set=run.recorder.change_set).exists():
        job.change_set = run.recorder.change_set.pk
    _sum_up(job)
    is_late = run.progress.look()
    if is_late and run.stops:
        raise Cancelled
    state = State.DONE_WITH_ERRORS if job.counts.get("errors") else State.DONE
    move(job, state, TOO_LATE if is_late else "")


def _sum_up(job: Job) -> None:
    files = list(job.files.all())
    job.counts = {name: sum(getattr(file, name) for file in files) for name in JobFile.COUNTS}
    job.save(update_fields=["counts", "change_set"])


def _readable(job: Job) -> bool:
    return job.files.filter(refusal__isnull=True).exists()


def ask_right(job: Job) -> None:
    """The right to import each format, asked after the upload and again at the start of every run."""
    if job.owner is None:
        return
    for file in job.files.all():
        resource = formats.resource_of(file.format)
        is_held = resource is None or resource.right("import").held_by(job.owner)
        code = file.refusal["code"] if file.refusal else ""
        if code == NO_PERMISSION if is_held else not code:
            file.refusal = None if is_held else FileRefused(NO_PERMISSION).problem.as_json()
            file.save(update_fields=["refusal"])


@contextmanager
def _as_owner(job: Job) -> Iterator[None]:
    """History names the owner; what the request knows of the circumstances is kept."""
    who = actor.current()
    with actor.acting(job.owner, request_id=who.request_id, address=who.address, browser=who.browser):
        yield


@contextmanager
def _failing_well(job: Job) -> Iterator[None]:
    """Whatever breaks a run, the job says so."""
    try:
        yield
    except Cancelled:
        job.refresh_from_db()
        move(job, State.CANCELLED)
    except Exception:
        logger.exception("Job %s failed", job.pk)
        if not connection.in_atomic_block:
            move(
                job,
                State.FAILED,
                gettext_noop("The job broke off. What it had not finished was not written."),
            )
        raise


@contextmanager
def _alone(job: Job) -> Iterator[None]:
    """One apply at a time per area; a run over several areas takes all of them, in order."""
    numbers = _locks_of(job)
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_lock(%s)", [number])
        try:
            yield
        finally:
            for number in numbers:
                with suppress(DatabaseError):
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def _locks_of(job: Job) -> list[int]:
    return sorted([_LOCKS[job.area]] if job.area in _LOCKS else _LOCKS.values())


DEEDS = {"check": check, "apply": apply}
RUNS = {"check": State.CHECKING, "apply": State.APPLYING}
BEGIN = {
    "check": {State.UPLOADED, State.REFUSED, State.CHECKED},
    "apply": {State.UPLOADED, State.CHECKED},
}
"""From which states a person begins what."""


def is_small(job: Job) -> bool:
    """Whether the job runs at once, worker or not."""
    size = sum(job.files.values_list("size", flat=True))
    return size <= limit("BYTES_IN_REQUEST") and _rows_at_most(job, limit("ROWS_IN_REQUEST"))


def _rows_at_most(job: Job, most: int) -> bool:
    """Counts no further than it must. A file that cannot be read is told so at once."""
    rows = 0
    try:
        for file in job.files.exclude(stored="").filter(refusal__isnull=True):
            rows += sum(1 for _row in islice(Source.of(file).rows(), most + 2)) - 1
    except FileRefused:
        return True
    return rows <= most


def may_begin(job: Job, deed: str) -> bool:
    """Whether the job is still to be checked or applied. One that ended is run again instead; one that has written
    never runs a second time, because a run is one change set (1.5.3)."""
    return job.state in BEGIN[deed] and not job.change_set


def start(job: Job, deed: str, *, again: bool = False, **options: str) -> bool:
    """Check or apply at once if the job is small and nobody is in its way, else queue it. ``options`` stand
    before those of the upload. False if it runs already, or has come to its end and is not to run ``again``."""
    at_once = is_small(job) and not (deed == "apply" and area_is_busy(job))
    with transaction.atomic():
        held = _held(job)
        if not (may_begin(held, deed) or (again and _has_ended(held))):
            return False
        if options:
            held.options = {**held.options, **options}
            held.save(update_fields=["options"])
        move(held, RUNS[deed] if at_once else State.QUEUED)
        if not at_once:
            transaction.on_commit(lambda: run_job.enqueue(job.pk, deed))
    if at_once:
        DEEDS[deed](held)
    job.refresh_from_db()
    return True


def _has_ended(job: Job) -> bool:
    return not job.change_set and (not job.is_running or is_dead(job))


def _held(job: Job) -> Job:
    return Job.objects.select_for_update().get(pk=job.pk)


def in_the_way(job: Job) -> Job | None:
    """The job that must end before this one goes on: applied in the same area, or else the worker's present
    one."""
    beside = applied_beside(job) if job.state != State.CHECKING else None
    if beside or job.state == State.APPLYING:
        return beside
    return next((other for other in _on_their_way(job) if not is_dead(other)), None)


def applied_beside(job: Job) -> Job | None:
    """The job that is being applied where this one would write."""
    mine = set(_locks_of(job))
    others = _on_their_way(job).filter(state=State.APPLYING).exclude(kind=Job.Kind.EXPORT)
    return next((other for other in others if mine & set(_locks_of(other)) and not is_dead(other)), None)


def _on_their_way(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(state__in=RUNS.values()).exclude(pk=job.pk).order_by("state_at")


def area_is_busy(job: Job) -> bool:
    """Whether another job is being applied where this one would write."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = ANY(%s)"
            " AND classid = 0 AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [_locks_of(job)],
        )
        return cursor.fetchone()[0]


@task()
def run_job(number: int, deed: str) -> None:
    """What the worker is told: run job N. A job that is not waiting any more is left alone."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=number, state=State.QUEUED).first()
        if job is None:
            return
        move(job, RUNS[deed])
    DEEDS[deed](job, LiveProgress(job))


def cancel(job: Job) -> bool:
    """A waiting job, or one whose worker died, ends at once; a running one when it next looks. Whether it has
    ended. The wish is written before the job's row is waited for, so that a run about to commit sees it, and once
    more after that, as a run that begins takes back what was asked of the one before."""
    _ask_to_end(job)
    with transaction.atomic():
        held = _held(job)
        ends = held.state in {State.QUEUED, State.UPLOADED, State.CHECKED, State.STALLED} or is_dead(held)
        if ends:
            move(held, State.CANCELLED)
        elif held.is_done and not held.message:
            held.message = TOO_LATE
            held.save(update_fields=["message"])
    _ask_to_end(job)
    return ends


def _ask_to_end(job: Job) -> None:
    JobProgress.objects.using("progress").filter(pk=job.pk).update(cancel_requested=True)
