"""The Users screen (users-and-roles 7): list, form, activation, and what a person may do and did."""

import datetime
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.accounts import people, preferences, security
from backoffice.accounts.matrix_pages import effective_context
from backoffice.accounts.models import SecurityEvent, User
from backoffice.accounts.rows_pages import RowsPages
from backoffice.accounts.user_forms import UserForm
from backoffice.accounts.user_status import StatusPages, follow_self, is_deletable, may_touch
from backoffice.console.form_page import record_head
from backoffice.console.forms import Tab
from backoffice.console.lists import Choice, Column, YesNo, tags
from backoffice.console.screens import Action, Refused, Screen, ScreenAdmin
from backoffice.console.templatetags.console import moment
from backoffice.history.recording import Recorder, Snapshot

LOGINS_SHOWN = 50
UNSEEN_DAYS = 90
NOT_YOURS = gettext_lazy("This person may do more than you. Ask a superuser to change the account.")
LOGIN_ACTIONS = (
    "sign_in",
    "sign_out",
    "locked",
    "lock_released",
    "password",
    "password_reset",
    "sessions_ended",
)


def status_css(user: User) -> str:
    return "is-ok" if user.is_active else ""


def role_choices(request: HttpRequest) -> list[tuple[int, str]]:
    return list(Group.objects.order_by("name").values_list("pk", "name"))


def not_seen(rows: QuerySet[User], yes: bool) -> QuerySet[User]:
    since = timezone.now() - datetime.timedelta(days=UNSEEN_DAYS)
    return rows.exclude(last_login__gte=since) if yes else rows.filter(last_login__gte=since)


ALL = "all"
STATUS_CHOICES = (*User.Status.choices, (ALL, gettext_lazy("All")))


class StatusFilter(Choice):
    """Shows active people until another status is asked for."""

    def read(self, given: dict[str, list[str]], request: Any) -> tuple[list[str], list[str]]:
        value, unknown = super().read(given, request)
        return value or [User.Status.ACTIVE.value], unknown

    def narrow(self, rows: QuerySet[User], value: list[str]) -> QuerySet[User]:
        return rows if ALL in value else super().narrow(rows, value)


class UserAdmin(StatusPages, RowsPages, ScreenAdmin):
    icon = "users"
    form = UserForm
    tabs = (
        Tab("general", gettext_lazy("General"), fields=("email", "first_name", "last_name", "status")),
        Tab("roles", gettext_lazy("Roles"), fields=("roles", "is_superuser")),
        Tab("password", gettext_lazy("Password"), fields=("password1", "password2", "must_change")),
        Tab("preferences", gettext_lazy("Preferences"), fields=preferences.FIELDS),
    )
    list_columns = (
        Column("email", sort="email", link=True),
        Column("first_name", sort="first_name", priority=2),
        Column("last_name", sort="last_name"),
        Column("roles", gettext_lazy("Roles"), value=lambda user: tags(roles_shown(user))),
        Column("ui_language", gettext_lazy("Language"), value="language_name", priority=3),
        Column("last_login", gettext_lazy("Last log-in"), sort="last_login", priority=2),
        Column("status", value=lambda user: user.get_status_display(), sort="status", badge=status_css),
    )
    list_filters = (
        StatusFilter("status", gettext_lazy("Status"), choices=STATUS_CHOICES),
        Choice(
            "role",
            gettext_lazy("Role"),
            choices=role_choices,
            apply=lambda rows, roles: rows.filter(groups__in=roles).distinct(),
        ),
        YesNo(
            "never",
            gettext_lazy("Never logged in"),
            apply=lambda rows, yes: rows.filter(last_login__isnull=yes),
        ),
        YesNo("unseen", gettext_lazy("Not for 90 days"), apply=not_seen),
    )
    list_order = ("email",)
    search_hint = gettext_lazy("E-mail or name")
    code_field = "email"
    screens = (
        *RowsPages.rows_screens,
        Screen("<int:pk>/rights/", "rights_view", "rights", "view"),
        Screen("<int:pk>/logins/", "logins_view", "logins", "view"),
        Screen("<int:pk>/deactivate/", "deactivate_view", "deactivate", "change"),
        Screen("<int:pk>/activate/", "activate_view", "activate", "change"),
    )

    # --- rows and buttons ------------------------------------------------------------------------

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet[User]) -> QuerySet[User]:
        return narrowed.prefetch_related("groups__permissions__content_type")

    def record_or_404(
        self, request: HttpRequest, pk: int, action: str = "view", *, lock: bool = False
    ) -> User:
        record = super().record_or_404(request, pk, action, lock=lock)
        if action != "view" and not people.may_manage(request.user, record):
            raise Refused(self.right(action), str(NOT_YOURS))
        return record

    def row_actions_maker(self, request: HttpRequest, back: str) -> Callable[[User], list[Action]]:
        standard = super().row_actions_maker(request, back)
        mine = people.user_rights(request.user)

        def actions(user: User) -> list[Action]:
            if not may_touch(request.user, user, mine):
                return []
            found = [action for action in standard(user) if action.css != "is-bad" or is_deletable(user)]
            if self.has_change_permission(request):
                found[1:1] = [self._switch(user)] if user.status != User.Status.DELETED else []
            return found

        return actions

    def row_url_maker(self, request: HttpRequest, back: str) -> Callable[[User], str]:
        standard = super().row_url_maker(request, back)
        mine = people.user_rights(request.user)
        return lambda user: (
            standard(user) if may_touch(request.user, user, mine) else self.url("view", pk=user.pk)
        )

    def _switch(self, user: User) -> Action:
        if user.is_active:
            return Action(_("Deactivate"), self.url("deactivate", pk=user.pk), "ban", post=True)
        return Action(_("Activate"), self.url("activate", pk=user.pk), "circle-check", post=True)

    def list_actions(self, request: HttpRequest) -> list[Action]:
        found = super().list_actions(request)
        if request.user.is_superuser:
            found.insert(0, Action(_("Locked accounts"), reverse("admin:locks"), "lock"))
        return found

    def quick_actions(self, request: HttpRequest) -> list[Action]:
        return self.list_actions(request)[-1:] if self.has_add_permission(request) else []

    def record_pages(self, request: HttpRequest, record: User) -> list[tuple[Any, str]]:
        return [
            (_("Effective permissions"), self.url("rights", pk=record.pk)),
            *self.rows_page(record),
            (_("Log-ins"), self.url("logins", pk=record.pk)),
        ]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or people.may_manage(request.user, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or (is_deletable(obj) and people.may_manage(request.user, obj)))

    # --- the form --------------------------------------------------------------------------------

    def state(self, record: User) -> Snapshot:
        return people.state(record)

    def facts(self, request: HttpRequest, record: User, tab: Tab) -> list[tuple[str, Any]]:
        if tab.key == "roles":
            names = list(record.groups.order_by("name").values_list("name", flat=True))
            return [
                (_("Roles"), ", ".join(names)),
                (capfirst(_("superuser")), record.is_superuser),
            ]
        if tab.key == "password":
            return [
                (_("Must change the password at the next log-in"), record.must_change_password),
                (_("Last log-in"), moment(record.last_login)),
                (_("Created by"), record.created_by),
            ]
        found = super().facts(request, record, tab)
        return [
            (label, record.language_name if value == record.ui_language else value) for label, value in found
        ]

    def save(self, request: HttpRequest, form: UserForm, recorder: Recorder) -> User:
        user, cleaned = form.instance, form.cleaned_data
        is_new = user.pk is None
        if is_new:
            user.created_by = request.user
        people.save(
            user,
            before=None if is_new else self.state(User.objects.get(pk=user.pk)),
            roles=[role.group for role in cleaned["roles"]] if "roles" in form.fields else None,
            password=cleaned.get("password1") or "",
            must_change=cleaned["must_change"] and user.pk != request.user.pk,
            how="changed" if user.pk == request.user.pk else "given",
        )
        names = people.ignored(request.POST, form.fields)
        if names:
            security.ignored_fields(self.name, names, user.email)
        if not is_new:
            follow_self(request, user)
        return user

    # --- what a person may do, and did -----------------------------------------------------------

    def rights_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record_or_404(request, pk)
        return self.page(
            request,
            "accounts/effective.html",
            title=_("Effective permissions of %(name)s") % {"name": record},
            crumbs=[(str(self.tab_label), self.list_url), (str(record), self.url("view", pk=pk))],
            person=record,
            head=record_head(request, self, record, "rights"),
            **effective_context(self.admin_site, request, record),
        )

    def logins_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self.record_or_404(request, pk)
        return self.page(
            request,
            "accounts/logins.html",
            title=_("Log-ins of %(name)s") % {"name": record},
            crumbs=[(str(self.tab_label), self.list_url), (str(record), self.url("view", pk=pk))],
            events=logins(record),
            head=record_head(request, self, record, "logins"),
        )


def roles_shown(user: User) -> list[str]:
    names = sorted(group.name for group in user.groups.all())
    return [str(_("Superuser")), *names] if user.is_superuser else names


def logins(user: User) -> list[SecurityEvent]:
    """The last events around this person's sign-in, also failed tries under his name."""
    events = SecurityEvent.objects.filter(action__in=LOGIN_ACTIONS, object=user.email)
    return list(events.order_by("-at", "-pk")[:LOGINS_SHOWN])
