"""What a place says about its picker, and what rooms above add to all of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.filters import Filter
from backoffice.console.rights import Asked

LIMIT = 5_000
"""So many can be chosen at once."""
LARGEST = 2_147_483_647
REFUSAL = gettext_lazy("%(sku)s cannot be chosen here.")
TITLE = gettext_lazy("Chosen")
EMPTY = gettext_lazy("Nothing is chosen yet.")


@dataclass(frozen=True)
class Input:
    """A box that every chosen row has, such as its quantity. ``read`` turns the typed text into the value, or raises
    ValidationError."""

    name: str
    label: Any
    initial: str = ""
    read: Callable[[str], Any] = str


def whole_number(least: int = 0) -> Callable[[str], int]:
    """Reads a whole number that is not smaller than ``least``."""

    def read(text: str) -> int:
        if not text.isdecimal() or not least <= int(text[:20]) <= LARGEST:
            raise ValidationError(_("Type a whole number from %(least)d.") % {"least": least}, code="invalid")
        return int(text)

    return read


@dataclass(frozen=True)
class Picker:
    """``name`` is the prefix of its boxes and part of its address; ``model`` is Product or Variant.

    ``narrow(rows, owner)`` takes away what cannot be chosen for the record with the id ``owner``, and ``refusal`` is
    the reason that a pasted SKU of such a row is told with, naming ``%(sku)s``; ``refusal_itself`` is the reason
    where that row is the owner.
    """

    name: str
    model: type[Model]
    right: Asked
    action: str = "view"
    """Only rows that the user may use so are offered."""
    inputs: tuple[Input, ...] = ()
    filters: tuple[Filter, ...] = ()
    narrow: Callable[[QuerySet, int | None], QuerySet] | None = None
    refusal: Any = REFUSAL
    refusal_itself: Any = ""
    title: Any = TITLE
    empty: Any = EMPTY
    limit: int = LIMIT

    media = Media(js=[Script("backoffice/picker.js", defer=True)])


@dataclass(frozen=True)
class Extra:
    """A column that a room above adds to the rows of pickers: ``values(request, ids)`` gives the cells by id, with a
    constant number of queries. ``is_shown`` says who sees it."""

    label: Any
    values: Callable[[HttpRequest, Sequence[int]], Mapping[int, Any]]
    is_num: bool = False
    is_shown: Callable[[HttpRequest], bool] = lambda request: True


_extras: dict[type[Model], list[Extra]] = {}


def add_column(model: type[Model], extra: Extra) -> None:
    """Add a column to every picker of ``model``; called by the higher room in ``apps.ready``."""
    _extras.setdefault(model, []).append(extra)


def extras(model: type[Model], request: HttpRequest) -> list[Extra]:
    """The columns of rooms above that this user sees."""
    return [each for each in _extras.get(model, ()) if each.is_shown(request)]
