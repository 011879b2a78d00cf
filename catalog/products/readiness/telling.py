"""What a person who switches variants on is told: the checks that still fail (products 13.4)."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from catalog.products import status
from catalog.products.models import ReadinessCodes
from catalog.products.narrowing import one_of
from catalog.products.readiness.checks import shown_checks
from catalog.products.readiness.storing import of_variants


def failing_checks(variants: Collection[int]) -> list[str]:
    """A sentence for each product that is not ready, of as many as a message holds."""
    rows = ReadinessCodes.objects.filter(one_of(of_variants(variants), "product")).exclude(codes=[])
    found: dict[str, set[str]] = {}
    for sku, codes in rows.order_by("product__sku").values_list("product__sku", "codes"):
        found.setdefault(sku, set()).update(codes)
    told = []
    for sku, codes in list(found.items())[: status.SHOWN]:
        shown = [check for check in shown_checks() if check.code in codes]
        if shown:
            checks = " ".join(str(check.told) for check in shown)
            told.append(_("%(sku)s is not ready yet: %(checks)s") % {"sku": sku, "checks": checks})
    return told


def register() -> None:
    """Called when the apps are ready."""
    status.notes.append(failing_checks)
