"""What can be downloaded from the screen Imports and exports: bad rows, problems, exports."""

from collections.abc import Iterable
from typing import IO, Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.accounts.security import log
from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting import streams
from backoffice.transfer.exporting.reports import bad_cells, bad_rows, problem_lines
from backoffice.transfer.exporting.sheets import CONTENT_TYPE, CannotHold, temporary_sheet
from backoffice.transfer.jobs import access, exports
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.reading.sources import private_path
from backoffice.transfer.screens.forms import ExportForm


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
            return workbook(temporary_sheet(file.format, bad_cells(file)), f"{name}.xlsx")
        return attachment(bad_rows(file), f"{name}.csv")

    def problems_view(self, request: HttpRequest, token: str) -> HttpResponse:
        job = self.job_or_404(request, token)
        ask_again(request, job.files.exclude(stored="").filter(rows__gt=0))
        log("download", job.title or job.pk, job=job.pk, what="problems")
        return attachment(problem_lines(job), f"job-{job.pk}-problems.csv")

    # --- export ----------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest) -> HttpResponse:
        offered = access.exportable(request.user)
        asked = request.POST if request.method == "POST" else request.GET
        form = ExportForm(request.POST or None, formats=offered, initial={"format": asked.get("format", "")})
        if request.method == "POST" and form.is_valid():
            try:
                return self._exported(request, wanted_of(form.cleaned_data, asked))
            except CannotHold as problem:
                form.add_error("kind", _(str(problem)))
        resource = formats.resource_of(asked.get("format", ""))
        context = {
            "form": form,
            "list_query": asked.get("list", ""),
            "list_screen": asked.get("screen", ""),
            "extent_words": self._extent_words(
                request, resource if resource in offered else offered[0], asked
            ),
            "crumbs": [(_("Imports and exports"), self.list_url)],
            "main_class": "is-mid",
        }
        status = 422 if form.is_bound else 200
        return self.page(request, "transfer/export.html", title=_("Export"), status=status, **context)

    def _extent_words(self, request: HttpRequest, resource: Any, asked: Any) -> str:
        """How many rows the file will have."""
        rows = wanted_of({"format": resource.file}, asked).rows(request.user)
        return extent_words(resource, exports.extent(resource, rows))

    def _exported(self, request: HttpRequest, wanted: exports.Wanted) -> HttpResponse:
        rows = wanted.rows(request.user)
        waits = exports.extent(wanted.resource, rows).waits
        job = exports.start(wanted, request.user) if waits else None
        facts = {"filter": wanted.query, "unprotected": not wanted.is_guarded}
        if job:
            log("export", wanted.format, job=job.pk, **facts)
            return redirect(self.url("job", token=job.token))
        if wanted.kind == streams.XLSX:
            cells = streams.sheet_rows(wanted.resource, rows, wanted.shape)
            file = temporary_sheet(wanted.format, cells)
            log("export", wanted.format, **facts)
            return workbook(file, wanted.name)
        log("export", wanted.format, **facts)
        return attachment(streams.csv_lines(wanted.resource, rows, wanted.shape), wanted.name)

    def exported_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        """The page of an export that has come to its end."""
        job = context["job"]
        context |= {
            "file": exports.file_for(job, request.user),
            "message": _(job.message) if job.message else "",
        }
        return self.page(request, "transfer/exported.html", **context)

    def export_file_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """The file of a finished export; the page of the job tells why there is none."""
        job = self.job_or_404(request, token)
        if not exports.may_open(job, request.user):
            raise Http404
        file = exports.file_for(job, request.user)
        if file is None or not private_path(file.stored).exists():
            return redirect(self.url("job", token=token))
        log("download", file.name, job=job.pk, what="export")
        return workbook(private_path(file.stored).open("rb"), file.name)


def wanted_of(chosen: Any, asked: Any) -> exports.Wanted:
    """The choices of the page together with the list they are about."""
    return exports.Wanted(
        chosen["format"],
        chosen.get("kind") or streams.CSV,
        bool(chosen.get("extra_columns")),
        not chosen.get("for_another_system"),
        bool(chosen.get("has_mark")),
        asked.get("screen", ""),
        asked.get("list", ""),
    )


def extent_words(resource: Any, found: exports.Extent) -> str:
    facts = {"count": intcomma(found.rows), "content": resource.title}
    if found.is_more:
        return _("%(content)s: more than %(count)s rows will be written.") % facts
    return (
        ngettext(
            "%(content)s: %(count)s row will be written.",
            "%(content)s: %(count)s rows will be written.",
            found.rows,
        )
        % facts
    )


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
    kind = CONTENT_TYPE if name.endswith(".xlsx") else "text/csv; charset=utf-8"
    return _kept_away(FileResponse(file, content_type=kind), name)


def _kept_away(response: StreamingHttpResponse, name: str) -> StreamingHttpResponse:
    """Downloaded under this name, neither shown nor stored on the way."""
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
