"""The rules of a model, evaluated over a whole batch: one SELECT made from the conditions of its check
constraints, against the staged rows. The same objects validate the forms (spec: import-export 1.3.8)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection
from django.db.models import CheckConstraint, Model, Q
from django.db.models.expressions import (
    BaseExpression,
    Exists,
    ExpressionWrapper,
    F,
    RawSQL,
    Subquery,
)

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.shelf import Shelf
from backoffice.transfer.problems import ERROR, Sentence

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch


class Rule(NamedTuple):
    condition: str
    code: str
    message: Sentence
    field: str
    fields: frozenset[str | None]
    """All fields it speaks of, with None among them if nobody can tell."""
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
            frozenset(_spoken_of(constraint.condition)),
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


def _spoken_of(condition: Any) -> Iterator[str | None]:
    """Every model field of a condition, also those it is compared with."""
    if isinstance(condition, Q):
        for child in condition.children:
            if isinstance(child, tuple):
                yield child[0].split("__")[0]
                yield from _spoken_of(child[1])
            else:
                yield from _spoken_of(child)
    elif isinstance(condition, F):
        yield condition.name.split("__")[0]
    elif isinstance(condition, Subquery | RawSQL):
        yield None
    elif isinstance(condition, BaseExpression):
        for source in condition.get_source_expressions():
            yield from _spoken_of(source)


def _ask_bad_rows(batch: "Batch") -> None:
    """Rows in error are asked, too, the rules about cells that could be read: all that is wrong with a row is told at
    once (1.3.3). What else the record would hold is not looked at."""
    bad = [
        row for row in batch.rows if row.problems and row.is_bad and row.outcome != RowResult.Outcome.SKIPPED
    ]
    rules = rules_of(batch.resource.model) if bad else []
    judged: list[Planned] = []
    asked: dict[int, tuple[Planned, list[Rule]]] = {}
    for row in bad:
        wrong = {problem.column for problem in row.problems if problem.level == ERROR}
        record, known = batch.comparison.of_cells(row, batch.resolved, wrong)
        which = [rule for rule in rules if rule.fields and rule.fields <= known]
        if which:
            judged.append(Planned(row.number, row.line, (), row.values, []))
            judged[-1].record = record
            asked[row.number] = (row, which)
    if not judged:
        return
    shelf = Shelf(batch, is_loose=True)
    shelf.fill(judged)
    for number, broken in shelf.broken([rule.condition for rule in rules]):
        row, which = asked[number]
        for rule, is_broken in zip(rules, broken, strict=True):
            if is_broken and rule in which:
                _refuse(batch, row, rule)


def check_rules(batch: "Batch") -> None:
    """Lay the rows to be written on the shelf, ready to be written, and ask every rule about them. New rows that
    an apply copies straight into their table are asked there (:mod:`backoffice.transfer.planning.writing`)."""
    _ask_bad_rows(batch)
    rows = [row for row in batch.rows if row.outcome in Shelf.TAKES and not row.is_bad]
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
    by_number = {row.number: row for row in rows}
    for number, broken in batch.shelf.broken([rule.condition for rule in rules]):
        for rule, is_broken in zip(rules, broken, strict=True):
            if is_broken:
                _refuse(batch, by_number[number], rule)


def _refuse(batch: "Batch", row: Planned, rule: Rule) -> None:
    columns = {c.attribute: c.column_name for c in batch.resource.columns}
    names = [columns.get(field, batch.key_column) for field in (rule.field, *rule.others)]
    row.fail(rule.code, next((n for n in names if n in row.values), names[0]), rule.message)
