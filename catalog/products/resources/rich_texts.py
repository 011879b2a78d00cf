"""Descriptions are stored as they came and cleaned whenever they are shown (spec: import-export 2.15): an import tells
what a reader will not see of them."""

from backoffice.html import what_cleaning_removes
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.problems import INFO, Problem

Outcome = RowResult.Outcome
RICH = ("description", "meta_description")
_NAMED = 10


def tell(batch: Batch) -> None:
    """One notice per text that is new or changed and would lose something."""
    places = [place for place in batch.header.places if place.column.attribute in RICH]
    if not places:
        return
    fields = {place.name: batch.position(place.column.attribute) for place in places}
    for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED):
        for place in places:
            text = row.values.get(place.name)
            if not text or "<" not in text:
                continue
            held = row.stored[fields[place.name]] if row.stored else None
            if (held or {}).get(place.locale) == text:
                continue
            removed = what_cleaning_removes(text)
            if removed:
                named = ", ".join(removed[:_NAMED]) + (" …" if len(removed) > _NAMED else "")
                row.problems.append(Problem(INFO, "html_cleaned", place.name, text, {"removed": named}))
