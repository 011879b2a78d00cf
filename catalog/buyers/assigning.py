"""Which units a buyer relation concerns: the verb behind screens and files (spec: product-lists 1.2, 2.4)."""

from collections.abc import Iterable, Sequence
from typing import Any

from backoffice.history.recording import Snapshot, snapshot
from backoffice.transfer.declaring.linked import KeyedLinks
from catalog.buyers.models import BusinessUnit, BuyerRelation, BuyerRelationUnit


def set_units(relation: BuyerRelation, wanted: Iterable[BusinessUnit]) -> None:
    """Make the assigned units the wanted ones; kept assignments keep their id."""
    wanted = {unit.pk: unit for unit in wanted}
    held = set(BuyerRelationUnit.objects.filter(relation=relation).values_list("unit_id", flat=True))
    BuyerRelationUnit.objects.filter(relation=relation).exclude(unit__in=wanted).delete()
    fresh = [BuyerRelationUnit(relation=relation, unit_id=pk) for pk in sorted(wanted) if pk not in held]
    BuyerRelationUnit.objects.bulk_create(fresh)


def state(relation: BuyerRelation) -> Snapshot:
    """What history records of a relation: its fields, and the keys of its units as a file lists them."""
    keys = BuyerRelationUnit.objects.filter(relation=relation).order_by("unit__key")
    return snapshot(relation, units_state([[key] for key in keys.values_list("unit__key", flat=True)]))


def units_state(parts: Sequence[Sequence[str]]) -> dict[str, Any]:
    """``{"units": [key, …]}`` of units given as ``[[key], …]``; nothing where there is none."""
    return {"units": [part[0] for part in parts]} if parts else {}


UNIT_LINKS = KeyedLinks(
    "units", BuyerRelationUnit, parent="relation", other="unit", key="key", state=units_state
)
"""The assigned units as files, history and undo hold them: by key."""
