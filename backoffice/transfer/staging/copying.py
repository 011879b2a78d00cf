"""Rows in the text format of COPY, joined before they are sent."""

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from json.encoder import encode_basestring
from typing import Any, TypeVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from backoffice.fields import LocalizedField, MapField

Spell = Callable[[Any], str]
Item = TypeVar("Item")
NULL = "\\N"
_ESCAPED = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_BLOCK = 1 << 16
_ROWS = 1_000
_BETWEEN = "\x1f"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(f",{_BETWEEN}", ":")).encode


def text(value: str) -> str:
    return value if value.isprintable() and "\\" not in value else value.translate(_ESCAPED)


def _flag(value: bool) -> str:
    return "t" if value else "f"


_BY_TYPE: dict[type, Spell] = {
    str: text,
    int: str,
    bool: _flag,
    Decimal: str,
    datetime.datetime: lru_cache(100)(datetime.datetime.isoformat),
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
}


def plain(value: Any) -> str:
    if value is None:
        return NULL
    spell = _BY_TYPE.get(type(value))
    return spell(value) if spell else text(str(value))


def _texts(value: dict[str, str] | None) -> str:
    """Texts per locale as JSON; written by hand because there are many small ones."""
    if value is None:
        return NULL
    if not value:
        return "{}"
    return text(
        "{" + ",".join([f"{encode_basestring(k)}:{encode_basestring(v)}" for k, v in value.items()]) + "}"
    )


def _array(value: Sequence[Any] | None) -> str:
    if value is None:
        return NULL
    return text("{" + ",".join(map(_quoted, value)) + "}")


def literal(values: Iterable[int | str | None]) -> str:
    """An array as one parameter; psycopg would look at each item of a list."""
    items = list(values)
    kinds = set(map(type, items))
    if kinds == {int}:
        return "{" + ",".join(map(str, items)) + "}"
    texts = '","'.join(items) if kinds == {str} else ""
    if texts and "\\" not in texts and texts.count('"') == 2 * len(items) - 2:
        return '{"' + texts + '"}'
    return "{" + ",".join([str(v) if type(v) is int else _quoted(v) for v in items]) + "}"


def array_type(field: models.Field) -> str:
    """The type without its length, which a cast would cut to."""
    base = field.target_field if field.is_relation else field
    return (base.rel_db_type(connection) if base.primary_key else base.db_type(connection)).partition("(")[0]


def constant(value: str) -> str:
    """A text as part of a query."""
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"


def _quoted(item: Any) -> str:
    if item is None:
        return "NULL"
    return '"' + str(item).replace("\\", "\\\\").replace('"', '\\"') + '"'


def speller(field: models.Field) -> Spell:
    """How a column is spelled."""
    if isinstance(field, LocalizedField):
        return _texts
    if isinstance(field, models.JSONField):
        encode = json.JSONEncoder if field.encoder is None else field.encoder
        spell = encode(ensure_ascii=False).encode
        return lambda value: NULL if value is None and field.null else text(spell(value))
    if isinstance(field, ArrayField):
        return _array
    if isinstance(field, models.BooleanField) and not field.null:
        return _flag
    if isinstance(field, models.CharField | models.TextField) and not field.null:
        return text
    return plain


def speller_of_all(field: models.Field) -> Callable[[Sequence[Any]], Sequence[str]]:
    """How the column of many records is spelled: at once where nothing in it has to be looked at."""
    spell = speller(field)
    if isinstance(field, LocalizedField | MapField):
        return lambda values: _all_maps(values) or [*map(spell, values)]
    if spell is text:
        return text_of_all
    if isinstance(field, models.JSONField | ArrayField):
        return lambda values: [*map(spell, values)]
    return lambda values: (
        [spell(values[0])] * len(values) if values.count(values[0]) == len(values) else [*map(spell, values)]
    )


def text_of_all(values: Sequence[str]) -> Sequence[str]:
    signs = "".join(values)
    return values if signs.isprintable() and "\\" not in signs else [*map(text, values)]


def _all_maps(values: Sequence[dict[str, Any] | None]) -> Sequence[str]:
    """Encoded together: no text in JSON holds the sign between the items, nor a line feed. Nothing where a value is no
    map, or holds maps in a list."""
    lines = _encode(list(values))[1:-1].replace(f"}},{_BETWEEN}{{", "}\n{").replace(f",{_BETWEEN}", ",")
    found = (lines.replace("\\", "\\\\") if "\\" in lines else lines).split("\n")
    return found if len(found) == len(values) and None not in values else ()


def blocks(columns: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows given column by column, as they are spelled."""
    for rows in parted(map("\t".join, zip(*columns, strict=True))):
        yield "\n".join(rows) + "\n"


def copy_columns(
    cursor: Any,
    table: str,
    names: Sequence[str],
    spell: Callable[[Sequence[Item]], Iterable[Sequence[str]]],
    items: Iterable[Item],
) -> None:
    """Rows that ``spell`` gives column by column for some of the items. The server writes them while the next ones are
    spelled."""
    copy_lines(cursor, table, names, (block for some in parted(items) for block in blocks(spell(some))))


def parted(items: Iterable[Item]) -> Iterator[list[Item]]:
    """As many at a time as are worth doing together."""
    waiting = iter(items)
    while some := list(islice(waiting, _ROWS)):
        yield some


def copy_lines(cursor: Any, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """``lines`` end with a line feed. They are sent in large blocks, so that the server works meanwhile."""
    query = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.wrap_database_errors, cursor.copy(query) as copy:
        waiting: list[str] = []
        size = 0
        for line in lines:
            waiting.append(line)
            size += len(line)
            if size > _BLOCK:
                copy.write("".join(waiting))
                waiting, size = [], 0
        if waiting:
            copy.write("".join(waiting))
