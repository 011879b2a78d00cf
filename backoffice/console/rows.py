"""Which rows: conditions that limit what a user sees of a model. Accounts fills the register with row scopes."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import ngettext

from backoffice import actor

RowFilter = Callable[[QuerySet, Any, str], QuerySet]

_filters: dict[type[Model], list[RowFilter]] = {}


def register(model: type[Model], row_filter: RowFilter) -> None:
    """``row_filter(queryset, user, action)`` adds its condition to every query over ``model``."""
    _filters.setdefault(model, []).append(row_filter)


def limitable() -> list[type[Model]]:
    """The models that some user may see only a part of."""
    return [*_filters]


def visible(rows: QuerySet, user: Any, action: str = "view") -> QuerySet:
    """The rows the user may use with ``action``; a condition in the query, never a loop."""
    for row_filter in _filters.get(rows.model, ()):
        rows = row_filter(rows, user, action)
    return rows


def unseen(model: type[Model], ids: Collection[int]) -> set[int]:
    """Those of ``ids`` that the person at work may not see; nobody at work, such as a command, sees all."""
    user = actor.current().user
    if user is None or not ids:
        return set()
    seen = visible(model._default_manager.order_by(), user)
    if not seen.query.has_filters():
        return set()
    return set(ids) - set(seen.filter(pk__in=ids).values_list("pk", flat=True))


def named(model: type[Model], names: Iterable[tuple[int, str]]) -> list[str]:
    """The names of rows, given as ``(id, name)``, for a sentence: of those the person at work may not see only how
    many there are, behind the others."""
    held = list(names)
    hidden = unseen(model, {pk for pk, _name in held})
    shown = [name for pk, name in held if pk not in hidden]
    return [*shown, unseen_words(len(hidden))] if hidden else shown


def unseen_words(number: int) -> str:
    return ngettext("%(n)s you may not see", "%(n)s you may not see", number) % {"n": f"{number:,}"}
