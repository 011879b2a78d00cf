"""Attribute slots: ``attribute_key_1``, ``value_1``, ``attribute_key_1.de_DE`` … of products and variants
(spec: import-export 2.11 and 2.12)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import IntegerField, Max, Model, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from backoffice.texts import content_locales
from backoffice.transfer.declaring.columns import Column
from backoffice.transfer.declaring.widgets import TRIMMED, Code, Text
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.comparing import Comparison
from backoffice.transfer.problems import ERROR, INFO, CellError, Problem

KEY, VALUE = "attribute_key", "value"
_SLOTS = 4
"""In a template (1.10)."""
_LIST = re.compile(r"\[.*\]", re.DOTALL)
_code = Code(None)

Value = str | list[str]


def key_column(*samples: str) -> Column:
    return Column(
        "attributes",
        KEY,
        Code(255),
        numbered=True,
        partner=VALUE,
        help=_(
            "The key of an attribute: attribute_key_1, attribute_key_2 … for all languages, "
            "attribute_key_1.de_DE … for one. Empty: the slot is not used."
        ),
        samples={"": samples},
    )


def value_column(*samples: str) -> Column:
    return Column(
        "attributes",
        VALUE,
        Text(),
        numbered=True,
        partner=KEY,
        help=_(
            "The value of the key with the same number; a list as ['oak', 'beech']. Empty: the attribute is "
            "taken away."
        ),
        samples={"": samples},
    )


def read(text: str) -> Value:
    """A value of a slot: ``['a', 'b']`` is a list, all else a text."""
    if _LIST.fullmatch(text):
        for spelled in (text, text.replace("'", '"')):
            try:
                found = json.loads(spelled)
            except ValueError:
                continue
            if isinstance(found, list) and all(isinstance(item, str) for item in found):
                return found
    return text


def written(value: Any) -> str:
    """A stored value as a slot spells it."""
    if not isinstance(value, list):
        return str(value)
    if any("'" in item or '"' in item or "\\" in item for item in value):
        return json.dumps(value, ensure_ascii=False)
    return "[" + ", ".join(f"'{item}'" for item in value) + "]"


class AttributeSlots:
    """What the files of products and variants share: the slots are merged into the two maps."""

    merged = ("attributes", "attributes_localized")

    @property
    def sample_numbers(self) -> Mapping[str, int]:
        return {"": _SLOTS, **dict.fromkeys(content_locales(), 1)}

    def merge(self, row: Planned, record: list[Any], comparison: Comparison) -> None:
        base, localized = comparison.positions["attributes"], comparison.positions["attributes_localized"]
        for locale, slots in comparison.numbered.items():
            held = record[localized].get(locale, {}) if locale else record[base]
            wanted = _merged({} if comparison.replaces else held, row, slots)
            if wanted == held:
                continue
            if not locale:
                record[base] = wanted
            elif wanted:
                record[localized] = {**record[localized], locale: wanted}
            else:
                record[localized] = {code: each for code, each in record[localized].items() if code != locale}

    def numbers_of(self, records: QuerySet) -> Mapping[str, int]:
        """The most attributes that a record has, without a locale and per locale."""
        codes = content_locales()
        table = connection.ops.quote_name(records.model._meta.db_table)
        counts = {"n": _count(f"{table}.attributes")} | {
            f"n_{place}": _count(f"{table}.attributes_localized", code) for place, code in enumerate(codes)
        }
        rows = records.order_by().annotate(**counts)
        most = rows.aggregate(**{f"most_{name}": Max(name) for name in counts})
        return {"": most["most_n"] or 0} | {
            code: most[f"most_n_{place}"] or 0 for place, code in enumerate(codes)
        }

    def numbered_cell(self, record: Model, column: Column, locale: str, number: int) -> str:
        held = record.attributes_localized.get(locale, {}) if locale else record.attributes
        if number > len(held):
            return ""
        key = sorted(held)[number - 1]
        return key if column.column_name == KEY else written(held[key])


def _merged(held: Mapping[str, Value], row: Planned, slots: Sequence[Mapping[str, str]]) -> dict[str, Value]:
    wanted, values = dict(held), row.values
    for slot in slots:
        key, value = values.get(slot[KEY]), values.get(slot[VALUE])
        if value:
            value = value.strip(TRIMMED)
        if not key:
            if value:
                row.problems.append(Problem(INFO, "orphan_value", slot[VALUE], value))
        elif not value:
            wanted.pop(key, None)
        else:
            wanted[key] = value if value[0] != "[" else read(value)
    if not wanted.keys().isdisjoint(settings.CODE_ATTRIBUTES):
        _look_at_codes(row, slots)
    return wanted


def _look_at_codes(row: Planned, slots: Sequence[Mapping[str, str]]) -> None:
    """Values of ``CODE_ATTRIBUTES`` are codes (2.2)."""
    for slot in slots:
        value = (row.values.get(slot[VALUE]) or "").strip(TRIMMED)
        if value and row.values.get(slot[KEY]) in settings.CODE_ATTRIBUTES and (fault := _fault(value)):
            row.problems.append(fault.problem(slot[VALUE], value))


def _fault(value: str) -> CellError | None:
    """What a spreadsheet did to a code."""
    try:
        _code.clean(value)
    except CellError as error:
        return error
    return None


def _count(column: str, locale: str = "") -> RawSQL:
    """How many keys the map has."""
    path = " -> %s" if locale else ""
    query = f"(SELECT count(*) FROM jsonb_object_keys({column}{path}))"  # noqa: S608
    return RawSQL(query, [locale] if locale else [], IntegerField())  # noqa: S611 - our own names


def used_keys(rows: Iterable[Planned], comparison: Comparison) -> set[str]:
    """The keys that the slots of these rows name."""
    names = [slot[KEY] for slots in comparison.numbered.values() for slot in slots]
    asked = [row.values for row in rows]
    return {key for name in names for key in {values.get(name) for values in asked} if key}


def pairs(row: Planned, comparison: Comparison) -> Iterator[tuple[str, str, str, str]]:
    """``(locale, key, value, name of the value's column)`` of the used slots of a row, in order."""
    for locale, slots in comparison.numbered.items():
        for slot in slots:
            key = row.values.get(slot[KEY])
            if key:
                yield locale, key, (row.values.get(slot[VALUE]) or "").strip(TRIMMED), slot[VALUE]


def fail(row: Planned, code: str, column: str, value: str, message: Any = "", **params: Any) -> None:
    row.problems.append(Problem(ERROR, code, column, value, params, message))
