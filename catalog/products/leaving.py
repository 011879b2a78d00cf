"""What goes out of sight when products leave stores or categories (spec: products 0.3, 0.8, 3; working-day 6.3;
users-and-roles 5.4)."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils.translation import gettext as _

from backoffice.console import rows
from catalog.products import status, visibility
from catalog.products.forms import in_scope
from catalog.products.models import CategoryProduct, Product, ProductStore, Variant
from catalog.products.narrowing import one_of
from catalog.stores.models import StoreLocale


def what_leaving_takes_down(products: Collection[int], stores: Collection[int]) -> list[status.Fall]:
    """What taking products out of stores takes out of sight: those that are in no store then, their addresses, live
    bundles of other products with variants of theirs, and those that these stores show."""
    lost = _losing_the_last(ProductStore, "store", products, stores)
    lines = [
        status.fall(_("Products"), Product, lost.items(), _("are in no store left and visible nowhere")),
        *_with(lost),
        *_out_of_sight(Product.objects.filter(one_of(set(products) - lost.keys())), stores),
    ]
    return [line for line in lines if line.number]


def what_leaving_categories_takes_down(
    products: Collection[int], categories: Collection[int]
) -> list[status.Fall]:
    """The same for categories: a store shows what is in an active category of its own."""
    lost = _losing_the_last(CategoryProduct, "category", products, categories)
    left = CategoryProduct.objects.order_by().filter(
        product=OuterRef("pk"), category__is_active=True, category__store_links__store=OuterRef("at_store")
    )
    others = Product.objects.filter(one_of(set(products) - lost.keys()))
    stores = set(
        ProductStore.objects.filter(one_of(products, "product")).order_by().values_list("store", flat=True)
    )
    lines = [
        status.fall(_("Products"), Product, lost.items(), _("are in no category left and visible nowhere")),
        *_with(lost),
        *_out_of_sight(others, stores, ~Exists(left.exclude(category__in=categories))),
    ]
    return [line for line in lines if line.number]


def out_of_his_sight(user: Any, products: Collection[int], categories: Collection[int]) -> set[int]:
    """Products that would be in no category of a user whose rows are limited by category."""
    seen = rows.visible(Product.objects.order_by(), user, "change")
    if not seen.query.has_filters():
        return set()
    links = CategoryProduct.objects.order_by().filter(product=OuterRef("pk"))
    own = links.filter(category__in=in_scope(user, "change").order_by().values("pk"))
    leaving = seen.filter(one_of(products)).filter(Exists(links.filter(category__in=categories)))
    return set(leaving.exclude(Exists(own.exclude(category__in=categories))).values_list("pk", flat=True))


def _losing_the_last(
    model: type[Model], to: str, products: Collection[int], leaving: Collection[int]
) -> dict[int, str]:
    """Products all of whose links of a kind point to what they leave: ``{id: SKU}``."""
    links = model._default_manager.order_by().filter(product=OuterRef("pk"))
    held = Product.objects.filter(one_of(products)).filter(Exists(links))
    lost = held.exclude(Exists(links.exclude(**{f"{to}__in": leaving}))).order_by("sku")
    return dict(lost.values_list("pk", "sku"))


def _with(lost: Mapping[int, str]) -> list[status.Fall]:
    """What goes with products that nothing shows any more."""
    variants = status.variants_of(lost)
    bundles = Variant.objects.live().filter(one_of(status.bundles_with(variants) - set(variants)))
    return [
        status.addresses_fall(lost, _("are shown by no store; they stay reserved")),
        status.fall(
            _("Bundles"),
            Variant,
            bundles.order_by("sku").values_list("pk", "sku"),
            _("stay on sale with a component that no store shows"),
        ),
    ]


def _out_of_sight(
    products: QuerySet[Product], stores: Collection[int], *conditions: Any
) -> list[status.Fall]:
    """A line per store about those that it shows in any language and that meet the conditions."""
    found: dict[str, dict[int, str]] = {}
    places = StoreLocale.objects.filter(store__in=stores).order_by("store__name", "pk")
    for store, name, locale in places.values_list("store", "store__name", "locale"):
        shown = visibility.visible(products, store, locale).filter(*conditions)
        found.setdefault(name, {}).update(shown.order_by("sku").values_list("pk", "sku"))
    return [
        status.fall(
            _("Products"),
            Product,
            sorted(shown.items(), key=lambda each: each[1]),
            _("are no longer shown in %(store)s") % {"store": name},
        )
        for name, shown in found.items()
    ]
