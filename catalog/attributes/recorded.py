"""How recorded states of attributes are put back: the declaration with its predefined values (working-day 7.4)."""

from collections.abc import Sequence

from django.db import models

from backoffice.history.putting import Putter, register
from backoffice.history.recording import Snapshot, snapshot
from backoffice.transfer.declaring.parts import Part
from catalog.attributes import declaring
from catalog.attributes.models import Attribute, AttributeValue, PredefinedValue
from catalog.attributes.resources import AttributeFile

PARTS = AttributeFile.parts
VALUES, TRANSLATIONS = "values", "value_translations"


@register(Attribute)
class AttributePutter(Putter):
    """The values are recorded as one list and their translations as one list per locale in the same order, so
    they come back together."""

    together = (VALUES, TRANSLATIONS)
    parts = ("attributes.attributevalue",)

    def action_for(self, name: str) -> str:
        return "translate" if name.partition(".")[0] in {"name", TRANSLATIONS} else "change"

    def knows(self, name: str) -> bool:
        return name.partition(".")[0] in self.together or super().knows(name)

    def states(self, records: Sequence[models.Model]) -> dict[int, Snapshot]:
        held = PARTS.stored([record.pk for record in records])
        return {record.pk: snapshot(record, PARTS.state(held.get(record.pk, []))) for record in records}

    def write(self, wanted: Sequence[tuple[models.Model, Snapshot]]) -> None:
        super().write([(record, _without_values(state)) for record, state in wanted])
        touched = [(record.pk, state) for record, state in wanted if len(_without_values(state)) < len(state)]
        held = PARTS.stored([pk for pk, _state in touched])
        PARTS.replace(
            [
                (pk, held.get(pk, []), _as_parts(wanted_values(held.get(pk, []), state)))
                for pk, state in touched
            ]
        )

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make([(pk, _without_values(state)) for pk, state in wanted])
        PARTS.add((pk, _as_parts(declaring.values_of(state))) for pk, state in wanted)
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        ids = [record.pk for record in records]
        AttributeValue.objects.extra(where=["attribute_id = ANY(%s)"], params=[ids]).delete()
        super().remove(records)


def _as_parts(values: Sequence[PredefinedValue]) -> list[Part]:
    return [[each.value, each.translations] for each in values]


def _without_values(state: Snapshot) -> Snapshot:
    return {n: v for n, v in state.items() if n.partition(".")[0] not in AttributePutter.together}


def wanted_values(held: Sequence[Part], state: Snapshot) -> list[PredefinedValue]:
    """The values of a recorded state; a translation that the state does not name stays with its value."""
    kept = dict(held)
    names = state.get(VALUES) or [] if VALUES in state else list(kept)
    stated = {name.partition(".")[2] for name in state if name.startswith(f"{TRANSLATIONS}.")}
    recorded = declaring.values_of({**state, VALUES: names})
    return [
        PredefinedValue(
            each.value,
            {code: text for code, text in kept.get(each.value, {}).items() if code not in stated}
            | each.translations,
        )
        for each in recorded
    ]
