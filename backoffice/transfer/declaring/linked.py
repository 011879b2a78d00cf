"""Links of a record to records that stand by themselves, such as the categories of a product: named in a cell by their
keys. Used like :class:`~backoffice.transfer.declaring.parts.Parts`, which holds rows of one record only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

from backoffice.transfer.declaring.parts import Part
from backoffice.transfer.staging.copying import array_type, literal

Held = list[list[Part]]
Wanted = Iterable[tuple[int, Sequence[Part]]]


class KeyedLinks:
    """In a record the links are lists ``[key, further fields …]`` in the order of the keys; they are loaded, compared
    and written for a whole batch. ``parent`` and ``other`` name the references of ``model``, ``key`` the field by
    which the other record is named. ``state`` tells, as history holds it, what a list of links is."""

    lists: Mapping[str, str] = {}

    def __init__(
        self,
        name: str,
        model: type[models.Model],
        *,
        parent: str,
        other: str,
        key: str,
        fields: Sequence[str] = (),
        state: Callable[[Sequence[Part]], dict[str, Any]],
    ) -> None:
        self.name, self.state = name, state
        meta, quote = model._meta, connection.ops.quote_name
        target = meta.get_field(other).related_model._meta
        self.table, self.others = quote(meta.db_table), quote(target.db_table)
        self.parent, self.other = (quote(meta.get_field(each).column) for each in (parent, other))
        self.key, self.other_pk = quote(target.get_field(key).column), quote(target.pk.column)
        held = [meta.get_field(each) for each in fields]
        self.fields = [quote(field.column) for field in held]
        self.types = ["bigint", "text", *map(array_type, held)]

    def stored(self, parents: Sequence[int]) -> dict[int, list[Part]]:
        """The links of the records with these ids; a record without links is left out."""
        found: dict[int, list[Part]] = {}
        if parents:
            fields = "".join(f", t.{name}" for name in self.fields)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT t.{self.parent}, o.{self.key}{fields} FROM {self.table} t "  # noqa: S608
                    f"JOIN {self.others} o ON o.{self.other_pk} = t.{self.other} "
                    f"WHERE t.{self.parent} = ANY(%s::bigint[])",
                    [literal(parents)],
                )
                for parent, *part in cursor:
                    found.setdefault(parent, []).append(part)
        for parts in found.values():
            parts.sort()
        return found

    def add(self, wanted: Wanted) -> None:
        """Write the links of records that have none of these."""
        names = ", ".join([self.parent, self.other, *self.fields])
        fields = "".join(f", w.c{place}" for place in range(len(self.fields)))
        self._each(
            wanted,
            f"INSERT INTO {self.table} ({names}) SELECT w.parent, o.{self.other_pk}{fields} "  # noqa: S608
            f"FROM {{given}} JOIN {self.others} o ON o.{self.key} = w.key ORDER BY w.parent, o.{self.other_pk}",
        )

    def replace(self, wanted: Iterable[tuple[int, Sequence[Part], Sequence[Part]]]) -> None:
        """Make the links of records, stored as the second list, those of the third one; kept ones keep their id."""
        gone, changed, fresh = [], [], []
        for parent, stored, parts in wanted:
            held, goal = ({part[0]: part for part in each} for each in (stored, parts))
            gone.append((parent, [part for key, part in held.items() if key not in goal]))
            fresh.append((parent, [part for key, part in goal.items() if key not in held]))
            changed.append(
                (parent, [part for key, part in goal.items() if key in held and held[key] != part])
            )
        same = f"o.{self.key} = w.key AND t.{self.parent} = w.parent AND t.{self.other} = o.{self.other_pk}"
        self._each(
            gone,
            f"DELETE FROM {self.table} t USING {self.others} o, {{given}} WHERE {same}",  # noqa: S608
        )
        values = ", ".join(f"{name} = w.c{place}" for place, name in enumerate(self.fields))
        self._each(
            changed,
            f"UPDATE {self.table} t SET {values} FROM {self.others} o, {{given}} WHERE {same}",  # noqa: S608
        )
        self.add(fresh)

    def _each(self, wanted: Wanted, query: str) -> None:
        """Run ``query`` over the links, given as the rows ``w(parent, key, c0 …)``."""
        rows = [(parent, *part) for parent, parts in wanted for part in parts]
        if not rows:
            return
        arrays = ", ".join(f"%s::{each}[]" for each in self.types)
        names = ", ".join(["parent", "key", *(f"c{place}" for place in range(len(self.fields)))])
        with connection.cursor() as cursor:
            cursor.execute(
                query.format(given=f"unnest({arrays}) AS w({names})"),
                [literal(column) for column in zip(*rows, strict=True)],
            )


class Together:
    """Several kinds of parts of one record, as one: the value holds a list per kind. What a kind ``shows`` is told on
    the page of the check only, because history holds it elsewhere."""

    lists: Mapping[str, str] = {}

    def __init__(self, name: str, *kinds: Any) -> None:
        self.name, self.kinds = name, kinds

    def of(self, value: Sequence[Any]) -> Held:
        """The lists of the kinds; a record that has none of any kind has an empty value."""
        return list(value) if value else [[] for _kind in self.kinds]

    def stored(self, parents: Sequence[int]) -> dict[int, Held]:
        found: dict[int, Held] = {}
        for place, kind in enumerate(self.kinds):
            for parent, parts in kind.stored(parents).items():
                found.setdefault(parent, self.of([]))[place] = parts
        return found

    def add(self, wanted: Iterable[tuple[int, Held]]) -> None:
        wanted = list(wanted)
        for place, kind in enumerate(self.kinds):
            kind.add([(parent, value[place]) for parent, value in wanted if value and value[place]])

    def replace(self, wanted: Iterable[tuple[int, Held, Held]]) -> None:
        wanted = [(parent, self.of(stored), self.of(value)) for parent, stored, value in wanted]
        for place, kind in enumerate(self.kinds):
            changed = [
                (parent, stored[place], value[place])
                for parent, stored, value in wanted
                if stored[place] != value[place]
            ]
            if changed:
                kind.replace(changed)

    def state(self, value: Held) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for kind, parts in zip(self.kinds, self.of(value), strict=True):
            found |= kind.state(parts)
        return found

    def shown(self, value: Held) -> dict[str, Any]:
        found = self.state(value)
        for kind, parts in zip(self.kinds, self.of(value), strict=True):
            found |= kind.shown(parts) if hasattr(kind, "shown") else {}
        return found
