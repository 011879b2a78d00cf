"""``manage.py run``: everything starts, everything stops, and says in a sentence why it cannot."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import psutil
import pytest

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = {"DATABASE_URL", "BACKOFFICE_MODE", "PORT", "BACKOFFICE_VAR"}


class Running:
    """``manage.py run`` in a folder of its own."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.port = folder, free_port()
        kept = {key: value for key, value in os.environ.items() if key not in LEFT_OUT}
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-W", "error", "manage.py", "run"],
            cwd=ROOT,
            env={
                **kept,
                "BACKOFFICE_VAR": str(folder),
                "BACKOFFICE_MODE": "demo",
                "PORT": str(self.port),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, name="reader")
        self._reader.start()

    def _read(self) -> None:
        self.lines.extend(self.process.stdout)

    def wait_for(self, words: str, seconds: float = 60) -> float:
        while time.monotonic() < self.started + seconds:
            if any(words in line for line in list(self.lines)):
                return time.monotonic() - self.started
            assert self.process.poll() is None, "".join(self.lines)
            time.sleep(0.05)
        raise AssertionError(f"{words!r} was not printed:\n{''.join(self.lines)}")

    def family(self) -> list[psutil.Process]:
        mark = self.folder / "postgres" / "postmaster.pid"
        database = psutil.Process(int(mark.read_text().split()[0]))
        return [*psutil.Process(self.process.pid).children(recursive=True), database]

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(30)
        self._reader.join()
        self.process.stdout.close()
        return code


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_running(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def test_one_command_serves_the_demo_and_leaves_nothing_behind(folder: Path):
    first = Running(folder)
    first.wait_for("Ctrl-C stops everything.")
    printed = "".join(first.lines)
    assert f"http://127.0.0.1:{first.port}/" in printed
    for account in ("admin", "category", "inventory", "service", "auditor"):
        assert f"{account}@example.com" in printed
    with urllib.request.urlopen(f"http://127.0.0.1:{first.port}/") as page:
        assert page.status == 200
        assert b"Log in" in page.read()
        policy = page.headers["Content-Security-Policy"]
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{first.port}/?q={'x' * 9_000}")
    assert refused.value.code == 414
    assert refused.value.headers["Content-Security-Policy"] == policy
    assert refused.value.headers["X-Content-Type-Options"] == "nosniff"
    refused.value.close()
    family = first.family()
    assert len(family) >= 4
    assert first.stop() == 0
    assert [process for process in family if is_running(process)] == []

    second = Running(folder)
    assert second.wait_for("Ctrl-C stops everything.") < 10
    assert "Loading the demo catalogue" not in "".join(second.lines)
    family = second.family()
    assert second.stop(signal.SIGTERM) == 0
    assert [process for process in family if is_running(process)] == []


def test_a_killed_worker_is_followed_by_another_one(folder: Path):
    running = Running(folder)
    running.wait_for("Ctrl-C stops everything.")
    killed = worker_of(running)
    killed.kill()
    running.wait_for("The job worker ended by itself; another one starts in 2 seconds.")
    ends = time.monotonic() + 20
    while (found := worker_of(running)) is None and time.monotonic() < ends:
        time.sleep(0.1)

    assert found.pid != killed.pid
    with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/") as page:
        assert page.status == 200
    family = running.family()
    assert running.stop() == 0
    assert [process for process in family if is_running(process)] == []


def test_a_web_server_that_ends_ends_everything(folder: Path):
    running = Running(folder)
    running.wait_for("Ctrl-C stops everything.")
    family = running.family()
    master = next(p for p in family if "gunicorn" in p.cmdline() and p.ppid() == running.process.pid)
    master.terminate()

    assert running.ended() == 1
    assert "The web server ended by itself; its last lines are above." in running.lines[-1]
    assert [process for process in family if is_running(process)] == []


def worker_of(running: Running) -> psutil.Process | None:
    """The living job worker."""
    return next(
        (
            child
            for child in psutil.Process(running.process.pid).children()
            if is_running(child) and "run_jobs" in child.cmdline()
        ),
        None,
    )


def test_a_taken_port_is_a_sentence(folder: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = Running(folder, PORT=str(port))
        assert running.ended() == 1

    assert running.lines[-1] == (
        f"CommandError: Port {port} is in use by another program. "
        f"Choose another one: PORT={port + 1} make run\n"
    )


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_a_sentence(folder: Path, port: str):
    running = Running(folder, PORT=port)

    assert running.ended() == 1
    assert running.lines[-1] == f"CommandError: PORT={port} is no port. Use a number such as 8000.\n"


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Production needs its own SECRET_KEY"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 40}, "Production needs its own SECRET_KEY"),
        ({"SECRET_KEY": "x" * 50, "DEBUG": "1"}, "Production does not start with DEBUG"),
        (
            {"SECRET_KEY": "x" * 50, "INSECURE_COOKIES": "1"},
            "Production does not start with INSECURE_COOKIES",
        ),
    ],
)
def test_production_refuses_an_unsafe_start(folder: Path, environment: dict[str, str], sentence: str):
    running = Running(folder, BACKOFFICE_MODE="production", **environment)

    assert running.ended() == 1
    assert sentence in running.lines[-1]


def test_production_refuses_to_serve_demo_accounts(folder: Path):
    demo = Running(folder)
    demo.wait_for("Ctrl-C stops everything.")
    demo.stop()

    running = Running(folder, BACKOFFICE_MODE="production", SECRET_KEY="x" * 50)
    assert running.ended() == 1
    assert "demo accounts" in "".join(running.lines).lower()
