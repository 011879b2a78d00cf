"""How recorded languages of stores are put back: what depends on them follows (working-day 7.4)."""

from collections.abc import Iterable, Sequence

from django.db import models

from backoffice.history.putting import Meanwhile, Putter, Wanted, nothing, register
from backoffice.history.recording import Snapshot
from backoffice.reactions import report
from catalog.stores import facts
from catalog.stores.models import StoreLocale


@register(StoreLocale)
class StoreLocalePutter(Putter):
    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        super().write(wanted, meanwhile)
        _tell(record for record, _state in wanted)

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make(wanted)
        _tell(made)
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        super().remove(records)
        _tell(records)


def _tell(records: Iterable[models.Model]) -> None:
    """Indexes of a language stay when it goes, so none has to be made."""
    report(facts.LOCALES, {link.store_id for link in records})
