"""What happens to roles: made, renamed, given rights, deleted (users-and-roles 4). Only superusers do it."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.auth.models import Group

from backoffice.accounts import matrix, people, security
from backoffice.accounts.models import Role, User
from backoffice.history.recording import Recorder, Snapshot, snapshot


class SuperusersOnly(NamedTuple):
    """What only superusers may ask for; no role can give it."""

    screen_name: Any
    action_name: Any

    def held_by(self, user: Any) -> bool:
        return user.is_active and user.is_superuser


def state(role: Role) -> Snapshot:
    """What history records of a role: its name, description, rights per screen and members."""
    members = list(role.group.user_set.order_by("email").values_list("email", flat=True))
    rights = matrix.by_screen(matrix.rights_of(role.group))
    return {"name": role.group.name, **snapshot(role), **rights, "members": members}


def create(role: Role, *, name: str, copy_from: Role | None) -> Role:
    """A role with the rights of another one, or with none."""
    role.group = Group.objects.create(name=name)
    role.save(force_insert=True)
    if copy_from is not None:
        role.group.permissions.set(copy_from.group.permissions.all())
    copied = copy_from.group.name if copy_from else ""
    security.log("role_created", object=name, copied_from=copied, rights=matrix.by_screen(_rights(role)))
    return role


def rename(role: Role, *, name: str) -> Role:
    before = Group.objects.get(pk=role.pk).name
    role.group.name = name
    role.group.save(update_fields=["name"])
    role.save()
    if before != name:
        security.log("role_renamed", object=name, before=before, after=name)
    return role


def give_rights(role: Role, rows: list[matrix.Screen], chosen: set[str], recorder: Recorder) -> None:
    """Give the role exactly the chosen rights; in force at the members' next click."""
    before, held = state(role), _rights(role)
    matrix.write(role.group, rows, chosen)
    after = _rights(role)
    role.version += 1
    role.save()
    recorder.changed(role, before, state(role))
    security.log(
        "role_rights", object=role.group.name, added=sorted(after - held), removed=sorted(held - after)
    )


def _rights(role: Role) -> set[str]:
    return matrix.rights_of(role.group)


def add_member(role: Role, user: User, recorder: Recorder) -> None:
    _change_members(role, user, people.add_to_role, recorder)


def remove_member(role: Role, user: User, recorder: Recorder) -> None:
    """He leaves this role only."""
    _change_members(role, user, people.remove_from_role, recorder)


def _change_members(role: Role, user: User, verb: Any, recorder: Recorder) -> None:
    before = people.state(user)
    verb(user, role.group)
    recorder.changed(user, before, people.state(user), parent=role)


def delete(role: Role, recorder: Recorder) -> None:
    """The members keep their other roles; the scopes and grants of the role go with it."""
    recorder.deleted(role, state(role))
    members = list(role.group.user_set.order_by("email").values_list("email", flat=True))
    rights = matrix.by_screen(_rights(role))
    security.log("role_deleted", object=role.group.name, members=members, rights=rights)
    role.group.delete()


def fingerprint(names: Iterable[str]) -> str:
    """Tells whether the rights of a role changed between the page and its saving."""
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()[:16]
