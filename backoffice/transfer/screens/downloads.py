"""What can be downloaded from the screen Imports and exports: bad rows, problems, exports."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.accounts.security import log
from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.exporting import streams
from backoffice.transfer.exporting.folders import temporary_archive
from backoffice.transfer.exporting.reports import bad_cells, bad_rows, problem_lines
from backoffice.transfer.exporting.sheets import CONTENT_TYPE, CannotHold, temporary_sheet
from backoffice.transfer.jobs import access, exports
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.reading.sources import private_path
from backoffice.transfer.screens.forms import ExportForm

CONTENT_TYPES = {".csv": "text/csv; charset=utf-8", ".xlsx": CONTENT_TYPE, ".zip": "application/zip"}


class Downloads:
    """The addresses of the jobs screen that end in a file."""

    def bad_rows_view(self, request: HttpRequest, token: str) -> HttpResponse:
        job = self.job_or_404(request, token)
        file = bad_file(job, request.GET.get("file", ""))
        ask_again(request, [file] if file else [])
        if file is None:
            return redirect(self.url("job", token=token))
        log("download", file.name, job=job.pk, what="bad rows")
        name = f"{file.format}_bad-rows"
        if file.reading.get("kind") == streams.XLSX:
            return workbook(temporary_sheet(file.format, bad_cells(file, request.user)), f"{name}.xlsx")
        return attachment(bad_rows(file, request.user), f"{name}.csv")

    def problems_view(self, request: HttpRequest, token: str) -> HttpResponse:
        job = self.job_or_404(request, token)
        ask_again(request, job.files.exclude(stored="").filter(rows__gt=0))
        log("download", job.title or job.pk, job=job.pk, what="problems")
        return attachment(problem_lines(job, user=request.user), f"job-{job.pk}-problems.csv")

    # --- export ----------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest) -> HttpResponse:
        asked = request.POST if request.method == "POST" else request.GET
        about = {"screen": asked.get("screen", ""), "query": asked.get("list", "")}
        offered, words = self._offered(request, about)
        form = ExportForm(
            request.POST if request.method == "POST" else None,
            formats=offered,
            stores=known_stores(),
            words=words,
            initial={"format": [asked.get("format", "")]},
        )
        if request.method == "POST" and form.is_valid():
            try:
                return self._exported(request, exports.Wanted(**form.chosen, **about))
            except CannotHold as problem:
                form.add_error("kind", _(str(problem)))
        context = {
            "form": form,
            "list_query": about["query"],
            "list_screen": about["screen"],
            "crumbs": [(_("Imports and exports"), self.list_url)],
            "main_class": "is-mid",
        }
        status = 422 if form.is_bound else 200
        return self.page(request, "transfer/export.html", title=_("Export"), status=status, **context)

    def _offered(
        self, request: HttpRequest, about: dict[str, str]
    ) -> tuple[list[FileResource], dict[str, str]]:
        """The formats to choose from; from a list those it covers, each with the number of its rows."""
        offered = access.exportable(request.user)
        screen = exports.Wanted("", **about).list_screen
        covered = [resource for resource in offered if screen and resource.file in screen.files]
        if not covered:
            return offered, {}
        words = {}
        for resource in covered:
            wanted = exports.Wanted(resource.file, **about)
            found = exports.extent(resource, wanted.rows(resource, request.user))
            words[resource.file] = extent_words(found, is_whole=not wanted.narrowing(resource))
        return covered, words

    def _exported(self, request: HttpRequest, wanted: exports.Wanted) -> HttpResponse:
        waits = exports.whole_extent(wanted, request.user).waits
        job = exports.start(wanted, request.user) if waits else None
        facts = {"filter": wanted.query, "unprotected": not wanted.is_guarded}
        if job:
            log("export", wanted.format, job=job.pk, **facts)
            return redirect(self.url("job", token=job.token))
        if wanted.is_packed:
            with streams.one_snapshot():
                file = temporary_archive(wanted.parts(request.user), wanted.kind, wanted.shape)
            log("export", wanted.format, **facts)
            return workbook(file, wanted.name)
        [resource] = wanted.resources
        rows = wanted.rows(resource, request.user)
        if wanted.kind == streams.XLSX:
            file = temporary_sheet(wanted.format, streams.sheet_rows(resource, rows, wanted.shape))
            log("export", wanted.format, **facts)
            return workbook(file, wanted.name)
        log("export", wanted.format, **facts)
        return attachment(streams.csv_lines(resource, rows, wanted.shape), wanted.name)

    def exported_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        """The page of an export that has come to its end."""
        job = context["job"]
        context |= {
            "file": exports.file_for(job, request.user),
            "message": _(job.message) if job.message else "",
            "again_url": self.again_url(request, job),
        }
        return self.page(request, "transfer/exported.html", **context)

    def export_file_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """The file of a finished export; the page of the job tells why there is none."""
        job = self.job_or_404(request, token)
        if job.kind == Job.Kind.EXPORT and not exports.may_open(job, request.user):
            raise Http404
        file = exports.file_for(job, request.user)
        if file is None or not private_path(file.stored).exists():
            return redirect(self.url("job", token=token))
        log("download", file.name, job=job.pk, what="export")
        return workbook(private_path(file.stored).open("rb"), file.name)


def extent_words(found: exports.Extent, *, is_whole: bool) -> str:
    """How many rows a file will have; ``is_whole`` when the filter of the list does not reach it."""
    count = intcomma(found.rows)
    if found.is_more:
        words = _("more than %(count)s rows") % {"count": count}
    else:
        words = ngettext("%(count)s row", "%(count)s rows", found.rows) % {"count": count}
    return _("%(rows)s, all of them") % {"rows": words} if is_whole else words


def known_stores() -> list[str]:
    """The names of the stores, if a room brings them."""
    resource = formats.resource_of(formats.STORE)
    if resource is None:
        return []
    name = resource.key_columns[0].attribute
    return list(resource.model._default_manager.order_by(name).values_list(name, flat=True))


def bad_file(job: Job, position: str) -> JobFile | None:
    """The file the address names, 404 once it is gone; else the first one that has rows in error."""
    files = job.files.filter(errors__gt=0).exclude(stored="").order_by("position")
    if not position:
        return files.first()
    file = files.filter(position=position).first() if position.isdecimal() else None
    if file is None:
        raise Http404
    return file


def ask_again(request: HttpRequest, files: Iterable[JobFile]) -> None:
    """A download asks for the right to import its format again; who lost it does not find the file."""
    allowed = {resource.file for resource in access.importable(request.user)}
    if not access.sees_all(request.user) and not {file.format for file in files} <= allowed:
        raise Http404


def attachment(lines: Iterable[str], name: str) -> StreamingHttpResponse:
    """A CSV that is downloaded, never shown."""
    return _kept_away(StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8"), name)


def workbook(file: IO[bytes], name: str) -> StreamingHttpResponse:
    """A file that was written before, as a download; the response closes it."""
    kind = CONTENT_TYPES[Path(name).suffix]
    return _kept_away(FileResponse(file, content_type=kind), name)


def _kept_away(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    """Downloaded under this name, neither shown nor stored on the way."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
