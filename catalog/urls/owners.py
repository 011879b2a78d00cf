"""Who can own an address: each owner room says how its records are named, linked, and when they are served.

This room knows no owner; it asks here to name the one whose address is taken (18.4).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _

from backoffice.console.rows import unseen


class Owner(NamedTuple):
    """A record as people know it, such as *product “Lamp Arc”*, and the address of its page in the back office."""

    words: str
    link: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of owner. Both functions are asked for a whole batch of ids at once.

    ``named`` gives the owners by id; ``served`` those whose pages a shop answers this moment.
    """

    name: str
    model: type[models.Model]
    named: Callable[[Collection[int]], Mapping[int, Owner]]
    served: Callable[[Collection[int]], Collection[int]]

    def parent(self, pk: int) -> models.Model:
        """The owner as history refers to it."""
        return self.model(pk=pk)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Called by the owner room in ``apps.ready``."""
    _kinds[kind.name] = kind


def kind_of(owner_type: str) -> Kind:
    return _kinds[owner_type]


def named(owners: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Owner]:
    """The names of owners ``(type, id)``; one question per kind. What its room does not know is named by its id, what
    the person at work does not see by nothing."""
    wanted: dict[str, set[int]] = {}
    for owner_type, pk in owners:
        wanted.setdefault(owner_type, set()).add(pk)
    found: dict[tuple[str, int], Owner] = {}
    for owner_type, ids in wanted.items():
        known: Mapping[int, Owner] = _kinds[owner_type].named(ids) if owner_type in _kinds else {}
        found |= {(owner_type, pk): known.get(pk) or Owner(f"{owner_type} {pk}") for pk in ids}
        found |= {(owner_type, pk): Owner(_("another page")) for pk in _unseen(owner_type, ids)}
    return found


def _unseen(owner_type: str, ids: set[int]) -> set[int]:
    return unseen(_kinds[owner_type].model, ids) if owner_type in _kinds else set()


def is_served(owner_type: str, pk: int) -> bool:
    return owner_type in _kinds and pk in _kinds[owner_type].served({pk})


def label_of(owner_type: str) -> Any:
    """The kind in the user's words."""
    return _kinds[owner_type].model._meta.verbose_name if owner_type in _kinds else owner_type
