"""How far a job is, written over a second connection: seen while the job's own transaction is open."""

import time

from django.utils import timezone

from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, JobFile, JobProgress


class Cancelled(Exception):
    """Somebody asked for the job to end."""


class Progress:
    """Nothing is written for a run inside a request: it is over before anybody looks."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.rows_done = 0

    def tick(self, file: JobFile, line: int) -> None:
        """A row was read."""

    def step(self, file: JobFile, line: int, *, rows: int = 0) -> None:
        """``rows`` rows are done."""
        self.rows_done += rows


class LiveProgress(Progress):
    """Writes progress and heartbeat, at most twice a second, and ends the run when it was cancelled."""

    EVERY = 0.5

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self._told_at = 0.0
        self._rows = JobProgress.objects.using("progress").filter(pk=job.pk)
        now = timezone.now()
        JobProgress.objects.using("progress").update_or_create(
            pk=job.pk,
            defaults={
                "began_at": now,
                "heartbeat_at": now,
                "rows_done": 0,
                "line": 0,
                "cancel_requested": False,
            },
        )

    def tick(self, file: JobFile, line: int) -> None:
        if not line % 500:
            self._tell(file, line)

    def step(self, file: JobFile, line: int, *, rows: int = 0) -> None:
        super().step(file, line, rows=rows)
        self._tell(file, line)

    def _tell(self, file: JobFile, line: int) -> None:
        if time.monotonic() - self._told_at < self.EVERY:
            return
        self._told_at = time.monotonic()
        self._rows.update(
            file=str(file)[:200], line=line, rows_done=self.rows_done, heartbeat_at=timezone.now()
        )
        if self._rows.filter(cancel_requested=True).exists():
            raise Cancelled


def is_stalled(progress: JobProgress) -> bool:
    """No sign of life for a minute."""
    seen = progress.heartbeat_at
    return seen is not None and (timezone.now() - seen).total_seconds() > limit("STALLED_SECONDS")
