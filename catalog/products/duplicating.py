"""A second product like a first one: its own SKUs, switched off, without what belongs to one product alone, such as
GTIN, addresses, dates, alternatives and groups (spec: products 28).

Rooms above that keep something worth copying say so: ``duplicating.also(function)``.
"""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from backoffice.history.recording import Recorder, snapshot
from backoffice.reactions import report
from catalog.images import reading, saving
from catalog.images.saving import Links
from catalog.products import composing, discontinuing, facts, skus
from catalog.products.creating import NewVariant, make_product, refuse_taken
from catalog.products.models import BundleItem, Product, Variant
from catalog.products.pictures import PRODUCT_IMAGES, VARIANT_IMAGES, wanted_again

_TEXTS = ("name", "description", "meta_title", "meta_keywords", "meta_description")
_MAPS = ("attributes", "attributes_localized")


class Copies(NamedTuple):
    """What was made of what, by id."""

    products: Mapping[int, int]
    variants: Mapping[int, int]


Copier = Callable[[Copies, Recorder], None]
_copiers: list[Copier] = []


def also(copier: Copier) -> Copier:
    """Register a function of a room above; it runs in the transaction of the duplication."""
    _copiers.append(copier)
    return copier


def proposed_sku(product: Product) -> str:
    """A free SKU to begin with: ``jacket-2``."""
    return skus.free([product.sku], lambda asked: _taken(product.sku, asked))[0]


def _taken(own: str, asked: Iterable[str]) -> set[str]:
    return {own.lower()} | set(skus.variant_holders(asked))


def planned(product: Product, sku: str) -> list[tuple[Variant, str]]:
    """The variants with the SKU each copy gets: that of the old one with the new beginning, else generated."""
    variants = list(product.variants.order_by("pk"))
    wanted = [_renamed(variant, product.sku, sku) for variant in variants]
    return list(zip(variants, skus.free(wanted, lambda asked: skus.variant_holders(asked)), strict=True))


def _renamed(variant: Variant, old: str, new: str) -> str:
    if variant.sku.lower().startswith(old.lower()):
        return (new + variant.sku[len(old) :])[: skus.SKU_LENGTH]
    texts = {key: value for key, value in variant.attributes.items() if isinstance(value, str)}
    return skus.generated(new, texts) if texts else new


def duplicate(
    product: Product, sku: str, *, name: Mapping[str, str], with_images: bool = True, recorder: Recorder
) -> Product:
    """Make the copy, with stores, categories, attributes, tax set, components and pictures. The pictures are
    shared, not stored twice. Raises ValidationError for SKUs that are taken.

    The caller writes the copy itself into the history, as with :func:`catalog.products.creating.create`.
    """
    plan = planned(product, sku)
    refuse_taken(sku, [NewVariant(each) for _variant, each in plan])
    made = Product(sku=sku, tax_set_id=product.tax_set_id, color_code=product.color_code)
    _copy(product, made, (*_TEXTS, *_MAPS))
    made.name = dict(name)
    make_product(
        made,
        stores=product.store_links.values_list("store", flat=True),
        categories=dict(product.category_links.values_list("category", "product_order")),
        recorder=recorder,
    )
    variants = _copy_variants(product, made, plan, recorder)
    copies = Copies({product.pk: made.pk}, {old.pk: new.pk for old, new in variants})
    if with_images:
        _share_images(PRODUCT_IMAGES, copies.products, recorder)
        _share_images(VARIANT_IMAGES, copies.variants, recorder)
    report(facts.CREATED, [made.pk])
    for copier in _copiers:
        copier(copies, recorder)
    return made


def _copy(old: Product | Variant, new: Product | Variant, names: Sequence[str]) -> None:
    for name in names:
        setattr(new, name, copy.deepcopy(getattr(old, name)))


def _copy_variants(
    old: Product, made: Product, plan: Sequence[tuple[Variant, str]], recorder: Recorder
) -> list[tuple[Variant, Variant]]:
    pairs = []
    for variant, sku in plan:
        twin = Variant(product=made, sku=sku, is_quantity_splittable=variant.is_quantity_splittable)
        _copy(variant, twin, ("name", "description", *_MAPS, "is_searchable", "is_complete"))
        if variant.name == old.name:
            twin.name = dict(made.name)
        pairs.append((variant, twin))
    Variant.objects.bulk_create([twin for _variant, twin in pairs], batch_size=500)
    components = _copy_components(pairs)
    names = {item.item_id: item.item.sku for items in components.values() for item in items}
    for _variant, twin in pairs:
        quantities = {item.item_id: item.quantity for item in components.get(twin.pk, ())}
        held = {composing.COMPONENTS: composing.state(quantities, names)} if quantities else {}
        recorder.added(twin, snapshot(twin, held))
    discontinuing.follow(names, recorder=recorder)
    report(facts.COMPOSITION, components)
    return pairs


def _copy_components(pairs: Sequence[tuple[Variant, Variant]]) -> dict[int, list[BundleItem]]:
    twins = {variant.pk: twin for variant, twin in pairs}
    held = BundleItem.objects.filter(bundle__in=twins).select_related("item").order_by("pk")
    found: dict[int, list[BundleItem]] = {}
    for each in held:
        twin = twins[each.bundle_id]
        found.setdefault(twin.pk, []).append(BundleItem(bundle=twin, item=each.item, quantity=each.quantity))
    BundleItem.objects.bulk_create([item for items in found.values() for item in items])
    return found


def _share_images(links: Links, twins: Mapping[int, int], recorder: Recorder) -> None:
    """The same sets with the same pictures; a picture that many sets show is stored once (17.1)."""
    held = reading.sets_of(links, twins)
    wanted = {twins[owner]: wanted_again(sets) for owner, sets in held.items()}
    if wanted:
        saving.save(links, wanted, recorder)
