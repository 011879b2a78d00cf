"""The screens of products: one module each."""

from catalog.products.admin import products, variants

__all__ = ["products", "variants"]
