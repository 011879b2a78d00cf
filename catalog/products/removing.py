"""Deleting a product or a variant that was made by mistake (spec: products 0.9).

What was ever active stays, and so does what something outside of its own records points to. Its own records go with
it. Rooms above forbid with ``on_delete=PROTECT``; what they hang on a product without a reference they take away with
:func:`also`.
"""

from collections.abc import Callable, Collection, Iterator, Sequence

from django.db.models import PROTECT, RESTRICT, Model, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.console.deleting import SHOWN, Example, Touched, adds_impact, references, touched_by
from backoffice.console.paging import Count
from backoffice.history.recording import Recorder, Snapshot, snapshot
from backoffice.reactions import report
from catalog.images import saving
from catalog.products import composing, facts
from catalog.products.addressing import OWNER
from catalog.products.models import (
    BundleItem,
    Discontinued,
    GroupMember,
    Product,
    ProductAlternative,
    ProductStore,
    Variant,
)
from catalog.products.narrowing import one_of
from catalog.products.pictures import PRODUCT_IMAGES, VARIANT_IMAGES
from catalog.urls import claims
from catalog.urls.models import Url

Step = Callable[[Collection[int], Collection[int], Recorder], None]
_steps: list[Step] = []


def also(step: Step) -> Step:
    """Register a function of a room above; it is given the products and variants that are about to go."""
    _steps.append(step)
    return step


# --- what is touched ------------------------------------------------------------------------------


def product_touched(record: Product) -> list[Touched]:
    """What hangs on the variants of a product and on its addresses, beyond what refers to the product itself."""
    variants = record.variants.all()
    return [*_were_active(variants), *_used_variants(variants), *_addresses([record.pk])]


def variant_touched(record: Variant) -> list[Touched]:
    return _were_active(Variant.objects.filter(pk=record.pk))


def _were_active(variants: QuerySet) -> list[Touched]:
    found = variants.filter(was_active=True)
    if not found.exists():
        return []
    examples = [
        Example(each.sku, reverse("admin:products_variant_view", args=[each.pk])) for each in found[:SHOWN]
    ]
    label = _("Variants that were active")
    return [Touched(label, Count.of(found), _("forbid the deletion"), True, examples=examples)]


def _used_variants(variants: QuerySet) -> Iterator[Touched]:
    """The records that point to one of the variants and are none of theirs."""
    for relation in references(Variant):
        found = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": variants})
        if relation.on_delete in {PROTECT, RESTRICT}:
            found = found.exclude(_of_themselves(relation.related_model, variants))
        line = touched_by(relation, found)
        if line:
            yield line


def _of_themselves(model: type[Model], variants: QuerySet) -> Q:
    """Bundles and alternatives within the product go with it."""
    owners = {BundleItem: "bundle", ProductAlternative: "variant"}
    return Q(**{f"{owners[model]}__in": variants}) if model in owners else Q(pk__in=())


def _addresses(products: Collection[int]) -> list[Touched]:
    rows = Url.objects.of(OWNER, products)
    examples = [Example(path) for path in rows.order_by("path").values_list("path", flat=True)[:SHOWN]]
    return (
        [Touched(_("Addresses"), Count.of(rows), _("are deleted too"), examples=examples)] if examples else []
    )


# --- the verbs -----------------------------------------------------------------------------------


def remove_variant(variant: Variant, *, recorder: Recorder) -> None:
    """Delete a variant with its own records, in the caller's transaction, after all refusals were asked."""
    for step in _steps:
        step([], [variant.pk], recorder)
    _remove_variants([variant], recorder)
    report(facts.VARIANTS, [variant.product_id])


def remove_product(product: Product, state: Snapshot, *, recorder: Recorder) -> None:
    """Delete a product with its variants and its own records; ``state`` is what history keeps of it."""
    variants = list(product.variants.order_by("pk"))
    for step in _steps:
        step([product.pk], [variant.pk for variant in variants], recorder)
    _remove_variants(variants, recorder)
    for model in (ProductStore, GroupMember):
        _forget(model.objects.filter(product=product), recorder)
    saving.forget(PRODUCT_IMAGES, [product.pk], recorder)
    claims.free(OWNER, [product.pk], recorder)
    recorder.deleted(product, state)
    product.delete()


def _remove_variants(variants: Sequence[Variant], recorder: Recorder) -> None:
    ids = [variant.pk for variant in variants]
    held = composing.components_of(ids)
    items = {item for quantities in held.values() for item in quantities}
    skus = dict(Variant.objects.filter(one_of(items)).values_list("pk", "sku"))
    for model in (Discontinued, ProductAlternative):
        _forget(model.objects.filter(one_of(ids, "variant")), recorder)
    saving.forget(VARIANT_IMAGES, ids, recorder)
    BundleItem.objects.filter(one_of(ids, "bundle")).delete()
    for variant in variants:
        own = composing.state(held.get(variant.pk, {}), skus)
        recorder.deleted(variant, snapshot(variant, {composing.COMPONENTS: own} if own else None))
    Variant.objects.filter(one_of(ids)).delete()


def _forget(rows: QuerySet, recorder: Recorder) -> None:
    """Delete records that have entries of their own in the history."""
    found = list(rows.order_by("pk"))
    for record in found:
        recorder.deleted(record)
    rows.model.objects.filter(one_of([record.pk for record in found])).delete()


adds_impact(Product, product_touched)
adds_impact(Variant, variant_touched)
