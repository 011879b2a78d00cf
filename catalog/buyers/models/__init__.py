"""Who buys: merchants, companies with their units, the relations between them, and customers."""

from catalog.buyers.models.companies import BusinessUnit, Company
from catalog.buyers.models.customers import Customer
from catalog.buyers.models.merchants import Merchant, MerchantStore
from catalog.buyers.models.relations import BuyerRelation, BuyerRelationUnit

__all__ = [
    "BusinessUnit",
    "BuyerRelation",
    "BuyerRelationUnit",
    "Company",
    "Customer",
    "Merchant",
    "MerchantStore",
]
