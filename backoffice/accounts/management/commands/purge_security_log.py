from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.accounts import security

MINIMUM = 30


class Command(BaseCommand):
    help = "Remove the lines of the security log that are older than the kept time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.SECURITY_LOG_DAYS)

    def handle(self, *args: Any, days: int, **options: Any) -> None:
        if days < MINIMUM:
            raise CommandError(f"The security log keeps at least {MINIMUM} days.")
        removed = security.purge(days)
        self.stdout.write(f"{removed} lines older than {days} days removed.")
