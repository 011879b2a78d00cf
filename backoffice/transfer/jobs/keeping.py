"""What happens to jobs with time: files go after 30 days, jobs without a sign of life are called stalled."""

import datetime

from django.utils import timezone

from backoffice.transfer.jobs.intake import remove_stored
from backoffice.transfer.jobs.lifecycle import move
from backoffice.transfer.jobs.silence import is_dead
from backoffice.transfer.jobs.workers import periodic
from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, RowResult


@periodic(minutes=60)
def purge() -> int:
    """Remove files and row results of jobs older than the limit; the job keeps its counts. Gives their number."""
    day = timezone.now() - datetime.timedelta(days=limit("KEEP_DAYS"))
    old = Job.objects.filter(created_at__lt=day, purged_at__isnull=True).exclude(state__in=Job.RUNNING)
    count = 0
    for job in old.iterator():
        for file in job.files.all():
            remove_stored(file)
            RowResult.objects.filter(file=file).delete()
        Job.objects.filter(pk=job.pk).update(purged_at=timezone.now())
        count += 1
    return count


@periodic(minutes=1)
def call_stalled() -> int:
    """Jobs on their way whose worker gives no sign of life for a minute. Gives their number."""
    dead = [job for job in Job.objects.running() if is_dead(job)]
    for job in dead:
        move(job, Job.State.STALLED)
    return len(dead)
