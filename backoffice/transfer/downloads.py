"""What can be downloaded from the screen Imports and exports: bad rows, problems, templates, exports."""

from collections.abc import Iterable
from copy import copy
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.accounts.security import log
from backoffice.console.lists import ListPage
from backoffice.console.site import site
from backoffice.transfer import access, exporting, formats
from backoffice.transfer.forms import ExportForm
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.reports import bad_rows, problem_lines


class Downloads:
    """The addresses of the jobs screen that end in a file."""

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """The header of an empty file."""
        resource = formats.resource_of(request.GET.get("format", ""))
        if resource not in access.importable(request.user):
            return redirect(self.url("upload"))
        return attachment([exporting.template_line(resource)], f"{resource.file}.csv")

    # --- downloads -------------------------------------------------------------------------------

    def bad_rows_view(self, request: HttpRequest, token: str) -> HttpResponse:
        job = self.job_or_404(request, token)
        file = bad_file(job, request.GET.get("file", ""))
        ask_again(request, [file] if file else [])
        if file is None:
            return redirect(self.url("job", token=token))
        log("download", file.name, job=job.pk, what="bad rows")
        return attachment(bad_rows(file), f"{file.format}_bad-rows.csv")

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
            return self._exported(request, form.cleaned_data)
        context = {
            "form": form,
            "list_query": asked.get("list", ""),
            "list_screen": asked.get("screen", ""),
            "crumbs": [(_("Imports and exports"), self.list_url)],
            "main_class": "is-mid",
        }
        return self.page(request, "transfer/export.html", title=_("Export"), **context)

    def _exported(self, request: HttpRequest, chosen: dict[str, Any]) -> HttpResponse:
        resource = formats.resource_of(chosen["format"])
        shape = exporting.Shape(chosen["extra_columns"], not chosen["for_another_system"], chosen["has_mark"])
        rows = filtered_rows(request, resource.model)
        plain = bool(chosen["for_another_system"])
        log("export", resource.file, filter=request.POST.get("list", ""), unprotected=plain)
        return attachment(exporting.csv_lines(resource, rows, shape), f"{resource.file}.csv")


def filtered_rows(request: HttpRequest, model: Any) -> QuerySet | None:
    """The rows of the list from which the export was asked, under its filter and search; without a list all
    rows this user may export."""
    name = request.POST.get("screen", "")
    screen = next((s for s in site._registry.values() if s.name == name and s.model is model), None)
    if screen is None:
        own = site._registry.get(model)
        return own.visible_rows(request, "export") if own else None
    asked = copy(request)
    asked.GET = QueryDict(request.POST.get("list", ""))
    return ListPage(asked, screen).rows


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
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
