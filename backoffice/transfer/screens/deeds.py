"""The page of a deed over many rows that a job previews or runs."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.accounts.security import log
from backoffice.console.bulk.doing import refused_file
from backoffice.transfer.jobs import deeds
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.screens import pages, rows

State = Job.State


class Part(NamedTuple):
    """Rows of one outcome, as far as they are on the page."""

    name: str
    label: str
    rows: rows.RowsPage
    state: str
    note: str


def parts_of(job: Job, file: JobFile, request: HttpRequest) -> list[Part]:
    """What changes, what is refused, what is left out; the address turns the pages of one of them, the others begin
    with their first rows."""
    labels = {rows.CHANGES: _("What changes"), rows.ERRORS: _("Refused"), rows.WARNINGS: _("Left out")}
    turned, found = request.GET.get("tab", ""), []
    for name, label in labels.items():
        query = request.GET if name == turned else QueryDict()
        after, before = (rows.mark_in(query.get(mark, "")) for mark in ("after", "before"))
        part = rows.rows_of(job, file, name, QueryDict(), request.user)
        page = part.page(after, before)
        page = page if page.rows else part.page(0)
        if page.rows:
            found.append(Part(name, label, page, f"tab={name}", _more_words(job, name, page)))
    return found


def _more_words(job: Job, name: str, page: rows.RowsPage) -> str:
    """That not all that changes is listed, if so."""
    if name != rows.CHANGES or page.all < deeds.SHOWN or job.counts.get("changed", 0) <= page.all:
        return ""
    return _("The changes of the first rows are listed; all of them will be in the history.")


def refused_lines(found: rows.Rows) -> Iterator[tuple[str, str]]:
    """(record, reason) of all rows that are refused or left out."""
    for row in found.everything():
        yield row.key, " ".join(problem.sentence for problem in row.problems)


class Deeds:
    """The part of the jobs screen that shows deeds over many rows."""

    def deed_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        """What would change, or what became of it."""
        job, file = context["job"], context["file"]
        context |= {
            "step": 3 if job.state == State.CHECKED else 5,
            "words": deeds.words(job) if job.is_done else "",
            "message": _(job.message) if job.message else "",
            "ended": pages.ended_words(job) if job.state == State.CANCELLED else "",
            "may_run": job.state == State.CHECKED and job.owner_id == request.user.pk,
            "run_label": deeds.deed_of(job).label,
            **self._change_set_urls(request, job),
        }
        if file and job.owner_id == request.user.pk:
            context["parts"] = parts_of(job, file, request)
        return self.page(request, "transfer/deed.html", **context)

    def deed_rows(self, request: HttpRequest, job: Job) -> HttpResponse:
        """All that was refused, or left out, to take away; for the owner, as on the page."""
        file, name = job.files.first(), request.GET.get("tab", "")
        if file is None or job.owner_id != request.user.pk or name not in {rows.ERRORS, rows.WARNINGS}:
            raise Http404
        log("download", job.title, job=job.pk, what=name)
        found = rows.rows_of(job, file, name, QueryDict(), request.user)
        return refused_file(refused_lines(found), f"job-{job.pk}")

    def deed_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """Run what was previewed."""
        job = self.job_or_404(request, token)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if job.owner_id != request.user.pk:
            messages.error(request, _("Only the owner runs a job: the rights are the owner's."))
        elif not deeds.confirm(job):
            messages.info(request, _("The job is running already."))
        return redirect(self.url("job", token=token))
