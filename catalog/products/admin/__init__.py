"""The screens of products: one module each."""

from catalog.products.admin import groups, products, start_page, variants

__all__ = ["groups", "products", "start_page", "variants"]
