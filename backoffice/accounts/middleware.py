"""What every request of a person goes through: is the session still good, whose is it, in which language."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from backoffice.accounts.models import User

SIGNED_IN_AT, SEEN_AT, ENDED_FOR = "signed_in_at", "seen_at", "ended_for"
REFRESH_SECONDS = 5 * 60
"""A session is written again when its last use lies this far back, so most requests write nothing."""

OPEN_WHILE_PASSWORD_IS_DUE = frozenset({"password_change", "logout", "login", "look"})


class AccountMiddleware:
    """Ends stale sessions, names the actor, speaks the user's language, keeps pages out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = self._user_of(request)
        request.actor.user = user
        if user is not None:
            speak_as(request, user)
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        # Stored pictures say themselves that a browser may keep them; their names cannot be guessed.
        is_kept = "immutable" in response.headers.get("Cache-Control", "")
        if (user is not None or request.user.is_authenticated) and not is_kept:
            patch_cache_control(response, no_store=True, private=True)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Nothing else opens until a password that an administrator typed is changed."""
        user = request.actor.user
        is_due = user is not None and user.must_change_password
        if is_due and request.resolver_match.url_name not in OPEN_WHILE_PASSWORD_IS_DUE:
            return redirect("admin:password_change")
        return None

    def _user_of(self, request: HttpRequest) -> User | None:
        """The active user of a session that is not stale; otherwise the session ends."""
        held = request.session.get(SESSION_KEY)
        if held is None:
            return None
        if is_stale(request) or not request.user.is_authenticated:
            end_session(request, held)
            return None
        refresh(request)
        return request.user


def is_stale(request: HttpRequest) -> bool:
    """Unused for 8 hours, or older than 7 days (users-and-roles 8.6)."""
    now = timezone.now().timestamp()
    started = request.session.get(SIGNED_IN_AT, now)
    seen = request.session.get(SEEN_AT, now)
    return now - started > settings.SESSION_ABSOLUTE_SECONDS or now - seen > settings.SESSION_IDLE_SECONDS


def refresh(request: HttpRequest) -> None:
    """Note that the session is in use, at most once in five minutes."""
    now = timezone.now().timestamp()
    request.session.setdefault(SIGNED_IN_AT, now)
    if now - request.session.get(SEEN_AT, 0) > REFRESH_SECONDS:
        request.session[SEEN_AT] = now


def end_session(request: HttpRequest, user_id: str) -> None:
    """Sign out, but remember whose session ended: the page it was on is shown to the same person only."""
    request.session.flush()
    request.session[ENDED_FOR] = str(user_id)
    request.user = AnonymousUser()


def speak_as(request: HttpRequest, user: User) -> None:
    """Use the user's interface language and time zone for this request."""
    language = user.ui_language if user.ui_language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    translation.activate(language)
    request.LANGUAGE_CODE = language
    try:
        timezone.activate(zoneinfo.ZoneInfo(user.time_zone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        timezone.deactivate()
