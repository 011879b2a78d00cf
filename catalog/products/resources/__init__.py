"""The files of products (spec: import-export 4.5), in the order in which they are imported."""

from catalog.products.resources import (
    alternatives,
    approval,
    discontinued,
    groups,
    images,
    products,
    stores,
    variants,
)

__all__ = ["alternatives", "approval", "discontinued", "groups", "images", "products", "stores", "variants"]
