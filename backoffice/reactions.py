"""What happened below that rooms above must follow, in the same transaction.

A lower verb reports the changed ids once per fact with :func:`report`; a higher room registers one
set-based function per fact with :func:`reacts_to`. They run in the order of the rooms' layers
(``INSTALLED_APPS``), once per verb, for imports too. A fact is a string the lower room owns and documents.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable

from django.apps import apps
from django.db import transaction

Reaction = Callable[[set[int]], None]

_reactions: dict[str, list[Reaction]] = defaultdict(list)


def reacts_to(fact: str) -> Callable[[Reaction], Reaction]:
    """Register the decorated function, which is given the changed ids of ``fact`` as one set."""

    def register(function: Reaction) -> Reaction:
        _reactions[fact].append(function)
        return function

    return register


def report(fact: str, ids: Iterable[int]) -> None:
    """Tell the rooms above that ``fact`` changed for ``ids``. Must be called inside a transaction."""
    changed = set(ids)
    if not changed:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{fact} was reported outside of a transaction")
    for function in sorted(_reactions[fact], key=_layer):
        function(changed)


def _layer(function: Reaction) -> int:
    names = [config.name for config in apps.get_app_configs()]
    return next((i for i, name in enumerate(names) if function.__module__.startswith(name)), len(names))
