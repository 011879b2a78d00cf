from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backoffice.accounts import demo
from backoffice.accounts.passwords import DEMO_PASSWORD


class Command(BaseCommand):
    help = "Make the accounts of the trial set-up. Refuses outside of demo mode."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo accounts exist in demo mode only (BACKOFFICE_MODE=demo).")
        made = demo.make()
        self.stdout.write(f"{len(made)} demo accounts made." if made else "The demo accounts exist already.")
        for account in demo.ACCOUNTS:
            self.stdout.write(f"  {account.email:24} {account.role or 'superuser'}")
        self.stdout.write(f"  password: {DEMO_PASSWORD}")
