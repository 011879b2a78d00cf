"""The screens of buyers: relations, companies and units, merchants, customers (spec: product-lists 2.4, 2.5)."""

from catalog.buyers import users
from catalog.buyers.admin import companies, customers, merchants, relations

__all__ = ["companies", "customers", "merchants", "relations", "users"]
