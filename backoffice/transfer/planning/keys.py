"""What rows say of themselves before anything is planned: their key, and the facts that a run states once."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.models import JobFile
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.staging.keys import KeyRow, folded


def key_rows(
    resource: FileResource, file: JobFile, rows: Sequence[Planned], *, foretells: bool
) -> Iterator[KeyRow]:
    """Each row's own key, and one more for each fact it states or ``foretells``."""
    names = [column.column_name for column in resource.key_columns]
    parent = resource.parent_column.column_name if resource.parent_column else ""
    tellers = _tellers(resource, foretells)
    is_folded, position, space = resource._meta.similar_keys, file.position, resource.space(file)
    for row in rows:
        values = row.values
        if row.problems and any(name not in values for name in names):
            continue
        key = str(values[names[0]]) if len(names) == 1 else resource.key_text(values)
        alike = folded(key) if is_folded else ""
        digest, is_bad = digest_of(values), row.is_bad
        yield KeyRow(space, key, alike, position, row.number, row.line, digest, is_bad)
        if parent and not is_bad and parent in values:
            above = values[parent] or ""
            yield KeyRow(parent_space(resource), key, above, position, row.number, row.line, digest, is_bad)
        if tellers and not is_bad:
            for fact, about in chain.from_iterable(tell(values) for tell in tellers):
                yield KeyRow(fact, about, key, position, row.number, row.line, digest, is_bad)


def _tellers(resource: FileResource, foretells: bool) -> list[Callable[[Values], Iterable[tuple[str, str]]]]:
    """What tells the facts of a row; most formats state none."""
    names = ["facts", "foretold"] if foretells else ["facts"]
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


def digest_of(values: dict[str, Any]) -> int:
    """Tells whether two rows of a run say the same; means nothing outside of this process."""
    return hash(repr(values))
