"""Test databases: one template, migrated and seeded, and cheap clones of it.

The template's name is a digest of everything that shapes it, so it is built once per state of the code and
shared by all workers and later runs. Clones carry the process number of the run that made them; what a
killed run left behind is dropped by the next one.
"""

import hashlib
import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
SHAPING = re.compile(r"/(migrations|management|models)/|/(models|seed\w*|apps|settings)\.py$")
LOCK = 7_201_402
KEPT = timedelta(hours=1)
"""A template of another state of the code may be in use in another checkout on the same server."""

_HOST = hashlib.sha256(platform.node().encode()).hexdigest()[:6]
_numbers = count(1)


def start_server() -> None:
    """Give ``DATABASE_URL`` a server of its own below ``var/``, unless one is named already."""
    if "DATABASE_URL" not in os.environ:
        from backoffice.database import embedded_url

        # Rows of tests are rolled back: an autovacuum would teach the planner that all tables are empty.
        options = ("autovacuum=off", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
        options = (*options, "max_connections=200")
        os.environ["DATABASE_URL"] = embedded_url(ROOT / "var", "postgres", "test-postgres", *options)


def template_name() -> str:
    digest = hashlib.sha256()
    files = [
        path for folder in ("backoffice", "catalog", "tests/scoped") for path in (ROOT / folder).rglob("*.py")
    ]
    for path in sorted([*files, ROOT / "pyproject.toml"]):
        if path.suffix == ".toml" or SHAPING.search(path.as_posix()):
            digest.update(path.relative_to(ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return f"bo_template_{digest.hexdigest()[:16]}"


@contextmanager
def server() -> Iterator[psycopg.Connection[Any]]:
    """A connection to the database that ``DATABASE_URL`` names, from which others are made and dropped."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        yield connection


def url_of(name: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))


def ensure_template() -> str:
    """Build the template if it is missing; whoever comes meanwhile waits for it."""
    name = template_name()
    with server() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if not _exists(connection, name):
            half = f"bo_half_{_HOST}_{os.getpid()}"
            _drop(connection, half)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half)))
            try:
                _build(half)
            except BaseException:
                _drop(connection, half)
                raise
            _run(connection, "ALTER DATABASE {} RENAME TO {}", half, name)
            _run(connection, "ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        _run(connection, "COMMENT ON DATABASE {} IS {}", name, sql.Literal(datetime.now(UTC).isoformat()))
        connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return name


def _build(name: str) -> None:
    from django.core.management import call_command
    from django.db import connections

    before = point_at(name)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        call_command("seed_roles", verbosity=0)
    finally:
        connections.close_all()
        point_at(before)


def point_at(name: str) -> str:
    """Let all connections of this process, also those of other threads, lead to the database ``name``."""
    from django.db import connections

    connections.close_all()
    before = connections.settings["default"]["NAME"]
    for entry in connections.settings.values():
        entry["NAME"] = name
    return before


_second_connection: dict[str, Any] = {}


def one_connection() -> None:
    """Let ``progress`` be the same connection as ``default``, so that one transaction holds a whole test."""
    from django.db import connections

    _second_connection.update(connections.settings.pop("progress"))
    connections["progress"] = connections["default"]


def two_connections() -> None:
    """Let ``progress`` be a connection of its own, as the settings say."""
    from django.db import connections

    del connections["progress"]
    connections.settings["progress"] = {**_second_connection, "NAME": connections.settings["default"]["NAME"]}


def clone(template: str) -> str:
    name = f"bo_test_{_HOST}_{os.getpid()}_{next(_numbers)}"
    with server() as connection:
        _drop(connection, name)
        _run(connection, "CREATE DATABASE {} TEMPLATE {}", name, template)
    return name


def drop(name: str) -> None:
    with server() as connection:
        _drop(connection, name)


def sweep(current: str) -> None:
    """Drop clones of runs that are gone and templates that nobody used for a while."""
    with server() as connection:
        rows = connection.execute(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
            " WHERE datname ~ '^bo_(test|half|template)_' AND datname <> %s",
            [current],
        ).fetchall()
        for name, note in rows:
            if name.startswith("bo_template_"):
                if note and datetime.fromisoformat(note) > datetime.now(UTC) - KEPT:
                    continue
            elif name.split("_")[2] != _HOST or _is_alive(int(name.split("_")[3])):
                continue
            _drop(connection, name)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _exists(connection: psycopg.Connection[Any], name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    _run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _run(connection: psycopg.Connection[Any], statement: str, *names: Any) -> None:
    parts = [name if isinstance(name, sql.Composable) else sql.Identifier(name) for name in names]
    connection.execute(sql.SQL(statement).format(*parts))
