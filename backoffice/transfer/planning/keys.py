"""What rows say of themselves before anything is planned: their key, and the facts that a run states once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from types import NoneType
from typing import Any

from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.models import JobFile
from backoffice.transfer.planning.cleaning import Block, Planned
from backoffice.transfer.staging.keys import JOIN, KeyRows, folded

_HASHED = {bool, str, tuple, NoneType}
Teller = Callable[[Values], Iterable[tuple[str, str]]]


def key_rows(resource: FileResource, file: JobFile, block: Block, *, foretells: bool) -> KeyRows:
    """Each row's own key, and one more for each fact it states or ``foretells``."""
    tellers = _tellers(resource, block, foretells)
    joins_otherwise = type(resource).key_text is not FileResource.key_text
    if block.is_plain and not (tellers or resource.parent_column or joins_otherwise):
        return _own_keys(resource, file, block)
    rows = [*_rows(resource, file, block.rows(), tellers)]
    return KeyRows(*zip(*rows, strict=True)) if rows else KeyRows(*[()] * len(KeyRows._fields))


def _own_keys(resource: FileResource, file: JobFile, block: Block) -> KeyRows:
    count = len(block.numbers)
    keys = [[*map(str, block.column(column.column_name))] for column in resource.key_columns]
    texts = keys[0] if len(keys) == 1 else [*map(JOIN.join, zip(*keys, strict=True))]
    return KeyRows(
        space=[resource.space(file)] * count,
        key=texts,
        alike=[*map(folded, texts)] if resource._meta.similar_keys else [""] * count,
        file=[file.position] * count,
        number=block.numbers,
        line=block.lines,
        digest=_digests(block.names, block.records()),
        is_bad=[False] * count,
    )


def _rows(
    resource: FileResource, file: JobFile, rows: Sequence[Planned], tellers: Sequence[Teller]
) -> Iterator[tuple[Any, ...]]:
    """As :class:`KeyRows` has them."""
    names = [column.column_name for column in resource.key_columns]
    parent = resource.parent_column.column_name if resource.parent_column else ""
    is_folded, position, space = resource._meta.similar_keys, file.position, resource.space(file)
    for row in rows:
        values = row.values
        if row.problems and any(name not in values for name in names):
            continue
        key = str(values[names[0]]) if len(names) == 1 else resource.key_text(values)
        digest = _digests(values, [tuple(values.values())])[0]
        facts = position, row.number, row.line, digest, row.is_bad
        yield (space, key, folded(key) if is_folded else "", *facts)
        if row.is_bad:
            continue
        if parent and parent in values:
            yield (parent_space(resource), key, values[parent] or "", *facts)
        for fact, about in chain.from_iterable(tell(values) for tell in tellers):
            yield (fact, about, key, *facts)


def _tellers(resource: FileResource, block: Block, foretells: bool) -> list[Teller]:
    """What tells the facts of a row; most formats state none, and some only in a few columns."""
    columns = resource._meta.stated_in
    is_silent = columns and block.values is None and set(columns).isdisjoint(block.names)
    names = [*([] if is_silent else ["facts"]), *(["foretold"] if foretells else [])]
    return [
        getattr(resource, name)
        for name in names
        if getattr(type(resource), name) is not getattr(FileResource, name)
    ]


def parent_space(resource: FileResource) -> str:
    """Where the rows of a tree say which one they hang on."""
    return f"{resource.file}>{resource._meta.parent_column}"


def key_of(resource: FileResource, row: Planned) -> str:
    """The key of a row as one text; nothing if it could not be read."""
    if any(column.column_name not in row.values for column in resource.key_columns):
        return ""
    return resource.key_text(row.values)


def _digests(names: Iterable[str], records: Iterable[tuple[Any, ...]]) -> list[int]:
    """Tell whether two rows of a run say the same; mean nothing outside of this process."""
    columns, rows = tuple(names), list(records)
    # Numbers can share a hash, as -1 and -2 do; lists and maps have none.
    is_sure = {type(value) for row in rows for value in row} <= _HASHED
    return [hash((columns, row)) for row in (rows if is_sure else map(repr, rows))]
