"""``manage.py export_catalog PATH``: every format as CSV, in folders as the import reads them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.accounts.security import log
from backoffice.transfer import formats
from backoffice.transfer.exporting import Shape, csv_lines


class Command(BaseCommand):
    help = "Write the catalogue as CSV files into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--formats", default="", help="only these, separated by commas")
        parser.add_argument("--extra-columns", action="store_true", help="with the columns that are ours")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name for name in options["formats"].split(",") if name}
        unknown = wanted - {resource.file for resource in formats.resources()}
        if unknown:
            raise CommandError(f"No such format: {', '.join(sorted(unknown))}", returncode=2)
        folder: Path = options["path"]
        folder.mkdir(parents=True, exist_ok=True)
        shape = Shape(extra_columns=options["extra_columns"])
        with transaction.atomic():
            _one_snapshot()
            for resource in formats.resources():
                if not wanted or resource.file in wanted:
                    target = folder / f"{resource.file}.csv"
                    with target.open("w", encoding="utf-8", newline="") as file:
                        file.writelines(csv_lines(resource, shape=shape))
                    self.stdout.write(f"{target}")
        log("export", str(folder), formats=sorted(wanted) or "all")


def _one_snapshot() -> None:
    """All files show the same moment."""
    from django.db import connection

    if not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
