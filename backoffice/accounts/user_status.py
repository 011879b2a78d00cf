"""Activating, deactivating and deleting people from the list (users-and-roles 7.5, 7.6)."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from backoffice.accounts import people
from backoffice.accounts.models import User
from backoffice.history.recording import recording


class StatusPages:
    """The part of the Users screen that changes a person's status. Every change is a POST."""

    def deactivate_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """At once for others; oneself is asked first."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if pk == request.user.pk and "_sure" not in request.POST:
            warning = _("You are logged out at once. A colleague has to activate you again.")
            title, button = _("Deactivate your own account"), _("Deactivate my account")
            return self._ask(request, request.user, title=title, warning=warning, button=button)
        sentence = _("{} was deactivated; all sessions ended.")
        return self._done(request, pk, "change", people.deactivate, sentence)

    def activate_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.record_or_404(request, pk, "change")
        if record.status == User.Status.DELETED:
            messages.error(request, people.NEEDS_PASSWORD)
            return redirect(self.url("change", pk=pk))
        return self._done(request, pk, "change", people.activate, _("{} was activated."))

    def delete_view(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        """The record stays under the status *deleted*, with name and history."""
        if request.method == "POST" and "_sure" in request.POST:
            return self._done(request, pk, "delete", people.delete, _("{} was deleted."))
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        record = self.record_or_404(request, pk, "delete")
        title = _("Delete %(name)s") % {"name": record}
        warning = _("All sessions end at once. Name and history stay; the e-mail address stays reserved.")
        return self._ask(request, record, title=title, warning=warning, button=title)

    def _ask(self: Any, request: HttpRequest, record: User, **texts: str) -> HttpResponse:
        is_last = people.is_last_superuser(record)
        return self.page(
            request,
            "accounts/user_confirm.html",
            crumbs=[(str(self.tab_label), self.list_url)],
            main_class="is-mid",
            record=record,
            reason=people.LAST_SUPERUSER if is_last else "",
            view_url=self.url("view", pk=record.pk),
            **texts,
        )

    def _done(
        self: Any, request: HttpRequest, pk: int, right: str, verb: Callable[[User], None], sentence: str
    ) -> HttpResponse:
        """Run a verb on a person in one change set; a superuser who is the last one stays."""
        try:
            with recording("action", screen=self.name) as recorder:
                record = self.record_or_404(request, pk, right, lock=True)
                before = self.state(record)
                verb(record)
                recorder.changed(record, before, self.state(record))
        except people.LastSuperuser:
            messages.error(request, people.LAST_SUPERUSER)
            return redirect(self.list_url)
        follow_self(request, record)
        messages.success(request, format_html(sentence, record))
        return redirect(self.list_url if request.user.is_authenticated else "admin:login")


def is_deletable(user: User) -> bool:
    return user.status != User.Status.DELETED


def may_touch(editor: User, user: User, mine: set[str]) -> bool:
    """The quick form of *may manage* for a row whose roles are loaded; the page asks again in full."""
    if editor.is_superuser:
        return True
    rights = {
        f"{permission.content_type.app_label}.{permission.codename}"
        for group in user.groups.all()
        for permission in group.permissions.all()
    }
    return not user.is_superuser and rights <= mine


def follow_self(request: HttpRequest, user: User) -> None:
    """One's own session goes on with a changed password or e-mail, and ends with the account."""
    if user.pk != request.user.pk:
        return
    if user.is_active:
        update_session_auth_hash(request, user)
    else:
        logout(request)
