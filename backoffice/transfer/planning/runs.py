"""A run: all files of a job, staged, planned and, in an apply, written. Check and apply are this same code.

    with nothing written yet:  every file's keys are collected (:class:`RunKeys`)
    then, in import order:     each file is planned batch by batch, and written batch by batch in an apply

All or nothing is one transaction around it; skipping bad rows is one per batch.
"""

import datetime
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from backoffice.history.recording import Recorder
from backoffice.memory import calm
from backoffice.texts import content_locales, stored_locales
from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.columns import Header, understand
from backoffice.transfer.declaring.shortened import ShortenedKeys
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.options import Options
from backoffice.transfer.planning.batches import Batch, plan
from backoffice.transfer.planning.cleaning import CLEAR, Cleaner, with_tokens
from backoffice.transfer.planning.keys import key_rows
from backoffice.transfer.planning.ordering import ordered, tree_of
from backoffice.transfer.planning.results import Tally, clear_results, store_results
from backoffice.transfer.planning.spool import Spool
from backoffice.transfer.planning.writing import write
from backoffice.transfer.problems import NOTE, FileRefused, Problem, visible
from backoffice.transfer.progress import Progress
from backoffice.transfer.reading.sources import Source
from backoffice.transfer.reading.tables import Row
from backoffice.transfer.staging.keys import RunKeys

Found = dict[tuple[int, int], list[Problem]]


class HasErrors(Exception):
    """An all-or-nothing apply met error rows: everything is rolled back. ``found`` holds what is wrong with them, by
    the position of the file and the number of the row."""

    def __init__(self, found: Found | None = None) -> None:
        super().__init__()
        self.found = found or {}


@dataclass
class Run:
    """What every part of the engine may ask about the run it works for."""

    job: Job
    user: Any
    is_apply: bool
    progress: Progress
    keys: RunKeys = field(default_factory=RunKeys)
    began_at: datetime.datetime = field(default_factory=timezone.now)
    locales: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    """How the files are called, by their position."""
    headers: dict[int, Header] = field(default_factory=dict)
    spools: dict[int, Spool] = field(default_factory=dict)
    rolled_back: HasErrors | None = None
    """Why the apply was rolled back that this check tells about."""

    def __post_init__(self) -> None:
        self.options = Options.of(self.job)
        screens = {r.screen._meta.label_lower for r in map(formats.resource_of, self.job.formats) if r}
        screen = screens.pop() if len(screens) == 1 else Job._meta.label_lower
        self.recorder = Recorder(
            is_compact=True, kind="import", screen=screen, note=self.job.note, job=self.job.pk
        )

    @property
    def stops(self) -> bool:
        """Whether one error row means that nothing is written."""
        return self.options.on_error == "stop"

    @property
    def saved_since(self) -> datetime.datetime | None:
        """Records that somebody saved after this moment are not overwritten."""
        return self.job.check_began_at if self.is_apply or self.rolled_back else None


@calm()
def perform(run: Run) -> None:
    """Check or apply all files of the job. Leaves results and counts in the database. Raises HasErrors from an
    all-or-nothing apply after everything was rolled back."""
    try:
        _perform(run)
    finally:
        for spool in run.spools.values():
            spool.close()


def _perform(run: Run) -> None:
    files = [file for file in run.job.files.order_by("position") if formats.resource_of(file.format)]
    refused = any(file.refusal for file in files)
    files = [file for file in files if not file.refusal]
    run.names = {file.position: str(file) for file in files}
    run.keys.create()
    run.locales = stored_locales()
    for file in files:
        _stage(run, file, foretells=not run.is_apply and file is not files[-1])
    run.locales = run.locales or content_locales()
    run.keys.close()
    readable = [file for file in files if not file.refusal]
    run.progress.expect(sum(file.rows for file in readable))
    if not (run.is_apply and run.stops):
        _plan_files(run, readable)
    elif refused or len(readable) < len(files):
        raise HasErrors
    else:
        with transaction.atomic():
            _plan_files(run, readable)
    run.keys.drop()


def _stage(run: Run, file: JobFile, *, foretells: bool) -> None:
    """Understand the header and collect the keys; a file that turns out to be unreadable is refused."""
    shortened = ShortenedKeys(formats.resource_of(file.format), run.user)
    header, refusal = _collect(run, file, shortened, foretells)
    if not refusal and shortened.look_up():
        run.keys.forget(file.position)
        run.spools[file.pk].close()
        header, refusal = _collect(run, file, shortened, foretells)
    if refusal:
        run.keys.forget(file.position)
        file.refusal, file.rows = refusal.as_json(), 0
    else:
        run.headers[file.pk] = header
        _note(file, header)
    file.save(update_fields=["refusal", "rows", "header", "notes"])
    run.locales = list(dict.fromkeys([*run.locales, *run.keys.stated("locale")]))


def _collect(
    run: Run, file: JobFile, shortened: ShortenedKeys, foretells: bool
) -> tuple[Header | None, Problem | None]:
    """Read the file once: its header, or why it cannot be read. No query can run meanwhile: the keys are copied."""
    resource, source = formats.resource_of(file.format), Source.of(file)
    header, locales = None, run.locales or content_locales()
    with run.keys.adding() as add:
        try:
            rows = source.rows()
            header = understand(first_of(rows).cells, resource.columns, locales, resource._meta.ignored)
            keep = run.options.empty_cells == "keep"
            if not keep and source.may_hold(CLEAR):
                rows = with_tokens(rows)
            cleaner = Cleaner(header, source.reading.decimal_sign, keep, shortened)
            file.rows = 0
            spool = run.spools[file.pk] = Spool()
            while read := list(islice(rows, spool.size)):
                file.rows += len(read)
                block = cleaner.clean_all(read)
                add(key_rows(resource, file, block, foretells=foretells))
                # A number in a workbook is told from a text (number_as_code).
                block.cells = [row.cells for row in read] if source.reading.kind == "xlsx" else None
                spool.add(block)
                run.progress.tick(file, read[-1].line)
        except FileRefused as refused:
            return None, refused.problem
    return header, None


def first_of(rows: Iterator[Row]) -> Row:
    """The header; a table without one is empty."""
    row = next(rows, None)
    if row is None:
        raise FileRefused("empty_file")
    return row


def _note(file: JobFile, header: Header) -> None:
    """Keep what the upload noted about the file, say anew what its header tells."""
    kept = {"guessed_encoding", "already_applied", "not_imported_here"}
    notes = [note for note in file.notes if note["code"] in kept]
    notes += [note.as_json() for note in header.notes]
    if not file.rows:
        notes.append(Problem(NOTE, "header_only").as_json())
    file.header, file.notes = [visible(cell) for cell in header.cells], notes


def _plan_files(run: Run, files: list[JobFile]) -> None:
    for file in files:
        _plan_file(run, file)
    if run.is_apply and run.stops and any(file.errors for file in files):
        raise HasErrors


def _plan_file(run: Run, file: JobFile) -> None:
    """Plan, and in an apply write, one file batch by batch."""
    resource, header, spool = formats.resource_of(file.format), run.headers[file.pk], run.spools[file.pk]
    tally = Tally()
    clear_results(run, file)
    repeats = run.keys.has_repeats(resource.space(file))
    if resource._meta.similar_keys:
        run.keys.find_similar(resource.file, *resource.key_source)
    tree = tree_of(resource, header)
    for rows in ordered(spool, resource, tree):
        whole = transaction.atomic() if run.is_apply and not run.stops else nullcontext()
        with whole:
            batch = Batch(run, resource, file, header, rows, repeats, tree)
            plan(batch)
            if run.is_apply:
                write(batch)
            tally.count(batch)
            store_results(batch)
        batch.shelf = None  # it knows the batch: a circle
        if tally.errors and run.is_apply and run.stops:
            raise HasErrors({(file.position, row.number): row.problems for row in rows if row.is_bad})
        run.progress.step(file, rows[-1].line, len(rows))
    spool.close()
    tally.save(file)
