"""How recorded states of attributes are put back: the declaration with its predefined values (working-day 7.4)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from backoffice.history.loading import array
from backoffice.history.putting import Meanwhile, Putter, Wanted, nothing, register
from backoffice.history.recording import Snapshot, snapshot
from backoffice.transfer.declaring.parts import Part
from catalog.attributes import use
from catalog.attributes.models import Attribute, AttributeKey, AttributeValue
from catalog.attributes.resources import AttributeFile

PARTS = AttributeFile.parts
VALUES, TRANSLATIONS = "values", "value_translations"
_STEM = f"{TRANSLATIONS}."


@register(Attribute)
class AttributePutter(Putter):
    """The values are recorded as one list and their translations as one list per locale in the same order, so
    they come back together."""

    together = (VALUES, TRANSLATIONS)
    parts = ("attributes.attributevalue",)

    def __init__(self, model: type[models.Model]) -> None:
        super().__init__(model)
        self._held: dict[int, list[Part]] = {}
        """The values that were compared last, of records that are locked; what is written is read again."""

    def action_for(self, name: str) -> str:
        return "translate" if name.partition(".")[0] in {"name", TRANSLATIONS} else "change"

    def knows(self, name: str) -> bool:
        return name.partition(".")[0] in self.together or super().knows(name)

    def states(
        self, records: Sequence[models.Model], names: frozenset[str] | None = None
    ) -> dict[int, Snapshot]:
        if names is not None and names.isdisjoint(self.together):
            return super().states(records, names)
        ids = [record.pk for record in records]
        self._held = held = self._stored(ids)
        return {
            pk: snapshot(each, PARTS.state(held[pk]), names) for pk, each in zip(ids, records, strict=True)
        }

    def remarks(self, changes: Sequence[tuple[models.Model, Snapshot, Snapshot]]) -> dict[int, str]:
        """Values that go although they are used: who holds them keeps the text (3.3)."""
        gone = [
            (record.pk, (record.key.key, value))
            for record, now, wanted in changes
            if VALUES in wanted
            for value in now.get(VALUES) or ()
            if value not in (wanted[VALUES] or ())
        ]
        used = use.of_pairs(pair for _pk, pair in gone)
        found: dict[int, list[str]] = {}
        for pk, pair in gone:
            if users := used[pair]:
                found.setdefault(pk, []).append(use.value_words(pair[1], users))
        return {pk: " ".join(sentences) for pk, sentences in found.items()}

    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        own = [(record, _without_values(state)) for record, state in wanted]
        touched = [
            (record.pk, state)
            for (record, state), (_record, rest) in zip(wanted, own, strict=True)
            if len(rest) < len(state)
        ]
        held = {pk: self._held.pop(pk) for pk, _state in touched if pk in self._held}
        held |= self._stored([pk for pk, _state in touched if pk not in held])
        differences = []

        def compare() -> None:
            parts = ((pk, held[pk], wanted_parts(held[pk], state)) for pk, state in touched)
            differences.append(PARTS.differences(parts))
            meanwhile()

        super().write(own, compare)
        for found in differences:
            PARTS.put(found)

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make([(pk, _without_values(state)) for pk, state in wanted])
        PARTS.add((pk, wanted_parts([], state)) for pk, state in wanted)
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        ids = array(record.pk for record in records)
        AttributeValue.objects.extra(where=["attribute_id = ANY(%s)"], params=[ids]).delete()
        super().remove(records)

    def _stored(self, ids: Sequence[int]) -> dict[int, list[Part]]:
        return {pk: [] for pk in ids} | PARTS.stored(ids)


@register(AttributeKey)
class AttributeKeyPutter(Putter):
    """A key that anything uses stays (attributes 3.6)."""

    def remove(self, records: Sequence[models.Model]) -> None:
        keys = [record.key for record in records]
        if len(keys) == 1 and (found := use.counts(keys)[keys[0]]):
            raise ValidationError(
                _("The key is used by %(users)s."), code="in_use", params={"users": use.in_words(found)}
            )
        if len(keys) > 1 and use.used(keys):
            raise ValidationError(_("Some of these keys are used."), code="in_use")
        super().remove(records)


def _without_values(state: Snapshot) -> Snapshot:
    return {n: v for n, v in state.items() if n.partition(".")[0] not in AttributePutter.together}


def wanted_parts(held: Sequence[Part], state: Snapshot) -> list[Part]:
    """The values of a recorded state; a translation that the state does not name stays with its value."""
    kept = dict(held)
    names = state[VALUES] or [] if VALUES in state else list(kept)
    stated = {name.partition(".")[2]: texts or [] for name, texts in state.items() if name.startswith(_STEM)}
    return [
        [
            name,
            {code: text for code, text in kept.get(name, {}).items() if code not in stated}
            | {code: texts[i] for code, texts in stated.items() if i < len(texts) and texts[i]},
        ]
        for i, name in enumerate(names)
    ]
