"""The row scope *categories* for products: seen are those in at least one granted category (spec: products 0.12)."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from backoffice.console import rows
from catalog.categories.scope import KIND, covered
from catalog.products.models import CategoryProduct, GroupMember, Product, Variant


def register() -> None:
    """Called when the apps are ready."""
    KIND.limits(Product, _in_granted_category)
    rows.register(Variant, _of_seen_products)
    rows.register(GroupMember, _of_seen_products)


def _in_granted_category(grants: QuerySet) -> Q:
    links = CategoryProduct.objects.order_by().filter(category__in=covered(grants))
    return Q(Exists(links.filter(product=OuterRef("pk"))))


def _of_seen_products(found: QuerySet, user: Any, action: str) -> QuerySet:
    """Variants and places in groups follow their product; who is not limited asks nothing."""
    products = rows.visible(Product.objects.order_by(), user, action)
    return found.filter(product__in=products.values("pk")) if products.query.has_filters() else found
