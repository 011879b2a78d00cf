"""Rows of records outside of what the user may see read like rows of records that do not exist
(spec: import-export 1.8.2): the same code, sentence, count and suggestions, and nothing of the record."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from backoffice.console.rows import visible
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.cleaning import Planned

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch


def seen_rows(model: type[Model], user: Any) -> QuerySet | None:
    """The rows that a limited user sees; None for who sees all."""
    if user is None:
        return None
    seen = visible(model._default_manager.order_by(), user)
    return seen if seen.query.has_filters() else None


def is_limited(batch: "Batch") -> bool:
    """Whether the user may exist beside records of this file that he does not see."""
    return seen_rows(batch.resource.model, batch.run.user) is not None


def take_unseen(batch: "Batch", stored: dict[int, list[Any]]) -> set[int]:
    """Take the records that the user does not see out of ``stored`` (by row number); gives their rows. One query, and
    none for somebody who is not limited."""
    seen = seen_rows(batch.resource.model, batch.run.user)
    if seen is None or not stored:
        return set()
    place = batch.position(batch.resource.model._meta.pk.name)
    ids = [record[place] for record in stored.values()]
    known = set(seen.filter(pk__in=ids).values_list("pk", flat=True))
    hidden = {number for number, record in stored.items() if record[place] not in known}
    for number in hidden:
        del stored[number]
    return hidden


def refuse_unseen(batch: "Batch", hidden: Iterable[int]) -> None:
    """What a limited user cannot make is unknown to him, whether it exists or not: a row that lacks what a new record
    needs, or of records that he may not add. A row that would make what he does not see is unknown, too."""
    if not is_limited(batch):
        return
    hidden, may_add = set(hidden), batch.resource.right("add").held_by(batch.run.user)
    for row in batch.with_outcome(RowResult.Outcome.NEW):
        lacks = [problem for problem in row.problems if problem.code == "required"]
        if lacks:
            row.problems = [problem for problem in row.problems if problem.code != "required"]
            names = ", ".join(problem.column for problem in lacks)
            remedy = _("Correct it. A record that does not exist yet needs: %(columns)s.")
            row.fail("unknown_ref", batch.key_column, "", remedy, columns=names)
        elif row.number in hidden or not may_add:
            row.fail("unknown_ref", batch.key_column)


def seen_keys(batch: "Batch", keys: Iterable[str]) -> set[str]:
    """Those of the stored keys of this file's model that the user sees; one query for who is limited."""
    keys = set(keys)
    seen = seen_rows(batch.resource.model, batch.run.user)
    if seen is None or not keys:
        return keys
    name = batch.resource.key_columns[0].attribute
    return set(seen.filter(**{f"{name}__in": keys}).values_list(name, flat=True))


def clashes(batch: "Batch", row: Planned, unseen: Sequence[str]) -> bool:
    """Whether the database would refuse the key beside one of these, which the user does not see."""
    rules = batch.resource.model._meta.constraints
    is_folded = any(isinstance(rule, UniqueConstraint) and rule.expressions for rule in rules)
    return is_folded and row.key.lower() in {key.lower() for key in unseen}
