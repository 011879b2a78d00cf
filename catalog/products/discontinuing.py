"""Phasing variants out and bringing them back (spec: products 12.9, 14).

The verbs run in the caller's transaction, lock the variants in the order of their keys, write history and report
:data:`facts.STATUS` once, bundles included.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.console.rows import named
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.products import facts, status
from catalog.products.models import BundleItem, Discontinued, Variant
from catalog.products.narrowing import one_of
from catalog.products.outcomes import Outcome

DEFAULT_DAYS = 180
"""How long a phased-out variant is still offered; ``PRODUCT_DISCONTINUE_DAYS`` in the settings replaces it (14.2)."""


def default_day() -> datetime.date:
    """The last day of the period when nobody chooses another."""
    days = getattr(settings, "PRODUCT_DISCONTINUE_DAYS", DEFAULT_DAYS)
    return today() + datetime.timedelta(days=days)


def today() -> datetime.date:
    """The calendar day of the site (13.1)."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def discontinue(
    variants: Iterable[int],
    *,
    recorder: Recorder,
    until: datetime.date | None = None,
    note: Mapping[str, str] | None = None,
) -> Outcome:
    """Phase variants out, and the bundles that contain them. One that is phased out already is refused (14.2)."""
    rows = _locked(variants)
    held = set(Discontinued.objects.filter(one_of(rows, "variant")).values_list("variant_id", flat=True))
    fresh = [pk for pk in rows if pk not in held]
    day = until or default_day()
    for made in Discontinued.objects.bulk_create(
        [Discontinued(variant_id=pk, active_until=day, note=dict(note or {})) for pk in fresh]
    ):
        made.variant = rows[made.variant_id]
        recorder.added(made)
    bundles = follow(fresh, recorder=recorder)
    report(facts.STATUS, {*fresh, *bundles, *status.bundles_with(fresh)})
    return Outcome(
        changed={*fresh, *bundles},
        refused={pk: _("It is discontinued already.") for pk in rows if pk in held},
    )


def follow(variants: Iterable[int], *, recorder: Recorder) -> set[int]:
    """Phase out the bundles that contain one of these discontinued variants and are not yet (12.9); they end with
    the first of their components. Gives the bundles; the caller reports."""
    ends: dict[int, datetime.date] = {}
    links = BundleItem.objects.order_by("bundle").filter(
        one_of(variants, "item"), item__discontinued__isnull=False, bundle__discontinued__isnull=True
    )
    for bundle, day in links.values_list("bundle_id", "item__discontinued__active_until"):
        ends[bundle] = min(day, ends.get(bundle, day))
    rows = _locked(ends)
    for made in Discontinued.objects.bulk_create(
        [Discontinued(variant_id=pk, active_until=ends[pk]) for pk in rows]
    ):
        made.variant = rows[made.variant_id]
        recorder.added(made)
    return set(rows)


def follow_skus(skus: Iterable[str], *, recorder: Recorder) -> set[int]:
    """The same for variants named by SKU, for files."""
    found = Discontinued.objects.filter(variant__sku__in=list(skus)).values_list("variant_id", flat=True)
    return follow(list(found), recorder=recorder)


def restore(variants: Iterable[int], *, recorder: Recorder) -> Outcome:
    """End the phase-out; the switch stays as it is (14.5). A bundle with a discontinued component is refused (12.9)."""
    rows = _locked(variants)
    held = list(
        Discontinued.objects.filter(one_of(rows, "variant")).select_related("variant").order_by("variant")
    )
    outcome = Outcome(unchanged=set(rows) - {record.variant_id for record in held})
    blocking = _discontinued_components(record.variant_id for record in held)
    gone = []
    for record in held:
        skus = blocking.get(record.variant_id)
        if skus:
            outcome.refused[record.variant_id] = _(
                "Its component %(items)s is discontinued. Restore that first."
            ) % {"items": ", ".join(skus)}
        else:
            recorder.deleted(record)
            gone.append(record.pk)
            outcome.changed.add(record.variant_id)
    Discontinued.objects.filter(one_of(gone)).delete()
    report(facts.STATUS, {*outcome.changed, *status.bundles_with(outcome.changed)})
    return outcome


def bundles_left(variants: Iterable[int]) -> list[tuple[int, str]]:
    """The bundles with one of these variants that are still phased out, for who restored them: ``(id, SKU)``."""
    left = Variant.objects.filter(one_of(status.bundles_with(list(variants)))).filter(
        discontinued__isnull=False
    )
    return list(left.order_by("sku").values_list("pk", "sku"))


def change(record: Discontinued, before: Mapping[str, Any], *, recorder: Recorder) -> None:
    """Save a changed day or note of a phase-out; ``before`` is its recorded state."""
    if recorder.changed(record, dict(before)):
        record.version += 1
        record.save()
        report(facts.STATUS, {record.variant_id, *status.bundles_with([record.variant_id])})


def _locked(variants: Iterable[int]) -> dict[int, Variant]:
    rows = Variant.objects.filter(one_of(variants)).only("sku", "product").order_by("pk")
    return {row.pk: row for row in rows.select_for_update(of=("self",))}


def _discontinued_components(bundles: Iterable[int]) -> dict[int, list[str]]:
    links = BundleItem.objects.filter(one_of(bundles, "bundle"), item__discontinued__isnull=False)
    found: dict[int, list[tuple[int, str]]] = {}
    ordered = links.order_by("bundle", "item__sku").values_list("bundle_id", "item_id", "item__sku")
    for bundle, item, sku in ordered:
        found.setdefault(bundle, []).append((item, sku))
    return {bundle: named(Variant, items) for bundle, items in found.items()}
