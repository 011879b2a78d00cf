"""Imports and exports: my jobs, and the four steps of an import, each a page one can come back to."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import admin, messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
)
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts.security import log
from backoffice.console.lists import Choice, Column, DateRange, Filter
from backoffice.console.rescue import mark, rescued
from backoffice.console.rights import Asked
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.console.site import Address, site
from backoffice.console.templatetags.console import local_time, moment
from backoffice.texts import content_locales
from backoffice.transfer.declaring import formats
from backoffice.transfer.jobs import access, intake, left_out, lifecycle, workers
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.problems import FileRefused, Problem
from backoffice.transfer.screens import pages
from backoffice.transfer.screens.actions import Actions
from backoffice.transfer.screens.deeds import Deeds
from backoffice.transfer.screens.downloads import Downloads
from backoffice.transfer.screens.forms import ReadingForm, UploadForm
from backoffice.transfer.screens.guides import Guides, links
from backoffice.transfer.screens.readings import ReadingPage
from backoffice.transfer.screens.results import Results
from backoffice.transfer.screens.running import Running

State = Job.State
READABLE = (State.UPLOADED, State.REFUSED)
"""States in which a file may be read in another way."""
OPEN = (*READABLE, State.CHECKED)
"""States in which nothing was decided yet."""


@admin.register(Job, site=site)
class JobAdmin(Actions, Deeds, Downloads, Guides, Results, Running, ScreenAdmin):
    icon = "arrow-down-up"
    can_add = can_change = can_delete = False
    list_template = "transfer/list.html"
    list_columns = (
        Column("title", gettext_lazy("File"), value=lambda job: job.title or _("several files"), link=True),
        Column("kind", value=lambda job: whole(capfirst(job.get_kind_display())), priority=2),
        Column("formats", gettext_lazy("Content"), value=lambda job: pages.content_of(job), priority=2),
        Column(
            "state",
            value=lambda job: capfirst(job.get_state_display()),
            badge=lambda job: pages.STATE_LOOK.get(job.state, ""),
        ),
        Column(
            "owner_name",
            gettext_lazy("By"),
            value=lambda job: whole(job.owner_name or _("System")),
            priority=2,
        ),
        Column("created_at", value=lambda job: whole(moment(job.created_at)), sort="pk"),
        Column("rows", gettext_lazy("Rows"), value=lambda job: counted(job, "rows"), num=True),
        Column("errors", gettext_lazy("Errors"), value=lambda job: counted(job, "errors"), num=True),
        Column("note", priority=3),
    )
    search_hint = gettext_lazy("File or note")
    list_order = ("-pk",)
    empty_text = gettext_lazy("Import a file and see what it would change before anything is written.")
    screens = (
        Screen("upload/", "upload_view", "upload", access.IMPORT),
        Screen("guide/", "guide_view", "guide", access.IMPORT),
        Screen("template/", "template_view", "template", access.IMPORT),
        Screen("export/", "export_view", "export", access.EXPORT),
        Screen("<str:token>/reading/", "reading_view", "reading", access.IMPORT),
        Screen("<str:token>/check/", "check_view", "check", access.IMPORT),
        Screen("<str:token>/apply/", "apply_view", "apply", access.IMPORT),
        Screen("<str:token>/deed/", "deed_view", "deed", access.VIEW),
        Screen("<str:token>/cancel/", "cancel_view", "cancel", access.VIEW),
        Screen("<str:token>/again/", "again_view", "again", access.VIEW),
        Screen("<str:token>/progress/", "progress_view", "progress", access.VIEW),
        Screen("<str:token>/rows/", "rows_view", "rows", access.VIEW),
        Screen("<str:token>/bad-rows/", "bad_rows_view", "bad_rows", access.VIEW),
        Screen("<str:token>/problems/", "problems_view", "problems", access.VIEW),
        Screen("<str:token>/download/", "export_file_view", "export_file", access.VIEW),
        Screen("<str:token>/", "job_view", "job", access.VIEW),
    )

    # --- rows and addresses ----------------------------------------------------------------------

    def right(self, action: str) -> Asked:
        return access.VIEW if action == "view" else super().right(action)

    def addresses(self) -> list[Address]:
        """Jobs are called by their random names; there are no addresses with numbers."""
        return [address for address in super().addresses() if "<int:pk>" not in address.route]

    def visible_rows(self, request: HttpRequest, action: str = "view") -> QuerySet:
        """One's own jobs, or all; of a deed over many rows the records are told that its owner may see."""
        found, own = super().visible_rows(request, action), Q(owner=request.user)
        if request.user.is_superuser:
            return found
        return found.filter(own | ~Q(kind=Job.Kind.BULK) if access.sees_all(request.user) else own)

    def row_url_maker(self, request: HttpRequest, back: str) -> Any:
        return lambda job: self.url("job", token=job.token)

    def list_actions(self, request: HttpRequest) -> list[Action]:
        found = []
        if access.may_export(request.user):
            found.append(Action(_("Export"), self.url("export"), "download"))
        if access.may_import(request.user):
            found.append(Action(_("Import"), self.url("upload"), "upload", "is-main"))
        return found

    def hit_text(self, row: Any) -> str:
        return f"{pages.title_of(row)}, {local_time(row.created_at)}"

    def filters(self, request: HttpRequest) -> list[Filter]:
        """Whose jobs is asked of those only who see more than their own."""
        sees_more = request.user.is_superuser or access.sees_all(request.user)
        return [
            Choice("state", gettext_lazy("State"), choices=capitalised(Job.State)),
            Choice("kind", gettext_lazy("Kind"), choices=capitalised(Job.Kind)),
            *([whose_jobs(request.user)] if sees_more else []),
            DateRange("created_at", gettext_lazy("Started")),
        ]

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        """By note and file, also by one of several files."""
        named = JobFile.objects.filter(job=OuterRef("pk"), name__icontains=text)
        return found.filter(Q(title__icontains=text) | Q(note__icontains=text) | Exists(named))

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        return super().frame(request, no_worker=not workers.is_alive(), **context)

    def job_or_404(self, request: HttpRequest, token: str) -> Job:
        """The job, 404 if it belongs to somebody else."""
        job = self.visible_rows(request).filter(token=token).first()
        if job is None:
            raise Http404
        return job

    # --- step 1: the files -----------------------------------------------------------------------

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        offered = access.importable(request.user)
        wanted = request.GET.get("format", "")
        kept = rescued(request)
        form = UploadForm(formats=offered, initial=kept.dict() if kept else {"format": wanted})
        if request.method == "POST":
            form = UploadForm(request.POST, request.FILES, formats=offered)
            if form.is_valid():
                try:
                    return redirect(self.url("job", token=self._taken_in(request, form).token))
                except FileRefused as refused:
                    form.add_error("files", f"{refused.problem.sentence} {refused.problem.repair}")
        title = _("Import")
        crumbs = [(_("Imports and exports"), self.list_url)]
        recent = self.visible_rows(request).filter(kind=Job.Kind.IMPORT).order_by("-pk")[:5]
        context = {"form": form, "recent": recent, "main_class": "is-mid", "step": 1}
        context["who"] = mark(request)
        context |= links(self, wanted if wanted in {resource.file for resource in offered} else "")
        status = 422 if form.is_bound else 200
        return self.page(
            request, "transfer/upload.html", title=title, crumbs=crumbs, status=status, **context
        )

    def _taken_in(self, request: HttpRequest, form: UploadForm) -> Job:
        """Store the uploaded files and look at them."""
        files = form.cleaned_data["files"]
        options = {name: form.cleaned_data[name] for name in (*form.offered, "stores")}
        title = intake.shown_name(files[0].name) if len(files) == 1 else ""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            for file in files:
                with (path / intake.shown_name(file.name)).open("wb") as target:
                    target.writelines(file.chunks())
            taken = path / intake.shown_name(files[0].name) if len(files) == 1 else path
            job = lifecycle.create(request.user, options=options, note=form.cleaned_data["note"], title=title)
            try:
                intake.take_path(job, taken, format=form.cleaned_data["format"] if len(files) == 1 else "")
            except FileRefused as refused:
                log("upload", title, result="refused", code=refused.problem.code)
                job.delete()
                raise
        log("upload", title or _("several files"), job=job.pk, files=[file.name for file in files])
        return job

    # --- steps 2 to 4: one page per job, as far as it is -----------------------------------------

    def job_view(self, request: HttpRequest, token: str) -> HttpResponse:
        job = self.job_or_404(request, token)
        files = list(job.files.order_by("position"))
        for each in files:
            each.why_refused = Problem.from_json(each.refusal).sentence if each.refusal else ""
            each.why_left_out = left_out.words_of(each.notes) if each.is_left_out else ""
        file = chosen_file(files, request.GET.get("file", ""))
        context = {"job": job, "files": files, "file": file, "main_class": "is-mid"}
        context["crumbs"] = [(_("Imports and exports"), self.list_url)]
        context["title"] = pages.title_of(job)
        context["state_css"] = pages.STATE_LOOK.get(job.state, "")
        context["file_problems"] = pages.problems_of_file(file) if file else []
        context["facts"] = pages.facts_of(job, file)
        context["refused_words"] = pages.refused_words(files) if job.state in OPEN else ""
        context["left_out_words"] = pages.left_out_words(files) if job.state in OPEN else ""
        context["expiry_words"] = pages.expiry_words(job)
        job.is_mine = (
            job.owner_id == request.user.pk
            and job.kind == Job.Kind.IMPORT
            and access.may_import(request.user)
        )
        if job.state in READABLE:
            return self._reading_page(request, **context)
        if job.is_running or job.state == State.STALLED:
            return self.running_page(request, **context)
        if job.kind == Job.Kind.EXPORT:
            return self.exported_page(request, **context)
        if job.kind == Job.Kind.BULK:
            return self.deed_page(request, **context)
        return self.result_page(request, **context)

    def _reading_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        file: JobFile | None = context["file"]
        context["reading"] = ReadingPage(file, content_locales()) if file else None
        context["readable"] = any(
            not f.refusal and formats.resource_of(f.format) in access.importable(request.user)
            for f in context["files"]
        )
        initial = {"format": file.format} if file else {}
        reading = file.reading if file else None
        form = ReadingForm(formats=access.importable(request.user), reading=reading, initial=initial)
        return self.page(request, "transfer/reading.html", form=form, step=2, **context)

    def reading_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """Read a file in another way than it was guessed."""
        job = self.job_or_404(request, token)
        if request.method != "POST":
            return redirect(self.url("job", token=token))
        file = chosen_file(list(job.files.order_by("position")), request.POST.get("file", ""))
        form = ReadingForm(request.POST, formats=access.importable(request.user))
        if file and job.state in READABLE and form.is_valid():
            intake.reread(file, **form.cleaned_data)
        return redirect(f"{self.url('job', token=token)}?file={file.position if file else ''}")

    def check_view(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._run(request, token, "check")

    def apply_view(self, request: HttpRequest, token: str) -> HttpResponse:
        return self._run(request, token, "apply")

    def _run(self, request: HttpRequest, token: str, deed: str) -> HttpResponse:
        job = self.job_or_404(request, token)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        log(f"import_{deed}", job.title or job.pk, job=job.pk)
        skips = {"on_error": "skip"} if deed == "apply" and request.POST.get("on_error") == "skip" else {}
        if job.kind == Job.Kind.IMPORT and not job.is_running and not lifecycle.may_begin(job, deed):
            messages.error(request, _("This job has ended. Press Run again to check its files anew."))
        elif deed == "apply" and not pages.may_apply(job, **skips):
            messages.error(request, _("There is nothing to import, or the check found errors. Check again."))
        elif job.owner_id != request.user.pk:
            messages.error(request, _("Only the owner runs a job: the rights are the owner's."))
        elif job.kind != Job.Kind.IMPORT:
            messages.error(request, _("Only an import is checked and applied here."))
        elif not lifecycle.start(job, deed, **skips):
            messages.info(request, _("The job is running already."))
        return redirect(self.url("job", token=token))


def chosen_file(files: list[JobFile], position: str) -> JobFile | None:
    """The file the address names, else the first with errors, else the first with warnings, else the first one that
    may be read here."""
    named = next((file for file in files if str(file.position) == position), None)
    read = [file for file in files if formats.resource_of(file.format) or file.refusal]
    open_files = [f for f in read if not f.refusal or f.refusal["code"] != lifecycle.NO_PERMISSION]
    return (
        named
        or next((f for f in open_files if f.errors or f.refusal), None)
        or next((f for f in open_files if f.warnings), None)
        or next(iter(open_files or read or files), None)
    )


def counted(job: Job, name: str) -> str:
    """A count of a job as people read numbers; nothing before it is known."""
    return intcomma(job.counts[name]) if name in job.counts else ""


def capitalised(choices: type[TextChoices]) -> list[tuple[str, str]]:
    return [(value, capfirst(str(label))) for value, label in choices.choices]


def whose_jobs(user: Any) -> Choice:
    """One's own jobs, or those of other people and of the system."""

    def apply(rows: QuerySet, values: list[str]) -> QuerySet:
        is_own = {"own": Q(owner=user), "others": ~Q(owner=user)}
        return rows if len(set(values)) > 1 else rows.filter(is_own[values[0]])

    choices = [("own", _("My jobs")), ("others", _("Jobs of other people"))]
    return Choice("whose", gettext_lazy("Whose"), choices=choices, apply=apply)


def whole(text: Any) -> SafeString:
    """A text that stays on one line, however narrow its column is."""
    return format_html('<span class="bo-nowrap">{}</span>', text)
