"""``manage.py run``: everything on one machine, the database, the web server and the job worker."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import FrameType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections

from backoffice.database import embedded_url

HOST = "127.0.0.1"
STOP_SECONDS = 15
RESTART_SECONDS = 2
STEADY_SECONDS = 60
ANSWER_SECONDS = 30


class Stop(Exception):
    """Somebody asked this process to end."""


class Command(BaseCommand):
    help = (
        "Start database, web server and job worker; stop all of them with Ctrl-C. PORT names the port (8000)."
    )

    def handle(self, **options: Any) -> None:
        port = free_port(os.environ.get("PORT", "8000"))
        with stopping_on_signals():
            try:
                self.prepare()
                self.serve(port)
            except Stop:
                self.stdout.write("Stopped.")

    def prepare(self) -> None:
        """Bring the database to the state of the code, and the demo to its first day."""
        call_command("migrate", verbosity=0)
        call_command("seed_roles", new=True, stdout=StringIO())
        if settings.PRODUCTION:
            call_command("collectstatic", interactive=False, verbosity=0)
        self.accounts = StringIO()
        if settings.DEMO:
            call_command("demo_accounts", stdout=self.accounts)
            if not apps.get_model("stores", "Store").objects.exists():
                self.stdout.write("Loading the demo catalogue …")
                call_command(
                    "import_catalog", settings.BASE_DIR / "fixtures" / "sample-folder", stdout=StringIO()
                )
        connections.close_all()

    def serve(self, port: int) -> None:
        address = f"http://{HOST}:{port}/"
        with children() as start:
            web, worker = start(web_server(port)), start(job_worker())
            wait_for_answer(port, [web, worker])
            self.stdout.write(f"\nThe back office is open at {address}")
            self.stdout.write(self.accounts.getvalue().rstrip())
            self.stdout.write("Ctrl-C stops everything.\n")
            self.stdout.flush()
            self.watch(web, worker, lambda: start(job_worker()))
        raise CommandError("The web server ended by itself; its last lines are above.")

    def watch(
        self,
        web: subprocess.Popen[bytes],
        worker: subprocess.Popen[bytes],
        another: Callable[[], subprocess.Popen[bytes]],
    ) -> None:
        """Wait for the end of the web server. A worker that ends is followed by another one, after a pause that
        doubles while workers end at once."""
        pause, began = RESTART_SECONDS, time.monotonic()
        while not ended(web):
            time.sleep(0.2)
            if not ended(worker):
                continue
            if time.monotonic() - began > STEADY_SECONDS:
                pause = RESTART_SECONDS
            self.stdout.write(f"The job worker ended by itself; another one starts in {pause} seconds.")
            self.stdout.flush()
            due = time.monotonic() + pause
            while time.monotonic() < due and not ended(web):
                time.sleep(0.2)
            worker, began, pause = another(), time.monotonic(), min(2 * pause, STEADY_SECONDS)


def free_port(text: str) -> int:
    """The port to serve on, or a sentence that says why not."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT={text} is no port. Use a number such as 8000.")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise CommandError(f"Port {port} is reserved by the system. Use another one: PORT=8000") from None
        except OSError:
            raise CommandError(
                f"Port {port} is in use by another program. Choose another one: PORT={port + 1} make run"
            ) from None
    return port


def web_server(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "backoffice.wsgi", "--bind", f"{HOST}:{port}"),
        *("--worker-class", "backoffice.webserver.Worker"),
        *(
            "--workers",
            "2",
            "--threads",
            "4",
            "--graceful-timeout",
            "5",
            "--log-level",
            "warning",
            "--no-control-socket",
            "--limit-request-line",
            "8190",
        ),
    ]


def job_worker() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_jobs"]


@contextlib.contextmanager
def stopping_on_signals() -> Iterator[None]:
    """Turn the signals that end a process into :class:`Stop`; a second one while stopping is not heard."""

    def stop(number: int, frame: FrameType | None) -> None:
        for known in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(known, signal.SIG_IGN)
        raise Stop

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    yield


@contextlib.contextmanager
def children() -> Iterator[Callable[[list[str]], subprocess.Popen[bytes]]]:
    """A function that starts child processes on this process's database. They are in groups of their own, so
    that Ctrl-C reaches only this process, which ends them before the database."""
    url = settings.DATABASE_URL or embedded_url(Path(settings.VAR_DIR))
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"}
    started: list[subprocess.Popen[bytes]] = []

    def start(command: list[str]) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, process_group=0)  # noqa: S603
        started.append(child)
        return child

    try:
        yield start
    finally:
        for child in started:
            child.terminate()
        ends = time.monotonic() + STOP_SECONDS
        for child in started:
            try:
                child.wait(max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def ended(child: subprocess.Popen[bytes]) -> bool:
    return child.poll() is not None


def wait_for_answer(port: int, started: list[subprocess.Popen[bytes]]) -> None:
    ends = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < ends:
        if any(ended(child) for child in started):
            raise CommandError("The web server or the job worker did not start; the reason is above.")
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise CommandError("The web server does not answer.")
