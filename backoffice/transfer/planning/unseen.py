"""Rows of records outside of what the user may see read like rows of records that do not exist
(spec: import-export 1.8.2)."""

from typing import TYPE_CHECKING

from backoffice.console.rows import visible

if TYPE_CHECKING:
    from backoffice.transfer.planning.batches import Batch


def refuse_unseen(batch: "Batch") -> None:
    """One query, and none for somebody who is not limited."""
    user, model = batch.run.user, batch.resource.model
    place = batch.position(model._meta.pk.name)
    rows = [row for row in batch.rows if row.stored is not None and row.stored[place]]
    if user is None or not rows:
        return
    seen = visible(model._default_manager.order_by(), user)
    if not seen.query.has_filters():
        return
    ids = set(seen.filter(pk__in=[row.stored[place] for row in rows]).values_list("pk", flat=True))
    for row in rows:
        if row.stored[place] not in ids:
            row.problems.clear()
            row.fail("unknown_ref", batch.key_column)
