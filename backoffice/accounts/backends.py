"""Who somebody is and what he may do: rights come from roles alone (users-and-roles 2)."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Group, Permission
from django.db.models import Exists, OuterRef, Q, QuerySet

from backoffice.accounts.models import User


class RoleBackend(ModelBackend):
    """Rights are the union of the user's roles; superusers hold every right; nobody holds one of his own.

    Unknown and deactivated accounts cost one password hash like all others, so time tells nothing.
    """

    def _get_user_permissions(self, user_obj: User) -> QuerySet[Permission]:
        return Permission.objects.none()

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        return Permission.objects.filter(group__in=user_obj.groups.all())

    def with_perm(
        self,
        perm: str | Permission,
        is_active: bool | None = True,
        include_superusers: bool = True,
        obj: Any = None,
    ) -> QuerySet[User]:
        """The users whose roles give a right."""
        if obj is not None:
            return User.objects.none()
        named = Q(pk=perm.pk) if isinstance(perm, Permission) else _named(perm)
        holders = Group.objects.filter(user=OuterRef("pk"), permissions__in=Permission.objects.filter(named))
        condition = Q(Exists(holders))
        if include_superusers:
            condition |= Q(is_superuser=True)
        users = User.objects.filter(condition)
        if is_active is None:
            return users
        return users.active() if is_active else users.exclude(status=User.Status.ACTIVE)


def _named(perm: str) -> Q:
    app_label, codename = perm.split(".")
    return Q(content_type__app_label=app_label, codename=codename)
