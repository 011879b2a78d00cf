"""Which results of a run somebody sees: none of records outside of his rows, whoever checked the file
(spec: users-and-roles 5.3)."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Exists, Func, Model, OuterRef, Q, QuerySet, TextField, Value

from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.models import JobFile, RowResult
from backoffice.transfer.planning.results import BETWEEN
from backoffice.transfer.planning.unseen import seen_rows


def results_of(file: JobFile, user: Any) -> QuerySet[RowResult]:
    """The results of a file without those of records that ``user`` does not see. What is wrong with a row of his own
    file stays: it says no more than of a record that does not exist."""
    rows, hidden = RowResult.objects.filter(file=file), _hidden(file, user)
    if not hidden:
        return rows
    if user.pk == file.job.owner_id:
        hidden &= ~Q(outcome=RowResult.Outcome.ERROR)
    return rows.exclude(hidden)


def hides(file: JobFile, user: Any) -> bool:
    """Whether the user may see less than was found, so that the counts of the file are not his."""
    return bool(_hidden(file, user))


def _hidden(file: JobFile, user: Any) -> Q:
    """The results that name a record which is there and which the user does not see; asked row by row, by its key."""
    resource = formats.resource_of(file.format)
    hidden = Q()
    for model, field, part in _named(resource) if resource else ():
        seen = seen_rows(model, user)
        if seen is not None:
            named = model._base_manager.order_by().filter(**{field: part})
            hidden |= Q(Exists(named)) & ~Q(Exists(seen.filter(**{field: part})))
    return hidden


def _named(resource: FileResource) -> Iterator[tuple[type[Model], str, Any]]:
    """The records that the key of a row names: model, field, and the part of the key."""
    columns = resource.key_columns
    for place, column in enumerate(columns, 1):
        key: Any = OuterRef("key")
        if len(columns) > 1:
            key = Func(key, Value(BETWEEN), Value(place), function="split_part", output_field=TextField())
        if isinstance(column.widget, Ref):
            yield column.widget.model, column.widget.field, key
        elif len(columns) == 1 and _is_field(resource.model, column.attribute):
            yield resource.model, column.attribute, key


def _is_field(model: type[Model], name: str) -> bool:
    try:
        return bool(model._meta.get_field(name))
    except FieldDoesNotExist:
        return False
