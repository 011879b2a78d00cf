"""Lock-out: many failures lock an account name or an address for a while (users-and-roles 9.1).

django-axes counts; the two limits, the texts and the log lines are ours. A lock ends by itself.
"""

import datetime
import ipaddress
import math
from typing import Any, NamedTuple

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backoffice.accounts import security
from backoffice.accounts.models import SecurityEvent
from backoffice.actor import client_address

ACCOUNT, ADDRESS = "account", "address"


class Lock(NamedTuple):
    """A locked account name or address, and until when."""

    kind: str
    name: str
    until: datetime.datetime
    failures: int

    @property
    def minutes_left(self) -> int:
        seconds = (self.until - timezone.now()).total_seconds()
        return max(1, math.ceil(seconds / 60))


def account_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str | None:
    """The account name as typed, without regard to letter case; also of accounts that do not exist."""
    source = credentials if credentials else request.POST
    typed = source.get("username")
    return str(typed).strip().lower().replace("\x00", "")[:255] if typed is not None else None


def address_of(request: HttpRequest) -> str | None:
    """The caller's address, None where it is none (a local socket)."""
    try:
        return str(ipaddress.ip_address(client_address(request)))
    except ValueError:
        return None


def _recent() -> QuerySet[AccessAttempt]:
    return AccessAttempt.objects.filter(attempt_time__gt=timezone.now() - _span())


def _span() -> datetime.timedelta:
    return datetime.timedelta(minutes=settings.LOCKOUT_MINUTES)


def lock_of(account: str | None, address: str | None) -> Lock | None:
    """The lock that holds for an account name or an address."""
    for kind, field, name, limit in (
        (ACCOUNT, "username", account, settings.LOCKOUT_ACCOUNT_FAILURES),
        (ADDRESS, "ip_address", address, settings.LOCKOUT_ADDRESS_FAILURES),
    ):
        if name:
            found = (
                _recent()
                .filter(**{field: name})
                .aggregate(n=Sum("failures_since_start"), last=Max("attempt_time"))
            )
            if (found["n"] or 0) >= limit:
                return Lock(kind, name, found["last"] + _span(), found["n"])
    return None


def locks() -> list[Lock]:
    """Everything that is locked, longest first."""
    found = []
    for kind, field, limit in (
        (ACCOUNT, "username", settings.LOCKOUT_ACCOUNT_FAILURES),
        (ADDRESS, "ip_address", settings.LOCKOUT_ADDRESS_FAILURES),
    ):
        rows = _recent().exclude(**{f"{field}__isnull": True}).order_by().values(field)
        rows = rows.annotate(n=Sum("failures_since_start"), last=Max("attempt_time")).filter(n__gte=limit)
        found += [Lock(kind, row[field], row["last"] + _span(), row["n"]) for row in rows[:200]]
    return sorted(found, key=lambda lock: lock.until, reverse=True)


def release(kind: str, name: str) -> bool:
    """Take a lock away before its time. False when there is none."""
    lock = lock_of(name, None) if kind == ACCOUNT else lock_of(None, name)
    if lock is None:
        return False
    field = "username" if kind == ACCOUNT else "ip_address"
    AccessAttempt.objects.filter(**{field: name}).delete()
    security.log("lock_released", object=name, kind=kind)
    return True


class LockoutHandler(AxesDatabaseHandler):
    """Counts failures of an account name from anywhere, and of an address with any name."""

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        account, address = account_name(request, credentials), request.axes_ip_address
        return settings.AXES_FAILURE_LIMIT if lock_of(account, address) else 0

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is None:
            return
        name = account_name(request, credentials) or ""
        was_locked = request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        result = SecurityEvent.Result.REFUSED if was_locked else SecurityEvent.Result.FAILED
        security.log("sign_in", object=name, result=result, **({"reason": "locked"} if was_locked else {}))
        if request.axes_locked_out and not was_locked:
            lock = lock_of(name, request.axes_ip_address)
            if lock:
                security.log("locked", object=lock.name, result=SecurityEvent.Result.REFUSED, kind=lock.kind)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        count, _rows = AccessAttempt.objects.filter(username=account_name(request, credentials)).delete()
        return count


def locked_response(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """429 in the look of the sign-in page, with the minutes left; the right password gets it too."""
    lock = lock_of(account_name(request, credentials), address_of(request))
    minutes = lock.minutes_left if lock else settings.LOCKOUT_MINUTES
    response = render(request, "registration/locked.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
