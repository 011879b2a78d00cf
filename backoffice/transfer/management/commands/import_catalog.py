"""``manage.py import_catalog PATH``: the same check and apply as on the screen (spec: import-export 1.1.2)."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.accounts.models import User
from backoffice.transfer.exporting.reports import bad_cells, bad_rows, report
from backoffice.transfer.exporting.sheets import write_sheet
from backoffice.transfer.jobs import intake, left_out, lifecycle
from backoffice.transfer.models import Job
from backoffice.transfer.options import names_in
from backoffice.transfer.problems import FileRefused, Problem
from backoffice.transfer.progress import LiveProgress

CHOSEN = ("on_error", "warnings", "empty_cells", "lists", "stock", "rows", "stores")
FINE, ROWS_IN_ERROR, REFUSED, ENDED = 0, 1, 2, 3


class Command(BaseCommand):
    help = (
        "Import a file, a folder or a zip. Exit code 0: no row in error, 1: some, 2: refused, 3: cancelled."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--check", action="store_true", help="check only, write nothing")
        parser.add_argument("--on-error", choices=("stop", "skip"), default="stop")
        parser.add_argument("--warnings", choices=("accept", "error"), default="accept")
        parser.add_argument("--empty-cells", choices=("apply", "keep"), default="apply")
        parser.add_argument(
            "--lists", choices=("add", "replace"), default="add", help="lists inside one cell"
        )
        parser.add_argument("--stock", choices=("set", "add"), default="set", help="counted or received")
        parser.add_argument("--rows", choices=("all", "new", "existing"), default="all")
        parser.add_argument("--formats", default="", help="only these, separated by commas")
        parser.add_argument(
            "--stores", default="", help="folders and rows of these only, separated by commas"
        )
        parser.add_argument("--encoding", default="", help="for files that are not UTF-8")
        parser.add_argument("--allow-similar-keys", action="store_true")
        parser.add_argument("--note", default="", help="stored with every history entry of the run")
        parser.add_argument("--user", default="", help="e-mail of the user who imports; his rights count")
        parser.add_argument("--report", type=Path, help="write what was found as JSON")
        parser.add_argument("--bad-rows", type=Path, help="write the rows in error into this folder")

    def handle(self, *args: Any, **options: Any) -> None:
        job = self._taken_in(options)
        refused = job.files.filter(refusal__isnull=False).exists()
        if not refused or options["on_error"] == "skip" or options["check"]:
            tell = self._progress_line if self.stderr.isatty() else None
            (lifecycle.check if options["check"] else lifecycle.apply)(job, LiveProgress(job, tell))
        else:
            lifecycle.move(job, Job.State.REFUSED)
        self._tell(job)
        if options["report"]:
            options["report"].write_text(json.dumps(report(job), ensure_ascii=False, indent=1) + "\n")
        if options["bad_rows"]:
            self._write_bad_rows(job, options["bad_rows"])
        code = exit_code(job)
        if code:
            sys.exit(code)

    def _progress_line(self, text: str) -> None:
        self.stderr.write(f"\r{text[:110]:<110}", ending="")

    def _taken_in(self, options: dict[str, Any]) -> Job:
        path: Path = options["path"]
        if not path.exists():
            raise CommandError(f"{path} does not exist.", returncode=REFUSED)
        user = None
        if options["user"]:
            user = User.objects.active().filter(email=options["user"].lower()).first()
            if user is None:
                raise CommandError(f"No active user has the e-mail {options['user']}.", returncode=REFUSED)
        chosen = {name: options[name] for name in CHOSEN}
        chosen["similar_keys"] = "allow" if options["allow_similar_keys"] else "refuse"
        job = lifecycle.create(user, options=chosen, note=options["note"], title=path.resolve().name)
        only = names_in(options["formats"])
        try:
            intake.take_path(job, path, encoding=options["encoding"], only=only)
        except FileRefused as refused:
            lifecycle.move(job, Job.State.REFUSED)
            self._refuse(str(path), refused.problem)
            if options["report"]:
                facts = {"code": refused.problem.code, "message": refused.problem.sentence}
                options["report"].write_text(
                    json.dumps({"job": job.pk, "refusal": facts, "files": []}) + "\n"
                )
            sys.exit(REFUSED)
        return job

    def _tell(self, job: Job) -> None:
        for file in job.files.order_by("position"):
            if file.refusal:
                self._refuse(str(file), Problem.from_json(file.refusal))
            elif file.stored:
                self.stdout.write(
                    f"{file}: {file.rows} rows, {file.new} new, {file.changed} changed, {file.unchanged} unchanged, "
                    f"{file.skipped} skipped, {file.errors} errors, {file.warnings} warnings"
                )
            else:
                self.stdout.write(f"{file}: not imported. {left_out.words_of(file.notes)}".rstrip())
        counts = job.counts
        if counts:
            self.stdout.write(
                f"{job.get_state_display()}: {counts['rows']} rows, {counts['new']} new, {counts['changed']} changed, "
                f"{counts['errors']} errors, {counts['warnings']} warnings"
            )

    def _refuse(self, name: str, problem: Problem) -> None:
        self.stderr.write(f"{name}: {problem.sentence} {problem.repair}")

    def _write_bad_rows(self, job: Job, folder: Path) -> None:
        for file in job.files.filter(errors__gt=0):
            place = folder / file.folder
            place.mkdir(parents=True, exist_ok=True)
            name = Path(file.name)
            if file.reading.get("kind") == "xlsx":
                write_sheet(place / name.with_suffix(".xlsx").name, file.format, bad_cells(file))
                continue
            with (place / name.with_suffix(".csv").name).open("w", newline="") as target:
                target.writelines(bad_rows(file))


def exit_code(job: Job) -> int:
    """What a script learns."""
    if job.state in {Job.State.CANCELLED, Job.State.STALLED, Job.State.FAILED}:
        return ENDED
    if job.state == Job.State.REFUSED or job.files.filter(refusal__isnull=False).exists():
        return REFUSED
    return ROWS_IN_ERROR if job.counts.get("errors") else FINE
