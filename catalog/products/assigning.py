"""The attribute values that products and variants hold: which are effective, which may be typed, how they are stored
(spec: attributes 2.4, 2.5, 4, 5.6; products 7.1, 11).

A value is a text, or a list of texts where several are chosen. Each record holds a map of default values and one
per locale; a variant follows its product.
"""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime, parse_time
from django.utils.translation import gettext as _

from backoffice.fields import MapField
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.attributes.models import Attribute
from catalog.products import facts, matrix
from catalog.products.models import Product, Variant
from catalog.products.narrowing import one_of
from catalog.products.outcomes import Outcome

Value = str | list[str]
Values = Mapping[str, Value]
NUMBER = re.compile(r"-?[0-9]+([.,][0-9]+)?")
_FIELDS = {"attributes": MapField(levels=1), "attributes_localized": MapField(levels=2)}


class Maps(NamedTuple):
    """What one record holds: default values, and values per locale."""

    default: Values
    localized: Mapping[str, Values]

    @classmethod
    def of(cls, record: Product | Variant) -> "Maps":
        return cls(record.attributes or {}, record.attributes_localized or {})


def effective(locale: str, *levels: Maps) -> dict[str, Value]:
    """The values that hold in a locale, later ones win: of each level, product before variant, first the default,
    then the locale's own. So a variant's default beats the product's localised value (2.5)."""
    found: dict[str, Value] = {}
    for level in levels:
        found |= level.default
        found |= level.localized.get(locale, {})
    return found


def effective_of(variant: Variant, locale: str) -> dict[str, Value]:
    """The effective values of a variant, with those of its product."""
    return effective(locale, Maps.of(variant.product), Maps.of(variant))


def available_values(product: Product, selection: Mapping[str, str]) -> dict[str, list[str]]:
    """For a partial choice of super values: the values of every other super attribute that exist in combination
    with it, in the order in which they are offered (5.6)."""
    keys = matrix.keys_of_family(product.pk)
    rows = Variant.objects.filter(product=product, attributes__contains=dict(selection)).order_by("sku")
    held = list(rows.values_list("attributes", flat=True))
    found = {}
    for attribute in matrix.super_attributes(keys):
        key = attribute.key.key
        if key in selection:
            continue
        present = dict.fromkeys(str(each[key]) for each in held if key in each)
        offered = [row.value for row in attribute.values.all() if row.value in present]
        found[key] = [*offered, *(value for value in present if value not in offered)]
    return found


# --- typed values --------------------------------------------------------------------------------


def declarations(keys: Iterable[str], locale: str = "") -> dict[str, Attribute]:
    """How these keys are declared, with their names and their predefined values as ``offered``; two queries. Others are
    left out."""
    named = Attribute.objects.filter(key__key__in=list(keys)).with_name(locale)
    rows = named.select_related("key").prefetch_related(Prefetch("values", to_attr="offered"))
    return {each.key.key: each for each in rows}


def parse(attribute: Attribute, text: str) -> Value:
    """A typed text as it is stored. Several choices are separated with commas; one that holds a comma stands in
    double quotes."""
    plain = text.replace("\r\n", "\n").strip()
    if attribute.input_type != Attribute.InputType.MULTISELECT or not plain:
        return plain
    tokens = next(csv.reader([" ".join(plain.split("\n"))], skipinitialspace=True), [])
    return list(dict.fromkeys(token.strip() for token in tokens if token.strip()))


def shown(value: Value | None) -> str:
    """A stored value as its box shows it."""
    if not isinstance(value, list):
        return "" if value is None else str(value)
    return ", ".join(
        '"{}"'.format(each.replace('"', '""')) if "," in each or '"' in each else each for each in value
    )


def why_not(attribute: Attribute, value: Value, locale: str = "") -> str:
    """A sentence why the value cannot be assigned, or nothing (4.5). The attribute is one of :func:`declarations`. One
    that offers no values restricts none; in a locale the translation of a predefined value will do, too."""
    members = value if isinstance(value, list) else [value]
    if any(ord(sign) < 32 and sign not in "\t\n" for member in members for sign in member):
        return _("The text holds a control character. Remove it.")
    offered = {row.value for row in attribute.offered}
    offered |= {row.translations[locale] for row in attribute.offered if locale in row.translations}
    outside = [member for member in members if member not in offered]
    if not attribute.allow_input and offered and outside:
        return _("“%(value)s” is not one of the predefined values.") % {"value": outside[0]}
    problems = (_why_not_typed(attribute.input_type, member) for member in members)
    return next((problem for problem in problems if problem), "")


def _why_not_typed(kind: str, text: str) -> str:
    kinds = Attribute.InputType
    if kind in {kinds.NUMBER, kinds.FLOAT} and not NUMBER.fullmatch(text):
        return _("“%(value)s” is not a number.") % {"value": text}
    if kind == kinds.DATE and not _parsed(parse_date, text):
        return _("“%(value)s” is not a day. Write it as 2031-01-31.") % {"value": text}
    if kind == kinds.TIME and not _parsed(parse_time, text):
        return _("“%(value)s” is not a time. Write it as 14:30.") % {"value": text}
    if kind == kinds.DATETIME and not _parsed(parse_datetime, text):
        return _("“%(value)s” is no day with a time. Write it as 2031-01-31T14:30.") % {"value": text}
    return ""


def _parsed(reader: Callable[[str], object], text: str) -> bool:
    try:
        return reader(text) is not None
    except ValueError:
        return False


# --- writing -------------------------------------------------------------------------------------


def assign(
    model: type[Product] | type[Variant], wanted: Mapping[int, Maps], *, recorder: Recorder
) -> Outcome:
    """Give each record exactly these maps. Runs in the caller's transaction, locks the rows in the order of their
    keys, writes history per key and locale, raises versions and reports the fact once."""
    rows = model.objects.filter(one_of(wanted)).order_by("pk").select_for_update(of=("self",))
    fields = ("sku", "version", *_FIELDS, *(("product",) if model is Variant else ()))
    done, changed = Outcome(), []
    for record in rows.only(*fields):
        before = _recorded(record)
        goal = wanted[record.pk]
        record.attributes = dict(goal.default)
        record.attributes_localized = {code: dict(each) for code, each in goal.localized.items() if each}
        if recorder.changed(record, before, _recorded(record)):
            record.version, record.updated_at = record.version + 1, timezone.now()
            changed.append(record)
            done.changed.add(record.pk)
        else:
            done.unchanged.add(record.pk)
    model.objects.bulk_update(changed, [*_FIELDS, "version", "updated_at"], batch_size=1_000)
    report(facts.ATTRIBUTES, products_of(changed))
    return done


def products_of(records: Sequence[Product | Variant]) -> set[int]:
    """The products that these records are, or belong to."""
    return {each.product_id if isinstance(each, Variant) else each.pk for each in records}


def _recorded(record: Product | Variant) -> dict[str, Value]:
    """The maps as history records them: an entry per key and locale."""
    return {
        f"{name}.{path}": held
        for name, field in _FIELDS.items()
        for path, held in field.entries(getattr(record, name)).items()
    }
