"""Taking files in: stored under a random name, judged by their content, read as what they look like."""

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.texts import content_locales
from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.columns import understand
from backoffice.transfer.jobs import folders, lifecycle
from backoffice.transfer.jobs.left_out import why_left_out
from backoffice.transfer.jobs.sheets import expanded
from backoffice.transfer.jobs.unkept import without_secrets
from backoffice.transfer.limits import limit
from backoffice.transfer.models import Job, JobFile, random_id
from backoffice.transfer.options import Options
from backoffice.transfer.planning.runs import first_of
from backoffice.transfer.problems import NOTE, FileRefused, Problem
from backoffice.transfer.reading import archives
from backoffice.transfer.reading.sniffing import WINDOWS, content_kind, encoding_name, find_encoding
from backoffice.transfer.reading.sources import private_path
from backoffice.transfer.reading.tables import (
    Reading,
    Row,
    csv_rows,
    guess_decimal_sign,
    guess_separator,
    preview,
)
from backoffice.transfer.reading.workbooks import judge_workbook, workbook_rows

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"'\\/]")


def shown_name(name: str) -> str:
    """The original name, for display only: without path, quotes and control characters, cut."""
    return _UNSAFE.sub("", name.replace("\\", "/").rpartition("/")[2])[:150] or "file"


def store(stream: BinaryIO) -> tuple[str, int, str]:
    """Keep the bytes under a random name; gives name, size and SHA-256."""
    name = random_id()
    path = private_path(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        path.chmod(0o600)
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > limit("CSV_BYTES"):
                file.close()
                path.unlink()
                raise FileRefused("too_large", what=f"{limit('CSV_BYTES') // 1024 // 1024} MB")
            digest.update(chunk)
            file.write(chunk)
    return name, size, digest.hexdigest()


def take_path(
    job: Job, path: Path, *, format: str = "", encoding: str = "", only: Iterable[str] = ()
) -> None:
    """Take a file, a folder or an archive from disk into the job. ``format`` is what the user says it holds."""
    wanted = set(only)
    with _as_folder(path) as folder:
        if folder is None:
            found = [folders.Found(path, "", format or formats.by_name(path.name))]
        else:
            found = folders.of_stores(folders.collect(folder), Options.of(job).store_names)
        if not format:
            found = folders.in_order([each for file in found for each in expanded(file)])
        for each in found:
            if not wanted or each.format in wanted:
                take(job, each, encoding=encoding, is_folder=folder is not None)
    _finish(job)


@contextmanager
def _as_folder(path: Path) -> Iterator[Path | None]:
    """The folder to read, or None for a single table. An archive is unpacked into a place of its own."""
    if path.is_dir():
        yield path
    elif path.stat().st_size and content_kind_is_archive(path):
        archives.judge(path)
        place = private_path("unpacked")
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=place) as target:
            yield folders.unpack(path, Path(target))
    else:
        yield None


def content_kind_is_archive(path: Path) -> bool:
    with path.open("rb") as file:
        packed = file.read(4) == b"PK\x03\x04"
    return packed and not archives.is_workbook(path)


def take(job: Job, found: folders.Found, *, encoding: str = "", is_folder: bool = False) -> JobFile:
    """Take one file. What of a folder is no table, or of a format without a room, is only listed."""
    position = (job.files.order_by("-position").values_list("position", flat=True).first() or 0) + 1
    file = JobFile(
        job=job, position=position, name=shown_name(found.name), folder=found.folder, format=found.format
    )
    left_out = why_left_out(found, is_folder=is_folder)
    if left_out:
        file.notes = [left_out.as_json()]
        file.size = 0 if found.path.is_dir() else found.path.stat().st_size
        file.save()
        return file
    try:
        with without_secrets(found.path) as path, path.open("rb") as stream:
            file.stored, file.size, file.digest = store(stream)
        if found.sheet:
            file.reading = Reading(kind="xlsx", sheet=found.sheet)._asdict()
        read_as(file, encoding=encoding)
    except FileRefused as refused:
        file.refusal = refused.problem.as_json()
    file.notes = [*file.notes, *found.notes]
    file.save()
    return file


def read_as(
    file: JobFile,
    *,
    encoding: str = "",
    separator: str = "",
    decimal_sign: str = "",
    is_stated: bool = False,
) -> None:
    """Find out, or take from the user, how the stored file is read; guess its format if it has none. An encoding that
    ``is_stated`` is about this file; else it is that of all files that do not say it themselves."""
    path = private_path(file.stored)
    if content_kind(path) == "zip":
        _read_workbook(file, path)
        return
    found = find_encoding(path, encoding, is_stated=is_stated)
    asked = {"encoding": encoding, "separator": separator, "decimal_sign": decimal_sign}
    reading = Reading(encoding=found.name, marked=found.marked, guessed=found.guessed)
    if encoding != found.name:
        del asked["encoding"]
    reading = reading._replace(chosen={name: value for name, value in asked.items() if value})
    file.reading = reading._asdict()
    separator = separator or guess_separator(path, found.name, formats.known_columns([file.format]))
    reading = reading._replace(separator=separator)
    file.reading = reading._asdict()
    header = first_of(csv_rows(path, reading))
    if not file.format:
        file.format = formats.guess(file.name, header.cells).format
    resource = formats.resource_of(file.format)
    decimals = resource.decimal_columns if resource else frozenset()
    reading = reading._replace(decimal_sign=decimal_sign or guess_decimal_sign(path, reading, decimals))
    file.reading = reading._asdict()
    file.notes = _notes(file, is_guessed=bool(encoding) and not found.marked and found.name != "utf-8")
    if found.guessed:
        raise _question(found.name)
    _look_ahead(file, csv_rows(path, reading))


def _question(encoding: str) -> FileRefused:
    """Nothing says how the bytes spell letters: the user is asked."""
    if encoding == WINDOWS:
        return FileRefused("guessed_encoding")
    message = _("The file does not say how it is encoded. It looks like %(encoding)s.")
    return FileRefused("guessed_encoding", message, encoding=encoding_name(encoding))


def _look_ahead(file: JobFile, rows: Iterator[Row]) -> None:
    """Refuse at once what header and first rows tell, so that nobody starts a check that cannot succeed."""
    resource = formats.resource_of(file.format)
    header = first_of(rows)
    if resource:
        understand(header.cells, resource.columns, content_locales(), resource._meta.ignored)
    preview(rows)


def _read_workbook(file: JobFile, path: Path) -> None:
    """An XLSX has neither encoding nor separator to guess."""
    if not archives.is_workbook(path):
        raise FileRefused("not_a_table", found=_("an archive"))
    judge_workbook(path)
    sheet = file.reading.get("sheet", "")
    if not file.format:
        head = next(workbook_rows(path, sheet), Row(0, 1, [], True))
        file.format = formats.guess(file.name, head.cells).format
    file.reading = Reading(kind="xlsx", chosen={}, sheet=sheet)._asdict()
    file.notes = _notes(file, is_guessed=False)
    _look_ahead(file, workbook_rows(path, sheet))


def reread(file: JobFile, *, format: str, encoding: str, separator: str, decimal_sign: str) -> None:
    """Read a stored file as the user says."""
    told = [note for note in file.notes if note["code"] == "not_imported_here"]
    file.format, file.refusal, file.notes = format or file.format, None, []
    try:
        read_as(file, encoding=encoding, separator=separator, decimal_sign=decimal_sign, is_stated=True)
    except (FileRefused, UnicodeError) as problem:
        refused = problem if isinstance(problem, FileRefused) else FileRefused("guessed_encoding")
        file.refusal = refused.problem.as_json()
    file.notes = [*file.notes, *told]
    file.save()
    _finish(file.job)


def _notes(file: JobFile, *, is_guessed: bool) -> list[dict[str, Any]]:
    notes = [Problem(NOTE, "guessed_encoding").as_json()] if is_guessed else []
    return [*notes, *applied_before(file)]


def applied_before(file: JobFile) -> list[dict[str, Any]]:
    """The note that another job has imported the same content."""
    before = (
        JobFile.objects.filter(digest=file.digest, format=file.format)
        .filter(Q(job__state=Job.State.DONE) | Q(job__change_set__isnull=False))
        .exclude(job_id=file.job_id)
        .select_related("job")
        .order_by("-pk")
        .first()
    )
    if before is None:
        return []
    facts = {"at": before.job.created_at.isoformat(), "who": before.job.owner_name}
    return [Problem(NOTE, "already_applied", params=facts).as_json()]


def _finish(job: Job) -> None:
    """What the job says of itself once all its files are in. Those its owner may not import are told at once."""
    lifecycle.ask_right(job)
    files = list(job.files.all())
    job.formats = sorted(
        {f.format for f in files if f.format}, key=lambda name: formats.POSITIONS.get(name, 0)
    )
    areas = {formats.resource_of(f.format)._meta.area for f in files if formats.resource_of(f.format)}
    job.area = areas.pop() if len(areas) == 1 else ""
    if not job.title:
        job.title = files[0].name if len(files) == 1 else ""
    job.save(update_fields=["formats", "area", "title"])
    if files and all(file.refusal and file.refusal["code"] != "guessed_encoding" for file in files):
        lifecycle.move(job, Job.State.REFUSED)
    elif job.state == Job.State.REFUSED:
        lifecycle.move(job, Job.State.UPLOADED)


def remove_stored(file: JobFile) -> None:
    """The file goes, its counts stay."""
    if file.stored:
        private_path(file.stored).unlink(missing_ok=True)
        file.stored = ""
        file.save(update_fields=["stored"])
