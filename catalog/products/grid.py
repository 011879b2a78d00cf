"""The variants of a new product as they are typed: chosen values per super attribute, and one row per combination
with a SKU that may be changed and a tick that may be taken away (spec: products 3, 10.1 to 10.4)."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from backoffice.texts import preferred_locales
from catalog.attributes.models import Attribute
from catalog.products import matrix, skus
from catalog.products.creating import NewVariant

Problem = tuple[str, str]
"""Where it belongs (an anchor), and the sentence."""


class Offer(NamedTuple):
    """A predefined value: what is stored, what is read, whether it is ticked."""

    value: str
    label: str
    is_chosen: bool


@dataclass
class Axis:
    """A super attribute in the form. ``name`` is the user's word for it."""

    attribute: Attribute
    name: str
    is_ticked: bool
    offers: list[Offer]
    problem: str = ""

    @property
    def key(self) -> str:
        return self.attribute.key.key

    @property
    def chosen(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.is_chosen]


@dataclass
class Row:
    """A variant to be made. ``plain_sku`` is the generated SKU before a number was added."""

    number: int
    digest: str
    combination: matrix.Combination
    labels: list[str]
    generated: str
    plain_sku: str
    sku: str = ""
    is_made: bool = True
    problem: str = ""
    starts: str = ""
    """The heading of a group of rows, where this is its first."""
    group_size: int = field(default=0)

    @property
    def label(self) -> str:
        return ", ".join(self.labels)

    @property
    def is_numbered(self) -> bool:
        """Whether another variant has the SKU this one would have had (10.4)."""
        return self.sku == self.generated != self.plain_sku

    @property
    def variant(self) -> NewVariant:
        return NewVariant(self.sku, self.combination)


def digest(combination: matrix.Combination) -> str:
    """A short name for a combination in the form, whatever its values hold."""
    text = json.dumps(sorted(combination.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class VariantGrid:
    """``data`` is what was posted, or None for an empty form; ``locale`` the user's own content locale."""

    def __init__(self, data: Any, *, locale: str = "", is_bundle: bool = False) -> None:
        self.data, self.locale, self.is_bundle = data, locale, is_bundle
        self.most, self.asks_above = matrix.most(), matrix.ASKS_ABOVE
        self.problems: list[Problem] = []

    def _given(self, name: str) -> str:
        return self.data.get(name, "").strip() if self.data is not None else ""

    def _listed(self, name: str) -> list[str]:
        return self.data.getlist(name) if self.data is not None else []

    @cached_property
    def prefix(self) -> str:
        return self._given("sku")

    # --- the chosen values -----------------------------------------------------------------------

    @cached_property
    def axes(self) -> list[Axis]:
        """All super attributes of the shop, two queries."""
        if self.is_bundle:
            return []
        ticked = set(self._listed("super"))
        return [self._axis(each, str(each.pk) in ticked) for each in matrix.super_attributes()]

    def _axis(self, attribute: Attribute, is_ticked: bool) -> Axis:
        chosen = set(self._listed(f"values.{attribute.pk}"))
        order = preferred_locales(self.locale)
        offers = [
            Offer(value, label, value in chosen) for value, label in matrix.offers(attribute, self.locale)
        ]
        name = next((attribute.name[code] for code in order if attribute.name.get(code)), attribute.key.key)
        axis = Axis(attribute, name, is_ticked, offers)
        unknown = sorted(chosen - {offer.value for offer in offers})
        if unknown:
            axis.problem = _("“%(value)s” is no predefined value of %(name)s.") % {
                "value": unknown[0],
                "name": name,
            }
        elif is_ticked and not chosen:
            axis.problem = _("Tick at least one value of %(name)s, or take %(name)s out.") % {"name": name}
        elif chosen and not is_ticked:
            axis.problem = _("Values of %(name)s are ticked. Tick %(name)s, too, or take them out.") % {
                "name": name
            }
        return axis

    @property
    def used(self) -> list[Axis]:
        return [axis for axis in self.axes if axis.is_ticked and axis.chosen and not axis.problem]

    @property
    def _values(self) -> dict[str, list[str]]:
        return {axis.key: [offer.value for offer in axis.chosen] for axis in self.used}

    @cached_property
    def count(self) -> int:
        """The number of combinations."""
        return matrix.count(self._values)

    @property
    def is_too_many(self) -> bool:
        return self.count > self.most

    @property
    def needs_confirmation(self) -> bool:
        return self.asks_above < self.count <= self.most

    @property
    def is_confirmed(self) -> bool:
        return self._given("confirm_many") == str(self.count)

    @property
    def sum_in_words(self) -> str:
        """``3 × 2 × 2``."""
        return " × ".join(str(len(axis.chosen)) for axis in self.used)

    # --- the rows --------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[Row]:
        """One per combination; none without super attributes and none where there are too many. One query where
        all SKUs are free."""
        if not self.used or self.is_too_many:
            return []
        rows = list(self._plain_rows())
        proposals = skus.free([row.plain_sku for row in rows], lambda asked: skus.variant_holders(asked))
        for row, generated in zip(rows, proposals, strict=True):
            row.generated = generated
            self._read(row)
        self._check(rows)
        return rows

    def _plain_rows(self) -> Iterator[Row]:
        labels = {axis.key: {o.value: o.label for o in axis.chosen} for axis in self.used}
        first = min(labels, key=lambda key: (key.lower(), key))
        size = self.count // len(labels[first])
        before = None
        for number, combination in enumerate(matrix.combinations(self._values), 1):
            plain = skus.generated(self.prefix, combination).lstrip("-")
            words = [labels[key][value] for key, value in combination.items()]
            row = Row(number, digest(combination), combination, words, plain, plain)
            if len(labels) > 1 and combination[first] != before:
                row.starts, row.group_size, before = words[0], size, combination[first]
            yield row

    def _read(self, row: Row) -> None:
        """What was typed into the row; one that was not shown yet is as generated."""
        row.sku = row.generated
        shown = f"generated.{row.digest}"
        if self.data is None or shown not in self.data:
            return
        row.is_made = f"make.{row.digest}" in self.data
        typed = self._given(f"sku.{row.digest}")
        if typed and typed != self.data[shown]:
            row.sku = typed

    def _check(self, rows: list[Row]) -> None:
        made = [row for row in rows if row.is_made]
        holders = skus.variant_holders([row.sku for row in made])
        places: dict[str, int] = {}
        for row in made:
            earlier = places.setdefault(row.sku.lower(), row.number)
            if len(row.sku) > skus.SKU_LENGTH:
                row.problem = _("A SKU has at most 255 characters.")
            elif not skus.is_well_formed(row.sku):
                row.problem = _("Use letters, digits, dot, dash and underscore only.")
            elif earlier != row.number:
                row.problem = _("Used in row %(number)d. Change one of them.") % {"number": earlier}
            elif row.sku.lower() in holders:
                row.problem = holders[row.sku.lower()].sentence(row.sku)

    @property
    def made(self) -> list[Row]:
        return [row for row in self.rows if row.is_made]

    @property
    def numbered(self) -> list[Row]:
        """Rows whose generated SKU was taken, so that it got a number."""
        return [row for row in self.made if row.is_numbered]

    @property
    def skipped_count(self) -> int:
        return len(self.rows) - len(self.made)

    # --- saving ----------------------------------------------------------------------------------

    def lock(self) -> None:
        """Keep all wanted SKUs for this transaction, then look at who has them with fresh eyes."""
        skus.lock([self.prefix, *(row.sku for row in self.rows), *(row.plain_sku for row in self.rows)])
        self.__dict__.pop("rows", None)

    def is_valid(self) -> bool:
        self.problems = list(self._found_problems())
        return not self.problems

    def _found_problems(self) -> Iterator[Problem]:
        for axis in self.axes:
            if axis.problem:
                yield f"#super-{axis.attribute.pk}", axis.problem
        if self.is_too_many:
            yield "#matrix", self.too_many
        elif self.needs_confirmation and not self.is_confirmed:
            yield (
                "#confirm_many",
                _("These are %(count)d variants. Confirm the number to make them all.")
                % {"count": self.count},
            )
        if self.rows and not self.made:
            yield "#matrix", _("All variants are skipped. Tick at least one.")
        for row in self.rows:
            if row.problem:
                yield f"#sku-{row.digest}", f"{row.label}: {row.problem}"

    @property
    def too_many(self) -> str:
        """Why so many combinations are refused, with the remedy."""
        return _(
            "%(count)d variants are too many for one product; the limit is %(most)d. Make one product per value of "
            "one attribute, such as the colour, and join them in a product group."
        ) % {"count": self.count, "most": self.most}

    def variants(self) -> list[NewVariant]:
        """What is to be made; without super attributes the one variant that has the SKU of the product."""
        return [row.variant for row in self.made] or [NewVariant(self.prefix)]
