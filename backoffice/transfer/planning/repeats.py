"""Rows that clash with another row of their run, or with a key that looks like theirs."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.unseen import clashes, seen_keys
from backoffice.transfer.problems import INFO, WARNING

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch

Outcome = RowResult.Outcome


def find_twins(batch: "Batch") -> None:
    if not batch.has_repeats:
        return
    options = batch.resource._meta
    keys = {row.key for row in batch.rows}
    twins = batch.run.keys.twins(batch.resource.space(batch.file), keys, last_wins=options.last_wins)
    for row in batch.rows:
        twin = twins.get((batch.file.position, row.number))
        if not twin or row.is_bad or row.outcome:
            continue
        if twin.is_equal:
            row.tell(INFO, "identical_row", batch.key_column, **batch.told(twin.spot))
            row.outcome = Outcome.UNCHANGED
        elif options.last_wins:
            row.tell(WARNING, "repeated_row", batch.key_column, **batch.told(twin.spot))
            row.outcome = Outcome.SKIPPED
        else:
            message = _("The same key stands on line %(line)s with other values.")
            row.fail(options.repeat_code, batch.key_column, message, **batch.told(twin.spot))


def find_contradictions(batch: "Batch") -> None:
    resource = batch.resource
    for space, (code, message) in resource._meta.once.items():
        if not batch.run.keys.has(space):
            continue
        stated = {row: [k for s, k in resource.facts(row.values) if s == space] for row in batch.open()}
        keys = {key for found in stated.values() for key in found}
        earlier = batch.run.keys.contradictions(space, keys) if keys else {}
        for row, found in stated.items():
            twin = earlier.get((batch.file.position, row.number))
            if found and twin:
                column = resource.column_of(space, twin[0], row.values) or batch.key_column
                row.fail(code, column, message, **batch.told(twin[1]))


def refuse_similar(batch: "Batch") -> None:
    resource = batch.resource
    if not resource._meta.similar_keys or batch.run.options.similar_keys == "allow":
        return
    rows = [row for row in batch.with_outcome(Outcome.NEW) if not row.is_bad]
    keys = [row.key for row in rows]
    if not keys:
        return
    stored = batch.run.keys.similar_stored(keys)
    seen = seen_keys(batch, [key for found in stored.values() for key in found])
    earlier = batch.run.keys.first_similar(keys)
    for row in rows:
        hints = [key for key in stored.get(row.key, ()) if key in seen]
        if hints:
            row.fail("similar_key", batch.key_column, hint=hints[0])
        elif row.key in stored and clashes(batch, row, stored[row.key]):
            row.fail("unknown_ref", batch.key_column)
        elif row.key in earlier:
            other, spot = earlier[row.key]
            message = _("“%(value)s” differs from the key on line %(line)s only by letter case or zeros.")
            row.fail("similar_key", batch.key_column, message, hint=other, **batch.told(spot))
