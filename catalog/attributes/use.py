"""Who uses attribute keys and their values: rooms above say it here, screens, files and deletions ask (spec:
attributes 3.1, 3.3, 3.5, 3.6)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from backoffice import actor

Name = TypeVar("Name")
Pair = tuple[str, str]
"""A key and one of its values."""
CAP = 1_000
"""Users of a key are counted up to here, so that a list of keys stays quick whatever their number."""


@dataclass(frozen=True)
class Users:
    """Records of one kind that use keys. Every function answers for many keys at once.

    ``counts`` and ``of_values`` stop at ``CAP + 1``; what has no users may be missing in the answer. They and
    ``examples`` are given a user, of whose rows they speak, or None for all rows.
    """

    label: Any
    words: Callable[[int], str]
    """``3`` → "3 products"; the number is written by the caller's ``%(n)s``."""
    counts: Callable[[Collection[str], Any], Mapping[str, int]]
    of_values: Callable[[Collection[Pair], Any], Mapping[Pair, int]]
    used: Callable[[Collection[str]], set[str]]
    examples: Callable[[Collection[str], Any], Mapping[str, str]]
    limits: Callable[[Any], bool]
    """Whether this user may see only some of the records."""
    url: Callable[[HttpRequest, str], str]
    """Where those that use a key are listed; nothing for who may not see them."""


class Used(NamedTuple):
    """How many of one kind use something; a number above the cap was not counted further. ``seen`` is how many of
    them the person at work sees: what is told, while ``number`` decides."""

    users: Users
    number: int
    seen: int

    def __str__(self) -> str:
        shown = f"{min(self.seen, CAP):,}" + ("+" if self.seen > CAP else "")
        return self.users.words(self.seen) % {"n": shown}


_kinds: list[Users] = []


def register(users: Users) -> None:
    """A room above names its records that use keys; called when the apps are ready."""
    _kinds.append(users)


def counts(keys: Iterable[str]) -> dict[str, list[Used]]:
    """``{key: [3 products, 12 variants]}``; kinds that do not use a key are left out. One query per kind."""
    return _gathered(keys, lambda users, asked, user: users.counts(asked, user))


def of_values(key: str, values: Iterable[str]) -> dict[str, list[Used]]:
    """The same for the values of one key."""
    return {value: found for (_key, value), found in of_pairs((key, value) for value in values).items()}


def of_pairs(pairs: Iterable[Pair]) -> dict[Pair, list[Used]]:
    """The same for values of many keys; of most values it is enough to know that nothing uses their key."""
    wanted = list(dict.fromkeys(pairs))
    held = used({key for key, _value in wanted})
    found = _gathered(
        (pair for pair in wanted if pair[0] in held),
        lambda users, asked, user: users.of_values(asked, user),
    )
    return {pair: found.get(pair, []) for pair in wanted}


def _gathered(
    names: Iterable[Name], ask: Callable[[Users, list[Name], Any], Mapping[Name, int]]
) -> dict[Name, list[Used]]:
    asked, user = list(dict.fromkeys(names)), actor.current().user
    found: dict[Name, list[Used]] = {name: [] for name in asked}
    for users in _kinds if asked else ():
        held = ask(users, asked, None)
        seen = ask(users, asked, user) if user is not None and users.limits(user) else held
        for name, number in held.items():
            if number:
                found[name].append(Used(users, number, seen.get(name, 0)))
    return found


def used(keys: Collection[str]) -> set[str]:
    """Those of the keys that anything uses."""
    found: set[str] = set()
    for users in _kinds:
        found |= users.used([key for key in keys if key not in found])
    return found


def examples(keys: Collection[str]) -> dict[str, str]:
    """An example of a user for each key that has one, by its SKU, of those that the person at work sees."""
    found: dict[str, str] = {}
    user = actor.current().user
    for users in _kinds:
        rest = [key for key in keys if key not in found]
        found |= users.examples(rest, user) if rest else {}
    return found


def in_words(found: Iterable[Used]) -> str:
    """ "3 products and 12 variants", or nothing; what the person at work does not see is not counted."""
    held = list(found)
    return _(" and ").join(str(each) for each in seen(held)) or (_("records you may not see") if held else "")


def seen(found: Iterable[Used]) -> list[Used]:
    """Those of which the person at work sees any: what lists show."""
    return [each for each in found if each.seen]


def value_words(value: str, users: Iterable[Used]) -> str:
    """That a value which goes is used."""
    return _("“%(value)s” is used by %(users)s.") % {"value": value, "users": in_words(users)}
