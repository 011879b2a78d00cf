"""Pages and columns that a room above contributes to a lower room's screen."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from backoffice.console.columns import Column
from backoffice.console.rights import Asked


class Page(NamedTuple):
    """A further page of a record: ``view(request, screen, pk)`` at ``route``, which holds ``<int:pk>``. ``right`` is
    what it asks for, usually one of the room above."""

    route: str
    name: str
    label: Any
    right: Asked
    view: Callable[[HttpRequest, Any, int], HttpResponse]


class Extra(NamedTuple):
    """A column of a list. ``values(request, rows)`` gives its value by id for the rows of a page, with a constant
    number of queries; the column finds it as the attribute of its own name."""

    column: Column
    values: Callable[[HttpRequest, Sequence[Any]], Mapping[int, Any]]


_pages: dict[type[Model], list[Page]] = {}
_columns: dict[type[Model], list[Extra]] = {}


def add_page(model: type[Model], page: Page) -> None:
    """Add a page to the records of ``model``; called by the higher room where its screens are stated."""
    _pages.setdefault(model, []).append(page)


def pages(model: type[Model]) -> list[Page]:
    return _pages.get(model, [])


def add_column(model: type[Model], extra: Extra) -> None:
    """Add a column to the list of ``model``; called by the higher room where its screens are stated."""
    _columns.setdefault(model, []).append(extra)


def columns(model: type[Model]) -> list[Column]:
    return [each.column for each in _columns.get(model, [])]


def fill(request: HttpRequest, model: type[Model], rows: Sequence[Any]) -> None:
    """Give the rows of a page what the contributed columns show."""
    for each in _columns.get(model, []):
        told = each.values(request, rows)
        for row in rows:
            setattr(row, each.column.name, told.get(row.pk))
