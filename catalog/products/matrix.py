"""The variants that super attributes span: every combination of the chosen values (products 10.1 to 10.3), and
which combinations a family has already (attributes 5)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import product as cartesian

from django.conf import settings
from django.db.models import Exists, F, OuterRef

from backoffice.texts import preferred_locales
from catalog.attributes.models import Attribute, AttributeKey
from catalog.products.models import Variant

Combination = dict[str, str]
"""The raw value of each super attribute, by key."""

ASKS_ABOVE = 100
"""More variants than this are made only after a confirmation."""


def most() -> int:
    """More variants than this are refused at once."""
    return int(getattr(settings, "MOST_VARIANTS_AT_ONCE", 500))


def count(axes: Mapping[str, Sequence[str]]) -> int:
    """How many combinations there are, without making them. No axis gives one variant."""
    return math.prod(len(values) for values in axes.values())


def combinations(axes: Mapping[str, Sequence[str]]) -> list[Combination]:
    """The cartesian product, axes sorted by key, values in their order; without axes one empty combination."""
    keys = sorted(axes, key=lambda key: (key.lower(), key))
    return [dict(zip(keys, values, strict=True)) for values in cartesian(*(axes[key] for key in keys))]


def words(combination: Mapping[str, str]) -> str:
    """``color red, size XL``, as messages name a combination."""
    pairs = sorted(combination.items(), key=lambda pair: (pair[0].lower(), pair[0]))
    return ", ".join(f"{key} {value}" for key, value in pairs)


def super_attributes(keys: Iterable[str] | None = None) -> list[Attribute]:
    """The declared super attributes with their values, all or those with these keys, by key; two queries."""
    found = Attribute.objects.filter(key__is_super=True).select_related("key").prefetch_related("values")
    if keys is not None:
        found = found.filter(key__key__in=list(keys))
    return sorted(found, key=lambda each: (each.key.key.lower(), each.key.key))


def offers(attribute: Attribute, locale: str = "") -> list[tuple[str, str]]:
    """The predefined values as (raw value, word in the user's content locale); without a translation the raw one."""
    own = preferred_locales(locale)[0]
    return [(row.value, row.translations.get(own) or row.value) for row in attribute.values.all()]


def keys_of_family(product: int) -> list[str]:
    """The super keys that the variants of a product use (5.1)."""
    users = Variant.objects.filter(product=product, attributes__has_key=OuterRef("key"))
    used = AttributeKey.objects.filter(Exists(users), is_super=True)
    return sorted(used.values_list("key", flat=True), key=lambda key: (key.lower(), key))


def sibling_with(
    product: int, combination: Mapping[str, str], *, besides: int | None = None
) -> Variant | None:
    """A variant of the product whose attributes contain the whole combination (5.3)."""
    siblings = Variant.objects.filter(product=product, attributes__contains=dict(combination))
    return siblings.exclude(pk=besides).order_by(F("pk").asc()).first()
