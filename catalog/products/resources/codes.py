"""Codes that are in use already. SKUs of products and variants are two name spaces; a SKU is in both only where the
variant belongs to that product (spec: import-export 2.1, products 10.5)."""

from collections.abc import Iterable

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.unseen import seen_rows
from catalog.products.models import Product, Variant
from catalog.products.models.variants import PADDED_GTIN
from catalog.products.narrowing import named
from catalog.products.resources.references import PRODUCTS

Outcome = RowResult.Outcome


def refuse_foreign(batch: Batch) -> None:
    """A new product may not have the SKU of a variant of another product."""
    rows = batch.with_outcome(Outcome.NEW)
    taken = dict(
        Variant.objects.filter(named([row.key for row in rows]))
        .order_by()
        .exclude(product__sku=F("sku"))
        .values_list("sku", "product__sku")
    )
    hidden = _unseen(batch, Variant, taken)
    for row in rows:
        if row.key in hidden:
            row.fail("unknown_ref", batch.key_column)
        elif row.key in taken:
            message = _("“%(value)s” is a variant of the product %(owner)s.")
            row.fail("taken", batch.key_column, message, owner=taken[row.key])


def _unseen(batch: Batch, model: type[Product] | type[Variant], skus: Iterable[str]) -> set[str]:
    """Those of these stored SKUs that the user does not see: they are as unknown to him as any other."""
    skus, seen = set(skus), seen_rows(model, batch.run.user)
    if seen is None or not skus:
        return set()
    return skus - set(seen.filter(named(skus)).values_list("sku", flat=True))


def refuse_products(batch: Batch) -> None:
    """A new variant may not have the SKU of a product it does not belong to, stored or of the same run."""
    rows = [row for row in batch.with_outcome(Outcome.NEW) if row.values.get("abstract_sku") != row.key]
    keys = [row.key for row in rows]
    if not keys:
        return
    stored = set(Product.objects.filter(named(keys)).order_by().values_list("sku", flat=True))
    hidden = _unseen(batch, Product, stored)
    taken = stored | set(batch.run.keys.find(PRODUCTS, keys))
    for row in rows:
        if row.key in hidden:
            row.fail("unknown_ref", batch.key_column)
        elif row.key in taken:
            message = _("“%(value)s” is the SKU of another product.")
            row.fail("taken", batch.key_column, message)


def refuse_gtins(batch: Batch) -> None:
    """A GTIN that another variant has, whatever zeros lead it."""
    place = batch.position("gtin")
    rows = {
        row.record[place].zfill(14): row
        for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
        if row.record[place] and (row.stored is None or row.record[place] != row.stored[place])
    }
    if not rows:
        return
    held = Variant.objects.annotate(padded=PADDED_GTIN).filter(padded__in=list(rows))
    owners = dict(held.values_list("padded", "sku"))
    hidden = _unseen(batch, Variant, owners.values())
    for padded, sku in owners.items():
        row = rows[padded]
        if sku in hidden:
            row.fail("taken", "gtin")
        elif sku != row.key:
            row.fail("taken", "gtin", _("The variant %(owner)s has this GTIN."), owner=sku)
