"""The security log: sign-ins, refusals, changes of rights, exports (users-and-roles 10.1).

Every line is a :class:`SecurityEvent` and a line of JSON on the logger ``security``. Ordinary edits are in
the change history, not here.
"""

import json
import logging
import re
from typing import Any

from django.db import connection
from django.http import HttpRequest

from backoffice import actor as actors
from backoffice.accounts.models import SecurityEvent, User
from backoffice.texts import normalise

LONGEST = 2_000
MASKED = "•••"

_logger = logging.getLogger("security")
_secret_name = re.compile(
    r"(^|[_\W])(password\d?|passwort|secret|token|csrfmiddlewaretoken|otp|code|recovery_codes?|api_?key|cookie"
    r"|authorization)$",
    re.IGNORECASE,
)
_secret_in_text = re.compile(r"((?:password\d?|secret|token|api_?key|sessionid)=)[^&\s\"']+", re.IGNORECASE)
_unprintable = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def log(
    action: str,
    object: Any = "",
    result: str = SecurityEvent.Result.OK,
    actor: User | None = None,
    **details: Any,
) -> SecurityEvent:
    """Write one line. ``actor`` is who did it when the request does not know him, such as at sign-in.

    Values of ``details`` are masked by their names, escaped and cut.
    """
    who = actors.current()
    person = actor or who.user
    event = SecurityEvent(
        actor_id=getattr(person, "pk", None),
        actor_name=printable(f"{person} <{person.email}>" if person else "")[:300],
        address=printable(who.address)[:64],
        browser=printable(who.browser)[:300],
        action=action,
        object=printable(str(object))[:300],
        result=result,
        request_id=who.request_id[:64],
        details=clean(details),
    )
    event.save(force_insert=True)
    _logger.info(_as_json(event))
    return event


def _as_json(event: SecurityEvent) -> str:
    line = {
        "at": event.at.isoformat(),
        "actor": event.actor_name,
        "address": event.address,
        "browser": event.browser,
        "action": event.action,
        "object": event.object,
        "result": str(event.result),
        "request": event.request_id,
        "details": event.details,
    }
    return json.dumps(line)


def clean(value: Any, name: str = "") -> Any:
    """A value fit for the log: secrets masked by name, control characters escaped, long texts cut."""
    if name and _secret_name.search(name):
        return MASKED if value not in (None, "") else value
    if isinstance(value, dict):
        return {printable(str(key))[:100]: clean(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _cut(printable(_secret_in_text.sub(rf"\g<1>{MASKED}", str(value))))


def printable(text: str) -> str:
    """``text`` on one line: line breaks, control and direction characters are written as ``\\u000a``."""
    return _unprintable.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def refusal(request: HttpRequest, asked: Any) -> None:
    """Log a refused request; the console calls it for every 403."""
    log(
        "access",
        object=request.path,
        result=SecurityEvent.Result.REFUSED,
        method=request.method,
        screen=str(getattr(asked, "screen_name", "")),
        right=str(getattr(asked, "action_name", "")),
    )


def ignored_fields(screen: str, names: list[str], object: Any = "") -> None:
    """Log form fields that were sent although the form does not offer them (users-and-roles 2.4)."""
    log(
        "fields_ignored",
        object=object,
        result=SecurityEvent.Result.REFUSED,
        screen=screen,
        fields=sorted(names),
    )


def purge(days: int) -> int:
    """Remove the lines older than ``days``; the database function refuses fewer than 30."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT accounts_purge_security_log(%s)", [days])
        return cursor.fetchone()[0]


def search_text(text: str) -> str:
    """What the search box looks for in the log."""
    return normalise(printable(text))


def exported(screen: str, rows: int, kind: str) -> None:
    """A log was taken away as a file."""
    log("export", object=screen, rows=rows, format=kind)


def undone(change_set: int, undo: int) -> None:
    """A change set was undone by another one; what a job undoes is told by the job."""
    log("undo", object=f"#{change_set}", change_set=change_set, undo=undo)


def bulk_edited(screen: str, deed: str, rows: int) -> None:
    """Many records were changed at once."""
    log("bulk_edit", object=screen, deed=deed, rows=rows)


def deleted(screen: str, record: str) -> None:
    """A record was deleted on its screen."""
    log("delete", object=record, screen=screen)
