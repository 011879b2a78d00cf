"""``manage.py export_catalog PATH``: every format as CSV or XLSX, in folders as the import reads them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.accounts.security import log
from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting.sheets import CannotHold
from backoffice.transfer.exporting.streams import CSV, XLSX, Shape, one_snapshot, write_file


class Command(BaseCommand):
    help = "Write the catalogue as CSV or XLSX files into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--formats", default="", help="only these, separated by commas")
        parser.add_argument("--extra-columns", action="store_true", help="with the columns that are ours")
        parser.add_argument("--xlsx", action="store_true", help="workbooks instead of CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = {name for name in options["formats"].split(",") if name}
        unknown = wanted - {resource.file for resource in formats.resources()}
        if unknown:
            raise CommandError(f"No such format: {', '.join(sorted(unknown))}", returncode=2)
        folder: Path = options["path"]
        folder.mkdir(parents=True, exist_ok=True)
        shape = Shape(extra_columns=options["extra_columns"])
        kind = XLSX if options["xlsx"] else CSV
        with one_snapshot():
            for resource in formats.resources():
                if not wanted or resource.file in wanted:
                    target = folder / f"{resource.file}.{kind}"
                    try:
                        write_file(target, kind, resource, shape=shape)
                    except CannotHold as problem:
                        raise CommandError(f"{target}: {problem}") from problem
                    self.stdout.write(f"{target}")
        log("export", str(folder), formats=sorted(wanted) or "all")
