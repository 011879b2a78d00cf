"""SKUs: how they are made of a product and its attribute values, and who holds one already (products 10.4, 10.5).

Products and variants are two namespaces, compared without regard to case. A product may share its SKU with a
variant of its own, no other product or variant may.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet, functions
from django.utils.translation import gettext as _

from backoffice.console.rows import unseen
from catalog.products.models import Product, Variant
from catalog.products.models.products import SKU, SKU_LENGTH

_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "æ": "ae", "Æ": "Ae"}
    | {
        "œ": "oe",
        "Œ": "Oe",
        "ø": "oe",
        "Ø": "Oe",
        "å": "aa",
        "Å": "Aa",
        "đ": "d",
        "Đ": "D",
        "ł": "l",
        "Ł": "L",
    }
)
_FOREIGN = re.compile(r"[^A-Za-z0-9._-]")
_LOCKS = 4137
"""Sets the locks of SKUs apart from other advisory locks."""


# --- making ------------------------------------------------------------------------------------------


def cleaned(text: str) -> str:
    """A text as a SKU may spell it: ASCII letters, digits, dot, underscore and dash; blanks vanish."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_SPELLED))
    return re.sub(r"-{2,}", "-", _FOREIGN.sub("", plain))[:SKU_LENGTH].rstrip("-_")


def generated(product_sku: str, combination: Mapping[str, str]) -> str:
    """``jacket`` with colour red and size XL: ``jacket-color-red_size-XL``. Pairs are sorted by key."""
    pairs = sorted(combination.items(), key=lambda pair: (pair[0].lower(), pair[0]))
    return cleaned(f"{product_sku}-" + "_".join(f"{key}-{value}" for key, value in pairs))


def next_number(product_sku: str, siblings: Iterable[str]) -> str:
    """The SKU of a variant that no attribute tells apart: ``jacket-3`` after ``jacket-2``."""
    counted = re.compile(rf"{re.escape(product_sku)}-([0-9]{{1,9}})\Z", re.IGNORECASE)
    numbers = [int(match[1]) for match in map(counted.match, siblings) if match]
    return _with_number(product_sku, 1 + max(numbers, default=0))


def _with_number(sku: str, number: int) -> str:
    tail = f"-{number}"
    return sku[: SKU_LENGTH - len(tail)] + tail


def numbered(wanted: Sequence[str], taken: Iterable[str]) -> list[str]:
    """``wanted`` with ``-2``, ``-3`` … behind every one that is taken or stands earlier in the list."""
    used = {sku.lower() for sku in taken}
    found = []
    for sku in wanted:
        number, proposal = 1, sku
        while proposal.lower() in used:
            number += 1
            proposal = _with_number(sku, number)
        used.add(proposal.lower())
        found.append(proposal)
    return found


def free(wanted: Sequence[str], taken_of: Callable[[Iterable[str]], Iterable[str]]) -> list[str]:
    """:func:`numbered`, where ``taken_of`` says which of some SKUs are taken. One question where none is."""
    taken: set[str] = set()
    asked: set[str] = set()
    while True:
        proposals = numbered(wanted, taken)
        unknown = {sku.lower() for sku in proposals} - asked
        if not unknown:
            return proposals
        asked |= unknown
        clashing = {sku.lower() for sku in taken_of(unknown)}
        more = {_with_number(sku, n).lower() for sku in clashing for n in range(2, 30)} - asked
        taken |= clashing | {sku.lower() for sku in (taken_of(more) if more else ())}
        asked |= more


# --- who holds one -----------------------------------------------------------------------------------


class Holder(NamedTuple):
    """Who has a SKU: a product, or a variant of ``product``. One that the person at work may not see is not named."""

    sku: str
    product: str
    is_variant: bool
    is_hidden: bool = False

    def sentence(self, wanted: str) -> str:
        """Why ``wanted`` cannot be given."""
        facts = {"sku": self.sku, "product": self.product}
        if self.is_hidden:
            return _("This SKU is taken. Choose another one.")
        if self.is_variant:
            text = _("Variant %(sku)s of product %(product)s has this SKU. Choose another one.") % facts
        else:
            text = _("Product %(sku)s has this SKU. Choose another one.") % facts
        if self.sku == wanted:
            return text
        return text + " " + _("Small and capital letters count as the same.")


def product_holder(sku: str, *, product: int | None = None) -> Holder | None:
    """Who keeps a product from having this SKU: another product, or a variant of another product."""
    found = _holders(Product.objects.exclude(pk=product), Variant.objects.exclude(product=product), [sku])
    return next(iter(found), None)


def variant_holders(
    wanted: Iterable[str], *, product: int | None = None, besides: int | None = None
) -> dict[str, Holder]:
    """Who keeps variants of ``product`` from having these SKUs, by lower-case SKU: any other variant, or another
    product. ``besides`` is the variant that asks."""
    found = _holders(Product.objects.exclude(pk=product), Variant.objects.exclude(pk=besides), list(wanted))
    return {holder.sku.lower(): holder for holder in found}


def _holders(products: QuerySet, variants: QuerySet, skus: Collection[str]) -> list[Holder]:
    """Those of the rows that have one of these SKUs, products first."""
    held = [(sku, pk, sku, False) for sku, pk in _among(products, skus).values_list("sku", "pk")]
    of_variants = _among(variants, skus).values_list("sku", "product", "product__sku")
    held += [(*facts, True) for facts in of_variants]
    hidden = unseen(Product, {owner for _sku, owner, _name, _is_variant in held})
    return [Holder(sku, name, is_variant, owner in hidden) for sku, owner, name, is_variant in held]


def _among(rows: QuerySet, skus: Iterable[str]) -> QuerySet:
    """Rows with one of these SKUs in any case; answered by the index on the lower-case SKU."""
    folded = [sku.lower() for sku in skus]
    return rows.order_by("pk").alias(folded_sku=functions.Lower("sku")).filter(folded_sku__in=folded)


def lock(skus: Iterable[str]) -> None:
    """Let nobody else claim these SKUs until the transaction ends; whoever asks next waits, then looks again."""
    folded = sorted({sku.lower() for sku in skus})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(found.number) FROM (SELECT DISTINCT hashtextextended(sku, %s) AS number "
            "FROM unnest(%s::text[]) AS each(sku) ORDER BY number) AS found",
            [_LOCKS, folded],
        )


def is_well_formed(sku: str) -> bool:
    return bool(re.match(SKU.removesuffix("$") + r"\Z", sku)) and len(sku) <= SKU_LENGTH
