"""What bundles consist of, as the pages of variants and of their products show it (spec: products 5, 9.4)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from backoffice.console import rows
from backoffice.console.panels import Cell, Contents, table
from backoffice.console.site import site
from catalog.products.admin.product_list import status_words
from catalog.products.models import BundleItem, Product, Variant
from catalog.products.narrowing import one_of
from catalog.products.super_values import super_values, told_apart

SHOWN = 200
"""So many components stand on a page."""


def of_variant(request: HttpRequest, record: Variant) -> Contents:
    return _composition(request, BundleItem.objects.filter(bundle=record))


def of_product(request: HttpRequest, record: Product) -> Contents:
    """Those of all its variants, each with the bundle it is in."""
    return _composition(request, BundleItem.objects.filter(bundle__product=record), with_bundle=True)


def _composition(request: HttpRequest, held: QuerySet, *, with_bundle: bool = False) -> Contents:
    """A table of components as far as this user sees them, and how many more there are."""
    screen, locale = site._registry[Variant], request.user.content_locale
    links = list(held.select_related("item", "bundle").order_by("bundle__sku", "item__sku")[:SHOWN])
    if not links:
        return None
    hidden = rows.unseen(Variant, {link.item_id for link in links})
    links = [link for link in links if link.item_id not in hidden]
    ids = {link.item_id for link in links}
    live = set(Variant.objects.filter(one_of(ids)).live().values_list("pk", flat=True))
    apart = super_values(list(ids), locale)
    lines: list[list[Any]] = [
        [
            Cell(link.item.sku, screen.url("view", pk=link.item_id)),
            told_apart(link.item.name_in(locale), apart.get(link.item_id, "")),
            link.quantity,
            Cell(status_words(link.item_id in live), badge="is-ok" if link.item_id in live else ""),
            *([Cell(link.bundle.sku, screen.url("view", pk=link.bundle_id))] if with_bundle else []),
        ]
        for link in links
    ]
    headings = [
        _("Component"),
        _("Name"),
        _("Quantity"),
        _("Status"),
        *([_("Bundle")] if with_bundle else []),
    ]
    if hidden:
        lines.append([rows.unseen_words(len(hidden)), *[""] * (len(headings) - 1)])
    return table(headings, lines)
