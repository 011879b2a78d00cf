"""What happens to people: they come, change, are deactivated, deleted, given roles (users-and-roles 4.7, 7).

Every verb writes the security log. Sessions and reset links end with the status, the e-mail and the password.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from backoffice.accounts import scopes, security
from backoffice.accounts.models import User
from backoffice.accounts.passwords import set_password
from backoffice.history.recording import Snapshot, snapshot

LAST_SUPERUSER = _("This is the last active superuser. Make somebody else a superuser first.")
NEEDS_PASSWORD = _("A deleted user comes back with another password only: open Edit and type one.")

_SUPERUSER_LOCK = 7_240_001
_LOGGED = ("email", "status", "is_superuser", "ui_language", "roles")
_GUARDED = ("email", "is_superuser", "status", "roles", "groups", "user_permissions")


class LastSuperuser(PermissionDenied):
    """The deed would leave nobody who can do everything. Uncaught, it is the 403 page with this reason."""

    reason = LAST_SUPERUSER


def state(user: User) -> Snapshot:
    """What history records of a person; the password only as "changed"."""
    return snapshot(user, {"roles": list(user.groups.order_by("name").values_list("name", flat=True))})


def is_last_superuser(user: User) -> bool:
    if not (user.is_superuser and user.is_active):
        return False
    return not User.objects.active_superusers().exclude(pk=user.pk).exists()


def keep_a_superuser(user: User) -> None:
    """Refuse to lose the last one, also when two are taken away at the same moment. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SUPERUSER_LOCK])
    if is_last_superuser(User.objects.get(pk=user.pk)):
        raise LastSuperuser


def deactivate(user: User) -> None:
    _leave(user, User.Status.DEACTIVATED)


def delete(user: User) -> None:
    """Keep the record, its name and history; the e-mail stays reserved and the password is void."""
    user.set_unusable_password()
    _leave(user, User.Status.DELETED)


def activate(user: User) -> None:
    user.status = User.Status.ACTIVE
    user.version += 1
    user.save()
    security.log("user_activated", object=user.email)


def _leave(user: User, status: str) -> None:
    keep_a_superuser(user)
    user.status = status
    end_sessions(user)
    user.version += 1
    user.save()
    security.log(f"user_{status}", object=user.email)


def end_sessions(user: User) -> None:
    """All sessions and reset links end; the caller saves the user."""
    user.session_epoch += 1
    user.reset_epoch += 1


def log_out_everywhere(user: User) -> None:
    end_sessions(user)
    user.save(update_fields=["session_epoch", "reset_epoch"])
    security.log("sessions_ended", object=user.email)


def save(
    user: User,
    *,
    before: Snapshot | None,
    roles: Iterable[Group] | None = None,
    password: str = "",
    must_change: bool = True,
    how: str = "given",
) -> None:
    """Write a person from a form. ``before`` is his state until now, None for somebody new.

    ``roles`` and ``password`` are left alone when they are not given.
    """
    was_active = bool(before) and before["status"] == User.Status.ACTIVE
    loses_power = was_active and before["is_superuser"] and not (user.is_superuser and user.is_active)
    if loses_power:
        keep_a_superuser(user)
    if was_active and not user.is_active:
        end_sessions(user)
    if before is None:
        user.set_password(password)
        user.must_change_password = must_change
    user.save()
    if before is not None and password:
        set_password(user, password, must_change=must_change, how=how)
    if roles is not None:
        user.groups.set(roles)
    _log_difference(user, before, state(user))


def _log_difference(user: User, before: Snapshot | None, after: Snapshot) -> None:
    if before is None:
        security.log("user_created", object=user.email, **{name: after.get(name) for name in _LOGGED})
        return
    changes = {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in _LOGGED
        if before.get(name) != after.get(name)
    }
    if changes:
        security.log("user_changed", object=user.email, changes=changes)


def ignored(posted: Iterable[str], offered: Iterable[str]) -> list[str]:
    """Fields that decide over rights and were sent although the form does not offer them."""
    return sorted(set(_GUARDED) & set(posted) - set(offered))


def may_manage(editor: User, user: User) -> bool:
    """Superusers manage everybody; a holder of Users C only those whose rights and rows are among his own."""
    if editor.is_superuser:
        return True
    if user.is_superuser:
        return False
    return user_rights(user) <= user_rights(editor) and scopes.covers(editor, user)


def user_rights(user: User) -> set[str]:
    """The rights of a user through his roles, whatever his status."""
    pairs = Group.objects.filter(user=user, permissions__isnull=False).values_list(
        "permissions__content_type__app_label", "permissions__codename"
    )
    return {f"{app_label}.{codename}" for app_label, codename in pairs}


def add_to_role(user: User, group: Group) -> None:
    before = state(user)
    user.groups.add(group)
    _log_difference(user, before, state(user))


def remove_from_role(user: User, group: Group) -> None:
    """He keeps his other roles."""
    before = state(user)
    user.groups.remove(group)
    _log_difference(user, before, state(user))


def without_role_but(group: Group) -> models.QuerySet[User]:
    """The members of a role that have no other one."""
    others = User.groups.through.objects.filter(user=models.OuterRef("pk")).exclude(group=group)
    return User.objects.filter(~models.Exists(others), groups=group).order_by("email")


def names(users: Iterable[Any]) -> str:
    return ", ".join(str(user) for user in users)
