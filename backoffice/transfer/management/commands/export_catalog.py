"""``manage.py export_catalog PATH``: every format as CSV or XLSX, into a folder or a zip, as the import reads them."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict

from backoffice.accounts.models import User
from backoffice.accounts.security import log
from backoffice.console.site import site
from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting.folders import packing, write_parts
from backoffice.transfer.exporting.sheets import CannotHold
from backoffice.transfer.exporting.streams import CSV, XLSX, one_snapshot
from backoffice.transfer.jobs import access, exports, lifecycle
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.options import names_in
from backoffice.transfer.progress import LiveProgress

USAGE = 2
ZIP = ".zip"


class Command(BaseCommand):
    help = "Write the catalogue as CSV or XLSX files into a folder, or into a zip if PATH ends in .zip."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--formats", default="", help="only these, separated by commas")
        parser.add_argument("--stores", default="", help="rows of these only, separated by commas")
        parser.add_argument(
            "--filter", default="", help='filter and search of the list, as in its address: "q=box"'
        )
        parser.add_argument(
            "--folders",
            action="store_true",
            help="files of a store in the folder of the store; always in a zip",
        )
        parser.add_argument("--extra-columns", action="store_true", help="with the columns that are ours")
        parser.add_argument("--xlsx", action="store_true", help="workbooks instead of CSV")
        parser.add_argument("--user", default="", help="e-mail of the user who exports; his rights count")

    def handle(self, *args: Any, **options: Any) -> None:
        path, user = options["path"], self._user(options["user"])
        wanted = self._wanted(options, user)
        job = exports.record(wanted, user, path.resolve().name)
        lifecycle.move(job, Job.State.APPLYING)
        try:
            with LiveProgress(job, self._progress_line if self.stderr.isatty() else None) as progress:
                self._write(job, wanted, path, progress)
        except CannotHold as problem:
            lifecycle.move(job, Job.State.FAILED, str(problem))
            raise CommandError(f"{path}: {problem}") from problem
        except BaseException:
            lifecycle.move(job, Job.State.FAILED)
            raise
        job.counts = {"rows": progress.rows_done}
        job.save(update_fields=["counts"])
        lifecycle.move(job, Job.State.DONE)
        log("export", str(path), formats=wanted.format, filter=wanted.query, job=job.pk)

    def _progress_line(self, text: str) -> None:
        self.stderr.write(f"\r{text[:110]:<110}", ending="")

    def _user(self, email: str) -> User | None:
        user = User.objects.active().filter(email=email.lower()).first() if email else None
        if email and user is None:
            raise CommandError(f"No active user has the e-mail {email}.", returncode=USAGE)
        return user

    def _wanted(self, options: dict[str, Any], user: User | None) -> exports.Wanted:
        """What the options say. Raises CommandError for names that nobody knows."""
        offered = access.exportable(user) if user else formats.resources()
        names = names_in(options["formats"]) or [resource.file for resource in offered]
        unknown = sorted(set(names) - {resource.file for resource in offered})
        if unknown:
            raise CommandError(f"No such format: {', '.join(unknown)}", returncode=USAGE)
        wanted = exports.Wanted(
            ",".join(names),
            XLSX if options["xlsx"] else CSV,
            options["extra_columns"],
            query=options["filter"],
            screen=_screen_of(names) if options["filter"] else "",
            stores=options["stores"],
            in_folders=options["folders"] or options["path"].suffix == ZIP,
        )
        _ask_filter(wanted, user)
        return wanted

    def _write(self, job: Job, wanted: exports.Wanted, path: Path, progress: LiveProgress) -> None:
        with one_snapshot(), _place(path) as folder:
            exports.expect(wanted, job.owner, progress)

            def step(part: Any, line: int) -> None:
                name = part.path(wanted.kind).as_posix()
                progress.step(JobFile(job=job, name=name), line, 1 if line > 1 else 0)

            for written in write_parts(folder, wanted.parts(job.owner), wanted.kind, wanted.shape, step=step):
                self.stdout.write(f"{path / written.relative_to(folder)}")


@contextmanager
def _place(path: Path) -> Iterator[Path]:
    """The folder that is filled."""
    if path.suffix != ZIP:
        path.mkdir(parents=True, exist_ok=True)
        yield path
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with packing(path) as folder:
        yield folder


def _screen_of(names: list[str]) -> str:
    """The list whose filter is meant: the one that covers every format."""
    for screen in site._registry.values():
        if set(names) <= set(getattr(screen, "files", ())):
            return screen.name
    raise CommandError("A filter needs --formats of one list.", returncode=USAGE)


def _ask_filter(wanted: exports.Wanted, user: User | None) -> None:
    """A filter that the list does not know would silently export everything."""
    notes = wanted.notes(user)
    if notes or (wanted.query and not QueryDict(wanted.query)):
        raise CommandError(" ".join(map(str, notes)) or "The filter is empty.", returncode=USAGE)
