"""Deeds over more rows than a request changes: previewed, run, watched and cancelled as jobs (working-day 4.3).

The rows go part by part, each in a transaction of its own, under one change set. A cancel ends the job after the part
it is at; what was changed until then stays and is undone as a whole.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy, gettext_noop

from backoffice.accounts.security import log
from backoffice.console.bulk import doing, pages
from backoffice.console.bulk.chosen import frozen, thawed
from backoffice.console.bulk.declaring import Bulk, Done, Values, offered
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from backoffice.transfer.jobs import intake, lifecycle, workers
from backoffice.transfer.models import Job, JobFile, RowResult
from backoffice.transfer.problems import ERROR, WARNING, Problem
from backoffice.transfer.progress import Cancelled, Progress
from backoffice.transfer.reading.sources import private_path

State, Outcome = Job.State, RowResult.Outcome
CHECK, RUN = "check_deed", "run_deed"
AT_ONCE = 1_000
"""So many rows are one transaction of a run."""
SHOWN = 1_000
"""The changes of so many rows are told; all that is refused or left out is."""
NO_RIGHT = gettext_noop("You may not do this any more.")
STALE = gettext_lazy("Somebody changed this record after it was chosen.")


class Ordered(NamedTuple):
    """What a job is to do, with the request of the person who asked for it, as far as deeds look at one."""

    screen: Any
    deed: Bulk
    request: HttpRequest
    rows: dict[int, int]
    values: Values

    def parts(self) -> Iterator[dict[int, int]]:
        rows = iter(self.rows.items())
        while part := dict(islice(rows, AT_ONCE)):
            yield part

    def do(self, part: Mapping[int, int], recorder: Recorder) -> tuple[Done, list[int]]:
        return doing.did(self.request, self.screen, self.deed, part, self.values, recorder)


def screen_called(name: str) -> Any:
    return next(screen for screen in site._registry.values() if screen.name == name)


def deed_of(job: Job) -> Bulk:
    screen = screen_called(job.options["screen"])
    return next(each for each in screen.bulk if each.name == job.options["deed"])


def start(order: pages.Order, user: Any) -> str:
    """Queue the preview, or the run of what was previewed. Gives the address of its page."""
    screen = screen_called(order.screen)
    deed = next(each for each in screen.bulk if each.name == order.deed)
    stored, size, digest = intake.store(io.BytesIO(frozen(order.rows).encode()))
    with transaction.atomic():
        title = f"{screen.tab_label}: {deed.label}"
        job = lifecycle.create(user, note=order.note, title=title, kind=Job.Kind.BULK)
        job.options = {
            "screen": order.screen, "deed": order.deed, "answers": order.answers, "on_error": "skip"
        }  # fmt: skip
        job.counts = {"rows": len(order.rows)}
        job.save(update_fields=["options", "counts"])
        JobFile.objects.create(job=job, name=title, stored=stored, size=size, digest=digest)
        _queue(job, RUN if order.is_previewed else CHECK)
    return reverse("admin:transfer_job_job", kwargs={"token": job.token})


def confirm(job: Job) -> bool:
    """Queue the run of a previewed deed. False if it is none, or was queued before."""
    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if held.kind != Job.Kind.BULK or held.state != State.CHECKED:
            return False
        _queue(held, RUN)
    return True


def _queue(job: Job, what: str) -> None:
    lifecycle.move(job, State.QUEUED)
    transaction.on_commit(lambda: lifecycle.run_job.enqueue(job.pk, what))


@contextmanager
def _ordered(job: Job, progress: Progress) -> Iterator[Ordered | None]:
    """The order while the job runs as its owner; None where he may not do it any more."""
    language = job.owner.ui_language if job.owner else None
    with lifecycle._failing_well(job), lifecycle._as_owner(job), progress, translation.override(language):
        request, screen = HttpRequest(), screen_called(job.options["screen"])
        request.method, request.user = "POST", job.owner
        request.POST = QueryDict(job.options["answers"])
        deed = deed_of(job)
        question = deed.question(request.POST, request=request) if deed.question and job.owner else None
        if (
            job.owner is None
            or deed not in offered(request, screen)
            or (question and not question.is_valid())
        ):
            lifecycle.move(job, State.FAILED, NO_RIGHT)
            yield None
            return
        rows = thawed(private_path(job.files.get().stored).read_text())
        progress.file = job.title
        progress.expect(len(rows))
        yield Ordered(screen, deed, request, rows, question.cleaned_data if question else {})


def check(job: Job, progress: Progress | None = None) -> None:
    """The preview: everything is done, in the parts and the order of the run, and rolled back: each part by itself, so
    that nobody waits long for the rows, or all of them together where one depends on others."""
    progress = progress or Progress(job)
    job.check_began_at = timezone.now()
    job.save(update_fields=["check_began_at"])
    with _ordered(job, progress) as order:
        if order is None:
            return
        told = Told(job, order)
        if order.deed.falls:
            told.falls(order.deed.falls(order.request, list(order.rows), order.values))
        is_joint = order.deed.is_joint(list(order.rows))
        for parts in [order.parts()] if is_joint else ([part] for part in order.parts()):
            with transaction.atomic():
                for part in parts:
                    recorder = Recorder(kind="bulk_edit", screen=order.screen.name)
                    told.add(*order.do(part, recorder), recorder)
                    _step(progress, len(part))
                transaction.set_rollback(True)
        told.close()
        lifecycle.move(job, State.CHECKED)


def run(job: Job, progress: Progress | None = None) -> None:
    """Change the rows that are as they were when they were chosen."""
    progress = progress or Progress(job)
    job.run_began_at = timezone.now()
    job.save(update_fields=["run_began_at"])
    with _ordered(job, progress) as order, lifecycle._alone(job):
        if order is None:
            return
        told = Told(job, order)
        recorder = Recorder(kind="bulk_edit", screen=order.screen.name, note=job.note, job=job.pk)
        changed: set[int] = set()
        try:
            for part in order.parts():
                with transaction.atomic():
                    done, stale = order.do(part, recorder)
                    recorder.flush()
                    if recorder.has_changes:
                        job.change_set = recorder.change_set.pk
                    told.add(done, stale)
                changed.update(done.changed)
                told.close()
                _step(progress, len(part))
        except Cancelled:
            log("bulk_edit_cancelled", job.title, job=job.pk, rows=told.counts["changed"])
            raise
        finally:
            doing.tell_all(order.screen, order.deed, told.counts["changed"])
        if order.deed.notes and changed:
            told.warn([strip_tags(note) for note in order.deed.notes(changed)])
        lifecycle.move(job, State.DONE_WITH_ERRORS if told.counts["errors"] else State.DONE)


def _step(progress: Progress, rows: int) -> None:
    progress.rows_done += rows
    if progress.is_cancelled:
        raise Cancelled


class Told:
    """What a preview or a run tells: counts, and a result for each row that changes, is refused or left out."""

    def __init__(self, job: Job, order: Ordered) -> None:
        self.job, self.order, self.file = job, order, job.files.get()
        self.counts = {"rows": len(order.rows), "changed": 0, "unchanged": 0, "errors": 0, "skipped": 0}
        self.results: list[RowResult] = []
        self.number = self.listed = 0
        RowResult.objects.filter(file=self.file).delete()

    def falls(self, lines: Any) -> None:
        """What else goes down, as notes of the file."""
        notes = [
            f"{line.label}: {line.number:,} ({', '.join(line.names)}{', …' if line.rest else ''}), {line.outcome}"
            for line in lines
        ]
        self.warn(notes)

    def warn(self, texts: Iterable[str]) -> None:
        self.file.notes = [Problem(WARNING, "affected", message=text).as_json() for text in texts]
        self.file.save(update_fields=["notes"])

    def add(self, done: Done, stale: list[int], recorder: Recorder | None = None) -> None:
        """One part. With ``recorder`` each changed row is told, too; of a run that is in the history."""
        screen, deed = self.order.screen, self.order.deed
        self.counts["changed"] += len(done.changed)
        self.counts["unchanged"] += len(done.unchanged)
        self.counts["errors"] += len(done.refused)
        self.counts["skipped"] += len(stale)
        room = SHOWN - self.listed
        grouped = dict(islice(recorder.changed_records(screen.name).items(), room)) if recorder else {}
        self.listed += len(grouped)
        named = {row.pk: str(row) for row in screen.model._base_manager.filter(pk__in=[*grouped, *stale])}
        self.results += [
            self._result(named.get(pk, f"#{pk}"), Outcome.CHANGED, changes=_differences(screen.name, changes))
            for pk, changes in grouped.items()
        ]
        self.results += [
            self._result(name, Outcome.ERROR, Problem(ERROR, "conflict", message=str(reason)))
            for name, reason in doing.refusals(screen, deed, done, None)
        ]
        self.results += [
            self._result(named.get(pk, f"#{pk}"), Outcome.SKIPPED, Problem(WARNING, "stale", message=STALE))
            for pk in stale
        ]

    def _result(
        self, key: str, outcome: str, problem: Problem | None = None, changes: Any = None
    ) -> RowResult:
        problems = [problem.as_json()] if problem else None
        facts = {"row": 0, "line": 0, "outcome": outcome, "problems": problems}
        warns = problem is not None and problem.level == WARNING
        return RowResult(file=self.file, key=key, changes=changes, has_warning=warns, **facts)

    def close(self) -> None:
        """Write down what was told since the last time."""
        for row in self.results:
            self.number += 1
            row.row = row.line = self.number
        RowResult.objects.bulk_create(self.results, batch_size=1_000)
        self.results = []
        self.job.counts = self.counts
        self.job.save(update_fields=["counts", "change_set"])


def _differences(screen: str, changes: Any) -> dict[str, Any]:
    """``{field: {"before": …, "after": …}}`` of a record and of what hangs on it, whose name stands before."""
    found: dict[str, Any] = {}
    for change in changes:
        before = "" if change.object_type == screen else f"{change.label} "
        found |= {f"{before}{name}": entry for name, entry in (change.fields or {}).items()}
    return found


def words(job: Job) -> str:
    """One sentence about a run."""
    counts = job.counts
    facts = {"changed": counts.get("changed", 0), "unchanged": counts.get("unchanged", 0)}
    facts |= {"refused": counts.get("errors", 0), "stale": counts.get("skipped", 0)}
    return doing.told(deed_of(job), **facts)


def register() -> None:
    """Tell the console how large deeds run, and the queue how one is previewed and run."""
    lifecycle.DEEDS |= {CHECK: check, RUN: run}
    lifecycle.RUNS |= {CHECK: State.CHECKING, RUN: State.APPLYING}
    pages.background = pages.Background(start, workers.is_alive)
