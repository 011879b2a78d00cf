"""``manage.py purge_jobs``: what a worker does once an hour."""

from typing import Any

from django.core.management.base import BaseCommand

from backoffice.transfer.jobs.keeping import purge


class Command(BaseCommand):
    help = "Remove the files of imports and exports that are older than 30 days (TRANSFER_KEEP_DAYS)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{purge()} jobs purged")
