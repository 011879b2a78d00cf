"""Declaring attributes: the verbs behind screens and files (spec: attributes 3.2 to 3.4)."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backoffice.history.recording import Recorder, Snapshot, snapshot
from catalog.attributes.models import Attribute, AttributeKey, AttributeValue, PredefinedValue


def key_to_declare(text: str, *, is_super: bool, recorder: Recorder) -> AttributeKey:
    """The key record for a declaration: one that came by file is taken over, else it is made."""
    key, is_made = AttributeKey.objects.select_for_update().get_or_create(
        key=text, defaults={"is_super": is_super}
    )
    if is_made:
        recorder.added(key)
    elif key.is_super != is_super:
        before = snapshot(key)
        key.is_super, key.version = is_super, key.version + 1
        key.save()
        recorder.changed(key, before)
    return key


def refuse_super_with_free_input(*, is_super: bool, allow_input: bool, held_before: bool = False) -> None:
    """A super attribute takes predefined values only. One that a file brought with free input keeps it until it
    is unticked (3.2)."""
    if is_super and allow_input and not held_before:
        raise ValidationError(
            {
                "allow_input": ValidationError(
                    _("A super attribute tells variants apart by fixed values; it cannot allow others."),
                    code="conflict",
                )
            }
        )


def set_values(attribute: Attribute, wanted: Sequence[PredefinedValue]) -> None:
    """Make the predefined values the wanted ones, in their order. Kept values keep their id."""
    held = {row.value: row for row in AttributeValue.objects.filter(attribute=attribute)}
    names = [each.value for each in wanted]
    AttributeValue.objects.filter(attribute=attribute).exclude(value__in=names).delete()
    fresh, changed = [], []
    for position, each in enumerate(wanted):
        row = held.get(each.value)
        if row is None:
            fresh.append(
                AttributeValue(
                    attribute=attribute, value=each.value, translations=each.translations, position=position
                )
            )
        elif (row.position, row.translations) != (position, each.translations):
            row.position, row.translations = position, each.translations
            changed.append(row)
    AttributeValue.objects.bulk_create(fresh)
    AttributeValue.objects.bulk_update(changed, ["position", "translations"])


def typed_values(lines: Iterable[str]) -> list[str]:
    """Values typed one per line: trimmed, blank lines dropped, repetitions merged."""
    return list(dict.fromkeys(line.strip() for line in lines if line.strip()))


def state(attribute: Attribute) -> Snapshot:
    """What history records of a declaration: its fields, and its values as a file would state them."""
    return snapshot(attribute, values_state(attribute.predefined()))


def values_state(values: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """``{"values": [...], "value_translations.de_DE": [...]}``, the lists in the same order; each value comes with its
    translations, as a :class:`PredefinedValue` does. Translations end with the last one there is: a value that comes
    without one changes none of them."""
    found: dict[str, Any] = {"values": [value for value, _texts in values]} if values else {}
    for locale in sorted({code for _value, texts in values for code in texts}):
        told = [texts.get(locale, "") for _value, texts in values]
        while not told[-1] and any(told):
            told.pop()
        found[f"value_translations.{locale}"] = told
    return found
