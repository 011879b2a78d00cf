"""How far a job is, written over a second connection: seen while the job's own transaction is open."""

import datetime
import threading
from collections.abc import Callable
from typing import Self

from django.db import DatabaseError, connections
from django.utils import timezone

from backoffice.transfer.models import Job, JobFile, JobProgress


class Cancelled(Exception):
    """Somebody asked for the job to end."""


class Progress:
    """Nothing is written for a run inside a request: it is over before anybody looks."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.file = ""
        self.line = self.rows_done = self.rows_total = 0
        self.planned_since: datetime.datetime | None = None
        self.is_cancelled = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """The run is over."""

    def expect(self, rows: int) -> None:
        """So many rows will be planned; the rate counts from here."""
        self.rows_total, self.planned_since = rows, timezone.now()

    def look(self) -> bool:
        """Ask at this very moment whether the job was cancelled."""
        return self.is_cancelled

    def tick(self, file: JobFile, line: int) -> None:
        """A row was read. Ends the run if somebody asked for it."""
        self.file, self.line = file.name, line
        if self.is_cancelled:
            raise Cancelled

    def step(self, file: JobFile, line: int, rows: int) -> None:
        """``rows`` rows are planned, and written in an apply."""
        self.rows_done += rows
        self.tick(file, line)


class LiveProgress(Progress):
    """Writes progress and the sign of life once a second from a thread of its own, and asks there whether the
    job was cancelled. ``tell`` is given a sentence each time, for the command line."""

    EVERY = 1.0
    _UPDATE = (
        "UPDATE transfer_jobprogress SET file = %s, line = %s, rows_done = %s, rows_total = %s, heartbeat_at = now(),"
        " began_at = coalesce(%s, began_at) WHERE job_id = %s RETURNING cancel_requested"
    )

    def __init__(self, job: Job, tell: Callable[[str], object] | None = None) -> None:
        super().__init__(job)
        self._tell = tell
        self._ended, self._writing = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._beat, daemon=True, name=f"progress of job {job.pk}")

    def __enter__(self) -> Self:
        now = timezone.now()
        start = {"began_at": now, "heartbeat_at": now, "rows_done": 0, "rows_total": 0}
        start |= {"file": "", "line": 0, "cancel_requested": False}
        JobProgress.objects.using("progress").update_or_create(pk=self.job.pk, defaults=start)
        self._connection = connections["progress"].copy()
        self._connection.inc_thread_sharing()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._connection.close()

    def look(self) -> bool:
        self._write()
        return self.is_cancelled

    def _beat(self) -> None:
        while not self._ended.wait(self.EVERY):
            try:
                self._write()
            except DatabaseError:
                self._connection.close()
            if self._tell:
                self._tell(f"{self.file} {self.line}: {self.rows_done} / {self.rows_total}")

    def _write(self) -> None:
        facts = [self.file[:200], self.line, self.rows_done, self.rows_total, self.planned_since, self.job.pk]
        with self._writing, self._connection.cursor() as cursor:
            cursor.execute(self._UPDATE, facts)
            row = cursor.fetchone()
        if row and row[0]:
            self.is_cancelled = True
