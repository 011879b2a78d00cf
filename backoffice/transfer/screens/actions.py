"""What can be done with a job, in its row of the list and on its pages: open, fetch, undo, run again, cancel."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.accounts.security import log
from backoffice.console.rights import Refused, Right
from backoffice.console.screens import Action
from backoffice.console.site import site
from backoffice.history.models import ChangeSet
from backoffice.history.screens.access import has_undo_right
from backoffice.transfer.jobs import access, exports, lifecycle, repeating
from backoffice.transfer.models import Job

State = Job.State
Kind = Job.Kind
CANCEL = Right(Job, "cancel")


class Actions:
    """The part of the jobs screen that starts and ends jobs."""

    def row_actions_maker(self, request: HttpRequest, back: str) -> Any:
        """No queries of their own: what a button leads to asks again."""
        user = request.user
        undoes_all, imports = has_undo_right(user), access.may_import(user)
        exported = {resource.file for resource in access.exportable(user)}
        since = timezone.now() - datetime.timedelta(days=settings.UNDO_DAYS)

        def actions(job: Job) -> list[Action]:
            is_own = job.owner_id == user.pk
            label = _("Result") if job.is_finished else _("Open")
            found = [Action(label, self.url("job", token=job.token), "eye")]
            is_kept = is_own and not job.purged_at
            if is_kept and job.kind == Kind.EXPORT and job.is_done and set(job.formats) <= exported:
                found.append(Action(_("Download"), self.url("export_file", token=job.token), "download"))
            if job.change_set and job.is_done and (undoes_all or (is_own and job.created_at > since)):
                found.append(
                    Action(_("Undo"), site._registry[ChangeSet].url("undo", pk=job.change_set), "undo-2")
                )
            if is_kept and job.kind == Kind.IMPORT and imports and job.state in repeating.ENDED:
                again = self.url("again", token=job.token)
                found.append(Action(_("Run again"), again, "refresh-cw", post=True))
            if may_cancel(job, user):
                cancel = self.url("cancel", token=job.token)
                found.append(Action(_("Cancel"), cancel, "ban", "is-bad", post=True))
            return found

        return actions

    def again_url(self, request: HttpRequest, job: Job) -> str:
        """Where a job begins anew; nothing for one that cannot."""
        may = exports.may_run_again(job, request.user) or repeating.may_run_again(job, request.user)
        return self.url("again", token=job.token) if may else ""

    def again_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """Run an export again that broke off, or an import that came to an end."""
        job = self.job_or_404(request, token)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if job.kind == Kind.EXPORT:
            self._export_again(request, job)
            return redirect(self.url("job", token=token))
        if not repeating.may_run_again(job, request.user):
            messages.error(request, _("This job cannot be run again: start another one."))
            return redirect(self.url("job", token=token))
        log("import_check", job.title or job.pk, job=job.pk, again=True)
        again = repeating.run_again(job)
        if again is None:
            messages.info(request, _("The job is running already."))
        return redirect(self.url("job", token=again.token if again else token))

    def _export_again(self, request: HttpRequest, job: Job) -> None:
        if not exports.run_again(job, request.user):
            messages.error(request, _("This export cannot be run again: start another one."))
        else:
            log("export", job.title or job.pk, job=job.pk, again=True)

    def cancel_view(self, request: HttpRequest, token: str) -> HttpResponse:
        job = self.job_or_404(request, token)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if job.owner_id != request.user.pk and not CANCEL.held_by(request.user):
            raise Refused(CANCEL)
        ended = lifecycle.cancel(job)
        log("job_cancel", job.title or job.pk, job=job.pk)
        job.refresh_from_db()
        if not job.is_done:
            said = _("The job was cancelled.") if ended else _("The job ends within a few seconds.")
            messages.success(request, said)
        return redirect(self.url("job", token=token))


def may_cancel(job: Job, user: Any) -> bool:
    """A job on its way, by its owner or who may cancel those of others."""
    is_open = job.is_running or job.state == State.STALLED
    return is_open and (job.owner_id == user.pk or CANCEL.held_by(user))
