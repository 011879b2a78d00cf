"""How recorded states of products are put back: categories and components come with their record, and what follows
from a product (readiness, addresses, what rooms above derive) follows here, too (spec: working-day 7.4)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import models

from backoffice.history.putting import Meanwhile, Putter, Wanted, nothing, register
from backoffice.history.recording import Snapshot, snapshot
from backoffice.reactions import report
from backoffice.transfer.declaring.linked import KeyedLinks
from catalog.products import composing, facts, status
from catalog.products.linking import CATEGORIES
from catalog.products.links import CATEGORY_LINKS, COMPONENT_LINKS
from catalog.products.models import (
    BundleItem,
    CategoryProduct,
    Discontinued,
    Product,
    ProductStore,
    ReadinessCodes,
    Variant,
)
from catalog.products.narrowing import one_of

_FACTS: Mapping[str, str] = {
    "name": facts.TEXTS,
    "description": facts.TEXTS,
    "attributes": facts.ATTRIBUTES,
    "attributes_localized": facts.ATTRIBUTES,
    "tax_set": facts.TAX_SET,
    "approval_status": facts.APPROVAL,
    CATEGORIES: facts.CATEGORIES,
}
"""Which fact a recorded field of a product is part of; those of variants are told for their product."""
_STATUS = frozenset({"is_active", "valid_from", "valid_to", composing.COMPONENTS})


class _WithLinks(Putter):
    """A record whose ``links`` are one entry of its recorded state, a list of ``{"key": …, amount: …}``."""

    links: ClassVar[KeyedLinks]
    amount: ClassVar[str]

    def knows(self, name: str) -> bool:
        return name == self.links.name or super().knows(name)

    def states(
        self, records: Sequence[models.Model], names: frozenset[str] | None = None
    ) -> dict[int, Snapshot]:
        if names is not None and self.links.name not in names:
            return super().states(records, names)
        held = self.links.stored([record.pk for record in records])
        return {
            record.pk: snapshot(record, self.links.state(held.get(record.pk, [])), names)
            for record in records
        }

    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        name = self.links.name
        super().write([(record, _without(state, name)) for record, state in wanted], meanwhile)
        self._put({record.pk: state[name] for record, state in wanted if name in state})
        self.tell([record for record, _state in wanted], {n for _r, state in wanted for n in state})

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        name = self.links.name
        made = super().make([(pk, _without(state, name)) for pk, state in wanted])
        self._put({pk: state.get(name) for pk, state in wanted})
        self.tell(made, {"name", name, *_STATUS})
        return made

    def _put(self, wanted: Mapping[int, Sequence[Mapping[str, Any]] | None]) -> None:
        """Make the links of these records the wanted ones; what has gone meanwhile is left out."""
        held = self.links.stored(list(wanted))
        self.links.replace(
            [
                (pk, held.get(pk, []), [[each["key"], each[self.amount]] for each in links or ()])
                for pk, links in wanted.items()
            ]
        )

    def tell(self, records: Sequence[models.Model], names: Iterable[str]) -> None:
        """Report what changed."""
        raise NotImplementedError


@register(Product)
class ProductPutter(_WithLinks):
    links, amount = CATEGORY_LINKS, "order"
    parts = ("products.categoryproduct", "products.readinesscodes")

    def tell(self, records: Sequence[models.Model], names: Iterable[str]) -> None:
        ids = [record.pk for record in records]
        for fact in {_FACTS[stem] for name in names if (stem := name.partition(".")[0]) in _FACTS}:
            report(fact, ids)

    def takes_down(self, ids: Collection[int]) -> Mapping[str, Mapping[int, Snapshot]]:
        """A product is on sale through its variants: one that has to stay goes off sale with all of them."""
        active = Variant.objects.filter(one_of(ids, "product"), is_active=True).order_by()
        off = {pk: {"is_active": False} for pk in active.values_list("pk", flat=True)}
        return {Variant._meta.label_lower: off} if off else {}

    def remove(self, records: Sequence[models.Model]) -> None:
        ids = [record.pk for record in records]
        for part in (CategoryProduct, ReadinessCodes):
            part._default_manager.filter(one_of(ids, "product")).delete()
        super().remove(records)


@register(Variant)
class VariantPutter(_WithLinks):
    links, amount = COMPONENT_LINKS, "quantity"
    parts = ("products.bundleitem",)

    def stands_down(self, current: Snapshot) -> Snapshot:
        """A variant that has to stay goes off sale."""
        return {"is_active": False} if current.get("is_active") else {}

    def tell(self, records: Sequence[models.Model], names: Iterable[str]) -> None:
        stems = {name.partition(".")[0] for name in names}
        products = {record.product_id for record in records}
        for fact in {_FACTS[stem] for stem in stems if stem in _FACTS}:
            report(fact, products)
        ids = {record.pk for record in records}
        if composing.COMPONENTS in stems:
            report(facts.COMPOSITION, ids)
        if stems & _STATUS:
            report(facts.STATUS, {*ids, *status.bundles_with(ids)})

    def remove(self, records: Sequence[models.Model]) -> None:
        BundleItem.objects.filter(one_of([record.pk for record in records], "bundle")).delete()
        super().remove(records)
        report(facts.VARIANTS, {record.product_id for record in records})


class _Told(Putter):
    """A link of its own whose coming and going is a fact of the record it hangs on."""

    def tell(self, records: Sequence[models.Model]) -> None:
        raise NotImplementedError

    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        super().write(wanted, meanwhile)
        self.tell([record for record, _state in wanted])

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make(wanted)
        self.tell(made)
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        super().remove(records)
        self.tell(records)


@register(ProductStore)
class ProductStorePutter(_Told):
    def tell(self, records: Sequence[models.Model]) -> None:
        report(facts.STORES, {record.product_id for record in records})


@register(Discontinued)
class DiscontinuedPutter(_Told):
    def tell(self, records: Sequence[models.Model]) -> None:
        ids = {record.variant_id for record in records}
        report(facts.STATUS, {*ids, *status.bundles_with(ids)})


def _without(state: Snapshot, links: str) -> Snapshot:
    return {name: value for name, value in state.items() if name != links}
