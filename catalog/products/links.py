"""What products and variants name by key, as files, history and undo hold it: categories and components."""

from collections.abc import Sequence
from typing import Any

from backoffice.transfer.declaring.linked import KeyedLinks
from backoffice.transfer.declaring.parts import Part
from catalog.products.composing import COMPONENTS, components_state
from catalog.products.linking import CATEGORIES, listed_categories
from catalog.products.models import BundleItem, CategoryProduct


def _categories(parts: Sequence[Part]) -> dict[str, Any]:
    return {CATEGORIES: listed_categories(parts)} if parts else {}


def _components(parts: Sequence[Part]) -> dict[str, Any]:
    return {COMPONENTS: components_state(parts)} if parts else {}


CATEGORY_LINKS = KeyedLinks(
    CATEGORIES,
    CategoryProduct,
    parent="product",
    other="category",
    key="key",
    fields=("product_order",),
    state=_categories,
)
COMPONENT_LINKS = KeyedLinks(
    COMPONENTS, BundleItem, parent="bundle", other="item", key="sku", fields=("quantity",), state=_components
)
