"""What a row would make of its record: the whole record as it will be, and how it differs from the stored one.

Records are lists in the order of the model's concrete fields, so that a batch can be compared, staged and
written without making an object per row. Comparison is by value (spec: import-export 1.7.2).
"""

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models

from backoffice.fields import LocalizedField, MapField
from backoffice.history.recording import difference, plain
from backoffice.records import UNRECORDED
from backoffice.texts import SearchField
from backoffice.transfer.declaring.columns import Header
from backoffice.transfer.declaring.references import Ref, Resolved
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.planning.cleaning import Planned

if TYPE_CHECKING:
    pass

Record = list[Any]


class Setter(NamedTuple):
    """How the value of one column of the file comes into the record."""

    name: str
    position: int
    kind: str
    locale: str
    empty: Any


class Comparison:
    """The fields of one format's model, and which of them one file sets."""

    def __init__(self, resource: FileResource, header: Header, *, replaces: bool = False) -> None:
        self.resource, self.replaces = resource, replaces
        self.header, self.numbered = header, _numbered(header)
        self._localized: dict[str, list[tuple[str, str]]] = {}
        self.needed = [
            name
            for column in resource.create_columns
            for name in [place for _locale, place in self.localized(column.column_name)]
            or [column.column_name]
        ]
        """The columns of the file that a new record cannot be without; a flag may say no."""
        self.fields: list[models.Field] = list(resource.model._meta.concrete_fields)
        self.positions = {field.name: place for place, field in enumerate(self.fields)}
        self.parts = resource.parts
        self.parts_at = len(self.fields)
        if self.parts:
            self.positions[self.parts.name] = self.parts_at
        self.setters = [setter for setter in map(self._setter, header.places) if setter]
        self.completes = type(resource).complete is not FileResource.complete
        self.merges = bool(resource.merged)
        touched = {setter.position for setter in self.setters}
        touched |= {self.positions[name] for name in resource.merged} if self.merges else set()
        recorded = {i for i, field in enumerate(self.fields) if self._is_recorded(field)}
        self.touched = sorted(recorded if self.completes else touched)
        self.recorded = sorted(recorded)
        own = getattr(resource.model, "history_excluded", ())
        self.shown = [i for i in self.recorded if self.fields[i].name not in own]
        self.searches = [(i, field) for i, field in enumerate(self.fields) if isinstance(field, SearchField)]
        self.written = sorted({*self.touched, *(i for i, _field in self.searches)})
        self.stamps = [i for i, field in enumerate(self.fields) if getattr(field, "auto_now", False)]
        self.births = [i for i, field in enumerate(self.fields) if getattr(field, "auto_now_add", False)]
        self.template = self._defaults()
        self.texts = {s.position: s.name for s in self.setters if s.kind == "reference"}

    def _is_recorded(self, field: models.Field) -> bool:
        return field.name not in UNRECORDED and not field.primary_key

    def _setter(self, place: Any) -> Setter | None:
        position = self.positions.get(place.column.attribute)
        if position is None or position == self.parts_at or place.number:
            return None
        field = self.fields[position]
        kind = (
            "text per locale"
            if place.locale
            else "reference"
            if isinstance(place.column.widget, Ref)
            else "plain"
        )
        empty = None if field.null else "" if field.empty_strings_allowed else field.get_default()
        return Setter(place.name, position, kind, place.locale, empty)

    def localized(self, column: str) -> list[tuple[str, str]]:
        """``(locale, name)`` of a column that the file has per locale."""
        if column not in self._localized:
            self._localized[column] = [
                (place.locale, place.name)
                for place in self.header.places
                if place.column.column_name == column and place.locale
            ]
        return self._localized[column]

    def blank(self, row: Planned, resolved: dict[str, Resolved]) -> Record:
        """A record of this row's identity with nothing else set."""
        blank = list(self.template)
        names = {field.name for field in self.resource.identity}
        for setter in self.setters:
            if self.fields[setter.position].name in names:
                self._set(blank, setter, row.values[setter.name], resolved)
        return blank

    def of_cells(
        self,
        row: Planned,
        resolved: dict[str, Resolved],
        wrong: set[str],
        stored: Record | None = None,
    ) -> tuple[Record, frozenset[str]]:
        """What the cells say that can be read, on the stored record or one with nothing else set; and the fields they
        fill, of which a text per locale is only a part."""
        record, known = list(stored or self.template), set()
        for setter in self.setters:
            if setter.name in row.values and setter.name not in wrong:
                self._set(record, setter, row.values[setter.name], resolved)
                known |= {self.fields[setter.position].name} if not setter.locale else set()
        return record, frozenset(known)

    def _defaults(self) -> Record:
        """What a record begins with; shared by all, because values are replaced, never changed."""
        given = self.resource._meta.begins_with
        found = [
            None if field.primary_key else given[field.name] if field.name in given else field.get_default()
            for field in self.fields
        ]
        return [*found, []] if self.parts else found

    def merge(self, row: Planned, resolved: dict[str, Resolved]) -> None:
        """Lay the values of the row over the stored record, or over the defaults."""
        if row.stored is None:
            record = self._begun(row.values, resolved)
        else:
            record = list(row.stored)
            for setter in self.setters:
                if setter.name in row.values:
                    self._set(record, setter, row.values[setter.name], resolved)
        if self.merges:
            self.resource.merge(row, record, self)
        if self.completes:
            named = {field.name: record[i] for i, field in enumerate(self.fields)}
            for name, value in self.resource.complete(row.values, named, row.stored is None).items():
                record[self.positions[name]] = value
        if self.parts:
            record[self.parts_at] = self.resource.make_parts(
                row, record[self.parts_at], replaces=self.replaces
            )
        row.record = record

    def _begun(self, values: dict[str, Any], resolved: dict[str, Resolved]) -> Record:
        """A new record: there is nothing to lay the values over."""
        record = list(self.template)
        for name, position, kind, locale, empty in self.setters:
            if name not in values:
                continue
            value = values[name]
            if kind == "plain":
                record[position] = empty if value is None else value
            elif kind == "reference":
                record[position] = resolved[name].ids.get(value) if value else None
            elif value:
                record[position] = {**(record[position] or {}), locale: value}
        return record

    def _set(self, record: Record, setter: Setter, value: Any, resolved: dict[str, Resolved]) -> None:
        if setter.kind == "plain":
            value = setter.empty if value is None else as_before(record[setter.position], value)
        elif setter.kind == "reference":
            value = resolved[setter.name].ids.get(value) if value else None
        else:
            held = record[setter.position] or {}
            if value and held.get(setter.locale) == value:
                return
            texts = dict(held)
            before = texts.pop(setter.locale, "")
            value = {**texts, setter.locale: as_before(before, value)} if value else texts
        record[setter.position] = value

    def differs(self, row: Planned) -> bool:
        record, stored = row.record, row.stored
        for i in self.touched:
            if record[i] != stored[i]:
                return True
        return self.has_other_parts(row)

    def has_other_parts(self, row: Planned) -> bool:
        return self.parts is not None and row.record[self.parts_at] != row.stored[self.parts_at]

    def unread(self, since: datetime.datetime | None) -> set[int]:
        """What need not be read of a stored record: it is not compared and written anew. When it was saved is
        asked only of records that may have been saved meanwhile."""
        times = self.births if since else [*self.births, *self.stamps]
        kept = [*times, *(i for i, _field in self.searches)]
        return {i for i in kept if self.fields[i].name in UNRECORDED}

    def saved_at(self, row: Planned) -> datetime.datetime:
        return row.stored[self.positions["updated_at"]]

    def finish(self, row: Planned, now: datetime.datetime) -> None:
        """The columns the machine keeps: times, version, the searched text."""
        record = row.record
        for i in self.stamps:
            record[i] = now
        for i in self.births:
            record[i] = record[i] or now
        for i, field in self.searches:
            record[i] = field.text_of({name: self._searched(row, name) for name in field.sources})

    def _searched(self, row: Planned, name: str) -> Any:
        """What is found in a field; of a reference, which must be a key column, the text of its key."""
        position = self.positions[name]
        return row.values[self.texts[position]] if position in self.texts else row.record[position]

    def changes(self, row: Planned, *, is_shown: bool = False) -> dict[str, dict[str, Any]]:
        """``{field: {"before": …, "after": …}}`` as history holds it; ``is_shown`` adds what it holds elsewhere and
        leaves out what the machine keeps for itself."""
        found: dict[str, dict[str, Any]] = {}
        before = row.stored or self.template
        for i in self.shown if is_shown else self.recorded:
            if row.record[i] != before[i] or (row.stored is None and row.record[i] not in (None, "")):
                found.update(
                    self._difference(row, i, None if row.stored is None else before[i], row.record[i])
                )
        if self.parts and row.record[self.parts_at] != before[self.parts_at]:
            told = getattr(self.parts, "shown", self.parts.state) if is_shown else self.parts.state
            states = [told(record[self.parts_at]) for record in (before, row.record)]
            found.update(difference(*states))
        return found

    def _difference(self, row: Planned, i: int, before: Any, after: Any) -> dict[str, dict[str, Any]]:
        field = self.fields[i]
        if isinstance(field, LocalizedField):
            before, after = before or {}, after or {}
            return {
                f"{field.name}.{code}": {"before": before.get(code), "after": after.get(code)}
                for code in [*before, *(code for code in after if code not in before)]
                if before.get(code) != after.get(code)
            }
        if isinstance(field, MapField):
            held, wanted = field.entries(before), field.entries(after)
            return {f"{field.name}.{path}": each for path, each in difference(held, wanted).items()}
        if field.is_relation:
            key = next((row.values.get(s.name) for s in self.setters if s.position == i), None)
            known = {"id": after, "key": key} if after is not None else None
            return {field.name: {"before": {"id": before} if before is not None else None, "after": known}}
        return {field.name: {"before": plain(before), "after": plain(after)}}


def _numbered(header: Header) -> dict[str, list[dict[str, str]]]:
    """The numbered columns by locale, and there by number: ``{stem: name of the column}``."""
    found: dict[str, dict[int, dict[str, str]]] = {}
    for place in header.places:
        if place.number:
            slots = found.setdefault(place.locale, {})
            slots.setdefault(place.number, {})[place.column.column_name] = place.name
    return {locale: [slots[number] for number in sorted(slots)] for locale, slots in found.items()}


def as_before(before: Any, value: Any) -> Any:
    """The stored text where the file's differs by its line ends only: a file has none but line feeds."""
    if before and before != value and isinstance(before, str) and before.replace("\r\n", "\n") == value:
        return before
    return value
