"""What a user may bring back: the rights of the screens that the records belong to, and the rows he may use."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backoffice.console import rows
from backoffice.console.rights import Right
from backoffice.console.site import site
from backoffice.history.models import Change, ChangeSet
from backoffice.history.putting import putter_of
from backoffice.history.recording import parent_field


class UserGate:
    """Asks for *change*, *add* and *delete* on each record's screen, as a save by hand would.

    What an import added goes with the right that the import needed, *add* (import-export 1.5.4), and so does a
    record of a screen that knows no deletion.
    """

    def __init__(self, user: Any, *, is_import: bool = False) -> None:
        self.user, self.is_import = user, is_import
        self._answers: dict[tuple[str, str, str], bool] = {}
        self._hidden: dict[tuple[str, str], bool] = {}
        self._refusals: dict[tuple[str, ...], str] = {}

    @cached_property
    def _screens(self) -> dict[str, Any]:
        return {screen.name: screen for screen in site._registry.values()}

    def screen_of(self, change: Change) -> Any:
        """The screen whose rights rule the record: its own, or that of the record it hangs on."""
        return self._screens.get(change.object_type) or self._screens.get(change.parent_type)

    def hides(self, change: Change) -> bool:
        key = (change.object_type, change.parent_type)
        if key not in self._hidden:
            screen = self.screen_of(change)
            self._hidden[key] = screen is None or not screen.right("view").held_by(self.user)
        return self._hidden[key]

    def refusal(self, change: Change, action: str, names: Iterable[str] = ()) -> str:
        """Asked once for records of one kind with the same fields."""
        key = (change.object_type, change.parent_type, action, *names)
        if key not in self._refusals:
            self._refusals[key] = self._refusal(change, action, key[3:])
        return self._refusals[key]

    def _refusal(self, change: Change, action: str, names: Iterable[str]) -> str:
        for asked in self._actions(change, action, names):
            if not self._may(change, asked):
                right = self.screen_of(change).right(asked)
                return _("You lack the right “%(right)s” on %(screen)s.") % {
                    "right": right.action_name,
                    "screen": right.screen_name,
                }
        return ""

    def _actions(self, change: Change, action: str, names: Iterable[str]) -> list[str]:
        if change.object_type not in self._screens:
            return ["change"]
        if action == "delete":
            right = self.screen_of(change).right("delete")
            return ["add"] if self.is_import or not getattr(right, "is_declared", True) else ["delete"]
        putter = putter_of(change.object_type)
        if action == "change" and putter:
            return sorted({putter.action_for(name) for name in names} or {"change"})
        return [action]

    def _may(self, change: Change, action: str) -> bool:
        key = (change.object_type, change.parent_type, action)
        if key not in self._answers:
            screen = self.screen_of(change)
            self._answers[key] = screen is not None and screen.right(action).held_by(self.user)
        return self._answers[key]

    def reached(self, model: type[models.Model], ids: Sequence[int], action: str) -> set[int]:
        """A record that hangs on another one lies where that one lies."""
        if not ids or model in rows._filters:
            return self._seen(model, ids, action)
        field = parent_field(model)
        if field is None or self._filter(field.related_model, _on_parent(action)) is None:
            return set(ids)
        rows_of = model._base_manager.order_by().filter(pk__in=ids)
        parents = dict(rows_of.values_list("pk", field.attname))
        held = self._seen(field.related_model, [pk for pk in parents.values() if pk], _on_parent(action))
        return {pk for pk, parent in parents.items() if parent is None or parent in held}

    def within(self, changes: Sequence[Change], action: str) -> set[int]:
        owners: dict[str, set[int]] = {}
        for change in changes:
            if change.parent_id:
                owners.setdefault(change.parent_type, set()).add(change.parent_id)
        held: dict[str, set[int]] = {}
        for name, ids in owners.items():
            model = _model_named(name)
            # A record with a screen of its own is changed by the rights of that screen.
            asked = "view" if changes[0].object_type in self._screens else _on_parent(action)
            held[name] = self._seen(model, list(ids), asked) if model else ids
        return {c.object_id for c in changes if not c.parent_id or c.parent_id in held[c.parent_type]}

    def _seen(self, model: type[models.Model], ids: Sequence[int], action: str) -> set[int]:
        found = self._filter(model, action) if ids else None
        return set(ids) if found is None else set(found.filter(pk__in=ids).values_list("pk", flat=True))

    def _filter(self, model: type[models.Model], action: str) -> models.QuerySet | None:
        """The rows he may use; None for who is not limited."""
        found = rows.visible(model._base_manager.order_by(), self.user, action)
        return found if found.query.has_filters() else None

    def kept(self, records: Sequence[models.Model]) -> dict[int, str]:
        screen = self._screens.get(records[0]._meta.label_lower) if records else None
        return screen.why_not_delete_each(self._request, records) if screen else {}

    @cached_property
    def _request(self) -> HttpRequest:
        request = HttpRequest()
        request.user = self.user
        return request


def _on_parent(action: str) -> str:
    """What somebody does to a record when he acts on what hangs on it."""
    return "view" if action == "view" else "change"


def _model_named(name: str) -> type[models.Model] | None:
    try:
        return apps.get_model(name)
    except (LookupError, ValueError):
        return None


def gate_for(change_set: ChangeSet, user: Any) -> UserGate:
    return UserGate(user, is_import=change_set.kind == ChangeSet.Kind.IMPORT)


def has_undo_right(user: Any) -> bool:
    """Whether he may undo the change sets of other people."""
    return Right(ChangeSet, "undo").held_by(user)
