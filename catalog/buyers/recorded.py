"""How recorded states of buyer relations are put back: with their assigned units (working-day 7.4)."""

from collections.abc import Sequence

from django.db import models

from backoffice.history.putting import Meanwhile, Putter, Wanted, nothing, register
from backoffice.history.recording import Snapshot, snapshot
from catalog.buyers.assigning import UNIT_LINKS, units_state
from catalog.buyers.models import BuyerRelation, BuyerRelationUnit

UNITS = "units"


@register(BuyerRelation)
class BuyerRelationPutter(Putter):
    """The units are recorded as the list of their keys; a key whose unit is gone is left out."""

    together = (UNITS,)
    parts = ("buyers.buyerrelationunit",)

    def knows(self, name: str) -> bool:
        return name == UNITS or super().knows(name)

    def states(
        self, records: Sequence[models.Model], names: frozenset[str] | None = None
    ) -> dict[int, Snapshot]:
        held = UNIT_LINKS.stored([record.pk for record in records])
        return {
            record.pk: snapshot(record, units_state(held.get(record.pk, [])), names) for record in records
        }

    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        super().write([(record, _without_units(state)) for record, state in wanted], meanwhile)
        touched = [(record, state) for record, state in wanted if UNITS in state]
        held = UNIT_LINKS.stored([record.pk for record, _state in touched])
        UNIT_LINKS.replace([(record.pk, held.get(record.pk, []), _units(state)) for record, state in touched])

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make([(pk, _without_units(state)) for pk, state in wanted])
        UNIT_LINKS.add([(pk, _units(state)) for pk, state in wanted])
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        BuyerRelationUnit.objects.filter(relation__in=[record.pk for record in records]).delete()
        super().remove(records)


def _without_units(state: Snapshot) -> Snapshot:
    return {name: value for name, value in state.items() if name != UNITS}


def _units(state: Snapshot) -> list[list[str]]:
    return [[key] for key in state.get(UNITS) or ()]
