"""Making products with their variants, and variants of a product (spec: products 3, 8, 10, 12.2).

A room above that keeps something per product or variant follows :data:`facts.CREATED` and :data:`facts.VARIANTS`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from backoffice.history.recording import Recorder
from backoffice.reactions import report
from backoffice.texts import content_locales
from catalog.products import addressing, facts, matrix, skus
from catalog.products.models import CategoryProduct, Product, ProductStore, Variant


class NewVariant(NamedTuple):
    """A variant to make: its SKU and its super values; none for the only variant of a product (10.2)."""

    sku: str
    combination: Mapping[str, str] = {}


def create(
    product: Product,
    variants: Sequence[NewVariant] = (),
    *,
    stores: Iterable[int] = (),
    categories: Mapping[int, int] | Iterable[int] = (),
    paths: Mapping[str, str] | None = None,
    recorder: Recorder,
) -> list[Variant]:
    """Store a product that has no id yet, with inactive variants that carry its names; without ``variants`` one
    with the product's own SKU (a bundle begins so, too). ``categories`` may give the order in each.

    The caller writes the product itself into the history, because the state of a screen is more than its row.
    Raises ValidationError for SKUs that are taken.
    """
    wanted = list(variants) or [NewVariant(product.sku)]
    refuse_taken(product.sku, wanted)
    make_product(product, stores=stores, categories=categories, recorder=recorder)
    made = make_variants(product, wanted, recorder=recorder)
    claim_typed(product, paths or {}, recorder)
    report(facts.CREATED, [product.pk])
    return made


def refuse_taken(product_sku: str, variants: Sequence[NewVariant]) -> None:
    """Raise ValidationError for every SKU that somebody has, and keep the others for this transaction."""
    wanted = [each.sku for each in variants]
    skus.lock([product_sku, *wanted])
    holder = skus.product_holder(product_sku)
    problems = [holder.sentence(product_sku)] if holder else []
    held = skus.variant_holders(wanted)
    problems += [held[sku.lower()].sentence(sku) for sku in wanted if sku.lower() in held]
    if problems:
        raise ValidationError([ValidationError(sentence, code="taken") for sentence in problems])


def make_product(
    product: Product,
    *,
    stores: Iterable[int],
    categories: Mapping[int, int] | Iterable[int],
    recorder: Recorder,
) -> None:
    """The row with its stores and categories; a draft, as whatever is made on a screen (16.1)."""
    product.approval_status = product.approval_status or Product.Approval.DRAFT
    product.save()
    _link(product, stores, categories, recorder)


def make_variants(product: Product, wanted: Sequence[NewVariant], *, recorder: Recorder) -> list[Variant]:
    """Inactive variants with the names and descriptions of their product; nowhere searchable (10.1)."""
    hidden = dict.fromkeys(content_locales(), False)
    made = Variant.objects.bulk_create(
        [
            Variant(
                product=product,
                sku=each.sku,
                name={**product.name},
                description={**product.description},
                attributes=dict(each.combination),
                is_searchable={**hidden},
            )
            for each in wanted
        ],
        batch_size=500,
    )
    for variant in made:
        recorder.added(variant)
    return made


def _link(
    product: Product,
    stores: Iterable[int],
    categories: Mapping[int, int] | Iterable[int],
    recorder: Recorder,
) -> None:
    """The stores and categories of a product that has none yet."""
    links = [ProductStore(product=product, store_id=pk) for pk in sorted(stores)]
    for link in ProductStore.objects.bulk_create(links):
        recorder.added(link)
    orders = categories if isinstance(categories, Mapping) else dict.fromkeys(categories, 0)
    CategoryProduct.objects.bulk_create(
        [
            CategoryProduct(product=product, category_id=pk, product_order=order)
            for pk, order in sorted(orders.items())
        ]
    )


def claim_typed(product: Product, paths: Mapping[str, str], recorder: Recorder) -> None:
    """Write the addresses somebody typed; the others are made on first activation (18.4)."""
    if not paths:
        return
    refused = addressing.follow([product.pk], recorder, {product.pk: paths}).refused
    if refused:
        raise ValidationError([ValidationError(each.message, code=each.code) for each in refused])


# --- one more variant --------------------------------------------------------------------------------


def add_variant(variant: Variant, *, recorder: Recorder) -> Variant:
    """Store one more variant of ``variant.product``; its attributes hold the super values. Raises ValidationError
    when a sibling has them or somebody has the SKU."""
    product = hold(variant.product_id)
    problem = why_not_combination(product.pk, super_values(product, variant.attributes))
    skus.lock([variant.sku])
    holder = skus.variant_holders([variant.sku], product=product.pk).get(variant.sku.lower())
    problem = problem or (holder.sentence(variant.sku) if holder else "")
    if problem:
        raise ValidationError(problem, code="taken")
    store_variant(variant)
    recorder.added(variant)
    return variant


def store_variant(variant: Variant) -> None:
    """Write a variant that was checked while its product was held."""
    variant.save()
    report(facts.VARIANTS, [variant.product_id])


def hold(product: int) -> Product:
    """The product, kept for this transaction, so that two people cannot add the same combination at once."""
    return Product.objects.select_for_update().get(pk=product)


def super_values(product: Product, attributes: Mapping[str, object]) -> dict[str, str]:
    """The part of an attribute map that tells the variants of a family apart."""
    return {key: str(attributes[key]) for key in matrix.keys_of_family(product.pk) if key in attributes}


def why_not_combination(product: int, combination: Mapping[str, str]) -> str:
    """The sentence that names the sibling with these super values, or nothing (5.3)."""
    sibling = matrix.sibling_with(product, combination) if combination else None
    if sibling is None:
        return ""
    return _("Variant %(sku)s has this combination already: %(combination)s.") % {
        "sku": sibling.sku,
        "combination": matrix.words(combination),
    }
