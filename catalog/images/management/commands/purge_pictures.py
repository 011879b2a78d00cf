"""``manage.py purge_pictures``: what a worker does once an hour."""

from typing import Any

from django.core.management.base import BaseCommand

from catalog.images.keeping import purge


class Command(BaseCommand):
    help = "Remove uploads that nobody saved, files without a row, and pictures deleted longer ago than undo reaches."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{purge()} pictures removed")
