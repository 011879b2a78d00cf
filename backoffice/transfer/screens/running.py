"""The page of a job that waits or runs: what it does at this moment, kept fresh by a script."""

import math
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.transfer.jobs import lifecycle, workers
from backoffice.transfer.jobs.silence import is_dead, silent_seconds
from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, JobProgress
from backoffice.transfer.screens import pages
from backoffice.transfer.screens.actions import may_cancel

State = Job.State


class Moment(NamedTuple):
    """A job as it is right now, in words. ``is_live`` is False once nothing more will happen by itself."""

    state: str
    words: str
    is_live: bool
    place: str = ""
    pace: str = ""
    done: int = 0
    total: int = 0


def moment_of(job: Job) -> Moment:
    """What a running or waiting job does. One without a sign of life for too long counts as stalled, whether or
    not a worker has written that down."""
    if job.state == State.STALLED or is_dead(job):
        return Moment(str(State.STALLED.label), _stalled_words(job), False)
    label = str(job.get_state_display())
    if job.kind == Job.Kind.EXPORT and job.state == State.APPLYING:
        label = _("being written")
    if job.state == State.QUEUED:
        return Moment(label, _waiting_words(job), True)
    progress = JobProgress.objects.filter(pk=job.pk).first()
    silent = silent_seconds(job, progress)
    has_begun = progress and progress.began_at and progress.began_at >= job.state_at
    if not has_begun or silent > limit("HEARTBEAT_SECONDS"):
        return Moment(label, _silent_words(silent), True)
    return _live(job, progress, label)


def _live(job: Job, progress: JobProgress, label: str) -> Moment:
    done, total = progress.rows_done, progress.rows_total
    if total:
        facts = {"done": intcomma(done), "total": intcomma(total)}
        words = _("%(done)s of %(total)s rows done") % facts
    elif progress.line:
        words = _("Reading the file: line %(line)s") % {"line": intcomma(progress.line)}
    else:
        words = _before_the_first_row(job)
    return Moment(label, words, True, progress.file, pace(progress), done, total)


def _before_the_first_row(job: Job) -> str:
    other = lifecycle.in_the_way(job) if job.state == State.APPLYING else None
    if other:
        return _("The job waits until %(job)s is finished.") % {"job": other}
    return _("The job begins.")


def _waiting_words(job: Job) -> str:
    if not workers.is_alive():
        return _("The job waits for a worker.")
    other = lifecycle.in_the_way(job)
    if other:
        return _("The job waits until %(job)s is finished.") % {"job": other}
    return _("The worker takes the job up within a few seconds.")


def _silent_words(seconds: int) -> str:
    if seconds <= limit("HEARTBEAT_SECONDS"):
        return _("The job begins.")
    return _("The worker has given no sign of life for %(seconds)s seconds.") % {"seconds": seconds}


def _stalled_words(job: Job) -> str:
    gone = _("The worker gave no sign of life for a minute; it probably ended.")
    return f"{gone} {pages.ended_words(job)}"


def pace(progress: JobProgress) -> str:
    """Rate and estimated rest, once there is something to tell."""
    if not progress.began_at or not progress.rows_done:
        return ""
    seconds = max((progress.heartbeat_at - progress.began_at).total_seconds(), 1)
    rate = progress.rows_done / seconds
    rest = max(progress.rows_total - progress.rows_done, 0) / rate
    facts = {"rate": intcomma(round(rate)), "rest": intcomma(math.ceil(rest))}
    return _("%(rate)s rows per second, about %(rest)s seconds left") % facts


class Running:
    """The addresses of the jobs screen that concern a job on its way."""

    def running_page(self, request: HttpRequest, **context: Any) -> HttpResponse:
        now = moment_of(context["job"])
        context |= {"now": now, "step": pages.step_of(context["job"]), "state_label": now.state}
        context["again_url"] = self.again_url(request, context["job"])
        context["may_cancel"] = may_cancel(context["job"], request.user)
        if not now.is_live:
            context["state_css"] = pages.STATE_LOOK[State.STALLED]
        return self.page(request, "transfer/running.html", **context)

    def progress_view(self, request: HttpRequest, token: str) -> HttpResponse:
        """For the script that keeps the page fresh: whether it is still this page, and its parts."""
        job = self.job_or_404(request, token)
        if not job.is_running:
            return JsonResponse({"running": False})
        now = moment_of(job)
        html = render_to_string("transfer/moment.html", {"now": now}, request)
        facts = {"state": capfirst(now.state), "done": now.done, "total": now.total}
        return JsonResponse({"running": now.is_live, "html": html, **facts})
