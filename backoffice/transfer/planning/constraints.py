"""The rules of a model, evaluated over a whole batch: one SELECT made from the conditions of its check
constraints, against the staged rows. The same objects validate the forms (spec: import-export 1.3.8)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import CheckConstraint, Model, Q
from django.db.models.expressions import Exists, ExpressionWrapper

from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.shelf import Shelf
from backoffice.transfer.problems import Sentence

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch


class Rule(NamedTuple):
    condition: str
    code: str
    message: Sentence
    field: str
    others: tuple[str, ...] = ()
    """Further fields of the condition: a file may hold only one of those that contradict each other."""


def rules_of(model: type[Model]) -> list[Rule]:
    """The check constraints of a model as SQL over its column names."""
    editor = connection.SchemaEditorClass(connection)
    return [
        Rule(
            constraint._get_check_sql(model, editor),
            constraint.violation_error_code or "conflict",
            constraint.violation_error_message
            if constraint.violation_error_message != constraint.default_violation_error_message
            else "",
            getattr(constraint, "column", "") or next(referenced(constraint.condition), ""),
            tuple(dict.fromkeys(referenced(constraint.condition))),
        )
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    ]


def referenced(condition: Any) -> Iterator[str]:
    """The model fields a condition speaks of, in order."""
    if isinstance(condition, Q):
        for child in condition.children:
            yield from [child[0].split("__")[0]] if isinstance(child, tuple) else referenced(child)
    elif isinstance(condition, ExpressionWrapper | Exists):
        for source in condition.get_source_expressions():
            yield from referenced(source)


def check_rules(batch: "Batch") -> None:
    """Lay the rows to be written on the shelf, ready to be written, and ask every rule about them. New rows that
    an apply copies straight into their table are asked there (:mod:`backoffice.transfer.planning.writing`)."""
    rows = [row for row in batch.rows if row.outcome in Shelf.TAKES and not row.is_bad]
    for row in rows:
        batch.comparison.finish(row, batch.run.began_at)
    if batch.run.is_apply and batch.resource.is_copied:
        rows = [row for row in rows if row.stored is not None]
    stage(batch, rows)


def stage(batch: "Batch", rows: Sequence[Planned]) -> None:
    """Lay rows on the shelf; those that break a rule are in error."""
    rules = rules_of(batch.resource.model)
    if not rows or not (rules or batch.run.is_apply):
        return
    batch.shelf = Shelf(batch)
    batch.shelf.fill(rows)
    columns = {c.attribute: c.column_name for c in batch.resource.columns}
    by_number = {row.number: row for row in rows}
    for number, broken in batch.shelf.broken([rule.condition for rule in rules]):
        for rule, is_broken in zip(rules, broken, strict=True):
            if is_broken:
                row = by_number[number]
                names = [columns.get(field, batch.key_column) for field in (rule.field, *rule.others)]
                row.fail(rule.code, next((n for n in names if n in row.values), names[0]), rule.message)
