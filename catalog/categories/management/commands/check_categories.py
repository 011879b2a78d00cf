"""``manage.py check_categories``: prove that the stored paths of the tree are what parents and order say."""

from typing import Any

from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.db import transaction

from catalog.categories import tree

SHOWN = 20


class Command(BaseCommand):
    help = "Compare the paths of all categories with their parents and order; --repair derives them anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="derive the paths anew")

    def handle(self, *, repair: bool, **options: Any) -> None:
        with transaction.atomic():
            tree.lock()
            keys = tree.misplaced()
            if keys and repair:
                tree.arrange()
        if not keys:
            self.stdout.write("All categories are where they belong.")
            return
        named = ", ".join(keys[:SHOWN]) + (" …" if len(keys) > SHOWN else "")
        if not repair:
            raise CommandError(f"{len(keys)} categories are misplaced: {named}")
        self.stdout.write(f"{len(keys)} categories were put in place: {named}")
