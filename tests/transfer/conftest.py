"""Files on disk for the engine, and the sample folder as it stands after an import."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from backoffice.transfer.jobs import intake, lifecycle
from backoffice.transfer.models import Job
from tests.snapshots import Snapshot

ROOT = Path(settings.BASE_DIR)
SAMPLE = ROOT / "fixtures" / "sample-folder"
BAD = ROOT / "tests" / "files" / "bad-files"
TYPES = "product_packaging_unit_type"


@pytest.fixture(autouse=True)
def private_root(settings: Any, tmp_path: Path) -> Path:
    settings.PRIVATE_ROOT = tmp_path / "private"
    return settings.PRIVATE_ROOT


@pytest.fixture
def sample(db: None, private_root: Path) -> Job:
    """The state right after the sample folder was imported."""
    _sample.put(private_root)
    return Job.objects.order_by("pk").last()


def imported(
    path: Path, *, user: Any = None, check: bool = False, encoding: str = "", note: str = "", **options: str
) -> Job:
    """What the command and the screen do with a path."""
    job = lifecycle.create(user, options=options, note=note, title=path.name)
    intake.take_path(job, path, encoding=encoding)
    (lifecycle.check if check else lifecycle.apply)(job)
    return job


_sample = Snapshot(lambda: imported(SAMPLE))


def counts(job: Job) -> tuple[int, int, int, int, int]:
    """New, changed, unchanged, skipped, in error, as the table of bad files has them."""
    found = [job.counts[name] for name in ("new", "changed", "unchanged", "skipped", "errors")]
    return tuple(found)


def written(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def problems(job: Job) -> list[tuple[int, str, str, str]]:
    """Line, column, level and code of everything a run said of its rows."""
    from backoffice.transfer.exporting.reports import problems_of

    return [
        (result.line, problem.column, problem.level, problem.code)
        for file in job.files.all()
        for result, problem in problems_of(file)
    ]


def notes(job: Job) -> list[str]:
    return [note["code"] for file in job.files.all() for note in file.notes]


def refusals(job: Job) -> list[str]:
    return [file.refusal["code"] for file in job.files.all() if file.refusal]


def errors(job: Job) -> list[tuple[int, str, str]]:
    """Line, column and code of the rows in error."""
    return [(line, column, code) for line, column, level, code in problems(job) if level == "error"]
