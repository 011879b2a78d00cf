"""Exports: what is written for whom, at once or, when it is large, as a job with a file to fetch later
(spec: import-export 1.9.1). The file belongs to its owner, whose rights are asked again when the job runs and when the
file is opened."""

from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_noop

from backoffice.console.lists import ListPage
from backoffice.console.site import site
from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting import streams
from backoffice.transfer.exporting.sheets import CannotHold
from backoffice.transfer.jobs import access, lifecycle, workers
from backoffice.transfer.jobs.intake import remove_stored
from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, JobFile, random_id
from backoffice.transfer.progress import Progress
from backoffice.transfer.reading.sources import private_path

State = Job.State
EXPORT = Job.Kind.EXPORT


class Wanted(NamedTuple):
    """What was chosen on the page. ``screen`` and ``query`` name the list and its filter."""

    format: str
    kind: str = streams.CSV
    extra_columns: bool = False
    is_guarded: bool = True
    has_mark: bool = False
    screen: str = ""
    query: str = ""

    @property
    def resource(self) -> FileResource:
        return formats.resource_of(self.format)

    @property
    def shape(self) -> streams.Shape:
        return streams.Shape(self.extra_columns, self.is_guarded, self.has_mark)

    @property
    def name(self) -> str:
        return f"{self.format}.{self.kind}"

    def rows(self, user: Any) -> QuerySet | None:
        """The rows of the list under its filter and search; without a list all that ``user`` may export. None: no
        screen narrows them."""
        model = self.resource.model
        request = HttpRequest()
        request.method, request.user, request.GET = "GET", user, QueryDict(self.query)
        screen = self.list_screen
        if screen is None:
            own = site._registry.get(model)
            return own.visible_rows(request, "export") if own else None
        allowed = screen.visible_rows(request, "export")
        return ListPage(request, screen).rows.filter(pk__in=allowed.order_by().values("pk"))

    @property
    def list_screen(self) -> Any:
        """The list the export was asked from, if it shows records of this format."""
        model = self.resource.model
        return next((s for s in site._registry.values() if s.name == self.screen and s.model is model), None)


class Extent(NamedTuple):
    """How many rows there are, counted up to what is written without a worker."""

    rows: int
    is_more: bool

    @property
    def waits(self) -> bool:
        """Whether the export becomes a job."""
        most = "EXPORT_AT_ONCE" if workers.is_alive() else "EXPORT_WITHOUT_WORKER"
        return self.is_more or self.rows > limit(most)


def extent(resource: FileResource, rows: QuerySet | None) -> Extent:
    most = max(limit("EXPORT_AT_ONCE"), limit("EXPORT_WITHOUT_WORKER"))
    found = streams.records_of(resource, rows).order_by().values("pk")[: most + 1].count()
    return Extent(min(found, most), found > most)


def start(wanted: Wanted, user: Any) -> Job:
    """Queue the export."""
    with transaction.atomic():
        job = lifecycle.create(user, title=wanted.name, kind=EXPORT)
        job.options, job.formats = wanted._asdict(), [wanted.format]
        job.save(update_fields=["options", "formats"])
        lifecycle.move(job, State.QUEUED)
        transaction.on_commit(lambda: lifecycle.run_job.enqueue(job.pk, "export"))
    return job


def perform(job: Job, progress: Progress | None = None) -> None:
    """Write the file. One that is not finished is removed."""
    progress = progress or Progress(job)
    wanted = Wanted(**job.options)
    with lifecycle._failing_well(job), lifecycle._as_owner(job), progress:
        if wanted.resource not in access.exportable(job.owner):
            lifecycle.move(job, State.FAILED, gettext_noop("You may not export files of this kind."))
            return
        job.files.all().delete()
        file = JobFile.objects.create(
            job=job, position=1, format=wanted.format, name=wanted.name, stored=random_id()
        )
        try:
            _write(wanted, file, progress)
        except CannotHold as problem:
            remove_stored(file)
            lifecycle.move(job, State.FAILED, str(problem))
            return
        except BaseException:
            remove_stored(file)
            raise
        job.counts = {"rows": file.rows}
        job.save(update_fields=["counts"])
        lifecycle.move(job, State.DONE)


def _write(wanted: Wanted, file: JobFile, progress: Progress) -> None:
    path = private_path(file.stored)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(0o600)

    def step(line: int) -> None:
        progress.step(file, line, 1 if line > 1 else 0)

    with streams.one_snapshot():
        rows = wanted.rows(file.job.owner)
        progress.expect(streams.records_of(wanted.resource, rows).order_by().count())
        streams.write_file(path, wanted.kind, wanted.resource, rows, wanted.shape, step=step)
    file.rows, file.size = progress.rows_done, path.stat().st_size
    file.save(update_fields=["rows", "size"])


def may_open(job: Job, user: Any) -> bool:
    """An exported file is for its owner, as long as he may export such files."""
    allowed = {resource.file for resource in access.exportable(user)}
    return job.owner_id == user.pk and set(job.formats) <= allowed


def file_for(job: Job, user: Any) -> JobFile | None:
    """The finished file, if there is one for this user."""
    if job.kind != EXPORT or job.state != State.DONE or not may_open(job, user):
        return None
    return job.files.exclude(stored="").first()


def register() -> None:
    """Tell the queue how an export is run."""
    lifecycle.DEEDS["export"] = perform
    lifecycle.RUNS["export"] = State.APPLYING
