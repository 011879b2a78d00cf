"""The matrix as pages show it: ready for the templates, with the comparison to a role."""

from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.http import HttpRequest

from backoffice.accounts import matrix
from backoffice.accounts.models import User
from backoffice.console.rights import Right


class Box(NamedTuple):
    """A tick box of the matrix."""

    right: Right
    is_ticked: bool


class Line(NamedTuple):
    """A row of a matrix page. ``area`` is filled on the first row of its area only."""

    area: str
    screen: matrix.Screen
    cells: list[Any]
    extra: list[Any]


def _with_areas(rows: list[tuple[matrix.Screen, list[Any], list[Any]]]) -> list[Line]:
    found, last = [], None
    for screen, cells, extra in rows:
        area = str(screen.area)
        found.append(Line(area if area != last else "", screen, cells, extra))
        last = area
    return found


def boxes(screens: list[matrix.Screen], ticked: set[str]) -> list[Line]:
    """The matrix of a role."""

    def box(right: Right | None) -> Box | None:
        return Box(right, right.permission in ticked) if right else None

    return _with_areas([(s, [box(r) for r in s.columns], [box(r) for r in s.extra]) for s in screens])


def effective_context(site: Any, request: HttpRequest, person: User) -> dict[str, Any]:
    """What a person may do and through which role; ``?role=3`` shows only what differs from that role."""
    rows = matrix.effective(person, matrix.screens(site))
    asked = request.GET.get("role", "")
    role = Group.objects.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 10 else None
    if role is not None:
        held = matrix.rights_of(role)
        rows = [row for row in rows if _differs(row, held)]
    return {
        "columns": matrix.COLUMNS,
        "lines": _with_areas(rows),
        "limits": matrix.own_limits(person),
        "roles": Group.objects.order_by("name").values_list("pk", "name"),
        "compared": role,
    }


def _differs(row: tuple[matrix.Screen, list[Any], list[Any]], held: set[str]) -> bool:
    cells = [cell for cell in [*row[1], *row[2]] if cell is not None]
    return any(cell.is_held != (cell.right.permission in held) for cell in cells)


def comparison(site: Any, one: Group, other: Group) -> list[Line]:
    """The screens on which two roles differ; each cell is (right, first has it, second has it)."""
    first, second = matrix.rights_of(one), matrix.rights_of(other)

    def pair(right: Right | None) -> tuple[Right, bool, bool] | None:
        if right is None:
            return None
        return right, right.permission in first, right.permission in second

    rows = [(s, [pair(r) for r in s.columns], [pair(r) for r in s.extra]) for s in matrix.screens(site)]
    differing = [row for row in rows if any(c and c[1] != c[2] for c in [*row[1], *row[2]])]
    return _with_areas(differing)
