"""What an import tells about the attributes of its rows, and the keys it brings (spec: import-export 2.12,
attributes 6.3)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO, WARNING, Problem
from catalog.attributes.models import SCREEN_KEY, Attribute, AttributeKey
from catalog.products.resources.slots import pairs, read, used_keys

Outcome = RowResult.Outcome
DECLARED = "product_management_attribute"
_usual = re.compile(SCREEN_KEY).fullmatch
_number = re.compile(r"-?[0-9]+([.,][0-9]+)?").fullmatch
_NUMERIC = (Attribute.InputType.NUMBER, Attribute.InputType.FLOAT)


class Declared(NamedTuple):
    """What values an attribute takes; ``words`` are the predefined ones, ``translated`` those per locale, and None
    where any text will do."""

    is_number: bool
    words: frozenset[str] | None
    translated: Mapping[str, frozenset[str]]

    def takes(self, value: Any, locale: str) -> bool:
        items = value if isinstance(value, list) else [value]
        if self.is_number and not all(_number(item) for item in items):
            return False
        if self.words is None:
            return True
        return all(item in self.words or item in self.translated.get(locale, ()) for item in items)


def tell(batch: Batch) -> None:
    """Warnings and notices about the slots of a batch; a constant number of queries."""
    rows = [row for row in batch.rows if not row.is_bad]
    keys = used_keys(rows, batch.comparison)
    if not keys:
        return
    declared = declarations(keys)
    brought = batch.run.keys.find(DECLARED, keys - set(declared)) if keys - set(declared) else {}
    unknown = keys - set(declared) - set(brought)
    strict = {key for key, each in declared.items() if each.is_number or each.words is not None}
    odd = {key for key in keys if not _usual(key)}
    if not (unknown or strict or odd):
        return
    for row in rows:
        for locale, key, value, column in pairs(row, batch.comparison):
            if value and (key in unknown or key in strict or key in odd):
                _tell(row, locale, key, value, column, unknown, odd, declared)


def _tell(
    row: Planned,
    locale: str,
    key: str,
    value: str,
    column: str,
    unknown: set[str],
    odd: set[str],
    declared: Mapping[str, Declared],
) -> None:
    if key in unknown:
        row.problems.append(
            Problem(WARNING, "undeclared_key", column.replace("value", "attribute_key", 1), key)
        )
    if key in odd:
        row.problems.append(Problem(INFO, "unusual_key", column.replace("value", "attribute_key", 1), key))
    if key in declared and not declared[key].takes(read(value), locale):
        row.problems.append(Problem(WARNING, "value_not_listed", column, value, {"key": key}))


def declarations(keys: Iterable[str]) -> dict[str, Declared]:
    """How these keys are declared; keys without a declaration are left out. Two queries."""
    found: dict[str, Declared] = {}
    rows = Attribute.objects.filter(key__key__in=list(keys)).select_related("key").prefetch_related("values")
    for attribute in rows:
        words: frozenset[str] | None = None
        translated: dict[str, set[str]] = {}
        if not attribute.allow_input and attribute.values.all():
            words = frozenset(each.value for each in attribute.values.all())
            for each in attribute.values.all():
                for code, text in each.translations.items():
                    translated.setdefault(code, set()).add(text)
        found[attribute.key.key] = Declared(
            attribute.input_type in _NUMERIC,
            words,
            {code: frozenset(texts) for code, texts in translated.items()},
        )
    return found


def make_keys(batch: Batch) -> None:
    """Keys that nobody knows are stored without a declaration."""
    written = batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
    keys = used_keys(written, batch.comparison)
    known = set(AttributeKey.objects.filter(key__in=keys).values_list("key", flat=True)) if keys else set()
    missing = sorted(keys - known)
    if missing:
        AttributeKey.objects.bulk_create(
            [AttributeKey(key=key, search=key.lower()) for key in missing], ignore_conflicts=True
        )
        for made in AttributeKey.objects.filter(key__in=missing):
            batch.run.recorder.added(made)
        batch.run.recorder.flush()


def super_keys(keys: Sequence[str]) -> set[str]:
    """Those of the keys that tell variants apart."""
    return set(AttributeKey.objects.filter(key__in=list(keys), is_super=True).values_list("key", flat=True))
