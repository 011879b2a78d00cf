"""What a product is: entries, variants, bundles, alternatives, groups, pictures, readiness."""

from catalog.products.models.alternatives import ProductAlternative
from catalog.products.models.bundles import BundleItem
from catalog.products.models.groups import GroupMember, ProductGroup
from catalog.products.models.media import ProductImageSet, VariantImageSet
from catalog.products.models.products import SKU, CategoryProduct, Product, ProductStore
from catalog.products.models.readiness import ProductSettings, ReadinessCodes
from catalog.products.models.variants import Discontinued, Variant, live_by_itself

__all__ = [
    "SKU",
    "BundleItem",
    "CategoryProduct",
    "Discontinued",
    "GroupMember",
    "Product",
    "ProductAlternative",
    "ProductGroup",
    "ProductImageSet",
    "ProductSettings",
    "ProductStore",
    "ReadinessCodes",
    "Variant",
    "VariantImageSet",
    "live_by_itself",
]
