"""Whether a job that should be on its way still is, judged by the signs that workers give."""

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, JobProgress

State = Job.State


def silent_seconds(job: Job, progress: JobProgress | None) -> int:
    """For how long a waiting or running job has given no sign of life; 0 for any other."""
    if not job.is_running:
        return 0
    signs = [job.state_at, progress.heartbeat_at if progress else None]
    return max(int((timezone.now() - max(filter(None, signs))).total_seconds()), 0)


def is_dead(job: Job) -> bool:
    """Whether nobody will go on with the job: its worker is silent for too long, or ended after it took the job
    from the queue and before it began."""
    silent = silent_seconds(job, JobProgress.objects.filter(pk=job.pk).first())
    if silent < limit("STALLED_SECONDS"):
        return False
    return job.state != State.QUEUED or not _is_queued(job)


def _is_queued(job: Job) -> bool:
    return DBTaskResult.objects.ready().filter(args_kwargs__args__0=job.pk).exists()
