"""The page of a checked or finished job: its counts and rows, and what can be done next."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.accounts.security import log
from backoffice.console.site import site
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.screens.left import has_left, left_parts
from backoffice.spreadsheets import guarded
from backoffice.transfer.exporting.reports import PROBLEM_HEAD, csv_line, problem_line
from backoffice.transfer.jobs import access, lifecycle
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.screens import pages, rows
from backoffice.transfer.screens.downloads import ask_again, attachment

State = Job.State


class Results:
    """The addresses of the jobs screen that tell what a check or a run found."""

    def result_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        job, file = context["job"], context["file"]
        context |= {
            "may_apply": pages.may_apply(job) and access.may_import(request.user),
            "may_skip": pages.may_skip(job) and access.may_import(request.user),
            "skip_label": pages.skip_label(job),
            "words": pages.outcome_words(job),
            "check_words": pages.check_words(job),
            "apply_label": pages.apply_label(job),
            "message": self._message(job),
            "waits": waiting_words(job),
            **self._change_set_urls(request, job),
            "step": pages.step_of(job),
            "again_url": self.again_url(request, job),
            **self._totals(job, context["files"]),
            "read_words": pages.read_words(pages.counts_of(file)) if file else "",
            **(self._rows(request, job, file) if file and (job.change_set or not job.purged_at) else {}),
        }
        return self.page(request, "transfer/result.html", **context)

    def _totals(self, job: Job, files: list[JobFile]) -> dict[str, Any]:
        """The counts of all files together, and which file is looked at when there are several."""
        counts = {name: job.counts.get(name, 0) for name in JobFile.COUNTS}
        return {"totals": counts, "total_words": pages.read_words(counts) if len(files) > 1 else ""}

    def _rows(self, request: HttpRequest, job: Job, file: JobFile) -> dict[str, Any]:
        tab = tab_of(request, file)
        found = rows.rows_of(job, file, tab, request.GET, request.user)
        after, before = (rows.mark_in(request.GET.get(name, "")) for name in ("after", "before"))
        return {
            "tabs": rows.tabs_of(job, file, request.user),
            "tab": tab,
            "chips": found.chips(request),
            "is_narrowed": found.is_narrowed,
            "rows_state": found.state,
            "rows": found.page(after, before),
        }

    def _message(self, job: Job) -> str:
        if job.state == State.CANCELLED:
            words = f"{_(job.message) if job.message else ''} {pages.ended_words(job)}".strip()
            return f"{words} {_('The numbers are those of the check.')}" if job.counts else words
        return _(job.message) if job.message else ""

    def _change_set_urls(self, request: HttpRequest, job: Job) -> dict[str, Any]:
        """Where the history of the run is read, and where it is undone."""
        change_set = ChangeSet.objects.filter(pk=job.change_set).first() if job.change_set else None
        if change_set is None:
            return {}
        history, undone = site._registry[ChangeSet], undoing.undo_of(change_set)
        is_undo = job.kind == Job.Kind.UNDO
        return {
            "left": left_parts(change_set, request.user) if is_undo else (),
            "undo": change_set,
            "change_set_url": history.url("view", pk=change_set.pk),
            "undo_actions": history.record_actions(request, change_set),
            "undone_url": history.url("view", pk=undone.pk) if undone else "",
            **({"words": pages.undone_words(has_left(undone))} if undone and not is_undo else {}),
        }

    def rows_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """The rows of a tab as the filters leave them, as CSV."""
        job = self.job_or_404(request, token)
        if job.kind == Job.Kind.BULK:
            return self.deed_rows(request, job)
        file = file_of(job, request.GET.get("file", ""))
        if file is None:
            return redirect(self.url("job", token=token))
        ask_again(request, [file])
        tab = tab_of(request, file)
        log("download", file.name, job=job.pk, what=tab)
        found = rows.rows_of(job, file, tab, request.GET, request.user)
        lines = change_lines(found) if tab == rows.CHANGES else problem_lines(found)
        return attachment(lines, f"job-{job.pk}-{tab}.csv")


def file_of(job: Job, position: str) -> JobFile | None:
    """The file the address names, 404 if there is none; else the first one, if any."""
    if not position:
        return job.files.order_by("position").first()
    file = (
        job.files.filter(position=position).first() if position.isdecimal() and len(position) < 10 else None
    )
    if file is None:
        raise Http404
    return file


def tab_of(request: HttpRequest, file: JobFile) -> str:
    """The tab that the address names, else the one that needs attention."""
    tab = request.GET.get("tab", "")
    return tab if tab in rows.NAMES else (rows.ERRORS if file.errors else rows.CHANGES)


def waiting_words(job: Job) -> str:
    """For which job an import would wait if it began at this moment."""
    other = lifecycle.applied_beside(job) if pages.may_apply(job) or pages.may_skip(job) else None
    if other is None:
        return ""
    return _("At this moment %(job)s writes in the same area. An import waits until it is finished.") % {
        "job": other
    }


def change_lines(found: rows.Rows) -> Iterator[str]:
    """One line per changed field."""
    yield csv_line(["file", "line", "key", "result", "field", "before", "after"])
    for row in found.everything():
        for each in row.differences:
            texts = [row.key, row.label, each.heading, each.before, each.after]
            yield csv_line([str(found.file), row.line or "", *map(guarded, texts)])


def problem_lines(found: rows.Rows) -> Iterator[str]:
    """One line per problem."""
    yield csv_line(PROBLEM_HEAD)
    for row in found.everything():
        for problem in row.problems:
            yield problem_line(found.file, row.line, row.key, problem)
