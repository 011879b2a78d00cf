"""Running an import again: one that broke off under its own number, one that has written as another job with copies of
its files, so that what the first one did can still be read and undone (spec: import-export 1.4.4, 1.5.1)."""

import os
from contextlib import suppress
from typing import Any

from django.db import transaction

from backoffice.transfer.jobs import access, intake, lifecycle
from backoffice.transfer.jobs.silence import is_dead
from backoffice.transfer.models import Job, JobFile, random_id
from backoffice.transfer.reading.sources import private_path

State = Job.State
ENDED = (
    State.DONE,
    State.DONE_WITH_ERRORS,
    State.FAILED,
    State.CANCELLED,
    State.STALLED,
    State.UNDONE,
)


def may_run_again(job: Job, user: Any) -> bool:
    """An import that came to an end, by its owner, as long as its files are kept."""
    ended = job.state in ENDED or (job.is_running and is_dead(job))
    is_own = job.kind == Job.Kind.IMPORT and job.owner_id == user.pk and access.may_import(user)
    return is_own and ended and not job.purged_at


def run_again(job: Job) -> Job | None:
    """Check the files anew; nothing is written before somebody confirms. Gives the job, none if it runs already."""
    again = _copy(job) if job.change_set else job
    return again if lifecycle.start(again, "check", again=True) else None


@transaction.atomic
def _copy(job: Job) -> Job:
    copied = lifecycle.create(job.owner, options=job.options, note=job.note, title=job.title)
    copied.formats, copied.area = job.formats, job.area
    copied.save(update_fields=["formats", "area"])
    for file in job.files.order_by("position"):
        _copy_file(file, copied)
    return copied


def _copy_file(file: JobFile, job: Job) -> None:
    """The bytes are shared on disk; each name of them is removed by itself."""
    stored = random_id() if file.stored else ""
    if stored:
        with suppress(FileNotFoundError):
            os.link(private_path(file.stored), private_path(stored))
    kept = ("position", "format", "name", "folder", "size", "digest", "reading", "refusal")
    copied = JobFile(job=job, stored=stored, **{name: getattr(file, name) for name in kept})
    notes = [note for note in file.notes if note["code"] != "already_applied"]
    copied.notes = [*notes, *intake.applied_before(copied)]
    copied.save()
