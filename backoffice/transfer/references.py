"""References to other records by their key, resolved for a whole batch at a time."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from backoffice.console.rows import visible
from backoffice.transfer.keys import RunKeys
from backoffice.transfer.widgets import Code

BuiltIn = Callable[[str], Mapping[str, Any] | None]
SIMILAR = "lower(ltrim({column}, '0'))"


class Ref(Code):
    """The key of a record of ``model``. ``file`` is the format whose rows may bring it in the same run;
    ``built_in`` gives the field values of a record that is known without a file, or None."""

    def __init__(
        self, model: type[Model], field: str, *, file: str = "", built_in: BuiltIn | None = None
    ) -> None:
        super().__init__(model._meta.get_field(field).max_length)
        self.model, self.field, self.file, self.built_in = model, field, file, built_in


class Resolved(NamedTuple):
    """``ids`` of the texts that were found; a negative id stands for a record that the run will make. ``lines``
    of those whose own row is in error; ``hints`` of the others that look like a known key."""

    ids: dict[str, int]
    lines: dict[str, int]
    hints: dict[str, str]


def resolve(ref: Ref, texts: Iterable[str], *, user: Any, keys: RunKeys, make: Callable | None) -> Resolved:
    """One query for what is stored, one for what the run brings, one for suggestions.

    ``make(model, values)`` writes a built-in record and gives its id; None while nothing may be written.
    """
    wanted = sorted(set(texts))
    rows = ref.model._default_manager.filter(**{f"{ref.field}__in": wanted})
    if user is not None:
        rows = visible(rows, user)
    ids = dict(rows.order_by().values_list(ref.field, "pk"))
    missing = [text for text in wanted if text not in ids]
    for text in missing if ref.built_in else ():
        values = ref.built_in(text)
        if values is not None:
            ids[text] = make(ref.model, values) if make else -len(ids) - 1
    missing = [text for text in missing if text not in ids]
    lines: dict[str, int] = {}
    if missing and ref.file:
        found = keys.find(ref.file, missing)
        lines = {text: row.line for text, row in found.items() if row.is_bad}
        if make is None:
            ids.update({text: -len(ids) - i for i, text in enumerate(set(found) - set(lines), 1)})
    missing = [text for text in missing if text not in ids and text not in lines]
    return Resolved(ids, lines, similar_stored(ref.model, ref.field, missing) if missing else {})


def similar_stored(model: type[Model], field: str, texts: list[str]) -> dict[str, str]:
    """``{text: stored key}`` for texts that differ from a stored key by letter case or leading zeros only."""
    if not texts:
        return {}
    quote = connection.ops.quote_name
    column = quote(model._meta.get_field(field).column)
    table = quote(model._meta.db_table)
    query = (
        f"SELECT given, min({column}) FROM unnest(%s::text[]) AS given "  # noqa: S608 - names of our own models
        f"JOIN {table} ON {SIMILAR.format(column=column)} = {SIMILAR.format(column='given')} "
        f"WHERE {column} <> given GROUP BY given"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [texts])
        return dict(cursor.fetchall())
