"""What an import tells about the attributes of its rows, and the keys it brings (spec: import-export 2.12,
attributes 6.3)."""

import re
from collections.abc import Callable, Sequence

from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO, WARNING, Problem
from catalog.attributes.models import SCREEN_KEY, AttributeKey
from catalog.attributes.resources import SUPER
from catalog.attributes.stated import DATE, DATETIME, NUMBER, TIME, Declared, declarations, with_run
from catalog.products.resources.slots import pairs, read, used_keys

Outcome = RowResult.Outcome
DECLARED = "product_management_attribute"
_usual = re.compile(SCREEN_KEY).fullmatch
_READERS: dict[str, tuple[Callable[[str], object], Promise]] = {
    NUMBER: (
        re.compile(r"-?[0-9]+([.,][0-9]+)?").fullmatch,
        _("“%(value)s” is no number, as “%(key)s” asks for; it is stored."),
    ),
    DATE: (parse_date, _("“%(value)s” is no day, as “%(key)s” asks for; it is stored.")),
    TIME: (parse_time, _("“%(value)s” is no time of day, as “%(key)s” asks for; it is stored.")),
    DATETIME: (parse_datetime, _("“%(value)s” is no day with a time, as “%(key)s” asks for; it is stored.")),
}
"""What reads a value of a type, and what is said of one that cannot be read."""
_REMEDIES = {
    NUMBER: _("Write digits, such as 12.5, or give the attribute another type."),
    DATE: _("Write it as 2031-01-31, or give the attribute another type."),
    TIME: _("Write it as 14:30, or give the attribute another type."),
    DATETIME: _("Write it as 2031-01-31T14:30, or give the attribute another type."),
}


def tell(batch: Batch) -> None:
    """Warnings and notices about the slots of a batch; a constant number of queries."""
    rows = [row for row in batch.rows if not row.is_bad]
    keys = used_keys(rows, batch.comparison)
    if not keys:
        return
    declared = _declared(batch, rows, keys)
    limited = {key for key, each in declared.items() if each.kind or each.is_limited}
    odd = {key for key in keys if not _usual(key)}
    told = (keys - set(declared)) | limited | odd
    if not told:
        return
    for row in rows:
        for locale, key, value, column in pairs(row, batch.comparison):
            if value and key in told:
                _tell(row, locale, key, value, column, declared.get(key))


def _declared(batch: Batch, rows: Sequence[Planned], keys: set[str]) -> dict[str, Declared]:
    """As the apply will find it: a check adds what the run brings."""
    declared = declarations(keys)
    if batch.run.is_apply:
        return declared
    found = batch.run.keys.find(DECLARED, keys)
    brought = {key for key, each in found.items() if not each.is_bad}
    if not brought:
        return declared
    used = (slot for row in rows for slot in pairs(row, batch.comparison) if slot[1] in brought)
    asked = {(key, item, locale) for locale, key, value, _column in used for item in _items(value)}
    return with_run(declared, brought, asked, batch.run.keys)


def _items(value: str) -> list[str]:
    read_value = read(value)
    return read_value if isinstance(read_value, list) else [read_value]


def _tell(row: Planned, locale: str, key: str, value: str, column: str, declared: Declared | None) -> None:
    name = column.replace("value", "attribute_key", 1)
    if declared is None:
        row.problems.append(Problem(WARNING, "undeclared_key", name, key))
    elif not all(_reads(declared.kind, item) for item in _items(value)):
        message, remedy = _READERS[declared.kind][1], _REMEDIES[declared.kind]
        problem = Problem(WARNING, "value_not_listed", column, value, {"key": key}, message, remedy)
        row.problems.append(problem)
    elif not declared.lists(_items(value), locale):
        row.problems.append(Problem(WARNING, "value_not_listed", column, value, {"key": key}))
    if not _usual(key):
        row.problems.append(Problem(INFO, "unusual_key", name, key))


def _reads(kind: str, text: str) -> bool:
    """Whether a text is of the type of its attribute."""
    if not kind:
        return True
    reader, _said = _READERS[kind]
    try:
        return reader(text) is not None
    except ValueError:
        return False


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


def super_keys(batch: Batch, keys: Sequence[str]) -> set[str]:
    """Those of the keys that tell variants apart; in a check also those that the run makes so."""
    found = set(AttributeKey.objects.filter(key__in=keys, is_super=True).values_list("key", flat=True))
    return found if batch.run.is_apply else found | set(batch.run.keys.find(SUPER, keys))
