"""Rows that belong to a record and hang in a table of their own, such as the predefined values of an attribute.

In a record they are one more value: a list of ``[key, further fields …]`` in their order. They are loaded, compared
and written for a whole batch, and history holds them in the change of their record.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection, models

from backoffice.transfer.staging.copying import array_type, constant, copy_columns, literal, speller_of_all

Part = list[Any]
Placed = tuple[int, int, Part]
"""The id of the record, the place among its parts, the part."""
_BETWEEN = "\x1f"
_scan = json.JSONDecoder().scan_once


class Differences(NamedTuple):
    """The parts that go, by record and key; that stay, but otherwise or elsewhere; that come."""

    gone: list[tuple[int, Any]]
    kept: list[Placed]
    fresh: list[Placed]


class Scattered(list[Part]):
    """Stored parts whose places are not counted from 0 without gaps: all of them are placed anew."""


class Parts:
    """``parent`` names the reference to the record, ``key`` tells the parts of one record apart, ``order`` holds
    their place. Only texts, whole numbers, flags and texts per locale can be ``fields``. ``state`` tells, as history
    holds it, what a list of parts is. ``lists`` names the columns of a file that hold the keys, or a field, of all
    parts as a list in one cell: ``{column: field}``."""

    def __init__(
        self,
        name: str,
        model: type[models.Model],
        *,
        parent: str,
        key: str,
        order: str,
        fields: Sequence[str] = (),
        state: Callable[[Sequence[Part]], dict[str, Any]],
        lists: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.state = name, state
        self.lists, self._key_name = lists or {}, key
        self.model = model
        meta, quote = model._meta, connection.ops.quote_name
        self.table, self.pk = quote(meta.db_table), quote(meta.pk.column)
        self.shelf = quote(f"shelf_{meta.db_table}"[:63])
        self.parent, self.order = (quote(meta.get_field(each).column) for each in (parent, order))
        held = [meta.get_field(each) for each in (key, *fields)]
        self.key, *self.fields = self.columns = [quote(field.column) for field in held]
        self.key_type = array_type(held[0])
        self.spellers = [speller_of_all(field) for field in held]

    def is_key(self, column: str) -> bool:
        """Whether this column of a file lists the keys of the parts."""
        return self.lists.get(column) == self._key_name

    @staticmethod
    def as_stored(lists: Sequence[Sequence[str] | None], keys: Sequence[Sequence[str] | None]) -> list[str]:
        """The lists of a column as :meth:`as_texts` gives the stored ones; ``keys`` are those of the parts."""
        return [
            _BETWEEN.join(items) if items else _BETWEEN * (len(held) - 1) if held else ""
            for items, held in zip(lists, keys, strict=True)
        ]

    def as_texts(self, columns: Sequence[tuple[str, str]], parent: str) -> str:
        """A query for the parts of one record as one text per column and locale: ``c0``, ``c1`` and so on."""
        quote = connection.ops.quote_name
        texts = []
        for place, (column, locale) in enumerate(columns):
            name = quote(self.model._meta.get_field(self.lists[column]).column)
            value = f"coalesce({name} ->> {constant(locale)}, '')" if locale else name
            texts.append(f"coalesce(string_agg({value}, E'\\x1f'), '') AS c{place}")
        rows = f"SELECT * FROM {self.table} WHERE {self.parent} = {parent} ORDER BY {self.order}, {self.pk}"  # noqa: S608
        return f"SELECT {', '.join(texts)} FROM ({rows}) AS v"  # noqa: S608

    def stored(self, parents: Sequence[int]) -> dict[int, list[Part]]:
        """The parts of the records with these ids, in order; a record without parts is left out."""
        if not parents:
            return {}
        query = (
            "SELECT r.id, p.* FROM unnest(%s::bigint[]) AS r(id) CROSS JOIN LATERAL ("  # noqa: S608
            f"SELECT json_agg(json_build_array({', '.join(self.columns)}) "
            f"ORDER BY {self.order}, {self.pk})::text AS parts, "
            f"max({self.order}) = count(*) - 1 AND count(DISTINCT {self.order}) = count(*) AS is_counted "
            f"FROM {self.table} WHERE {self.parent} = r.id) AS p WHERE p.parts IS NOT NULL"
        )
        with connection.cursor() as cursor:
            cursor.execute(query, [literal(parents)])
            return {
                parent: _scan(parts, 0)[0] if is_counted else Scattered(_scan(parts, 0)[0])
                for parent, parts, is_counted in cursor
            }

    def add(self, wanted: Iterable[tuple[int, list[Part]]]) -> None:
        """Write the parts of records that have none."""
        with connection.cursor() as cursor:
            self._copy(cursor, self.table, _placed(wanted))

    def replace(self, wanted: Iterable[tuple[int, list[Part], list[Part]]]) -> None:
        """Make the parts of these records, stored as the second ones, the third ones: missing ones go, kept ones keep
        their id. Only what differs is sent."""
        self.put(self.differences(wanted))

    def differences(self, wanted: Iterable[tuple[int, list[Part], list[Part]]]) -> Differences:
        """What :meth:`put` has to do for :meth:`replace`."""
        gone: list[tuple[int, Any]] = []
        fresh: list[Placed] = []
        kept: list[Placed] = []
        for parent, stored, parts in wanted:
            is_counted = not isinstance(stored, Scattered)
            held = {part[0]: (place, part) for place, part in enumerate(stored)}
            for place, part in enumerate(parts):
                before = held.pop(part[0], None)
                if before is None:
                    fresh.append((parent, place, part))
                elif before != (place, part) or not is_counted:
                    kept.append((parent, place, part))
            gone += [(parent, key) for key in held]
        return Differences(gone, kept, fresh)

    def put(self, differences: Differences) -> None:
        """Write what :meth:`differences` found."""
        gone, kept, fresh = differences
        with connection.cursor() as cursor:
            if gone:
                cursor.execute(self._delete(), [*map(literal, zip(*gone, strict=True))])
            if kept:
                self._change(cursor, kept)
            if fresh:
                self._copy(cursor, self.table, fresh)

    def _change(self, cursor: Any, parts: Sequence[Placed]) -> None:
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {self.shelf} (LIKE {self.table})")
        cursor.execute(f"ALTER TABLE pg_temp.{self.shelf} ALTER {self.pk} DROP NOT NULL")
        cursor.execute(f"TRUNCATE pg_temp.{self.shelf}")
        self._copy(cursor, self.shelf, parts)
        cursor.execute(self._update())

    def _copy(self, cursor: Any, table: str, parts: Iterable[Placed]) -> None:
        names = [self.parent, self.order, *self.columns]
        copy_columns(cursor, table, names, self._spelled, parts)

    def _spelled(self, parts: Sequence[Placed]) -> Iterator[Sequence[str]]:
        parents, places, held = zip(*parts, strict=True)
        yield from ([*map(str, parents)], [*map(str, places)])
        for spell, column in zip(self.spellers, zip(*held, strict=True), strict=True):
            yield spell(column)

    def _delete(self) -> str:
        return (
            f"DELETE FROM {self.table} WHERE {self.pk} = ANY(ARRAY("  # noqa: S608
            f"SELECT p.id FROM unnest(%s::bigint[], %s::{self.key_type}[]) AS g(parent, key) CROSS JOIN LATERAL ("
            f"SELECT {self.pk} AS id FROM {self.table} "
            f"WHERE {self.parent} = g.parent AND {self.key} = g.key OFFSET 0) AS p))"
        )

    def _update(self) -> str:
        """The parents are named once more, so that the table is not read as a whole for every batch."""
        names = [self.order, *self.fields]
        values = ", ".join(f"{name} = s.{name}" for name in names)
        ours, theirs = (", ".join(f"{table}.{name}" for name in names) for table in "ts")
        return (
            f"UPDATE {self.table} t SET {values} FROM {self.shelf} s "  # noqa: S608
            f"WHERE t.{self.parent} = s.{self.parent} AND t.{self.key} = s.{self.key} "
            f"AND ({ours}) IS DISTINCT FROM ({theirs}) "
            f"AND t.{self.parent} = ANY(ARRAY(SELECT {self.parent} FROM {self.shelf}))"
        )


def _placed(wanted: Iterable[tuple[int, list[Part]]]) -> Iterator[Placed]:
    for parent, parts in wanted:
        for place, part in enumerate(parts):
            yield parent, place, part
