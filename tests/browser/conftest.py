"""A real browser on a real server: the site runs in threads on a database of its own.

``page`` fails its test on any console error, page error, failed request or violation of the security policy.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

AXE = Path(__file__).parent / "axe" / "axe.min.js"
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WITHOUT = "the browser tests need Chromium (Debian: apt-get install chromium)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def browser(live_database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The system's Chromium. Without one the tests are skipped, but in CI they fail.

    While it runs, Playwright keeps an event loop in this thread. Django would refuse to speak to the database
    beside it, and keeps connections of its own there; so the loop ends with the test, and so do they.
    """
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(WITHOUT)
    from django.db import connections
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
        connections.close_all()


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = False
    block_on_close = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *parts: Any) -> None:
        """Requests are not printed."""


@pytest.fixture
def server(live_database: str) -> Iterator[str]:
    """The address of the whole site, static files and middleware included."""
    from django.db import connections

    from backoffice.wsgi import application

    def closing(environ: Any, start_response: Any) -> Iterator[bytes]:
        """The site, without connections that would outlive their thread."""
        response = application(environ, start_response)
        try:
            yield from response
        finally:
            response.close()
            connections.close_all()

    with make_server("127.0.0.1", 0, closing, Server, QuietHandler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, name="site")
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def open_page(browser: Any, server: str) -> Iterator[Callable[..., Any]]:
    """Open a page of its own context, as another person on another machine would."""
    faults: list[str] = []
    contexts = []

    def told(message: Any) -> None:
        """A console message counts, except that the browser reports the status of a refused page itself."""
        status = message.text.startswith("Failed to load resource: the server responded with a status of 4")
        if message.type in {"error", "warning"} and not (
            status and message.location["url"] == message.page.url
        ):
            faults.append(f"console {message.type}: {message.text} ({message.location['url']})")

    def open_page(**options: Any) -> Any:
        context = browser.new_context(base_url=server, **{"locale": "en-GB", **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", told)
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on("requestfailed", lambda request: _failed(request, faults))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    return open_page()


def _failed(request: Any, faults: list[str]) -> None:
    """A request that the browser dropped because the next page was opened is no fault."""
    if request.failure != "net::ERR_ABORTED":
        faults.append(f"{request.url}: {request.failure}")


@pytest.fixture
def axe() -> Callable[[Any], None]:
    """Fails on serious and critical findings of axe on the page as it stands."""

    def check(page: Any) -> None:
        page.evaluate(AXE.read_text())
        result = page.evaluate("axe.run({resultTypes: ['violations']})")
        found = [
            f"{finding['id']}: {finding['help']} {[node['target'] for node in finding['nodes']]}"
            for finding in result["violations"]
            if finding["impact"] in {"serious", "critical"}
        ]
        assert found == [], page.url

    return check
