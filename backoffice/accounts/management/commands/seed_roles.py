from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from backoffice.accounts import seeds


class Command(BaseCommand):
    help = "Restore the roles that come with the program and their rights."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new",
            action="store_true",
            help="give only the rights of screens that a role was never given (after an update)",
        )

    def handle(self, *args: Any, new: bool, **options: Any) -> None:
        changed = seeds.give_new() if new else seeds.restore()
        self.stdout.write(f"Roles changed: {', '.join(changed)}." if changed else "All roles are complete.")
