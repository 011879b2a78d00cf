"""Which PostgreSQL holds the data: the one ``DATABASE_URL`` names, or an embedded server below ``var/``.

The embedded server is a Python wheel; it starts with the first process that needs it and keeps its data
between runs. It has no ``pg_trgm``, ``unaccent`` or ICU, so nothing here may depend on them.
"""

import contextlib
import select
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse


def database_settings(url: str, var_dir: Path) -> dict[str, dict[str, Any]]:
    """Django's ``DATABASES``. ``progress`` is a second connection to the same database: what a job writes
    over it (progress, heartbeat, cancel) is seen while the job's own transaction is still open."""
    default = parse_url(url or embedded_url(var_dir))
    return {"default": default, "progress": {**default, "TEST": {"MIRROR": "default"}}}


def parse_url(url: str) -> dict[str, Any]:
    """A ``postgresql://user:password@host:port/name?host=/socket`` address as a Django database entry."""
    parts = urlparse(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must begin with postgresql://")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    # Our queries are short and many: compiling one takes the server longer than running it.
    query["options"] = f"-c jit=off {query.get('options', '')}".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def embedded_url(var_dir: Path, name: str = "backoffice", folder: str = "postgres", *options: str) -> str:
    """Start the embedded server if it does not run, make the database if it is missing, give its address."""
    import psycopg

    from backoffice.embedded import EmbeddedServer

    server = EmbeddedServer.running(var_dir / folder, options)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            with contextlib.suppress(psycopg.errors.DuplicateDatabase):
                connection.execute(f'CREATE DATABASE "{name}"')
    return server.url(name)


@contextlib.contextmanager
def running(query: str, params: Any = None) -> Iterator[Any]:
    """The statement runs while the caller computes, who must not ask the database anything within. What the database
    refuses is raised at the end; then the cursor gives the rows."""
    from django.db import connection

    cursor = connection.cursor()
    with connection.wrap_database_errors, connection.connection.pipeline():
        cursor.execute(query, params)
        _send_whole(connection.connection.pgconn)
        yield cursor


def _send_whole(pgconn: Any) -> None:
    """A pipeline keeps back what does not fit into the buffer of the socket; the server begins when it has all."""
    while pgconn.flush():
        readable, _writable, _failed = select.select([pgconn.socket], [pgconn.socket], [])
        if readable:
            pgconn.consume_input()


def has_extension(connection: Any, name: str) -> bool:
    """Whether the server can install the extension (it may not be installed yet)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", [name])
        return cursor.fetchone() is not None


def trigram_index(app_label: str, model_name: str, column: str) -> Any:
    """A migration step: a ``pg_trgm`` index on a search column where the server has the extension.

    Without it everything works the same, only searches of large tables read more.
    """
    from django.db import migrations

    def create(apps: Any, schema_editor: Any) -> None:
        if not has_extension(schema_editor.connection, "pg_trgm"):
            return
        table = apps.get_model(app_label, model_name)._meta.db_table
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(
            f'CREATE INDEX IF NOT EXISTS "{table}_{column}_trgm" ON "{table}" USING gin ("{column}" gin_trgm_ops)'
        )

    return migrations.RunPython(create, migrations.RunPython.noop)
