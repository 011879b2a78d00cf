"""The page of a deed over many rows that a job previews or runs."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from backoffice.transfer.jobs import deeds
from backoffice.transfer.models import Job
from backoffice.transfer.screens import pages, rows

State = Job.State


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
            parts = (rows.CHANGES, rows.ERRORS, rows.WARNINGS)
            found = [rows.rows_of(job, file, part, QueryDict(), request.user) for part in parts]
            labels = (_("What changes"), _("Refused"), _("Left out"))
            context["parts"] = [
                (label, part.page(0))
                for label, part in zip(labels, found, strict=True)
                if part.found.exists()
            ]
        return self.page(request, "transfer/deed.html", **context)

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
