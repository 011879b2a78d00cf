from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from backoffice.accounts import demo, people
from backoffice.accounts.passwords import DEMO_PASSWORD


class Command(BaseCommand):
    help = "Make the accounts of the trial set-up, in demo mode only; or deactivate them, in any mode."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--deactivate", action="store_true", help="before the data goes into production")

    def handle(self, *args: Any, deactivate: bool, **options: Any) -> None:
        if deactivate:
            return self._deactivate()
        if not settings.DEMO:
            raise CommandError("Demo accounts exist in demo mode only (BACKOFFICE_MODE=demo).")
        made = demo.make()
        self.stdout.write(f"{len(made)} demo accounts made." if made else "The demo accounts exist already.")
        for account in demo.ACCOUNTS:
            self.stdout.write(f"  {account.email:24} {account.role or 'superuser'}")
        self.stdout.write(f"  password: {DEMO_PASSWORD}")
        return None

    def _deactivate(self) -> None:
        try:
            found = demo.deactivate()
        except people.LastSuperuser as problem:
            raise CommandError("Make a superuser of your own first: manage.py createadmin.") from problem
        self.stdout.write(f"Deactivated: {', '.join(found)}." if found else "No demo account is active.")
