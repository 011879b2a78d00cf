"""Which rows a role or a user is limited to (users-and-roles 5).

A room registers a kind of scope (warehouses, categories, product lists) and how its models hang on it; this
module knows none of them. Grants are rows of guardian's direct-grant tables, so they go with the granted
row. A limited holder without grants sees no rows; deleting the last granted row never turns that into "all".
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from backoffice.accounts import security
from backoffice.accounts.models import RoleScope, User
from backoffice.actor import remembered
from backoffice.console import rows
from backoffice.console.rights import Right

PERMISSION = "in_scope"
Condition = Callable[[QuerySet], Q]
"""Given the grants that count (a queryset of a grant table), which rows they cover."""


@dataclass(frozen=True)
class ScopeKind:
    """``model`` is what is granted, such as a warehouse, and declares the permission ``in_scope``;
    ``group_grants`` and ``user_grants`` are its direct-grant tables. ``code`` is the field by which people name a
    row, ``suggest`` the name of the address that offers rows while one types. Where rows form a tree, ``deep`` is
    the flag of a grant that reaches what lies below, and ``deep_label`` its words."""

    key: str
    label: Any
    model: type[Model]
    group_grants: type[Model]
    user_grants: type[Model]
    code: str = "name"
    suggest: str = ""
    deep: str = ""
    deep_label: Any = ""
    conditions: dict[type[Model], Condition] = field(default_factory=dict)

    def limits(self, model: type[Model], condition: Condition | str) -> None:
        """Rows of ``model`` are limited by this kind. A string is the path to the granted row, along single
        references; a function may follow sub-trees or links and must not multiply rows."""
        if not any(model in kind.conditions for kind in _kinds.values()):
            rows.register(model, visible)
        self.conditions[model] = through(condition) if isinstance(condition, str) else condition


_kinds: dict[str, ScopeKind] = {}


def register(kind: ScopeKind) -> ScopeKind:
    """Called by the room in ``apps.ready``."""
    _kinds[kind.key] = kind
    return kind


def kinds() -> list[ScopeKind]:
    return list(_kinds.values())


def through(path: str) -> Condition:
    """Rows whose ``path`` leads to a granted row."""
    return lambda grants: Q(**{f"{path}__in": grants.values("content_object")})


@dataclass(frozen=True)
class Limits:
    """The kinds a user is limited in: by himself, and per role (group id)."""

    own: frozenset[str]
    by_group: dict[int, frozenset[str]]

    @property
    def is_empty(self) -> bool:
        return not self.own and not self.by_group


def limits_of(user: User) -> Limits:
    """One query, once per request."""
    return remembered(("scope limits", user.pk), partial(_read_limits, user))


def _read_limits(user: User) -> Limits:
    own: set[str] = set()
    by_group: dict[int, set[str]] = {}
    mine = Q(user=user) | Q(group__in=user.groups.all())
    for kind, group in RoleScope.objects.filter(mine, is_limited=True).values_list("kind", "group"):
        (own if group is None else by_group.setdefault(group, set())).add(kind)
    return Limits(frozenset(own), {group: frozenset(found) for group, found in by_group.items()})


def _holders(user: User, right: Right) -> list[int]:
    """The user's roles that hold a right, by group id."""

    def read() -> list[int]:
        held = Permission.objects.filter(
            content_type__app_label=right.model._meta.app_label, codename=right.codename
        )
        return list(Group.objects.filter(user=user, permissions__in=held).values_list("pk", flat=True))

    return remembered(("roles holding", user.pk, right.permission), read)


def visible(queryset: QuerySet, user: User, action: str, right: Right | None = None) -> QuerySet:
    """The rows the user may use with ``action``: the union over his roles that hold the right, each with its
    limits, then cut down to his own. Conditions in one query, whatever the number of rows and grants.

    ``right`` is another one than that on the model: the categories of a product ask for the right on products.
    """
    model = queryset.model
    limiting = [kind for kind in _kinds.values() if model in kind.conditions]
    if user.is_superuser or not limiting:
        return queryset
    limits = limits_of(user)
    if limits.is_empty:
        return queryset
    own = _covered(model, limiting, limits.own, lambda kind: kind.user_grants, user=user)
    return queryset.filter(
        own & _union(model, limiting, limits, _holders(user, right or Right(model, action)))
    )


def _union(model: type[Model], limiting: list[ScopeKind], limits: Limits, holders: Iterable[int]) -> Q:
    union = None
    for group in holders:
        limited = limits.by_group.get(group, frozenset())
        part = _covered(model, limiting, limited, lambda kind: kind.group_grants, group=group)
        if not part:
            return Q()
        union = part if union is None else union | part
    return Q(pk__in=[]) if union is None else union


def _covered(
    model: type[Model],
    limiting: list[ScopeKind],
    limited: frozenset[str],
    table: Callable[[ScopeKind], type[Model]],
    **holder: Any,
) -> Q:
    """The rows one holder covers; an empty condition means all rows."""
    condition = Q()
    for kind in limiting:
        if kind.key in limited:
            grants = table(kind)._default_manager.filter(permission__codename=PERMISSION, **holder)
            condition &= kind.conditions[model](grants)
    return condition


@transaction.atomic
def limit(
    holder: Group | User, kind: ScopeKind, granted: Iterable[Model], *, alone: Iterable[Model] = ()
) -> None:
    """Let ``holder``, a role's group or a user, use only the ``granted`` rows of a kind; none is allowed. Those in
    ``alone`` are granted without what lies below them."""
    name, table = _place(holder, kind)
    before = described(holder, kind)
    RoleScope.objects.update_or_create(kind=kind.key, **{name: holder}, defaults={"is_limited": True})
    content_type = ContentType.objects.get_for_model(kind.model)
    permission = Permission.objects.get(content_type=content_type, codename=PERMISSION)
    table._default_manager.filter(permission=permission, **{name: holder}).delete()
    table._default_manager.bulk_create(
        [
            table(permission=permission, content_object=row, **{name: holder}, **flags)
            for rows_granted, flags in ((granted, {}), (alone, {kind.deep: False} if kind.deep else {}))
            for row in rows_granted
        ]
    )
    _log(holder, kind, before)


@transaction.atomic
def unlimit(holder: Group | User, kind: ScopeKind) -> None:
    """Let ``holder`` use all rows of a kind."""
    name, table = _place(holder, kind)
    before = described(holder, kind)
    RoleScope.objects.filter(kind=kind.key, **{name: holder}).update(is_limited=False)
    table._default_manager.filter(permission__codename=PERMISSION, **{name: holder}).delete()
    _log(holder, kind, before)


def described(holder: Group | User, kind: ScopeKind) -> str | list[str]:
    """The limit of a holder in words: "all", or the names of the granted rows."""
    return granted_names(holder, kind) if is_limited(holder, kind) else "all"


def _log(holder: Group | User, kind: ScopeKind, before: str | list[str]) -> None:
    after = described(holder, kind)
    if before != after:
        security.log("scope_changed", object=holder, kind=kind.key, before=before, after=after)


def _place(holder: Group | User, kind: ScopeKind) -> tuple[str, type[Model]]:
    return ("user", kind.user_grants) if isinstance(holder, User) else ("group", kind.group_grants)


def granted_names(holder: Group | User, kind: ScopeKind) -> list[str]:
    """The granted rows by name, for the screens: "South Hall only"."""
    return [
        f"{grant.content_object} ({kind.deep_label})"
        if kind.deep and getattr(grant, kind.deep)
        else str(grant.content_object)
        for grant in grants_of(holder, kind)[:50]
    ]


def grants_of(holder: Group | User, kind: ScopeKind) -> QuerySet:
    """The grants of a holder with their rows, in the order in which they were given."""
    name, table = _place(holder, kind)
    grants = table._default_manager.filter(permission__codename=PERMISSION, **{name: holder})
    return grants.select_related("content_object").order_by("pk")


def is_limited(holder: Group | User, kind: ScopeKind) -> bool:
    name, _table = _place(holder, kind)
    return RoleScope.objects.filter(kind=kind.key, is_limited=True, **{name: holder}).exists()


def covers(one: User, other: User) -> bool:
    """Whether every row that ``other`` may use through some right, ``one`` may use through the same right."""
    if one.is_superuser or _read_limits(one).is_empty:
        return True
    mine, theirs = _reach(one), _reach(other)
    return all(
        _is_within(reached, mine.get((right, kind), frozenset())) for (right, kind), reached in theirs.items()
    )


Reached = frozenset[Any] | None
"""The granted rows by primary key; None means all."""


def _is_within(inner: Reached, outer: Reached) -> bool:
    return outer is None or (inner is not None and inner <= outer)


def _reach(user: User) -> dict[tuple[str, str], Reached]:
    """{(right, kind): rows} of a user: the union over his roles, cut down to his own limit."""
    limits = _read_limits(user)
    groups = list(user.groups.prefetch_related("permissions__content_type"))
    found: dict[tuple[str, str], Reached] = {}
    for kind in _kinds.values():
        own = _granted(user, kind) if kind.key in limits.own else None
        for group in groups:
            is_limited = kind.key in limits.by_group.get(group.pk, frozenset())
            rows_of_role = _granted(group, kind) if is_limited else None
            for permission in group.permissions.all():
                place = (f"{permission.content_type.app_label}.{permission.codename}", kind.key)
                before = found.get(place, frozenset())
                found[place] = None if None in (before, rows_of_role) else before | rows_of_role
        if own is not None:
            for place in [place for place in found if place[1] == kind.key]:
                found[place] = own if found[place] is None else found[place] & own
    return found


def _granted(holder: Group | User, kind: ScopeKind) -> frozenset[Any]:
    """The rows that a holder's grants reach."""
    grants = grants_of(holder, kind).order_by()
    if not kind.deep:
        return frozenset(grants.values_list("content_object", flat=True))
    reached = kind.model._default_manager.order_by().filter(kind.conditions[kind.model](grants))
    return frozenset(reached.values_list("pk", flat=True))
