"""The state after a long preparation, kept per process and put back within the transaction of a test.

Preparing the sample folder takes seconds; putting its rows back takes a tenth of one.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection

TABLES = """
SELECT quote_ident(relname) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'django_migrations' ORDER BY relname
"""
SEQUENCES = "SELECT quote_ident(sequencename), last_value FROM pg_sequences WHERE schemaname = 'public'"


class Snapshot:
    """What :meth:`put` needs to bring the database, and the stored uploads, to where ``prepare`` led."""

    def __init__(self, prepare: Callable[[], object]) -> None:
        self.prepare = prepare
        self.rows: dict[str, bytes] | None = None
        self.sequences: list[tuple[str, int]] = []
        self.files: Path | None = None

    def put(self, files: Path) -> None:
        """The first time it is prepared, later put back. ``files`` is where uploads are kept."""
        if self.rows is None:
            before = self._dumped()
            self.prepare()
            after = self._dumped()
            with connection.cursor() as cursor:
                cursor.execute(SEQUENCES)
                self.sequences = [(name, last) for name, last in cursor if last is not None]
            self.rows = {name: rows for name, rows in after.items() if before[name] != rows}
            self.files = (
                Path(settings.BASE_DIR) / "var" / "tests" / f"uploads-{connection.settings_dict['NAME']}"
            )
            shutil.rmtree(self.files, ignore_errors=True)
            shutil.copytree(files, self.files)
            return
        shutil.copytree(self.files, files, dirs_exist_ok=True)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for name, rows in self.rows.items():
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608 - names of the catalogue
                with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                    copy.write(rows)
            for name, last in self.sequences:
                cursor.execute("SELECT setval(%s, %s)", [name, last])
            cursor.execute("SET LOCAL session_replication_role = origin")

    def _dumped(self) -> dict[str, bytes]:
        found = {}
        with connection.cursor() as cursor:
            cursor.execute(TABLES)
            for (name,) in cursor.fetchall():
                with cursor.copy(f"COPY {name} TO STDOUT") as copy:
                    found[name] = b"".join(map(bytes, copy))
        return found
