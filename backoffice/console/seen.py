"""Which entries of the history a user sees: those of screens he may view, of rows within his scopes."""

from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from backoffice.console import rows
from backoffice.console.site import site


def seen_changes(user: Any) -> Q:
    """A condition on changes, whatever their number; who has no limits is only asked for his screens.

    A record that is gone lies in no scope: who is limited sees its end only with the record it hung on.
    """
    screens = [screen.name for screen in site._registry.values() if screen.right("view").held_by(user)]
    return (Q(object_type__in=screens) | Q(parent_type__in=screens)) & in_scope(user)


def in_scope(user: Any) -> Q:
    """Changes of the rows that the user may see, whatever screens he may view."""
    limited = {model._meta.label_lower: found for model, found in _limited(user)}
    if not limited:
        return Q()
    names = [*limited]
    by_parent = _any_of(limited, "parent")
    gone = Q()
    for name, found in limited.items():
        gone |= Q(object_type=name) & ~Exists(
            found.model._base_manager.order_by().filter(pk=OuterRef("object_id"))
        )
    return (
        _any_of(limited, "object")
        | (by_parent & (gone | ~Q(object_type__in=names)))
        | ~(Q(object_type__in=names) | Q(parent_type__in=names))
    )


def _any_of(limited: dict[str, QuerySet], side: str) -> Q:
    """The record on one ``side`` of the change, itself or its parent, is one that the user sees."""
    found = Q()
    for name, rows_seen in limited.items():
        found |= Q(**{f"{side}_type": name}) & Exists(rows_seen.filter(pk=OuterRef(f"{side}_id")))
    return found


def _limited(user: Any) -> list[tuple[type[Model], QuerySet]]:
    """The models that the user sees a part of, with the rows he sees."""
    seen = [(m, rows.visible(m._base_manager.order_by(), user)) for m in rows.limitable()]
    return [(model, found) for model, found in seen if found.query.has_filters()]
