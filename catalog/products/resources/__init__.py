"""The files of products (spec: import-export 4.5), in the order in which they are imported."""

from catalog.products.resources import approval, discontinued, groups, stores

__all__ = ["approval", "discontinued", "groups", "stores"]
