"""Values beside the key that only one record may have, asked for a whole batch."""

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch

Outcome = RowResult.Outcome


def refuse_taken(batch: Batch, name: str, column: str) -> None:
    """Rows whose value of the field ``name`` belongs to another stored record; one query."""
    place, pk = batch.position(name), batch.position("id")
    rows = [row for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED) if row.record[place]]
    wanted = {row.record[place] for row in rows}
    holders = batch.resource.model._base_manager.filter(**{f"{name}__in": wanted})
    held = dict(holders.values_list(name, "pk")) if wanted else {}
    for row in rows:
        holder = held.get(row.record[place])
        if holder and holder != row.record[pk]:
            row.fail("taken", column, remedy=_("Use another value, or correct the key of the row."))
