"""The web server's worker. A request that gunicorn refuses itself, such as one with too long an address, never
reaches Django; the answer carries the same policy all the same."""

from typing import Any

from csp.utils import build_policy
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        super().handle_error(req, _Guarded(client), addr, exc)


class _Guarded:
    """A connection that adds the policy to the head of what is sent."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def sendall(self, content: bytes) -> None:
        policy = f"\r\nContent-Security-Policy: {build_policy()}\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        self._connection.sendall(content.replace(b"\r\n\r\n", policy.encode("ascii"), 1))
