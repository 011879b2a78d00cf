"""The embedded server: shared by processes, stopped by the last one, none the worse for a killed one."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from backoffice.database import embedded_url, parse_url

ROOT = Path(__file__).resolve().parent.parent
HOLD = """
import sys, time
from pathlib import Path
from backoffice.database import embedded_url
print(embedded_url(Path(sys.argv[1])), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own folder: other runs close that one to the account of the server."""
    with tempfile.TemporaryDirectory(prefix="bo-", ignore_cleanup_errors=True) as name:
        yield Path(name)
        for mark in Path(name).rglob("postmaster.pid"):
            os.kill(int(mark.read_text().split()[0]), signal.SIGQUIT)


def hold(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """A process that uses the server until its input ends."""
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", HOLD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    return child, child.stdout.readline().strip()


def let_go(child: subprocess.Popen[str]) -> None:
    child.communicate("\n", timeout=30)
    assert child.returncode == 0


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().split()[0]))


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_the_last_process_stops_the_server(folder: Path):
    first, url = hold(folder)
    second, same_url = hold(folder)
    assert url == same_url
    assert answers(url)

    let_go(first)
    assert answers(url)
    let_go(second)
    assert not answers(url)
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_data_stay_between_runs(folder: Path):
    child, url = hold(folder)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'Ärmel' AS word")
    let_go(child)

    child, url = hold(folder)
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT lower(word) FROM kept").fetchone() == ("ärmel",)
    let_go(child)


def test_a_killed_process_does_not_keep_the_server_running(folder: Path):
    killed, url = hold(folder)
    killed.kill()
    killed.communicate()
    assert answers(url)

    last, _url = hold(folder)
    let_go(last)
    assert not answers(url)


def test_a_killed_server_is_started_again(folder: Path):
    child, url = hold(folder)
    server = postmaster(folder)
    server.kill()
    child.kill()
    child.communicate()
    ends = time.monotonic() + 10
    while server.is_running() and server.status() != psutil.STATUS_ZOMBIE and time.monotonic() < ends:
        time.sleep(0.05)

    child, _url = hold(folder)
    assert answers(url)
    let_go(child)


def test_a_long_path_gets_a_short_socket(folder: Path):
    deep = folder / ("a long folder name, with a comma " * 3)
    child, url = hold(deep)
    assert "/tmp/backoffice-" in url  # noqa: S108
    assert answers(url)
    let_go(child)
    assert not Path(parse_url(url)["OPTIONS"].get("host") or parse_url(url)["HOST"]).exists()


def test_an_address_is_taken_apart():
    entry = parse_url("postgresql://mia:p%40ss@db.example:5433/shop%20one?sslmode=require")

    assert {key: entry[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")} == {
        "NAME": "shop one",
        "USER": "mia",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require", "options": "-c jit=off"},
    }


def test_another_kind_of_database_is_refused():
    with pytest.raises(ValueError, match="postgresql://"):
        parse_url("mysql://localhost/shop")


def test_a_folder_of_somebody_else_is_refused(tmp_path: Path):
    from backoffice.embedded import ServerUnavailable

    (tmp_path / "postgres").symlink_to("/tmp")  # noqa: S108
    with pytest.raises(ServerUnavailable, match="belongs to another user"):
        embedded_url(tmp_path)
