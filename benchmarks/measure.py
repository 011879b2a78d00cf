"""Real servers, one client, interleaved rounds: what is compared is measured in turns on the same machine."""

import contextlib
import http.client
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from statistics import median
from urllib.parse import urlencode

from benchmarks.store import ROOT

START_SECONDS = 30


class Site:
    """A web server of ours and a client with cookies that speaks to it over one connection."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}

    def request(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, urlencode(form) if form is not None else None, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response.status, text

    def sign_in(self, email: str, password: str, path: str = "/login/") -> None:
        _status, page = self.request("GET", path)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        form = {"username": email, "password": password, "csrfmiddlewaretoken": token}
        status, _page = self.request("POST", path, form)
        if status != 302:
            raise SystemExit(f"The benchmark's user could not sign in (status {status}).")

    def seconds(self, path: str) -> float:
        begins = time.perf_counter()
        status, text = self.request("GET", path)
        taken = time.perf_counter() - begins
        if status != 200 or "<h1" not in text:
            raise SystemExit(f"{path} answered {status}, not a list.")
        return taken


@contextlib.contextmanager
def served(application: str, environment: dict[str, str], python: str = sys.executable) -> Iterator[Site]:
    """The application behind gunicorn, as in production: one process, so that rounds do not mix."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        *(python, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"),
        *("--workers", "1", "--threads", "2", "--keep-alive", "60"),
        *("--log-level", "error", "--no-control-socket"),
    ]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            ends = time.monotonic() + START_SECONDS
            while time.monotonic() < ends and server.poll() is None:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            yield Site(port)
        finally:
            server.terminate()


def medians(pages: dict[str, tuple[Site, str]], rounds: int) -> dict[str, float]:
    """Milliseconds per page: every round asks each page once, in turns."""
    for site, path in pages.values():
        for _time in range(3):
            site.seconds(path)
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for _round in range(rounds):
        for name, (site, path) in pages.items():
            taken[name].append(site.seconds(path))
    return {name: median(times) * 1000 for name, times in taken.items()}
