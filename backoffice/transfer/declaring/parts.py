"""Rows that belong to a record and hang in a table of their own, such as the predefined values of an attribute.

In a record they are one more value: a list of ``[key, further fields …]`` in their order. They are loaded, compared
and written for a whole batch, and history holds them in the change of their record.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, models

from backoffice.transfer.staging.copying import constant, copy_lines, literal, speller

Part = list[Any]
_BETWEEN = "\x1f"
_scan = json.JSONDecoder().scan_once


class Parts:
    """``parent`` names the reference to the record, ``key`` tells the parts of one record apart, ``order`` holds
    their place. Only texts, whole numbers, flags and texts per locale can be ``fields``. ``state`` tells, as history
    holds it, what a list of parts is."""

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
        self.spellers = [speller(field) for field in held]

    def is_key(self, column: str) -> bool:
        """Whether this column of a file lists the keys of the parts."""
        return self.lists.get(column) == self._key_name

    @staticmethod
    def as_text(items: Sequence[str] | None, number: int) -> str:
        """A list of a cell as :meth:`as_texts` gives the stored one; ``number`` is how many parts there are."""
        return _BETWEEN.join(items) if items else _BETWEEN * (number - 1)

    def as_texts(self, columns: Sequence[tuple[str, str]], parent: str) -> str:
        """A query for the parts of one record as one text per column and locale: ``c0``, ``c1`` and so on."""
        quote = connection.ops.quote_name
        texts = []
        for place, (column, locale) in enumerate(columns):
            name = quote(self.model._meta.get_field(self.lists[column]).column)
            value = f"coalesce({name} ->> {constant(locale)}, '')" if locale else name
            listed = f"string_agg({value}, E'\\x1f' ORDER BY {self.order}, {self.pk})"
            texts.append(f"coalesce({listed}, '') AS c{place}")
        return f"SELECT {', '.join(texts)} FROM {self.table} WHERE {self.parent} = {parent}"  # noqa: S608

    def stored(self, parents: Sequence[int]) -> dict[int, list[Part]]:
        """The parts of the records with these ids, in order; a record without parts is left out."""
        if not parents:
            return {}
        query = (
            f"SELECT {self.parent}, json_agg(json_build_array({', '.join(self.columns)}) "  # noqa: S608
            f"ORDER BY {self.order}, {self.pk})::text "
            f"FROM {self.table} WHERE {self.parent} = ANY(%s::bigint[]) GROUP BY 1"
        )
        with connection.cursor() as cursor:
            cursor.execute(query, [literal(parents)])
            return {parent: _scan(parts, 0)[0] for parent, parts in cursor}

    def add(self, wanted: Iterable[tuple[int, list[Part]]]) -> None:
        """Write the parts of records that have none."""
        with connection.cursor() as cursor:
            self._copy(cursor, self.table, wanted)

    def replace(self, wanted: Sequence[tuple[int, list[Part]]]) -> None:
        """Make the parts of these records the wanted ones: missing ones go, kept ones keep their id."""
        if not wanted:
            return
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS {self.shelf} (LIKE {self.table})")
            cursor.execute(f"ALTER TABLE pg_temp.{self.shelf} ALTER {self.pk} DROP NOT NULL")
            cursor.execute(f"TRUNCATE pg_temp.{self.shelf}")
            self._copy(cursor, self.shelf, wanted)
            cursor.execute(self._delete(), [[parent for parent, _parts in wanted]])
            cursor.execute(self._update())
            cursor.execute(self._insert())

    def _copy(self, cursor: Any, table: str, wanted: Iterable[tuple[int, list[Part]]]) -> None:
        columns = [self.parent, self.order, *self.columns]
        copy_lines(cursor, table, columns, self._lines(wanted))

    def _lines(self, wanted: Iterable[tuple[int, list[Part]]]) -> Iterator[str]:
        spell_key, *spellers = self.spellers
        for parent, parts in wanted:
            for place, (key, *values) in enumerate(parts):
                cells = [spell(value) for spell, value in zip(spellers, values, strict=True)]
                yield "\t".join([str(parent), str(place), spell_key(key), *cells]) + "\n"

    @property
    def _same(self) -> str:
        return f"t.{self.parent} = s.{self.parent} AND t.{self.key} = s.{self.key}"

    def _delete(self) -> str:
        return (
            f"DELETE FROM {self.table} t WHERE t.{self.parent} = ANY(%s) "  # noqa: S608
            f"AND NOT EXISTS (SELECT 1 FROM {self.shelf} s WHERE {self._same})"
        )

    def _update(self) -> str:
        names = [self.order, *self.fields]
        values = ", ".join(f"{name} = s.{name}" for name in names)
        ours, theirs = (", ".join(f"{table}.{name}" for name in names) for table in "ts")
        return (
            f"UPDATE {self.table} t SET {values} FROM {self.shelf} s "  # noqa: S608
            f"WHERE {self._same} AND ({ours}) IS DISTINCT FROM ({theirs})"
        )

    def _insert(self) -> str:
        names = ", ".join([self.parent, self.order, *self.columns])
        return (
            f"INSERT INTO {self.table} ({names}) SELECT {names} FROM {self.shelf} s "  # noqa: S608
            f"WHERE NOT EXISTS (SELECT 1 FROM {self.table} t WHERE {self._same}) "
            f"ORDER BY {self.parent}, {self.order}"
        )
