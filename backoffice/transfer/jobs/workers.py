"""Whether a worker lives, and what workers do besides jobs.

A living worker holds an advisory lock on a connection of its own; when it dies, in whatever way, the lock is
gone with it. Periodic work runs in one worker at a time.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, connections

logger = logging.getLogger(__name__)
ALIVE, TICKING = 7_310, 7_311
EVERY = 60.0

_periodic: list[tuple[Callable[[], object], float]] = []


def periodic(*, minutes: float) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Decorator: a function that some worker calls every so often."""

    def register(function: Callable[[], object]) -> Callable[[], object]:
        _periodic.append((function, minutes * 60))
        return function

    return register


def is_alive() -> bool:
    """Whether at least one worker is connected to this database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND classid = 0"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))",
            [ALIVE],
        )
        return cursor.fetchone()[0]


@contextmanager
def living() -> Iterator[None]:
    """Hold the sign of life and tick the periodic work until the block ends."""
    own = connections["progress"].copy()
    ended = threading.Event()
    with own.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [ALIVE])
    ticker = threading.Thread(target=_tick, args=(ended,), daemon=True, name="periodic work")
    ticker.start()
    try:
        yield
    finally:
        ended.set()
        own.close()


def _tick(ended: threading.Event) -> None:
    last: dict[Callable[[], object], float] = {}
    while not ended.is_set():
        try:
            tick(last)
        except Exception:
            logger.exception("Periodic work failed")
        finally:
            connections.close_all()
        ended.wait(EVERY)


def tick(last: dict[Callable[[], object], float]) -> None:
    """Call what is due, unless another worker is at it. ``last`` remembers when each was called."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [TICKING])
        if not cursor.fetchone()[0]:
            return
        try:
            for function, seconds in _periodic:
                if time.monotonic() - last.get(function, float("-inf")) >= seconds:
                    last[function] = time.monotonic()
                    function()
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TICKING])
