"""The screens of products: one module each."""

from catalog.products.admin import assign_page, groups, products, start_page, variants

__all__ = ["assign_page", "groups", "products", "start_page", "variants"]
