"""What a person who switches variants on is told: the checks that still fail (products 13.4)."""

from collections.abc import Collection, Mapping, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.actor import current
from backoffice.console.rights import Right
from catalog.products import status
from catalog.products.models import Product, ReadinessCodes
from catalog.products.narrowing import one_of
from catalog.products.readiness import mending
from catalog.products.readiness.checks import Check, shown_checks
from catalog.products.readiness.storing import of_variants
from catalog.stores.models import StoreLocale

Failing = list[tuple[str, int | None, list[str]]]
"""The name and id of a store, and the codes that fail in it."""


def failing_checks(variants: Collection[int]) -> list[str]:
    """A sentence for each product that is not ready, of as many as a message holds: what fails, in which stores and
    languages, linked to what mends it."""
    rows = ReadinessCodes.objects.filter(one_of(of_variants(variants), "product")).exclude(codes=[])
    shown = shown_checks()
    known = {check.code for check in shown}
    found: dict[int, Failing] = {}
    ordered = rows.order_by("product__sku", "store__name")
    for product, name, store, codes in ordered.values_list("product", "store__name", "store", "codes"):
        if known & set(codes):
            found.setdefault(product, []).append((name or "", store, codes))
    first = list(found)[: status.SHOWN]
    products = {row.pk: row for row in Product.objects.filter(one_of(first))}
    spoken = _spoken({store for pk in first for _name, store, _codes in found[pk] if store})
    told = [_sentence(products[pk], found[pk], shown, spoken) for pk in first]
    rest = len(found) - len(first)
    if rest:
        words = ngettext("and %(n)s more product is not ready", "and %(n)s more products are not ready", rest)
        told.append(words % {"n": f"{rest:,}"})
    return told


def _spoken(stores: Collection[int]) -> Mapping[int, list[str]]:
    """The languages of each store."""
    found: dict[int, list[str]] = {}
    rows = StoreLocale.objects.filter(store__in=stores).order_by("locale")
    for store, locale in rows.values_list("store", "locale") if stores else ():
        found.setdefault(store, []).append(locale)
    return found


def _sentence(
    product: Product, failing: Failing, checks: Sequence[Check], spoken: Mapping[int, list[str]]
) -> str:
    user = current().user
    may_mend = user is not None and Right(Product, "change").held_by(user)
    parts = []
    for check in checks:
        where = [(name, store) for name, store, codes in failing if check.code in codes]
        if not where:
            continue
        url = mending.address(check, product) if may_mend else ""
        told = format_html('<a href="{}">{}</a>', url, check.told) if url else str(check.told)
        parts.append((told, _places(product, check, where, spoken)))
    listed = format_html_join(" ", "{}{}", parts)
    words = _("%(sku)s is not ready yet: %(checks)s").replace("%(sku)s", "{}").replace("%(checks)s", "{}")
    return format_html(words, product.sku, listed)


def _places(
    product: Product,
    check: Check,
    where: Sequence[tuple[str, int | None]],
    spoken: Mapping[int, list[str]],
) -> str:
    """`` (DE: de_DE; US: en_US)``, behind what depends on the store."""
    if not check.is_of_store:
        return ""
    places = []
    for name, store in where:
        codes = check.locales(product, spoken.get(store, [])) if check.locales and store else []
        places.append(f"{name}: {', '.join(codes)}" if codes else name)
    named = "; ".join(place for place in places if place)
    return f" ({named})" if named else ""


def register() -> None:
    """Called when the apps are ready."""
    status.notes.append(failing_checks)
