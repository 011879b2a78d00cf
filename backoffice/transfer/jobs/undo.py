"""The undo of a large change set, or of what a job has written, as a job: watched, cancelled and told like any other
(import-export 1.5.4)."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from backoffice.accounts.security import log
from backoffice.history import summary, undoing
from backoffice.history.models import ChangeSet
from backoffice.history.outcomes import CANNOT, LEFT, RESTORED, Report
from backoffice.history.screens.access import gate_for, has_undo_right
from backoffice.reactions import reacts_to
from backoffice.transfer.jobs import access, lifecycle, workers
from backoffice.transfer.models import Job
from backoffice.transfer.progress import Cancelled, Progress

State = Job.State
OF = "change_set"
"""The option that names the change set to be undone."""


def start(change_set: ChangeSet, user: Any, note: str = "") -> str:
    """Queue the undo. Gives the address of its page; a second press leads to the first job."""
    with transaction.atomic():
        ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        waiting = Job.objects.running().filter(kind=Job.Kind.UNDO, options__contains={OF: change_set.pk})
        job = waiting.first() or _queued(change_set, user, note)
    return reverse("admin:transfer_job_job", kwargs={"token": job.token})


def _queued(change_set: ChangeSet, user: Any, note: str) -> Job:
    job = _made(change_set, user, note)
    lifecycle.move(job, State.QUEUED)
    transaction.on_commit(lambda: lifecycle.run_job.enqueue(job.pk, "undo"))
    log("undo", job.title, job=job.pk, change_set=change_set.pk)
    return job


def _made(change_set: ChangeSet, user: Any, note: str) -> Job:
    """The job of an undo that has not begun."""
    undone = Job.objects.filter(pk=change_set.job).first() if change_set.job else None
    title = undone.title if undone else _("Change set %(number)s") % {"number": change_set.pk}
    job = lifecycle.create(user, note=note, title=title, kind=Job.Kind.UNDO)
    job.options, job.undoes, job.area = {OF: change_set.pk}, undone, undone.area if undone else ""
    job.save(update_fields=["options", "undoes", "area"])
    return job


def at_once(change_set: ChangeSet, user: Any, note: str = "") -> tuple[Report, ChangeSet | None] | None:
    """Undo what a job has written, in the request, as a job that is told like any other; None if another one is
    writing there. Nothing to restore leaves no job."""
    job = _made(change_set, user, note)
    if lifecycle.area_is_busy(job):
        job.delete()
        return None
    lifecycle.move(job, State.APPLYING)
    done = None
    try:
        with lifecycle._as_owner(job), lifecycle._alone(job), transaction.atomic():
            report, done = undoing.undo(change_set, gate_for(change_set, user), note=note, job=job.pk)
            _close(job, report, done)
    finally:
        if done is None:
            job.delete()
    log("undo", job.title, job=job.pk, change_set=change_set.pk)
    return report, done


def remark() -> str:
    """What a large undo waits for."""
    if workers.is_alive():
        return ""
    return _(
        "This undo is large and runs in the background, but no worker is running. It waits until "
        "somebody starts one: manage.py run_jobs."
    )


def perform(job: Job, progress: Progress | None = None) -> None:
    """Undo the set in one transaction; a job that breaks off has changed nothing."""
    progress = progress or Progress(job)
    with lifecycle._failing_well(job), lifecycle._as_owner(job), progress, lifecycle._alone(job):
        change_set = ChangeSet.objects.get(pk=job.options[OF])
        progress.file = job.title
        progress.expect(change_set.changes.count())

        def step(rows: int) -> None:
            progress.rows_done += rows
            if progress.is_cancelled:
                raise Cancelled

        refusal = undoing.refusal(change_set, job.owner, has_right=has_undo_right(job.owner))
        if refusal:
            lifecycle.move(job, State.FAILED, refusal.reason)
            return
        try:
            with transaction.atomic():
                gate = gate_for(change_set, job.owner)
                report, undone = undoing.undo(change_set, gate, note=job.note, job=job.pk, step=step)
                _close(job, report, undone)
                if progress.look():
                    raise Cancelled
        except undoing.AlreadyUndone:
            lifecycle.move(job, State.FAILED, gettext_noop("Somebody undid this change set already."))


def _close(job: Job, report: Report, undone: ChangeSet | None) -> None:
    counts = report.counts
    left = counts[LEFT] + counts[CANNOT]
    job.counts = {"rows": counts[RESTORED] + left, "changed": counts[RESTORED], "skipped": left}
    job.counts["deeds"] = dict(report.deeds)
    job.change_set = undone.pk if undone else None
    job.save(update_fields=["counts", "change_set"])
    lifecycle.move(job, State.DONE)


@reacts_to(undoing.UNDONE)
def tell_jobs(change_sets: set[int]) -> None:
    """Jobs whose change set holds no more are undone; an undo that is undone itself brings back the job before it."""
    for change_set in ChangeSet.objects.filter(pk__in=change_sets):
        each: ChangeSet | None = change_set
        while each:
            for job in Job.objects.filter(change_set=each.pk).select_for_update():
                _tell(job, is_undone=undoing.undo_of(each) is not None)
            each = each.undoes


def _tell(job: Job, *, is_undone: bool) -> None:
    """Move the job into the state that is true; when it was finished stays told."""
    finished = job.finished_at
    if is_undone:
        lifecycle.move(job, State.UNDONE, job.message)
    elif job.state == State.UNDONE:
        before = [state for state, _at in job.states if state != State.UNDONE]
        lifecycle.move(job, before[-1] if before else State.DONE, job.message)
    Job.objects.filter(pk=job.pk).update(finished_at=finished)


def page_of(number: int, user: Any) -> str:
    """The address of the job with this number; nothing for who may not see it."""
    job = Job.objects.filter(pk=number).first()
    if job is None or not (job.owner_id == user.pk or access.sees_all(user)):
        return ""
    return reverse("admin:transfer_job_job", kwargs={"token": job.token})


def register() -> None:
    """Tell the history how its large undos run, and the queue how an undo is run."""
    lifecycle.DEEDS["undo"] = perform
    lifecycle.RUNS["undo"] = State.APPLYING
    summary.job_page = page_of
    undoing.background = undoing.Background(start, remark, at_once)
