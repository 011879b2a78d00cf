"""The order of rows that refer to other rows of their own format: what is referred to comes first, circles are found.

Lives in a table of the session. A parent that no row of the run states is climbed up in the database, so that a
circle through stored records is found, too.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection, models

from backoffice.transfer.staging.copying import literal

LEVELS = 100
"""Rows that stand deeper are refused: each level costs a batch."""
CIRCLE, DEEP = "circle", "deep"

_CREATE = """
CREATE TEMP TABLE transfer_tree AS
SELECT key, parent, '' AS next, '' AS fault, NULL::bigint AS depth FROM (
    SELECT DISTINCT ON (key) key, alike AS parent FROM transfer_keys WHERE space = %s
    ORDER BY key, file {order}, number {order}
) AS stated
"""
_STATED = "UPDATE transfer_tree t SET next = t.parent FROM transfer_tree above WHERE above.key = t.parent"
_STORED = """
WITH RECURSIVE up(key, at) AS (
    SELECT key, parent FROM transfer_tree WHERE parent <> '' AND next = ''
    UNION
    SELECT up.key, above.{key} FROM up
    JOIN {table} AS held ON held.{key} = up.at
    JOIN {table} AS above ON above.{pk} = held.{parent}
    WHERE NOT EXISTS (SELECT 1 FROM transfer_tree t WHERE t.key = up.at)
)
UPDATE transfer_tree t SET next = up.at FROM up
WHERE up.key = t.key AND EXISTS (SELECT 1 FROM transfer_tree above WHERE above.key = up.at)
"""
_COUNT = """
WITH RECURSIVE below(key, depth) AS (
    SELECT key, 0::bigint FROM transfer_tree WHERE next = ''
    UNION ALL
    SELECT t.key, below.depth + 1 FROM below JOIN transfer_tree t ON t.next = below.key
    WHERE below.depth + 1 < {levels}
)
UPDATE transfer_tree t SET depth = below.depth FROM below WHERE below.key = t.key
"""


class Node(NamedTuple):
    """Where a row stands. ``fault`` is empty, CIRCLE or DEEP."""

    depth: int
    fault: str


class RunTree:
    """``space`` holds, for each row of the run that states a parent, its key and the key of the parent."""

    def __init__(self, space: str, model: type[models.Model], *, key: str, parent: str) -> None:
        quote, meta = connection.ops.quote_name, model._meta
        self.space = space
        self._names = {
            "table": quote(meta.db_table),
            "pk": quote(meta.pk.column),
            "key": quote(meta.get_field(key).column),
            "parent": quote(meta.get_field(parent).column),
        }

    def build(self, *, last_wins: bool) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.transfer_tree")
            cursor.execute(_CREATE.format(order="DESC" if last_wins else "ASC"), [self.space])
            cursor.execute("CREATE UNIQUE INDEX ON transfer_tree (key)")
            cursor.execute("CREATE INDEX ON transfer_tree (next)")
            cursor.execute("ANALYZE transfer_tree")
            cursor.execute(_STATED)
            cursor.execute(_STORED.format(**self._names))
            cursor.execute(_COUNT.format(levels=LEVELS))
            cursor.execute("SELECT key, next FROM transfer_tree WHERE depth IS NULL")
            far = dict(cursor.fetchall())
            if far:
                self._tell_faults(cursor, far)
            cursor.execute("SELECT coalesce(max(depth), 0) FROM transfer_tree")
            self.depth = cursor.fetchone()[0]

    def _tell_faults(self, cursor: Any, far: dict[str, str]) -> None:
        """Rows in a circle come first, so that those below them are told that they refer to a row in error."""
        circles = literal(in_circles(far))
        cursor.execute(
            "UPDATE transfer_tree SET next = '', fault = %s WHERE key = ANY(%s::text[])", [CIRCLE, circles]
        )
        cursor.execute(_COUNT.format(levels=LEVELS))
        cursor.execute("UPDATE transfer_tree SET depth = 0, fault = %s WHERE depth IS NULL", [DEEP])

    def nodes(self, keys: Iterable[str]) -> dict[str, Node]:
        """Where the rows with these keys stand; a row that states no parent is left out."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT key, depth, fault FROM transfer_tree WHERE key = ANY(%s::text[])", [literal(keys)]
            )
            return {key: Node(depth, fault) for key, depth, fault in cursor}


def in_circles(parents: dict[str, str]) -> set[str]:
    """The keys that lead back to themselves."""
    found: set[str] = set()
    done: set[str] = set()
    for start in parents:
        trail: dict[str, int] = {}
        key = start
        while key in parents and key not in done and key not in trail:
            trail[key] = len(trail)
            key = parents[key]
        if key in trail:
            found.update(each for each, place in trail.items() if place >= trail[key])
        done.update(trail)
    return found
