"""Which units a buyer relation concerns: the verb behind screens and files (spec: product-lists 1.2, 2.4)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from backoffice.history.recording import Snapshot, snapshot
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


class AssignedUnits:
    """The assigned units as parts of a relation's row: lists of ``[key]`` in the order of the keys, loaded and
    written for a whole batch. Same use as :class:`~backoffice.transfer.declaring.parts.Parts`, which holds parts of
    one record only, while a unit stands by itself."""

    name = "units"
    lists: dict[str, str] = {}
    state = staticmethod(units_state)

    def stored(self, parents: Sequence[int]) -> dict[int, list[list[str]]]:
        rows = BuyerRelationUnit.objects.filter(relation__in=parents).order_by("relation_id", "unit__key")
        found: dict[int, list[list[str]]] = {}
        for relation, key in rows.values_list("relation_id", "unit__key") if parents else ():
            found.setdefault(relation, []).append([key])
        return found

    def add(self, wanted: Iterable[tuple[int, list[list[str]]]]) -> None:
        pairs = [(relation, key) for relation, parts in wanted for (key,) in parts]
        if not pairs:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO buyers_buyerrelationunit (relation_id, unit_id) "
                "SELECT w.relation, u.id FROM unnest(%s::bigint[], %s::text[]) AS w(relation, key) "
                "JOIN buyers_businessunit u ON u.key = w.key ON CONFLICT DO NOTHING",
                [[relation for relation, _key in pairs], [key for _relation, key in pairs]],
            )

    def replace(self, wanted: Sequence[tuple[int, list[list[str]], list[list[str]]]]) -> None:
        """Make the units of relations, stored as the second list, those of the third one; kept ones keep their id."""
        gone = [(relation, part[0]) for relation, held, parts in wanted for part in held if part not in parts]
        if gone:
            with connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM buyers_buyerrelationunit t USING buyers_businessunit u, "
                    "unnest(%s::bigint[], %s::text[]) AS w(relation, key) "
                    "WHERE u.id = t.unit_id AND t.relation_id = w.relation AND u.key = w.key",
                    [[relation for relation, _key in gone], [key for _relation, key in gone]],
                )
        self.add((relation, parts) for relation, _held, parts in wanted)
