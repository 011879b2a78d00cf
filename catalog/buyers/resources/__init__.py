"""The files of buyers."""

from catalog.buyers.resources import companies, customers, merchants, relations
from catalog.buyers.resources.relations import relation_ref

__all__ = ["companies", "customers", "merchants", "relation_ref", "relations"]
