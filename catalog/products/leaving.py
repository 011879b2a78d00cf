"""What goes out of sight with the last store of a product (spec: products 0.3, 0.8, 3; working-day 6.3)."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from catalog.products import status
from catalog.products.models import Product, ProductStore, Variant
from catalog.products.narrowing import one_of


def what_leaving_takes_down(products: Collection[int], stores: Collection[int]) -> list[status.Fall]:
    """What taking products out of stores takes out of sight: those that are in no store then, their addresses, live
    bundles of other products with variants of theirs."""
    lost = _losing_the_last(products, stores)
    variants = status.variants_of(lost)
    bundles = Variant.objects.live().filter(one_of(status.bundles_with(variants) - set(variants)))
    lines = [
        status.fall(_("Products"), Product, lost.items(), _("are in no store left and visible nowhere")),
        status.addresses_fall(lost, _("are shown by no store; they stay reserved")),
        status.fall(
            _("Bundles"),
            Variant,
            bundles.order_by("sku").values_list("pk", "sku"),
            _("stay on sale with a component that no store shows"),
        ),
    ]
    return [line for line in lines if line.number]


def _losing_the_last(products: Collection[int], stores: Collection[int]) -> dict[int, str]:
    """Products all of whose stores are among ``stores``: ``{id: SKU}``."""
    links = ProductStore.objects.order_by().filter(product=OuterRef("pk"))
    held = Product.objects.filter(one_of(products)).filter(Exists(links))
    lost = held.exclude(Exists(links.exclude(store__in=stores))).order_by("sku")
    return dict(lost.values_list("pk", "sku"))
