"""``manage.py run_jobs``: a worker. As many as you like may run; periodic work is done by one at a time."""

from typing import Any

from django_tasks_db.management.commands.db_worker import Command as Worker

from backoffice.transfer.jobs.workers import living


class Command(Worker):
    help = "Run imports, exports and other jobs that wait, until stopped."

    def handle(self, *args: Any, **options: Any) -> None:
        options["queue_name"] = "*"
        options["reload"] = False
        with living():
            super().handle(*args, **options)
