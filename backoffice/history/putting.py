"""How a recorded state is put back: one register for undo and revert.

The default knows concrete fields and texts per locale. A room whose records hold more in their history, such as
the values of an attribute, registers a :class:`Putter` of its own; one whose records must be put right on their
own pages (people, roles) calls :func:`refuse`.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from backoffice.database import running
from backoffice.fields import LocalizedField, MapField
from backoffice.history.loading import array, loaded
from backoffice.history.recording import Snapshot, plain, snapshot
from backoffice.records import UNRECORDED

Wanted = Sequence[tuple[models.Model, Snapshot]]
"""Records and what becomes of their recorded fields."""
Meanwhile = Callable[[], None]
_KEPT = frozenset({"created_at", "version"})
_putters: dict[str, type["Putter"]] = {}
_refused: dict[str, Any] = {}


def nothing() -> None:
    """Nothing is to be done meanwhile."""


class Putter:
    """Reads and writes the recorded states of one model's records, a batch with a constant number of statements."""

    together: tuple[str, ...] = ()
    """Recorded fields that come back together or not at all, by the part of their name before the dot."""
    parts: tuple[str, ...] = ()
    """Names of models whose rows belong to the state of the record: they come and go with it."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model

    @cached_property
    def references(self) -> list[str]:
        return [field.name for field in self.model._meta.concrete_fields if field.is_relation]

    @cached_property
    def _key(self) -> str:
        quote = connection.ops.quote_name
        return f"{quote(self.model._meta.db_table)}.{quote(self.model._meta.pk.column)}"

    def action_for(self, name: str) -> str:
        """The right on the record's screen that a change of this field asks for."""
        return "change"

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(field.name for field in self.model._meta.concrete_fields) - UNRECORDED

    def knows(self, name: str) -> bool:
        """Whether a recorded field can be put back; models lose fields over the years."""
        return name.partition(".")[0] in self._known

    # --- reading ---------------------------------------------------------------------------------

    def locked(self, ids: Iterable[int]) -> dict[int, models.Model]:
        """The records by id, locked in the order of their keys."""
        rows = self.model._base_manager.order_by("pk").extra(  # noqa: S610 - the column's own name
            where=[f"{self._key} = ANY(%s)"], params=[array(ids)]
        )
        found = loaded(rows.select_for_update())
        self._load_references(found)
        return {record.pk: record for record in found}

    def _load_references(self, records: Sequence[models.Model]) -> None:
        """The records that these refer to; one query per reference."""
        for name in self.references:
            field = self.model._meta.get_field(name)
            held = field.cache_name
            unknown = (record for record in records if held not in record._state.fields_cache)
            missing = [record for record in unknown if getattr(record, field.attname) is not None]
            other, target = field.related_model, field.target_field
            quote = connection.ops.quote_name
            column = f"{quote(other._meta.db_table)}.{quote(target.column)}"
            wanted = {getattr(record, field.attname) for record in missing}
            if not wanted:
                continue
            rows = other._base_manager.order_by().extra(where=[f"{column} = ANY(%s)"], params=[array(wanted)])  # noqa: S610
            known = {getattr(row, target.attname): row for row in loaded(rows)}
            for record in missing:
                field.set_cached_value(record, known.get(getattr(record, field.attname)))

    def states(
        self, records: Sequence[models.Model], names: frozenset[str] | None = None
    ) -> dict[int, Snapshot]:
        """What history would record of each, by id. ``names`` are the fields that are asked for, without what comes
        after a dot; all of them when it is None."""
        return {record.pk: snapshot(record, None, names) for record in records}

    def stands_down(self, current: Snapshot) -> Snapshot:
        """What is set on a record whose creation is undone but which cannot go, given its present state: nothing, or
        what takes it out of use."""
        return {}

    def takes_down(self, ids: Collection[int]) -> Mapping[str, Mapping[int, Snapshot]]:
        """What is set on other records, by model and id, when these stay although their creation is undone."""
        return {}

    def remarks(self, changes: Sequence[tuple[models.Model, Snapshot, Snapshot]]) -> Mapping[int, str]:
        """What people should know when records get other values: of ``(record, present, wanted)``, by id."""
        return {}

    # --- writing ---------------------------------------------------------------------------------

    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        """Give existing records the wanted values; what a state does not name stays. ``meanwhile`` is called while the
        database writes them and must not ask it anything."""
        for record, state in wanted:
            self.fill(record, state)
        names = {flat.partition(".")[0] for _record, state in wanted for flat in state}
        with running(*self._update([record for record, _state in wanted], names)):
            meanwhile()

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        """Bring deleted records back with their ids."""
        records = []
        for pk, state in wanted:
            record = self.model(pk=pk)
            self.fill(record, state)
            records.append(record)
        self._insert(records)
        return records

    def remove(self, records: Sequence[models.Model]) -> None:
        """Delete records. What still refers to them makes the database refuse."""
        table = connection.ops.quote_name(self.model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE {self._key} = ANY(%s)",  # noqa: S608
                [array(record.pk for record in records)],
            )

    def fill(self, record: models.Model, state: Mapping[str, Any]) -> None:
        """Set the recorded values on ``record`` without writing it."""
        for flat, value in state.items():
            name, _dot, code = flat.partition(".")
            field = self.model._meta.get_field(name)
            if isinstance(field, LocalizedField):
                texts = {**(getattr(record, name) or {}), code: value}
                setattr(record, name, {code: text for code, text in texts.items() if text})
            elif isinstance(field, MapField):
                setattr(record, name, field.with_entry(getattr(record, name), code, value))
            elif field.is_relation:
                setattr(record, field.attname, value["id"] if value else None)
            elif value is None and not field.null:
                setattr(record, name, field.get_default())
            else:
                setattr(record, name, field.to_python(value))

    def _update(self, records: Sequence[models.Model], names: Collection[str]) -> tuple[str, list[str]]:
        """What writes these fields and those that history does not record, such as the searched text."""
        wanted = {*names, *UNRECORDED, *getattr(self.model, "history_excluded", ())} - _KEPT
        fields = [f for f in self.model._meta.concrete_fields if f.name in wanted and not f.primary_key]
        quote = connection.ops.quote_name
        sets = [f"{quote(f.column)} = s.{quote(f.column)}" for f in fields]
        if any(f.name == "version" for f in self.model._meta.concrete_fields):
            sets.append("version = t.version + 1")
        table, key = quote(self.model._meta.db_table), quote(self.model._meta.pk.column)
        query = (
            f"UPDATE {table} t SET {', '.join(sets)} "  # noqa: S608
            f"FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) s WHERE t.{key} = s.{key}"
        )
        return query, [self._rows([*fields, self.model._meta.pk], records)]

    def _insert(self, records: Sequence[models.Model]) -> None:
        fields = self.model._meta.concrete_fields
        quote = connection.ops.quote_name
        table, names = quote(self.model._meta.db_table), ", ".join(quote(f.column) for f in fields)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} ({names}) "  # noqa: S608
                f"SELECT {names} FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",
                [self._rows(fields, records)],
            )

    def _rows(self, fields: Sequence[models.Field], records: Sequence[models.Model]) -> str:
        """The rows as JSON that PostgreSQL reads into the columns' own types."""
        self._load_references(records)
        now = timezone.now().isoformat()
        names = [field.column for field in fields]
        columns = [_column(field, records, now) for field in fields]
        rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
        return json.dumps(rows, ensure_ascii=False, check_circular=False)


def _column(field: models.Field, records: Sequence[models.Model], now: str) -> list[Any]:
    """The values that are written of one field."""
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return [now] * len(records)
    if type(field).pre_save is models.Field.pre_save:
        return [*map(plain, map(attrgetter(field.attname), records))]
    return [plain(field.pre_save(record, False)) for record in records]


def register(model: type[models.Model]) -> Any:
    """Decorator: the putter that a room has for ``model``."""

    def keep(putter: type[Putter]) -> type[Putter]:
        _putters[model._meta.label_lower] = putter
        return putter

    return keep


def refuse(model: type[models.Model], reason: Any) -> None:
    """Records of ``model`` are never put back by undo or revert; ``reason`` is the sentence that says so."""
    _refused[model._meta.label_lower] = reason


def why_not(label: str) -> str:
    """Why records of this model are not put back, or nothing."""
    return str(_refused.get(label, ""))


def putter_of(label: str) -> Putter | None:
    """The putter of a model by its recorded name; None when the program has the model no more."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return None
    return _putters.get(label, Putter)(model)
