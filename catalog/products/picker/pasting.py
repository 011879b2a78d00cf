"""SKUs pasted into a picker: one per line, or several in a line; with a second column they bring their quantity."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import Model, QuerySet, TextField, Value, functions
from django.utils.translation import gettext as _

from catalog.products.models import Product, Variant
from catalog.stores.glossary import EqualsAny

MOST = 5_000
"""So many SKUs are looked up at once."""
FAMILIES, VARIANTS = 10, 5
"""For so many products that were pasted, so many variants each are offered."""
_SPLIT = re.compile(r"[\s,;]+")


class Pasted(NamedTuple):
    """What was found: id → typed value of the first box; texts that name nothing; SKU → id of what cannot be chosen
    here."""

    found: dict[int, str]
    unknown: list[str]
    refused: dict[str, int]


def read(text: str, *, with_value: bool) -> dict[str, str]:
    """``{SKU: value}`` of what was pasted, in order; the value is empty where no second column gave one."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        tokens = [token for token in _SPLIT.split(line) if token]
        if with_value and len(tokens) == 2 and tokens[1].isdecimal():
            found.setdefault(tokens[0], tokens[1])
        else:
            for token in tokens:
                found.setdefault(token, "")
    return dict(list(found.items())[:MOST])


def resolve(wanted: Mapping[str, str], offered: QuerySet, visible: QuerySet) -> Pasted:
    """Look the SKUs up among the rows that are offered; ``visible`` are all that the user may see. What he may not
    see is as unknown as what does not exist."""
    known = _by_sku(offered, wanted)
    beyond = _by_sku(visible, [sku for sku in wanted if sku.lower() not in known])
    pasted = Pasted({}, [], {})
    for sku, value in wanted.items():
        if sku.lower() in known:
            pasted.found.setdefault(known[sku.lower()], value)
        elif sku.lower() in beyond:
            pasted.refused[sku] = beyond[sku.lower()]
        else:
            pasted.unknown.append(sku)
    return pasted


class Family(NamedTuple):
    """A product whose SKU was ``pasted``, with the first of its variants that can be chosen: ``(id, SKU)``."""

    pasted: str
    sku: str
    variants: list[tuple[int, str]]

    @property
    def sentence(self) -> str:
        if not self.variants:
            return _("%(sku)s is a product; none of its variants can be chosen here.") % {"sku": self.sku}
        names = ", ".join(sku for _pk, sku in self.variants)
        one, many = (
            _("%(sku)s is a product; its variant is %(names)s."),
            _("%(sku)s is a product; choose among its variants: %(names)s."),
        )
        return (one if len(self.variants) == 1 else many) % {"sku": self.sku, "names": names}


def families(skus: Iterable[str], products: QuerySet, offered: QuerySet) -> list[Family]:
    """Those of ``skus`` that are products the user may see, with variants to take in their place."""
    pasted = {sku.lower(): sku for sku in skus}
    known = _ids(products, sorted(pasted))
    names = dict(products.filter(pk__in=known.values()).values_list("pk", "sku")) if known else {}
    held: dict[int, list[tuple[int, str]]] = {}
    for pk in names:
        found = offered.filter(product=pk).order_by("sku").values_list("pk", "sku")
        held[pk] = list(found[:VARIANTS])
        if len(held) == FAMILIES:
            break
    return [Family(pasted[low], names[pk], held[pk]) for low, pk in known.items() if pk in held]


def _by_sku(rows: QuerySet, skus: Iterable[str]) -> dict[str, int]:
    """The ids of rows by their SKU in small letters. A product is found by the SKU of a variant, too."""
    lowered = sorted({sku.lower() for sku in skus})
    if not lowered:
        return {}
    found = _ids(rows, lowered)
    missing = [sku for sku in lowered if sku not in found]
    if rows.model is Product and missing:
        owners = _ids(Variant.objects.order_by(), missing, "product_id")
        allowed = set(rows.filter(pk__in=set(owners.values())).values_list("pk", flat=True))
        found |= {sku: pk for sku, pk in owners.items() if pk in allowed}
    return found


def _ids(rows: QuerySet[Model], lowered: list[str], field: str = "pk") -> dict[str, int]:
    asked = Value(lowered, output_field=ArrayField(TextField()))
    hits = (
        rows.order_by()
        .annotate(lowered=functions.Lower("sku"))
        .filter(EqualsAny(functions.Lower("sku"), asked))
    )
    return dict(hits.values_list("lowered", field))
