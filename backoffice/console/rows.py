"""Which rows: conditions that limit what a user sees of a model. Accounts fills the register with row scopes."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

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
