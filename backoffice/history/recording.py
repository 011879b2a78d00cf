"""Writing history: one change set per deed, one change per record, nothing for a save that changes nothing.

    with recording("save", screen="packaging.packagingtype", note=note) as record:
        before = snapshot(packaging_type)
        ...
        record.changed(packaging_type, before)

Imports and other bulk paths write :class:`Change` rows with their own SQL, under :meth:`Recorder.change_set`.
"""

import contextlib
import datetime
import decimal
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import models, transaction

from backoffice import actor
from backoffice.fields import LocalizedField, MapField
from backoffice.history.models import Change, ChangeSet
from backoffice.records import UNRECORDED

Snapshot = dict[str, Any]
_PLAIN = frozenset({str, int, bool, list, dict, type(None)})
"""What JSON holds as it is; nearly all values are of these."""


def snapshot(
    record: models.Model, related: Mapping[str, Any] | None = None, names: frozenset[str] | None = None
) -> Snapshot:
    """The recorded state of a record, flat and ready for JSON. Texts per locale are one entry per locale.

    A model lists secrets in ``history_excluded`` and personal fields in ``history_masked`` (only "changed").
    ``related`` adds facts that live elsewhere, such as the members of a role. ``names`` are the fields that are
    asked for; all of them when it is None.
    """
    state: Snapshot = {}
    for field in _recorded(type(record), names):
        value = getattr(record, field.attname)
        if field.entries:
            prefix = field.prefix
            for path, held in field.entries(value).items():
                state[prefix + path] = held
        elif field.is_relation and value is not None:
            state[field.name] = {"id": value, "key": str(getattr(record, field.name))}
        else:
            state[field.name] = plain(value)
    state.update(related or {})
    return state


class _Recorded(NamedTuple):
    """A field that history records; ``entries`` takes the value of one apart that is recorded entry by entry."""

    name: str
    attname: str
    prefix: str
    is_relation: bool
    entries: Callable[[Any], Mapping[str, Any]] | None


@lru_cache(1_000)
def _recorded(model: type[models.Model], names: frozenset[str] | None) -> list[_Recorded]:
    excluded = UNRECORDED | set(getattr(model, "history_excluded", ()))
    return [
        _Recorded(field.name, field.attname, f"{field.name}.", field.is_relation, _entries_of(field))
        for field in model._meta.concrete_fields
        if field.name not in excluded and not field.primary_key and (names is None or field.name in names)
    ]


def _entries_of(field: models.Field) -> Callable[[Any], Mapping[str, Any]] | None:
    if isinstance(field, MapField):
        return field.entries
    return (lambda texts: texts or {}) if isinstance(field, LocalizedField) else None


def parent_field(model: type[models.Model]) -> models.Field | None:
    """A record without a screen of its own is shown with another one: its model names the reference to it in
    ``history_parent``."""
    name = getattr(model, "history_parent", "")
    return model._meta.get_field(name) if name else None


def parent_of(record: models.Model) -> tuple[str, int | None]:
    """Type and id of the record whose history tells of this one, too."""
    field = parent_field(type(record))
    return (field.related_model._meta.label_lower, getattr(record, field.attname)) if field else ("", None)


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal | uuid.UUID):
        return str(value)
    return value


def difference(before: Snapshot, after: Snapshot) -> dict[str, dict[str, Any]]:
    """``{field: {"before": …, "after": …}}`` of the entries that differ; missing and None are the same."""
    names = [*before, *(name for name in after if name not in before)]
    return {
        name: {"before": before.get(name), "after": after.get(name)}
        for name in names
        if before.get(name) != after.get(name)
    }


def masked(model: type[models.Model], fields: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The same differences, of personal fields only that they changed."""
    names = set(getattr(model, "history_masked", ()))
    return {name: {"masked": True} if name in names else facts for name, facts in fields.items()}


class Recorder:
    """Collects the changes of one deed. The change set is written with the first change, or when asked for.

    ``is_compact`` keeps one line without fields of what is added: the record itself is the state after it
    (working-day 7.2)."""

    def __init__(self, *, is_compact: bool = False, **facts: Any) -> None:
        self._facts, self._is_compact = facts, is_compact
        self._changes: list[Change] = []
        self._change_set: ChangeSet | None = None

    @property
    def change_set(self) -> ChangeSet:
        """The change set, written on first use."""
        if self._change_set is None:
            who = actor.current()
            self._change_set = ChangeSet.objects.create(
                user_id=getattr(who.user, "pk", None),
                user_name=str(who.user or ""),
                request_id=who.request_id,
                **self._facts,
            )
        return self._change_set

    @property
    def has_changes(self) -> bool:
        return bool(self._changes) or self._change_set is not None

    def added(
        self, record: models.Model, after: Snapshot | None = None, *, parent: models.Model | None = None
    ) -> None:
        """``record`` is new."""
        fields = None if self._is_compact else difference({}, after or snapshot(record))
        self._append(record, Change.Action.ADD, fields, parent)

    def changed(
        self,
        record: models.Model,
        before: Snapshot,
        after: Snapshot | None = None,
        *,
        parent: models.Model | None = None,
    ) -> dict[str, dict[str, Any]]:
        """``record`` may have changed since ``before``. Gives the difference; empty means nothing is written."""
        fields = difference(before, after if after is not None else snapshot(record))
        if fields:
            self._append(record, Change.Action.CHANGE, fields, parent)
        return fields

    def deleted(
        self, record: models.Model, before: Snapshot | None = None, *, parent: models.Model | None = None
    ) -> None:
        """``record`` is about to go; its whole state is kept, so that undo can bring it back with its id."""
        self._append(record, Change.Action.DELETE, difference(before or snapshot(record), {}), parent)

    def _append(
        self, record: models.Model, action: str, fields: dict[str, Any] | None, parent: models.Model | None
    ) -> None:
        parent_type, parent_id = (
            parent_of(record) if parent is None else (parent._meta.label_lower, parent.pk)
        )
        self._changes.append(
            Change(
                object_type=record._meta.label_lower,
                object_id=record.pk,
                label=str(record)[:300],
                action=action,
                fields=None if fields is None else masked(type(record), fields),
                parent_type=parent_type,
                parent_id=parent_id,
            )
        )

    def changed_records(self, label: str) -> dict[int, list[Change]]:
        """What is collected and not yet written, by the record of the type ``label`` that it belongs to."""
        found: dict[int, list[Change]] = {}
        for change in self._changes:
            owner = change.object_id if change.object_type == label else change.parent_id
            if label in {change.object_type, change.parent_type} and owner is not None:
                found.setdefault(owner, []).append(change)
        return found

    def forget_set(self) -> None:
        """The change set was rolled back and is written anew with what comes next."""
        self._changes, self._change_set = [], None

    def flush(self) -> None:
        """Write what was collected, in one statement."""
        if self._changes:
            for change in self._changes:
                change.change_set = self.change_set
            Change.objects.bulk_create(self._changes)
            self._changes = []


@contextlib.contextmanager
def recording(
    kind: str, *, screen: str = "", note: str = "", job: int | None = None, undoes: ChangeSet | None = None
) -> Iterator[Recorder]:
    """One deed in one transaction; its history is written before the transaction ends, or not at all."""
    with transaction.atomic():
        recorder = Recorder(kind=kind, screen=screen, note=note[:500], job=job, undoes=undoes)
        yield recorder
        recorder.flush()
