"""How recorded states of attributes are put back: the declaration with its predefined values (working-day 7.4)."""

from collections.abc import Mapping, Sequence

from django.db import models

from backoffice.history.putting import Putter, register
from backoffice.history.recording import Snapshot, snapshot
from catalog.attributes import declaring
from catalog.attributes.models import Attribute, AttributeValue, PredefinedValue

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
        held = _values_of([record.pk for record in records])
        return {
            record.pk: snapshot(record, declaring.values_state(held.get(record.pk, []))) for record in records
        }

    def write(self, wanted: Sequence[tuple[models.Model, Snapshot]]) -> None:
        super().write([(record, _without_values(state)) for record, state in wanted])
        touched = [(record, state) for record, state in wanted if len(_without_values(state)) < len(state)]
        held = _values_of([record.pk for record, _state in touched])
        _put_values({r.pk: wanted_values(held.get(r.pk, []), state) for r, state in touched})

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make([(pk, _without_values(state)) for pk, state in wanted])
        _put_values({pk: declaring.values_of(state) for pk, state in wanted})
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        ids = [record.pk for record in records]
        AttributeValue.objects.extra(where=["attribute_id = ANY(%s)"], params=[ids]).delete()
        super().remove(records)


def _values_of(ids: Sequence[int]) -> dict[int, list[PredefinedValue]]:
    """The predefined values of these attributes in order; one query, no record made of a row."""
    rows = AttributeValue.objects.order_by("attribute_id", "position", "pk").extra(
        where=["attribute_id = ANY(%s)"], params=[list(ids)]
    )
    found: dict[int, list[PredefinedValue]] = {}
    for pk, value, translations in rows.values_list("attribute_id", "value", "translations"):
        found.setdefault(pk, []).append(PredefinedValue(value, translations))
    return found


def _without_values(state: Snapshot) -> Snapshot:
    return {n: v for n, v in state.items() if n.partition(".")[0] not in AttributePutter.together}


def wanted_values(held: Sequence[PredefinedValue], state: Snapshot) -> list[PredefinedValue]:
    """The values of a recorded state; a translation that the state does not name stays with its value."""
    kept = {each.value: each.translations for each in held}
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


def _put_values(wanted: Mapping[int, Sequence[PredefinedValue]]) -> None:
    """Make the values of these attributes the wanted ones; values that stay keep their id."""
    rows = AttributeValue.objects.extra(where=["attribute_id = ANY(%s)"], params=[list(wanted)])
    held = {(row.attribute_id, row.value): row for row in rows}
    fresh, changed = [], []
    for pk, values in wanted.items():
        for position, each in enumerate(values):
            row = held.pop((pk, each.value), None)
            facts = {"translations": each.translations, "position": position}
            if row is None:
                fresh.append(AttributeValue(attribute_id=pk, value=each.value, **facts))
            elif (row.translations, row.position) != (each.translations, position):
                row.translations, row.position = each.translations, position
                changed.append(row)
    if held:
        AttributeValue.objects.filter(pk__in=[row.pk for row in held.values()]).delete()
    AttributeValue.objects.bulk_create(fresh, batch_size=5_000)
    AttributeValue.objects.bulk_update(changed, ["translations", "position"], batch_size=1_000)
