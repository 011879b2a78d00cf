"""Stored rows as records, many at a time: an undo compares every record of an import, and Django's own way to make
records costs more than comparing them.

A row comes as one JSON text, so that the parser in C reads a batch at once, and the records are made as unpickling
makes them: no signals, no defaults. What history leaves to the machine is not read; a record asks for it when needed.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.base import ModelState
from django.db.models.expressions import RawSQL

from backoffice.records import UNRECORDED

_AS_JSON = (
    models.BooleanField,
    models.CharField,
    models.ForeignKey,
    models.IntegerField,
    models.JSONField,
    models.TextField,
)
"""Fields whose values are the same in JSON."""


class _Form(NamedTuple):
    """How the rows of a model are asked for, and what their values are."""

    columns: str
    names: tuple[str, ...]
    read: tuple[tuple[str, Callable[[Any], Any]], ...]
    """The values that JSON spells differently, and what reads them."""


def loaded(rows: models.QuerySet) -> list[Any]:
    """The records of a query without annotations."""
    return _made(rows.model, _texts(rows))


def streamed(rows: models.QuerySet, size: int) -> Iterator[Any]:
    """The same for a query of any length; ``size`` records are held at a time."""
    texts = _texts(rows).iterator(chunk_size=size)
    while block := list(islice(texts, size)):
        yield from _made(rows.model, block)


def array(ids: Iterable[int]) -> str:
    """Ids as one parameter; psycopg would look at each item of a list."""
    return f"{{{','.join(map(str, ids))}}}"


def _texts(rows: models.QuerySet) -> models.QuerySet:
    return rows.values_list(RawSQL(_form(rows.model).columns, ()), flat=True)  # noqa: S611 - the columns' own names


def _made(model: type[models.Model], texts: Iterable[str]) -> list[Any]:
    form, alias, records = _form(model), connection.alias, []
    for values in json.loads(f"[{','.join(texts)}]"):
        record = model.__new__(model)
        held = record.__dict__
        held.update(zip(form.names, values, strict=True))
        held["_state"] = state = ModelState()
        state.adding, state.db = False, alias
        for name, read in form.read:
            if held[name] is not None:
                held[name] = read(held[name])
        records.append(record)
    return records


@lru_cache
def _form(model: type[models.Model]) -> _Form:
    quote = connection.ops.quote_name
    fields = [f for f in model._meta.concrete_fields if f.primary_key or f.name not in UNRECORDED]
    columns = []
    for field in fields:
        column = f"{quote(model._meta.db_table)}.{quote(field.column)}"
        columns.append(f"{column}::text" if isinstance(field, models.DecimalField) else column)
    return _Form(
        f"json_build_array({', '.join(columns)})::text",
        tuple(field.attname for field in fields),
        tuple((field.attname, field.to_python) for field in fields if not _is_plain(field)),
    )


def _is_plain(field: models.Field) -> bool:
    held = field.base_field if isinstance(field, ArrayField) else field
    return isinstance(held, _AS_JSON)
