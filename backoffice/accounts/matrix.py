"""The rights matrix: one row per screen, one column per right (users-and-roles 3, 4.3, 4.6)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.console import menu
from backoffice.console.rights import Right

COLUMNS = (
    ("view", _("View")),
    ("add", _("Add")),
    ("change", _("Change")),
    ("delete", _("Delete")),
    ("import", _("Import")),
    ("export", _("Export")),
)
_COLUMN_NAMES = tuple(name for name, _label in COLUMNS)


class UnknownRight(Exception):
    """A posted right that no screen declares."""


class Screen(NamedTuple):
    """A row of the matrix."""

    area: Any
    label: str
    model: type[Model]
    rights: tuple[Right, ...]

    @property
    def name(self) -> str:
        return self.model._meta.label_lower

    @property
    def columns(self) -> list[Right | None]:
        """One entry per column; None where the screen has no such right."""
        known = {right.action: right for right in self.rights}
        return [known.get(name) for name in _COLUMN_NAMES]

    @property
    def extra(self) -> list[Right]:
        return [right for right in self.rights if right.action not in _COLUMN_NAMES]


def declared(model: type[Model]) -> tuple[Right, ...]:
    """The rights a model declares, in the order of the columns, extra verbs last."""
    options = model._meta
    tail = f"_{options.model_name}"
    verbs = [
        codename.removesuffix(tail) for codename, _name in options.permissions if codename.endswith(tail)
    ]
    actions = [name for name in _COLUMN_NAMES if name in options.default_permissions]
    others = [name for name in options.default_permissions if name not in _COLUMN_NAMES]
    return tuple(Right(model, action) for action in [*actions, *others, *verbs])


def screens(site: Any) -> list[Screen]:
    """Every registered screen that declares rights, in the order of the menu."""
    found = []
    for area in menu.MENU:
        for item in area.items:
            for screen in menu.screens_of(site, item):
                rights = declared(screen.model)
                if rights:
                    found.append(Screen(area.label, str(screen.tab_label), screen.model, rights))
    return found


def known_rights(rows: Iterable[Screen]) -> dict[str, Right]:
    """``{"packaging.view_packagingtype": Right}`` of all rows."""
    return {right.permission: right for row in rows for right in row.rights}


def parse(rows: list[Screen], posted: Iterable[str]) -> set[str]:
    """The rights that a sent matrix ticks. Any right includes *view*; an unknown one is refused."""
    known = known_rights(rows)
    chosen = set(posted)
    unknown = chosen - set(known)
    if unknown:
        raise UnknownRight(", ".join(sorted(unknown)[:5]))
    views = {Right(known[name].model, "view") for name in chosen}
    return chosen | {view.permission for view in views if view.is_declared}


def toggled(rows: list[Screen], chosen: set[str], what: str) -> set[str]:
    """``row:packaging.packagingtype`` or ``column:view`` ticked wholly; cleared when it was ticked wholly."""
    kind, _colon, name = what.partition(":")
    if kind not in {"row", "column"}:
        return chosen
    names = {
        right.permission
        for row in rows
        for right in row.rights
        if (row.name if kind == "row" else right.action) == name
    }
    return parse(rows, chosen - names if names <= chosen else chosen | names)


def rights_of(group: Group) -> set[str]:
    """All rights of a role, as ``app.codename``."""
    return names_of(group.permissions)


def names_of(permissions: Any) -> set[str]:
    pairs = permissions.order_by().values_list("content_type__app_label", "codename")
    return {f"{app_label}.{codename}" for app_label, codename in pairs}


class Difference(NamedTuple):
    """What saving a matrix would do."""

    added: list[Right]
    removed: list[Right]
    users: int
    lost_by_editor: list[Right]

    @property
    def is_empty(self) -> bool:
        return not self.added and not self.removed


def difference(group: Group, rows: list[Screen], chosen: set[str], editor: User) -> Difference:
    """Compare a ticked matrix with what the role holds. Rights of screens that are not shown stay."""
    known = known_rights(rows)
    held = rights_of(group) & set(known)
    removed = [right for name, right in known.items() if name in held - chosen]
    return Difference(
        added=[right for name, right in known.items() if name in chosen - held],
        removed=removed,
        users=User.objects.active().filter(groups=group).count(),
        lost_by_editor=[right for right in removed if _loses(editor, group, right)],
    )


def _loses(editor: User, group: Group, right: Right) -> bool:
    """Whether this role is the only one that gives the editor a right."""
    mine = set(editor.groups.values_list("pk", flat=True))
    if group.pk not in mine:
        return False
    others = Permission.objects.filter(group__in=mine - {group.pk})
    return right.permission not in names_of(others)


def write(group: Group, rows: list[Screen], chosen: set[str]) -> None:
    """Give the role exactly the chosen rights on the shown screens."""
    known = known_rights(rows)
    kept = rights_of(group) - set(known)
    group.permissions.set(permissions_named(chosen | kept))


def permissions_named(names: Iterable[str]) -> list[Permission]:
    """The permission records behind ``app.codename`` names; those that do not exist yet are left out."""
    wanted = set(names)
    codenames = {name.partition(".")[2] for name in wanted}
    rows = Permission.objects.filter(codename__in=codenames).select_related("content_type")
    return [row for row in rows if f"{row.content_type.app_label}.{row.codename}" in wanted]


def by_screen(names: Iterable[str]) -> dict[str, str]:
    """``{"rights.packaging.packagingtype": "add, view"}``: how history and the security log tell rights."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        app_label, codename = name.split(".")
        models = apps.get_app_config(app_label).models if app_label in apps.app_configs else {}
        model = next((m for m in sorted(models, key=len, reverse=True) if codename.endswith(f"_{m}")), "")
        action = codename.removesuffix(f"_{model}") if model else codename
        found[f"rights.{app_label}.{model}"].append(action)
    return {screen: ", ".join(actions) for screen, actions in found.items()}


# --- what a user may do, and through which role ------------------------------------------------------


class Cell(NamedTuple):
    """One right of one user: the roles that give it, each with the rows it covers."""

    right: Right
    roles: list[tuple[str, str]]
    """(role, rows): rows is empty where the role covers all."""
    is_held: bool


def effective(user: User, rows: list[Screen]) -> list[tuple[Screen, list[Cell | None], list[Cell]]]:
    """The matrix of a user: (screen, column cells, extra cells)."""
    givers: dict[str, list[Group]] = defaultdict(list)
    for group in user.groups.order_by("name").prefetch_related("permissions__content_type"):
        for permission in group.permissions.all():
            givers[f"{permission.content_type.app_label}.{permission.codename}"].append(group)
    rows_of = _coverage(user)

    def cell(right: Right) -> Cell:
        named = [(g.name, rows_of(g, right.model)) for g in givers.get(right.permission, [])]
        return Cell(right, named, user.is_superuser or bool(named))

    return [
        (row, [cell(right) if right else None for right in row.columns], [cell(right) for right in row.extra])
        for row in rows
    ]


def _coverage(user: User) -> Any:
    """A function (role, model) that names the rows the role covers there, asked once per role and kind."""
    limits = scopes.limits_of(user)
    names: Mapping[tuple[int, str], str] = {
        (group.pk, kind.key): ", ".join(scopes.granted_names(group, kind)) or str(_("no rows"))
        for group in user.groups.all()
        for kind in scopes.kinds()
        if kind.key in limits.by_group.get(group.pk, frozenset())
    }

    def rows_of(group: Group, model: type[Model]) -> str:
        texts = [
            names[group.pk, k.key]
            for k in scopes.kinds()
            if model in k.conditions and (group.pk, k.key) in names
        ]
        return "; ".join(texts)

    return rows_of


def own_limits(user: User) -> list[tuple[str, str]]:
    """(kind, rows) that cut down whatever the roles give."""
    limits = scopes.limits_of(user)
    return [
        (capfirst(str(kind.label)), ", ".join(scopes.granted_names(user, kind)) or str(_("no rows")))
        for kind in scopes.kinds()
        if kind.key in limits.own
    ]
