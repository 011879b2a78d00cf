"""Rows that are sure to change nothing, told by one query that compares the file's columns only: no record is made of
them and none is locked. Whatever it does not settle is compared in full."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, models

from backoffice.database import running
from backoffice.fields import LocalizedField
from backoffice.transfer.declaring.columns import Place
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.stored import found_by_key, identities
from backoffice.transfer.planning.unseen import is_limited
from backoffice.transfer.staging.copying import constant

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch

_PROBES = 50


def settle(batch: "Batch") -> None:
    """Decide the rows that equal what is stored. A few are tried first: a file of other rows is left alone."""
    rows = list(batch.open())
    if not rows or not _is_possible(batch):
        return
    probes = rows[:: len(rows) // _PROBES + 1]
    if _settle(batch, probes) * 10 >= len(probes):
        _settle(batch, [row for row in rows if not row.outcome])


def _is_possible(batch: "Batch") -> bool:
    resource, comparison = batch.resource, batch.comparison
    looks = type(resource).review is not FileResource.review and resource._meta.reviews_unchanged
    if looks or comparison.completes or comparison.merges or batch.run.options.empty_cells == "keep":
        return False
    if is_limited(batch):
        return False  # records that the user does not see are settled by nobody
    for setter in comparison.setters:
        field = comparison.fields[setter.position]
        if isinstance(field, models.JSONField) and not (isinstance(field, LocalizedField) and setter.locale):
            return False
    stating = _stating(batch)
    if resource.parts is None or not stating:
        return resource.parts is None or bool(resource.parts.lists)
    return any(resource.parts.is_key(place.column.column_name) for place in stating)


def _stating(batch: "Batch") -> list[Place]:
    """The columns that state the parts of the record."""
    lists = batch.resource.parts.lists if batch.resource.parts else {}
    return [place for place in batch.header.places if place.column.column_name in lists]


def _settle(batch: "Batch", rows: Sequence[Planned]) -> int:
    """How many of the rows are stored as they stand."""
    with running(_query(batch), identities(batch, rows)) as cursor:
        wanted = [*zip([row.number for row in rows], *_wanted(batch, rows), strict=True)]
    stored = {held[0]: held for held in cursor.fetchall()}
    settled = 0
    for row, values in zip(rows, wanted, strict=True):
        if stored.get(values[0]) == values:
            row.outcome = RowResult.Outcome.UNCHANGED
            settled += 1
    return settled


def _wanted(batch: "Batch", rows: Sequence[Planned]) -> list[list[Any]]:
    """Column by column what the rows say, as the query gives it."""
    found: list[list[Any]] = []
    for setter in _compared(batch):
        values = [row.values[setter.name] for row in rows]
        if setter.kind == "reference":
            ids = batch.resolved[setter.name].ids
            values = [ids.get(value) if value else None for value in values]
        elif setter.locale:
            values = [value or None for value in values]
        elif None in values:
            values = [setter.empty if value is None else value for value in values]
        found.append(values)
    parts, stating = batch.resource.parts, _stating(batch)
    if stating:
        key = next(place.name for place in stating if parts.is_key(place.column.column_name))
        keys = [row.values[key] for row in rows]
        found += [parts.as_stored([row.values[place.name] for row in rows], keys) for place in stating]
    return found


def _compared(batch: "Batch") -> list[Any]:
    names = {field.name for field in batch.resource.identity}
    fields = batch.comparison.fields
    return [setter for setter in batch.comparison.setters if fields[setter.position].name not in names]


def _query(batch: "Batch") -> str:
    quote, resource = connection.ops.quote_name, batch.resource
    columns = ["k.number"]
    for setter in _compared(batch):
        column = f"t.{quote(batch.comparison.fields[setter.position].column)}"
        columns.append(f"{column} ->> {constant(setter.locale)}" if setter.locale else column)
    stating, parts = _stating(batch), ""
    if stating:
        columns += [f"p.c{i}" for i in range(len(stating))]
        texts = [(place.column.column_name, place.locale) for place in stating]
        pk = quote(resource.model._meta.pk.column)
        parts = f" CROSS JOIN LATERAL ({resource.parts.as_texts(texts, f't.{pk}')}) AS p"
    return f"SELECT {', '.join(columns)} FROM {found_by_key(resource)}{parts}"  # noqa: S608
