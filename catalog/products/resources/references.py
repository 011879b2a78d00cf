"""How the files of this room name products and variants."""

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.references import Ref
from catalog.products.models import Product, Variant

PRODUCTS, VARIANTS = "product_abstract", "product_concrete"
"""The formats that bring products and variants."""


def product_ref() -> Ref:
    return Ref(Product, "sku", file=PRODUCTS, remedy=_("Import product_abstract.csv first, or mend the SKU."))


def variant_ref() -> Ref:
    return Ref(Variant, "sku", file=VARIANTS, remedy=_("Import product_concrete.csv first, or mend the SKU."))
