"""Exports: what is written for whom, at once or, when it is large, as a job with a file to fetch later
(spec: import-export 1.9.1). The file belongs to its owner, whose rights are asked again when the job runs and when the
file is opened."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_noop

from backoffice.accounts.models import User
from backoffice.console.lists import ListPage
from backoffice.console.rows import visible
from backoffice.console.site import site
from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting import folders, streams
from backoffice.transfer.exporting.sheets import CannotHold
from backoffice.transfer.jobs import access, lifecycle, workers
from backoffice.transfer.jobs.intake import remove_stored
from backoffice.transfer.jobs.silence import is_dead
from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, JobFile, random_id
from backoffice.transfer.options import names_in
from backoffice.transfer.progress import Progress
from backoffice.transfer.reading.sources import private_path

State = Job.State
EXPORT = Job.Kind.EXPORT


class Wanted(NamedTuple):
    """What was chosen on the page. ``format`` and ``stores`` are names parted by commas; ``screen`` and ``query`` name
    the list and its filter; ``in_folders`` lays files out by store."""

    format: str
    kind: str = streams.CSV
    extra_columns: bool = False
    is_guarded: bool = True
    has_mark: bool = False
    screen: str = ""
    query: str = ""
    stores: str = ""
    in_folders: bool = False

    @property
    def resources(self) -> list[FileResource]:
        """The chosen formats in the order of import."""
        names = names_in(self.format)
        return [resource for resource in formats.resources() if resource.file in names]

    @property
    def shape(self) -> streams.Shape:
        return streams.Shape(self.extra_columns, self.is_guarded, self.has_mark)

    @property
    def is_packed(self) -> bool:
        """Whether the result is an archive of files."""
        return self.in_folders or len(self.resources) > 1

    @property
    def name(self) -> str:
        names = [resource.file for resource in self.resources]
        if not self.is_packed:
            return f"{names[0]}.{self.kind}"
        return f"{names[0]}.zip" if len(names) == 1 else "export.zip"

    def rows(self, resource: FileResource, user: Any) -> QuerySet | None:
        """The rows of one format: those of the list under its filter and search, or those that belong to them; without
        a list all that ``user`` may export, for nobody in particular all. None: nothing narrows them."""
        return folders.of_stores(resource, self._visible(resource, user), names_in(self.stores))

    def _visible(self, resource: FileResource, user: Any) -> QuerySet | None:
        own = site._registry.get(resource.model)
        request = _asking(user, self.query)
        rows = own.visible_rows(request, "export") if own else _seen(resource, user)
        by = self.narrowing(resource)
        if not by:
            return rows
        screen = self.list_screen
        found = resource.model._default_manager.all() if rows is None else rows
        if not screen.right("view").held_by(request.user):
            return found.none()
        allowed = screen.visible_rows(request, "export")
        listed = ListPage(request, screen).rows.filter(pk__in=allowed.order_by().values("pk"))
        return found.filter(**{f"{by}__in": listed.order_by().values("pk")})

    def narrowing(self, resource: FileResource) -> str:
        """By what the rows of a format hang on those of the list; nothing where the filter does not apply."""
        screen = self.list_screen
        if screen is None:
            return ""
        listed = screen.model._meta.concrete_model
        if resource.model._meta.concrete_model is listed:
            return "pk"
        references = (column for column in resource.columns if isinstance(column.widget, Ref))
        return next((c.attribute for c in references if c.widget.model._meta.concrete_model is listed), "")

    @property
    def list_screen(self) -> Any:
        """The list the export was asked from."""
        return next((s for s in site._registry.values() if self.screen and s.name == self.screen), None)

    def notes(self, user: Any) -> list[Any]:
        """What the list says of its filter: what it does not know."""
        screen = self.list_screen
        return ListPage(_asking(user, self.query), screen).state.notes if screen else []

    def parts(self, user: Any) -> Iterator[folders.Part]:
        """The files of the archive."""
        return folders.parts(self.resources, lambda r: self.rows(r, user), in_folders=self.in_folders)


def _seen(resource: FileResource, user: Any) -> QuerySet | None:
    """Records without a screen of their own are seen with those they name; None: nothing limits them."""
    found: QuerySet | None = None
    for column in resource.columns if user is not None else ():
        if not isinstance(column.widget, Ref) or not _is_path(resource, column.attribute):
            continue
        named = visible(column.widget.model._default_manager.order_by(), user, "export")
        if named.query.has_filters():
            rows = resource.model._default_manager.all() if found is None else found
            is_seen = Q(**{f"{column.attribute}__in": named.values("pk")})
            found = rows.filter(is_seen | Q(**{f"{column.attribute}__isnull": True}))
    return found


def _is_path(resource: FileResource, attribute: str) -> bool:
    """Whether queries over the model know the way to what a column names."""
    try:
        resource.model._meta.get_field(attribute.partition("__")[0])
    except FieldDoesNotExist:
        return False
    return True


def _asking(user: Any, query: str) -> HttpRequest:
    request = HttpRequest()
    request.method, request.user, request.GET = "GET", user or User(is_superuser=True), QueryDict(query)
    return request


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


def whole_extent(wanted: Wanted, user: Any) -> Extent:
    """All chosen formats together."""
    found = [extent(resource, wanted.rows(resource, user)) for resource in wanted.resources]
    return Extent(sum(each.rows for each in found), any(each.is_more for each in found))


def start(wanted: Wanted, user: Any) -> Job:
    """Queue the export."""
    with transaction.atomic():
        job = record(wanted, user, wanted.name)
        lifecycle.move(job, State.QUEUED)
        transaction.on_commit(lambda: lifecycle.run_job.enqueue(job.pk, "export"))
    return job


def record(wanted: Wanted, user: Any, title: str) -> Job:
    """The job of an export that has not begun."""
    job = lifecycle.create(user, title=title, kind=EXPORT)
    job.options, job.formats = wanted._asdict(), names_in(wanted.format)
    job.save(update_fields=["options", "formats"])
    return job


def may_run_again(job: Job, user: Any) -> bool:
    """An export that came to no end, by its owner as long as he may export such files."""
    ended = job.state in {State.FAILED, State.CANCELLED, State.STALLED} or is_dead(job)
    return job.kind == EXPORT and ended and may_open(job, user)


def run_again(job: Job, user: Any) -> bool:
    """Queue it once more with what was chosen. False if it runs already."""
    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if not may_run_again(held, user):
            return False
        if held.is_running:
            lifecycle.move(held, State.STALLED)
        lifecycle.move(held, State.QUEUED)
        transaction.on_commit(lambda: lifecycle.run_job.enqueue(job.pk, "export"))
    return True


def perform(job: Job, progress: Progress | None = None) -> None:
    """Write the file. One that is not finished is removed."""
    progress = progress or Progress(job)
    wanted = Wanted(**job.options)
    with lifecycle._failing_well(job), lifecycle._as_owner(job), progress:
        if not may_open(job, job.owner):
            lifecycle.move(job, State.FAILED, gettext_noop("You may not export files of this kind."))
            return
        for left in job.files.all():
            remove_stored(left)
            left.delete()
        file = JobFile.objects.create(
            job=job, position=1, format=wanted.format[:100], name=wanted.name, stored=random_id()
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

    user, kind, shape = file.job.owner, wanted.kind, wanted.shape
    with streams.one_snapshot():
        expect(wanted, user, progress)
        if wanted.is_packed:
            with folders.packing(path) as folder:
                for _written in folders.write_parts(
                    folder, wanted.parts(user), kind, shape, step=lambda _part, line: step(line)
                ):
                    pass
        else:
            [resource] = wanted.resources
            streams.write_file(path, kind, resource, wanted.rows(resource, user), shape, step=step)
    file.rows, file.size = progress.rows_done, path.stat().st_size
    file.save(update_fields=["rows", "size"])


def expect(wanted: Wanted, user: Any, progress: Progress) -> None:
    """Tell how many rows there will be."""
    rows = [streams.records_of(each, wanted.rows(each, user)) for each in wanted.resources]
    progress.expect(sum(each.order_by().count() for each in rows))


def may_open(job: Job, user: Any) -> bool:
    """An exported file is for its owner, as long as he may export such files."""
    allowed = {resource.file for resource in access.exportable(user)}
    return job.owner_id == user.pk and bool(job.formats) and set(job.formats) <= allowed


def file_for(job: Job, user: Any) -> JobFile | None:
    """The finished file, if there is one for this user."""
    if job.kind != EXPORT or job.state != State.DONE or not may_open(job, user):
        return None
    return job.files.exclude(stored="").first()


def register() -> None:
    """Tell the queue how an export is run."""
    lifecycle.DEEDS["export"] = perform
    lifecycle.RUNS["export"] = State.APPLYING
