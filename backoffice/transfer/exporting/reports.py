"""What a run found, for machines and for mending: the JSON report, the CSV of problems, the bad rows."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from backoffice.spreadsheets import guarded
from backoffice.transfer.exporting.seeing import results_of
from backoffice.transfer.models import Job, JobFile, RowResult
from backoffice.transfer.problems import ERROR, INFO, WARNING, Problem
from backoffice.transfer.reading.sources import Source
from backoffice.transfer.reading.workbooks import FORMULAS, Formula

_LISTS = {ERROR: "errors", WARNING: "warnings", INFO: "infos"}


def report(job: Job) -> dict[str, Any]:
    """Per file: counts, notes or refusal, and every problem with line, column, code, value and sentences."""
    return {
        "job": job.pk,
        "state": job.state,
        "counts": job.counts,
        "files": [_file_report(file) for file in job.files.order_by("position")],
    }


def _file_report(file: JobFile) -> dict[str, Any]:
    counts = {name: getattr(file, name) for name in JobFile.COUNTS}
    found: dict[str, Any] = {
        "file": str(file),
        "format": file.format,
        **counts,
        "read_as": file.reading,
        "notes": [_said(Problem.from_json(note)) for note in file.notes],
        "refusal": _said(Problem.from_json(file.refusal)) if file.refusal else None,
        "details": {"errors": [], "warnings": [], "infos": []},
    }
    for result, problem in problems_of(file):
        place = {"line": result.line, "key": result.key, "column": problem.column}
        if problem.cell:
            place["cell"] = problem.cell
        found["details"][_LISTS[problem.level]].append({**place, "value": problem.value, **_said(problem)})
    return found


def _said(problem: Problem) -> dict[str, str]:
    facts = {"code": problem.code, "message": problem.sentence, "remedy": problem.repair}
    return {**facts, "column": problem.column} if problem.column else facts


def problems_of(file: JobFile, *levels: str, user: Any = None) -> Iterator[tuple[RowResult, Problem]]:
    """Row by row, in the order of the file, as far as ``user`` sees the records; nobody in particular sees all."""
    rows = results_of(file, user).filter(problems__isnull=False).order_by("row")
    for result in rows.iterator(chunk_size=1_000):
        for facts in result.problems:
            problem = Problem.from_json(facts)
            if not levels or problem.level in levels:
                yield result, problem


def bad_rows(file: JobFile, user: Any = None) -> Iterator[str]:
    """The rows in error as CSV."""
    return map(csv_line, bad_cells(file, user))


def bad_cells(file: JobFile, user: Any = None) -> Iterator[list[str]]:
    """The rows in error under their header, cells exactly as read, with ``__line`` and ``__errors`` at the end; the
    file can be mended and imported as it is. What a row has beyond the header stands behind them, where it can be
    cleared. The formulas of a workbook are texts here; a last column names them, so that they are refused again as
    they stand."""
    bad = results_of(file, user).filter(outcome=RowResult.Outcome.ERROR).order_by("row")
    waiting = bad.iterator(chunk_size=1_000)
    wanted = next(waiting, None)
    rows = Source.of(file).rows()
    width = len(file.header)
    has_formulas = _is_workbook(file) and bad.filter(problems__contains=[{"code": "formula"}]).exists()
    head = next(rows).cells
    yield [*head, "__line", "__errors", *([FORMULAS] if has_formulas else [])]
    for row in rows:
        if wanted is None:
            return
        if row.number == wanted.row:
            found = [Problem.from_json(p) for p in wanted.problems or [] if p["level"] == ERROR]
            said = " ".join(f"{p.column}: {p.sentence}" if p.column else p.sentence for p in found)
            filled = [*row.cells[:width], *[""] * (width - len(row.cells))]
            surplus = row.cells[width:]
            names = [name for name, cell in zip(head, row.cells, strict=False) if isinstance(cell, Formula)]
            yield [*filled, str(row.line), said, *([",".join(names)] if has_formulas else []), *surplus]
            wanted = next(waiting, None)


def _is_workbook(file: JobFile) -> bool:
    return file.reading.get("kind") == "xlsx"


def problem_lines(job: Job, *levels: str, user: Any = None) -> Iterator[str]:
    """The problems of a job as CSV, as far as ``user`` sees the records."""
    yield csv_line(PROBLEM_HEAD)
    for file in job.files.order_by("position"):
        for result, p in problems_of(file, *levels, user=user):
            yield problem_line(file, result.line, result.key, p)


PROBLEM_HEAD = ("file", "line", "cell", "key", "column", "value", "level", "code", "message", "remedy")


def problem_line(file: JobFile, line: int | None, key: str, p: Problem) -> str:
    """One problem as CSV; only those of a workbook name a cell."""
    texts = [key, p.column, p.value, p.level, p.code, p.sentence, p.repair]
    return csv_line([str(file), line, p.cell, *map(guarded, texts)])


def csv_line(cells: Iterable[Any]) -> str:
    """One record: comma, LF, quotes only where needed, a carriage return among the needs."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()[:-2] + "\n"
