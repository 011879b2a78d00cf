"""The references of a batch: the ids of what its rows name, and what is wrong with names that nobody knows."""

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.references import Ref, Refs, Resolved, resolve
from backoffice.transfer.problems import ERROR, Problem

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch


def resolve_references(batch: "Batch") -> None:
    run = batch.run
    for place in batch.header.places:
        widget = place.column.widget
        if not isinstance(widget, Ref | Refs):
            continue
        ref = widget.ref if isinstance(widget, Refs) else widget
        # Rows in error, too: all that is wrong with a row is told at once (1.3.3).
        rows = [row for row in batch.rows if not row.outcome and row.values.get(place.name)]
        named = [_named(widget, row.values[place.name]) for row in rows]
        texts = set(chain.from_iterable(named))
        is_written = run.is_apply and ref.file != batch.resource.file
        found = resolve(
            ref, texts, user=run.user, keys=run.keys, is_apply=is_written, promised=batch.promised
        )
        batch.resolved[place.name] = found
        if texts <= found.ids.keys():
            continue
        for row, keys in zip(rows, named, strict=True):
            unknown = [key for key in keys if key not in found.ids]
            row.problems += [_unknown(batch, place.name, key, found, ref) for key in unknown]


def _named(widget: Ref | Refs, value: Any) -> Sequence[str]:
    return widget.keys(value) if isinstance(widget, Refs) else (value,)


def _unknown(batch: "Batch", column: str, text: str, found: Resolved, ref: Ref) -> Problem:
    if text in found.faulty:
        message = _("“%(value)s” is itself in error: see line %(line)s.")
        return Problem(ERROR, "unknown_ref", column, text, batch.told(found.faulty[text]), message)
    if text in found.hints:
        message = _("“%(value)s” does not exist. Did you mean “%(hint)s”?")
        return Problem(ERROR, "unknown_ref", column, text, {"hint": found.hints[text]}, message)
    return Problem(ERROR, "unknown_ref", column, text, remedy=ref.remedy)
