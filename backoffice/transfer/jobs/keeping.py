"""What happens to jobs with time: files go after 30 days, and with them what nobody decided; jobs without a sign of
life are called stalled."""

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from backoffice.transfer.jobs.intake import remove_stored
from backoffice.transfer.jobs.lifecycle import move
from backoffice.transfer.jobs.silence import is_dead
from backoffice.transfer.jobs.workers import periodic
from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, RowResult

EXPIRED = gettext_noop("Nobody went on with this job in time: it has expired, and its files were removed.")


@periodic(minutes=60)
def purge() -> int:
    """Remove files and row results of jobs older than the limit; the job keeps its counts. One that still waits for
    somebody, such as a check that was never applied, ends. Gives their number."""
    day = timezone.now() - datetime.timedelta(days=limit("KEEP_DAYS"))
    due = Q(purged_at__isnull=True) | Q(state__in=Job.UNDECIDED)
    old = Job.objects.filter(due, created_at__lt=day).exclude(state__in=Job.RUNNING)
    return sum(_purge(number) for number in old.values_list("pk", flat=True).iterator())


def _purge(number: int) -> bool:
    """First the job ends, then its files go: nobody starts it in between. Whether it was still to be purged."""
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=number).exclude(state__in=Job.RUNNING).first()
        if job is None:
            return False
        if job.state in Job.UNDECIDED:
            move(job, Job.State.CANCELLED, EXPIRED)
    for file in job.files.all():
        remove_stored(file)
        RowResult.objects.filter(file=file).delete()
    Job.objects.filter(pk=number).update(purged_at=timezone.now())
    return True


@periodic(minutes=1)
def call_stalled() -> int:
    """Jobs on their way whose worker gives no sign of life for a minute. Gives their number."""
    dead = [job for job in Job.objects.running() if is_dead(job)]
    for job in dead:
        move(job, Job.State.STALLED)
    return len(dead)
