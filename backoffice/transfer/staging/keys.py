"""The keys of all rows of a run, in a table of this session: references to rows of the same run, repeated
keys and similar keys are answered from here, never from memory (spec: import-export 1.3.2)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection

from backoffice.transfer.staging.copying import blocks, literal, text_of_all

JOIN = "\x1f"


class KeyRows(NamedTuple):
    """Rows of the table, column by column. ``space`` is the format, or ``format.fact`` for a fact that a run states
    once, such as the default currency of a store; then ``alike`` holds the key of the row that states it. ``file`` is
    the position of the file in its job."""

    space: Sequence[str]
    key: Sequence[str]
    alike: Sequence[str]
    file: Sequence[int]
    number: Sequence[int]
    line: Sequence[int]
    digest: Sequence[int]
    is_bad: Sequence[bool]

    def spelled(self) -> Iterator[Sequence[str]]:
        yield self.space
        yield from map(text_of_all, (self.key, self.alike))
        yield from (map(str, each) for each in (self.file, self.number, self.line, self.digest, self.is_bad))


class Found(NamedTuple):
    line: int
    is_bad: bool


class Spot(NamedTuple):
    """Where a row stands: the position of its file in the job, and its line."""

    file: int
    line: int


class First(NamedTuple):
    """The first row that says something. ``row`` are its file and its number there."""

    row: tuple[int, int]
    line: int

    @property
    def spot(self) -> Spot:
        return Spot(self.row[0], self.line)


class Twin(NamedTuple):
    """The row that counts instead of another one with the same key."""

    spot: Spot
    is_equal: bool


def folded(key: str) -> str:
    """What keys have in common that differ only by letter case or leading zeros."""
    return key.lower().lstrip("0")


class RunKeys:
    """The table, from :meth:`create` to :meth:`drop`. Lives on one connection."""

    def create(self) -> None:
        self.drop()
        self._spaces: set[str] = set()
        self._execute(
            "CREATE TEMP TABLE transfer_keys (space text, key text, alike text, file bigint, "
            "number bigint, line bigint, digest bigint, is_bad boolean)"
        )

    def drop(self) -> None:
        self._execute("DROP TABLE IF EXISTS pg_temp.transfer_keys")

    @contextmanager
    def adding(self) -> Iterator[Callable[[KeyRows], None]]:
        """Gives the function that adds rows; nothing else may be asked of the database meanwhile."""
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY transfer_keys ({', '.join(KeyRows._fields)}) FROM STDIN") as copy,
        ):
            yield lambda rows: copy.write("".join(blocks(rows.spelled())))

    def forget(self, file: int) -> None:
        """A file that turned out to be unreadable brings no keys."""
        self._execute("DELETE FROM transfer_keys WHERE file = %s", [file])

    def close(self) -> None:
        """All rows are in: make the look-ups quick."""
        self._spaces = {space for (space,) in self._rows("SELECT DISTINCT space FROM transfer_keys", [])}
        self._execute("CREATE INDEX ON transfer_keys (space, key, number)")
        self._execute("ANALYZE transfer_keys (space, key)")

    def has(self, space: str) -> bool:
        """Whether any row says something of this kind."""
        return space in self._spaces

    def find(self, space: str, keys: Iterable[str]) -> dict[str, Found]:
        """``{key: Found}``; a key that stands on several rows is bad only if all of them are."""
        if not self.has(space):
            return {}
        rows = self._rows(
            "SELECT key, min(line), bool_and(is_bad) FROM transfer_keys "
            "WHERE space = %s AND key = ANY(%s::text[]) GROUP BY key",
            [space, literal(keys)],
        )
        return {key: Found(line, is_bad) for key, line, is_bad in rows}

    def spots(self, space: str, keys: Iterable[str]) -> dict[str, Spot]:
        """By key its first row; asked of rows in error only, so that :meth:`find` stays quick."""
        rows = self._rows(
            "SELECT DISTINCT ON (key) key, file, line FROM transfer_keys "
            "WHERE space = %s AND key = ANY(%s::text[]) ORDER BY key, file, number",
            [space, literal(keys)],
        )
        return {key: Spot(file, line) for key, file, line in rows}

    def first_good(self, space: str, keys: Iterable[str]) -> dict[str, First]:
        """By key the first row that is not known to be bad."""
        rows = self._rows(
            "SELECT DISTINCT ON (key) key, file, number, line FROM transfer_keys "
            "WHERE space = %s AND key = ANY(%s::text[]) AND NOT is_bad ORDER BY key, file, number",
            [space, literal(keys)],
        )
        return {key: First((file, number), line) for key, file, number, line in rows}

    def has_repeats(self, space: str) -> bool:
        return bool(
            self._rows(
                "SELECT 1 FROM transfer_keys WHERE space = %s GROUP BY key HAVING count(*) > 1 LIMIT 1",
                [space],
            )
        )

    def twins(self, space: str, keys: Iterable[str], *, last_wins: bool) -> dict[tuple[int, int], Twin]:
        """``{(file, number): Twin}`` for the rows among ``keys`` that do not count: all but the first of each
        key, or all but the last."""
        order = "DESC" if last_wins else "ASC"
        rows = self._rows(
            "SELECT file, number, first_file, first_line, digest = first_digest FROM ("  # noqa: S608
            "  SELECT file, number, digest, row_number() OVER w AS rank,"
            "  first_value(file) OVER w AS first_file, first_value(line) OVER w AS first_line,"
            "  first_value(digest) OVER w AS first_digest FROM transfer_keys"
            "  WHERE space = %s AND key = ANY(%s::text[])"
            f"  WINDOW w AS (PARTITION BY key ORDER BY file {order}, number {order})) AS ranked WHERE rank > 1",
            [space, literal(keys)],
        )
        return {(file, number): Twin(Spot(*spot), equal) for file, number, *spot, equal in rows}

    def find_similar(self, space: str, table: str, column: str) -> None:
        """Find, once per file, the keys of the run that differ by letter case or zeros only: from a stored key, and
        from the key of the first row of those alike. ``table`` and ``column`` are quoted names."""
        self._execute("DROP TABLE IF EXISTS pg_temp.transfer_similar, pg_temp.transfer_alike")
        self._stored_alike = self._execute(
            "CREATE TEMP TABLE transfer_similar AS "  # noqa: S608
            f"SELECT k.key, array_agg(t.{column} ORDER BY t.{column}) AS stored FROM transfer_keys k JOIN {table} t "
            f"ON lower(ltrim(t.{column}, '0')) = lower(ltrim(k.key, '0')) AND t.{column} <> k.key "
            "WHERE k.space = %s GROUP BY k.key",
            [space],
        )
        self._run_alike = self._execute(
            "CREATE TEMP TABLE transfer_alike AS SELECT key, other, file, line FROM ("
            "  SELECT DISTINCT k.key, first_value(k.key) OVER w AS other,"
            "  first_value(k.file) OVER w AS file, first_value(k.line) OVER w AS line FROM transfer_keys k JOIN ("
            "    SELECT alike FROM transfer_keys WHERE space = %s AND alike <> ''"
            "    GROUP BY alike HAVING count(*) > 1) several ON several.alike = k.alike"
            "  WHERE k.space = %s WINDOW w AS (PARTITION BY k.alike ORDER BY k.file, k.number)) spelled "
            "WHERE other <> key",
            [space, space],
        )

    def similar_stored(self, keys: Iterable[str]) -> dict[str, list[str]]:
        """``{key: stored keys}`` of what :meth:`find_similar` found."""
        if not self._stored_alike:
            return {}
        return dict(
            self._rows(
                "SELECT key, stored FROM transfer_similar WHERE key = ANY(%s::text[])", [literal(keys)]
            )
        )

    def first_similar(self, keys: Iterable[str]) -> dict[str, tuple[str, Spot]]:
        """``{key: (other key, where)}`` for keys that a row before them spells in another letter case or with
        other leading zeros."""
        if not self._run_alike:
            return {}
        rows = self._rows(
            "SELECT key, other, file, line FROM transfer_alike WHERE key = ANY(%s::text[])", [literal(keys)]
        )
        return {key: (other, Spot(*spot)) for key, other, *spot in rows}

    def contradictions(self, space: str, keys: Iterable[str]) -> dict[tuple[int, int], tuple[str, Spot]]:
        """``{(file, number): (key, where)}``: rows that state a fact which an earlier one states for another record."""
        rows = self._rows(
            "SELECT k.file, k.number, k.key, f.file, f.line FROM transfer_keys k JOIN LATERAL ("
            "  SELECT file, line, alike FROM transfer_keys WHERE space = k.space AND key = k.key"
            "   ORDER BY file, number LIMIT 1) f ON f.alike <> k.alike "
            "WHERE k.space = %s AND k.key = ANY(%s::text[])",
            [space, literal(keys)],
        )
        return {(file, number): (key, Spot(*spot)) for file, number, key, *spot in rows}

    def stated(self, space: str) -> list[str]:
        """The distinct keys of a small space, such as the locales of the run."""
        return [
            key for (key,) in self._rows("SELECT DISTINCT key FROM transfer_keys WHERE space = %s", [space])
        ]

    def mark_bad(self, file: int, numbers: list[int]) -> None:
        """Rows by their number are looked up for this only, so that good files do without the index."""
        self._execute("CREATE INDEX IF NOT EXISTS transfer_keys_number ON transfer_keys (number)")
        self._execute(
            "UPDATE transfer_keys SET is_bad = true WHERE file = %s AND number = ANY(%s)", [file, numbers]
        )

    def _rows(self, query: str, params: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(query, params)
            return cursor.fetchall()

    def _execute(self, query: str, params: list[Any] | None = None) -> int:
        """Gives how many rows were written."""
        with connection.cursor() as cursor:
            cursor.execute(query, params)
            return cursor.rowcount
