"""Imports against what they could cost: a bare COPY of all they store, and the stock import-export resource.

``python -m benchmarks.imports ROWS all|new|xlsx`` works on the database of its environment and prints JSON; see
:func:`measured`.
"""

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

NAME = "imports_bench"
PEER_ROWS = 2_000
WRITTEN = {
    "attributes_attribute": "",
    "attributes_attributevalue": "",
    "history_change": "WHERE object_type = 'attributes.attribute' AND action = 'add'",
}
KEYS = """
INSERT INTO stores_store (created_at, updated_at, version, name, time_zone, search)
VALUES (now(), now(), 1, 'DE', 'UTC', 'de');
INSERT INTO stores_storelocale (created_at, updated_at, version, store_id, locale, is_default)
SELECT now(), now(), 1, id, locale, locale = 'en_US'
FROM stores_store, unnest(ARRAY['en_US', 'de_DE']) AS locale;
INSERT INTO attributes_attributekey (created_at, updated_at, version, key, is_super, search)
SELECT now(), now(), 1, key, false, key
FROM (SELECT 'attribute_' || lpad(n::text, 7, '0') AS key FROM generate_series(1, :rows) AS n) AS made;
"""
HEADER = (
    "key,input_type,allow_input,is_multiple,values,key_translation.en_US,key_translation.de_DE,"
    "value_translations.de_DE\n"
)


def measured(rows: int) -> dict[str, float]:
    """Seconds per phase, and the highest memory in megabytes of imports of two sizes, a hundred times apart."""
    server, _called = store.running()
    found = _run(server, rows, "all")
    found["memory small"] = _run(server, rows // 10, "new")["memory"]
    found["memory large"] = _run(server, rows * 10, "new")["memory"]
    found["workbook small"] = _run(server, rows // 10, "xlsx")["memory"]
    found["workbook large"] = _run(server, rows, "xlsx")["memory"]
    return found


def _run(server: Any, rows: int, phases: str) -> dict[str, float]:
    """In a process of its own, in a fresh database with the keys."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {NAME}")
    settings = {"DJANGO_SETTINGS_MODULE": "backoffice.settings", "LOG_LEVEL": "ERROR"}
    environment = {**store.environment(server.url(NAME)), **settings}
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=store.ROOT, env=environment, check=True)
    with psycopg.connect(server.url(NAME), autocommit=True) as connection:
        for statement in filter(str.strip, KEYS.split(";\n")):
            connection.execute(statement.replace(":rows", str(rows)))
        connection.execute("VACUUM ANALYZE")
    command = [sys.executable, "-m", "benchmarks.imports", str(rows), phases]
    done = subprocess.run(command, cwd=store.ROOT, env=environment, check=True, capture_output=True)
    return json.loads(done.stdout.splitlines()[-1])


def write_file(folder: Path, rows: int, word: str) -> Path:
    """Declarations with three translated values each; ``word`` makes the rows of two files differ."""
    path = folder / "product_management_attribute.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for n in range(1, rows + 1):
            file.write(
                f'attribute_{n:07},select,{"no" if n % 3 else "yes"},,"small {n},medium,{word} {n}",'
                f'{word} {n},Größe {n},"klein {n},mittel,groß"\n'
            )
    return path


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
    from backoffice.history.restoring import RESTORED
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


def check_workbook(folder: Path, rows: int) -> None:
    """The check of the same rows as a workbook."""
    import csv

    from openpyxl import Workbook

    from backoffice.transfer.jobs import intake, lifecycle

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    with write_file(folder, rows, "large").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            sheet.append(row)
    path = folder / "product_management_attribute.xlsx"
    book.save(path)
    job = lifecycle.create(None, title=path.name)
    intake.take_path(job, path)
    lifecycle.check(job)
    if job.counts["new"] != rows:
        raise SystemExit(f"The check counted {job.counts}: {job.message}")


def empty_tables() -> None:
    """History is append-only: its triggers are put aside for the moment."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE history_change DISABLE TRIGGER USER")
        cursor.execute("TRUNCATE attributes_attribute, attributes_attributevalue, history_change")
        cursor.execute("ALTER TABLE history_change ENABLE TRIGGER USER")


def bare_copy() -> float:
    """Seconds to copy the same rows, values and history into the same tables, one transaction."""
    from django.db import connection

    kept = {}
    with connection.cursor() as cursor:
        for table, which in WRITTEN.items():
            with cursor.copy(f"COPY (SELECT * FROM {table} {which}) TO STDOUT") as copy:
                kept[table] = b"".join(map(bytes, copy))
    empty_tables()

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


def stock_import(rows: int, word: str) -> float:
    """Seconds the default resource of import-export takes for the fields alone: no values, no history."""
    import tablib
    from import_export.resources import modelresource_factory

    from catalog.attributes.models import Attribute, AttributeKey

    stock = modelresource_factory(
        Attribute,
        meta_options={
            "fields": ("key", "input_type", "allow_input", "is_multiple", "name"),
            "import_id_fields": ("key",),
        },
    )()
    ids = AttributeKey.objects.order_by("key").values_list("pk", flat=True)[:rows]
    data = tablib.Dataset(headers=["key", "input_type", "allow_input", "is_multiple", "name"])
    for n, pk in enumerate(ids, 1):
        data.append(
            [pk, "select", int(not n % 3), "", json.dumps({"en_US": f"{word} {n}", "de_DE": f"Größe {n}"})]
        )
    return seconds(lambda: stock.import_data(data, raise_errors=True, use_transactions=True))


def main(rows: int, phases: str) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory(dir=store.FOLDER) as name:
        settings.PRIVATE_ROOT, folder = Path(name) / "private", Path(name)
        if phases == "xlsx":
            check_workbook(folder, rows)
            found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(json.dumps(found))
            return
        path = write_file(folder, rows, "large")
        found["new"] = take(path, (rows, 0, 0))
        if phases == "all":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")
            found["unchanged"] = take(path, (0, 0, rows))
            found["changed"] = take(write_file(folder, rows, "huge"), (0, rows, 0))
            found["undo changed"] = take_back(rows)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if phases == "all":
        found["copy"] = bare_copy()
        empty_tables()
        with tempfile.TemporaryDirectory(dir=store.FOLDER) as name:
            settings.PRIVATE_ROOT = Path(name) / "private"
            take(write_file(Path(name), rows, "large"), (rows, 0, 0))
            found["undo new"] = take_back(rows)
        empty_tables()
        number = min(rows, PEER_ROWS)
        found["peer new"] = stock_import(number, "large") * rows / number
        found["peer changed"] = stock_import(number, "huge") * rows / number
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
