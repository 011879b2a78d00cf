"""The databases of the benchmarks: a server of its own, kept between runs in ``var/bench``.

BENCH_FOLDER names another place, so that several working copies share what takes minutes to make. A database is made
again when its filling or any migration is another one; with BENCH_KEEP it is kept, and only migrated.
"""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import psycopg

from backoffice.embedded import EmbeddedServer

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("BENCH_FOLDER") or ROOT / "var" / "bench").absolute()
SETTINGS = ("shared_buffers=512MB", "maintenance_work_mem=256MB", "max_wal_size=1GB")

FILL = """
INSERT INTO stores_store (created_at, updated_at, version, name, time_zone, search)
VALUES (now(), now(), 1, 'DE', 'UTC', 'de');
INSERT INTO stores_storelocale (created_at, updated_at, version, store_id, locale, is_default)
SELECT now(), now(), 1, id, locale, locale = 'en_US'
FROM stores_store, unnest(ARRAY['en_US', 'de_DE']) AS locale;
INSERT INTO packaging_packagingtype (created_at, updated_at, version, key, name, search)
SELECT now() - number * interval '1 second', now() - number * interval '1 second', 1,
    'packaging_unit_type.' || kind || '_' || lpad(number::text, 7, '0') || '.name',
    CASE WHEN number % 10 = 0 THEN jsonb_build_object('en_US', initcap(kind) || ' ' || number)
         ELSE jsonb_build_object('en_US', initcap(kind) || ' ' || number, 'de_DE', 'Gebinde ' || number) END,
    'packaging_unit_type.' || kind || '_' || lpad(number::text, 7, '0') || '.name ' || kind || ' ' || number
        || CASE WHEN number % 10 = 0 THEN '' ELSE ' gebinde ' || number END
FROM (
    SELECT number, (ARRAY['carton', 'crate', 'coil', 'pallet', 'sack'])[1 + number % 5] AS kind
    FROM generate_series(1, :rows) AS number
) AS made;
"""


class Program(NamedTuple):
    """Whose tables are filled: the commands that make them and that come after the rows."""

    migrate: tuple[str, ...] = (sys.executable, "manage.py", "migrate", "--verbosity", "0")
    finish: tuple[str, ...] = (sys.executable, "manage.py", "index_locales")
    settings: Mapping[str, str] = {}

    def run(self, command: tuple[str, ...], url: str) -> None:
        if command:
            subprocess.run(command, cwd=ROOT, env={**environment(url), **self.settings}, check=True)


OURS = Program()


class SystemServer(EmbeddedServer):
    """Debian's PostgreSQL in a data folder of ours; it has pg_trgm."""

    locale = ("--locale=C.UTF-8",)

    @staticmethod
    def find_binaries() -> Path:
        return installed()[-1]


def installed() -> list[Path]:
    """The PostgreSQL versions of the system, oldest first."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return sorted((path.parent for path in found), key=lambda path: float(path.parent.name))


def prepare(rows: int, filling: str = FILL, kind: str = "types", program: Program = OURS) -> tuple[str, str]:
    """The address of a database with ``filling`` and the name of the server it runs on."""
    server, called = running()
    family = f"bench_{kind}_{rows}_"
    name = f"{family}{digest(filling)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        known = [row[0] for row in connection.execute("SELECT datname FROM pg_database")]
        held = [each for each in known if each.startswith(family)]
        if name not in known and held and os.environ.get("BENCH_KEEP"):
            name = held[0]
            program.run(program.migrate, server.url(name))
        elif name not in known:
            for old in held:
                connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
            fill(server, connection, name, filling.replace(":rows", str(rows)), program)
    return server.url(name), called


def running() -> tuple[EmbeddedServer, str]:
    """The server of the benchmarks and what it is."""
    kind, folder = (SystemServer, "postgres-system") if installed() else (EmbeddedServer, "postgres")
    FOLDER.mkdir(parents=True, exist_ok=True)
    server = kind.running(FOLDER / folder, SETTINGS)
    with psycopg.connect(server.url()) as connection:
        version = connection.execute("SHOW server_version").fetchone()[0].split()[0]
    return server, f"{'system' if kind is SystemServer else 'embedded'} PostgreSQL {version}"


def fill(
    server: EmbeddedServer, connection: psycopg.Connection, name: str, filling: str, program: Program
) -> None:
    """Migrate and fill a database under a working name; it gets its own name when it is complete."""
    connection.execute("DROP DATABASE IF EXISTS bench_half WITH (FORCE)")
    connection.execute("CREATE DATABASE bench_half")
    program.run(program.migrate, server.url("bench_half"))
    with psycopg.connect(server.url("bench_half"), autocommit=True) as half:
        for statement in filter(str.strip, filling.split(";\n")):
            half.execute(statement)
        program.run(program.finish, server.url("bench_half"))
        half.execute("VACUUM ANALYZE")
    connection.execute(f'ALTER DATABASE bench_half RENAME TO "{name}"')


def environment(url: str) -> dict[str, str]:
    """What our processes are started with."""
    kept = {key: value for key, value in os.environ.items() if key not in {"ALLOWED_HOSTS", "DEBUG"}}
    return {
        **kept,
        "BACKOFFICE_MODE": "demo",
        "BACKOFFICE_VAR": str(FOLDER),
        "DATABASE_URL": url,
        "SECRET_KEY": "benchmark-" * 5,
        "PYTHONPATH": str(ROOT),
    }


def digest(filling: str) -> str:
    """Changes with the shape of the data, so that an old database is made again."""
    made = hashlib.sha256(filling.encode())
    for path in sorted(ROOT.glob("*/*/migrations/*.py")):
        made.update(path.read_bytes())
    return re.sub(r"\W", "", made.hexdigest())[:12]
