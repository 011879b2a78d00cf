"""The screens of products: one module each."""

from catalog.products.admin import groups, products, variants

__all__ = ["groups", "products", "variants"]
