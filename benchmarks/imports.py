"""Imports against what they could cost: a bare COPY of all they store, and the stock import-export resource.

``python -m benchmarks.imports SUBJECT ROWS all|new|xlsx`` works on the database of its environment and prints JSON;
see :func:`measured`. A subject is a module that says what the database holds before (PREPARE), which tables the
import fills (WRITTEN, with what to leave out), how a file is written (NAME, write_file) and what the stock resource
makes of the same (stock_import); TARGETS has how long, at most, rows that change nothing and an undo take, as parts of
the import.
"""

import importlib
import io
import json
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from benchmarks import store
from benchmarks.figures import against, beside, show

DATABASE = "imports_bench"
PEER_ROWS = 2_000
SUBJECTS = ("attribute_files", "variant_files")


def measured(subject: str, rows: int) -> dict[str, float]:
    """Seconds per phase, and the highest memory in megabytes of imports of two sizes, a hundred times apart."""
    server, _called = store.running()
    found = _run(server, subject, rows, "all")
    found["memory small"] = _run(server, subject, rows // 10, "new")["memory"]
    found["memory large"] = _run(server, subject, rows * 10, "new")["memory"]
    found["workbook small"] = _run(server, subject, rows // 10, "xlsx")["memory"]
    found["workbook large"] = _run(server, subject, rows, "xlsx")["memory"]
    return found


def _run(server: Any, subject: str, rows: int, phases: str) -> dict[str, float]:
    """In a process of its own, in a fresh database."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    settings = {"DJANGO_SETTINGS_MODULE": "backoffice.settings", "LOG_LEVEL": "ERROR"}
    environment = {**store.environment(server.url(DATABASE)), **settings}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=store.ROOT, env=environment, check=True)
    with psycopg.connect(server.url(DATABASE), autocommit=True) as connection:
        for statement in filter(str.strip, subject_of(subject).PREPARE.split(";\n")):
            connection.execute(statement.replace(":rows", str(rows)))
        connection.execute("VACUUM ANALYZE")
    command = [sys.executable, "-m", "benchmarks.imports", subject, str(rows), phases]
    done = subprocess.run(command, cwd=store.ROOT, env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout.splitlines()[-1])


def subject_of(name: str) -> Any:
    return importlib.import_module(f"benchmarks.{name}")


def seconds(deed: Callable[[], Any]) -> float:
    begins = time.perf_counter()
    deed()
    return time.perf_counter() - begins


def take(path: Path, counts: tuple[int, int, int]) -> float:
    """Seconds for an apply, planner and history included."""
    from backoffice.transfer.jobs import intake, lifecycle

    job = lifecycle.create(None, title=path.name)
    intake.take_path(job, path)
    taken = seconds(lambda: lifecycle.apply(job))
    found = tuple(job.counts[name] for name in ("new", "changed", "unchanged"))
    if found != counts:
        raise SystemExit(f"The import counted {found}, not {counts}: {job.message}")
    return taken


def take_back(rows: int) -> float:
    """Seconds for the undo of the last change set as a job runs it."""
    from backoffice.accounts.models import User
    from backoffice.actor import acting
    from backoffice.history import undoing
    from backoffice.history.models import ChangeSet
    from backoffice.history.outcomes import RESTORED
    from backoffice.history.screens.access import gate_for

    user = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser(
        "bench@example.com", secrets.token_urlsafe(16), first_name="Bench", last_name="Mark"
    )
    change_set = ChangeSet.objects.order_by("pk").last()
    found = {}

    def undo() -> None:
        with acting(user):
            found["report"], _undone = undoing.undo(change_set, gate_for(change_set, user))

    taken = seconds(undo)
    if found["report"].counts[RESTORED] != rows:
        raise SystemExit(f"The undo counted {found['report'].counts}, not {rows}.")
    return taken


def check_workbook(subject: Any, folder: Path, rows: int) -> None:
    """The check of the same rows as a workbook."""
    import csv

    from openpyxl import Workbook

    from backoffice.transfer.jobs import intake, lifecycle

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    with subject.write_file(folder, rows, "large").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    path = (folder / subject.NAME).with_suffix(".xlsx")
    book.save(path)
    job = lifecycle.create(None, title=path.name)
    intake.take_path(job, path)
    lifecycle.check(job)
    if job.counts["new"] != rows:
        raise SystemExit(f"The check counted {job.counts}: {job.message}")


def empty_tables(subject: Any) -> None:
    """History is append-only: its triggers are put aside for the moment."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE history_change DISABLE TRIGGER USER")
        cursor.execute(f"TRUNCATE {', '.join(subject.WRITTEN)} CASCADE")
        cursor.execute("ALTER TABLE history_change ENABLE TRIGGER USER")


def bare_copy(subject: Any) -> float:
    """Seconds to copy the same rows, values and history into the same tables, one transaction."""
    from django.db import connection

    kept = {}
    with connection.cursor() as cursor:
        for table, which in subject.WRITTEN.items():
            with cursor.copy(f"COPY (SELECT * FROM {table} {which}) TO STDOUT") as copy:
                kept[table] = b"".join(map(bytes, copy))
    empty_tables(subject)

    def fill() -> None:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            for table, data in kept.items():
                source = io.BytesIO(data)
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    while block := source.read(1 << 20):
                        copy.write(block)
            cursor.execute("COMMIT")

    return seconds(fill)


def main(name: str, rows: int, phases: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    found: dict[str, float] = {}
    subject = subject_of(name)
    with tempfile.TemporaryDirectory(dir=store.FOLDER) as place:
        settings.PRIVATE_ROOT, folder = Path(place) / "private", Path(place)
        if phases == "xlsx":
            check_workbook(subject, folder, rows)
            found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps(found))
            return
        path = subject.write_file(folder, rows, "large")
        found["new"] = take(path, (rows, 0, 0))
        if phases == "all":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
            found["unchanged"] = take(path, (0, 0, rows))
            found["changed"] = take(subject.write_file(folder, rows, "huge"), (0, rows, 0))
            found["undo changed"] = take_back(rows)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if phases == "all":
        # The better of two: a moment's disturbance is as long as what is told apart here.
        found["copy"] = min(bare_copy(subject), bare_copy(subject))
        empty_tables(subject)
        with tempfile.TemporaryDirectory(dir=store.FOLDER) as place:
            settings.PRIVATE_ROOT = Path(place) / "private"
            again = take(subject.write_file(Path(place), rows, "large"), (rows, 0, 0))
            found["new"] = min(found["new"], again)
            found["undo new"] = take_back(rows)
        empty_tables(subject)
        number = min(rows, PEER_ROWS)
        found["peer new"] = seconds(subject.stock_import(number, "large")) * rows / number
        found["peer changed"] = seconds(subject.stock_import(number, "huge")) * rows / number
        found["peer unchanged"] = seconds(subject.stock_import(number, "huge")) * rows / number
    print(json.dumps(found))


def report(subject: str, rows: int) -> None:
    """Measure one subject and print its figures."""
    found = measured(subject, rows)
    ms = {name: value * 1000 for name, value in found.items()}
    new, changed = ms["new"], ms["changed"]
    what, targets = f"import of {rows:,} {subject_of(subject).TITLE}", subject_of(subject).TARGETS
    show(
        what,
        [
            against("new: against a bare COPY of all it stores", new, ms["copy"], 2),
            beside("new: against import-export", new, ms["peer new"], 0.05),
            beside("changed: against import-export", changed, ms["peer changed"], 0.05),
            beside("unchanged: against import-export", ms["unchanged"], ms["peer unchanged"], 0.05),
            against("unchanged: against changed", ms["unchanged"], changed, targets.get("unchanged")),
            against("undone: against the import", ms["undo new"], new, targets.get("undone")),
            against("changes undone: against the import", ms["undo changed"], changed, targets.get("undone")),
        ],
    )
    sizes = {"memory": (rows // 10, rows * 10), "workbook": (rows // 10, rows)}
    for name, (few, many) in sizes.items():
        small, large = found[f"{name} small"], found[f"{name} large"]
        verdict = "holds" if large < 300 and large < 1.5 * small else "short"
        said = "memory of an import" if name == "memory" else "memory of the check of a workbook"
        print(
            f"{said}, {few:,} and {many:,} rows: {small:.0f} MB and {large:.0f} MB, < 300 MB, flat  {verdict}"
        )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
