"""Who acts right now: the user and the circumstances that history and the security log write down.

Screens get it from the request; commands and jobs set it with :func:`acting`.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse


@dataclass
class Actor:
    """``user`` is None for the system; ``memo`` lives as long as the request (per-request answers)."""

    user: Any = None
    request_id: str = ""
    address: str = ""
    browser: str = ""
    memo: dict[Any, Any] = field(default_factory=dict)


_actor: ContextVar[Actor | None] = ContextVar("actor", default=None)


def current() -> Actor:
    """The actor of this request or job; a nameless system actor outside of both."""
    return _actor.get() or Actor()


@contextlib.contextmanager
def acting(user: Any = None, **circumstances: str) -> Iterator[Actor]:
    """Act as ``user`` (None = the system) until the block ends."""
    actor = Actor(user=user, **circumstances)
    token = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(token)


def remembered(key: Any, make: Callable[[], Any]) -> Any:
    """The answer of ``make`` for this request, asked once. Outside of a request it is asked every time."""
    actor = _actor.get()
    if actor is None:
        return make()
    if key not in actor.memo:
        actor.memo[key] = make()
    return actor.memo[key]


class ActorMiddleware:
    """Opens an actor per request. The user is filled in after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        circumstances = {
            "request_id": uuid.uuid4().hex,
            "address": client_address(request),
            "browser": request.headers.get("User-Agent", "")[:300],
        }
        with acting(**circumstances) as actor:
            request.actor = actor
            return self.get_response(request)


def client_address(request: HttpRequest) -> str:
    """The address of the connection, or of the forwarded header behind declared proxies (users-and-roles 9.1)."""
    from django.conf import settings

    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        chain = [
            part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()
        ]
        if len(chain) >= settings.TRUSTED_PROXIES:
            return chain[-settings.TRUSTED_PROXIES]
    return address
