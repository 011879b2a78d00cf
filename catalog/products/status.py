"""Switching variants on and off, and what goes down with them (spec: products 12.8, 13).

The verbs run in the caller's transaction, lock the variants in the order of their keys, write history through the
caller's recorder, raise the versions and report :data:`facts.STATUS` once, bundles that contain them included.
"""

import datetime
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from django.db.models import Exists, F, Model, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.console import rows
from backoffice.console.templatetags.console import zoned
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.products import addressing, facts
from catalog.products.models import BundleItem, Product, Variant
from catalog.products.narrowing import one_of
from catalog.products.outcomes import Outcome
from catalog.urls.models import Url

SHOWN = 5
"""So many names stand on a line of what goes down; of the rest the number."""


def activate(variants: Iterable[int], *, recorder: Recorder) -> Outcome:
    """Switch variants on. A bundle with a component that is not live afterwards is refused (12.8)."""
    held = _locked(variants)
    off = [row for row in held if not row.is_active]
    bundles = _bundles_among(row.pk for row in off)
    _switch([row for row in off if row.pk not in bundles], True, recorder)
    refused = {pk: _dead_words(names) for pk, names in _dead_components(bundles).items()}
    _switch([row for row in off if row.pk in bundles - set(refused)], True, recorder)
    addressing.follow({row.product_id for row in off if row.pk not in refused}, recorder)
    return _told(held, off, refused)


def deactivate(variants: Iterable[int], *, recorder: Recorder) -> Outcome:
    """Switch variants off. It has no preconditions (13.4)."""
    held = _locked(variants)
    on = [row for row in held if row.is_active]
    _switch(on, False, recorder)
    return _told(held, on, {})


def variants_of(products: Iterable[int]) -> list[int]:
    """All variants of products, for deeds on a list of products."""
    return list(
        Variant.objects.filter(one_of(products, "product")).order_by("pk").values_list("pk", flat=True)
    )


def _locked(variants: Iterable[int]) -> list[Variant]:
    found = Variant.objects.filter(one_of(variants)).only("sku", "product", "is_active")
    return list(found.order_by("pk").select_for_update(of=("self",)))


def _switch(switched: list[Variant], on: bool, recorder: Recorder) -> None:
    if not switched:
        return
    for row in switched:
        row.is_active = on
        recorder.changed(row, {"is_active": not on}, {"is_active": on})
    ids = [row.pk for row in switched]
    Variant.objects.filter(one_of(ids)).update(
        is_active=on, version=F("version") + 1, updated_at=timezone.now()
    )


def _told(held: list[Variant], asked: list[Variant], refused: dict[int, str]) -> Outcome:
    changed = {row.pk for row in asked} - set(refused)
    report(facts.STATUS, {*changed, *bundles_with(changed)})
    unchanged = {row.pk for row in held} - changed - set(refused)
    return Outcome(changed=changed, unchanged=unchanged, refused=dict(refused))


def bundles_with(variants: Collection[int]) -> set[int]:
    """The bundles that contain one of these variants."""
    if not variants:
        return set()
    found = BundleItem.objects.order_by().filter(one_of(variants, "item"))
    return set(found.values_list("bundle_id", flat=True))


def _bundles_among(variants: Iterable[int]) -> set[int]:
    found = BundleItem.objects.order_by().filter(one_of(variants, "bundle"))
    return set(found.values_list("bundle_id", flat=True))


def _dead_components(bundles: Collection[int]) -> dict[int, list[str]]:
    """The components of these bundles that are not live, in words by bundle."""
    dead: dict[int, list[tuple[int, str]]] = {}
    if bundles:
        items = BundleItem.objects.filter(one_of(bundles, "bundle")).order_by("bundle", "item__sku")
        live = Exists(Variant.objects.live().filter(pk=OuterRef("item")))
        for bundle, item, sku in items.exclude(live).values_list("bundle_id", "item_id", "item__sku"):
            dead.setdefault(bundle, []).append((item, sku))
    return {bundle: rows.named(Variant, items) for bundle, items in dead.items()}


def _dead_words(skus: list[str]) -> str:
    return _("Its component %(items)s is not live. Activate that first.") % {"items": ", ".join(skus)}


# --- what goes down ------------------------------------------------------------------------------


class Fall(NamedTuple):
    """One line of what goes down: how many of what, some of their names, what happens to them, and how many more
    could be named."""

    label: str
    number: int
    names: list[str]
    outcome: str
    rest: int = 0


falls: list[Callable[[Collection[int], Collection[int]], list[Fall]]] = []
"""Rooms above add here what else goes down, given the variants that go off and the products that lose their last
live one."""


def what_goes_down(variants: Collection[int], at: datetime.datetime | None = None) -> list[Fall]:
    """What deactivating these variants takes down: products without a live variant left, their addresses, bundles
    that are live (13.4). Nothing means that no confirmation is needed."""
    live = set(Variant.objects.live(at).filter(one_of(variants)).values_list("pk", flat=True))
    bundles = Variant.objects.live(at).filter(one_of(bundles_with(live) - set(variants))).order_by("sku")
    lost = _losing_the_last(live, at)
    outcome = _("are not live while this is off; their own switch stays")
    lines = [
        _fall(_("Products"), list(lost.values()), _("have no live variant left")),
        addresses_fall(lost, _("are not served; they stay reserved")),
        fall(_("Bundles"), Variant, bundles.values_list("pk", "sku"), outcome),
    ]
    for step in falls:
        lines += step(live, list(lost))
    return [line for line in lines if line.number]


def addresses_fall(products: Collection[int], outcome: str) -> Fall:
    """The line about the addresses of products."""
    return _fall(_("Addresses"), _paths(products), outcome)


def fall(label: str, model: type[Model], found: Iterable[tuple[int, str]], outcome: str) -> Fall:
    """A line about records given as ``(id, name)``; of those the person at work may not see it tells the number."""
    held = list(found)
    hidden = rows.unseen(model, {pk for pk, _name in held})
    return _fall(label, [name for pk, name in held if pk not in hidden], outcome, unseen=len(hidden))


def _fall(label: str, names: list[str], outcome: str, unseen: int = 0) -> Fall:
    shown = names[:SHOWN] + ([rows.unseen_words(unseen)] if unseen else [])
    return Fall(label, len(names) + unseen, shown, outcome, max(len(names) - SHOWN, 0))


def _losing_the_last(live: Collection[int], at: datetime.datetime | None) -> dict[int, str]:
    """Products all of whose live variants are among ``live``: ``{id: SKU}``."""
    if not live:
        return {}
    kept = Variant.objects.live(at).filter(product=OuterRef("pk")).exclude(one_of(live))
    owners = set(Variant.objects.filter(one_of(live)).order_by().values_list("product_id", flat=True))
    found = Product.objects.filter(one_of(owners)).exclude(Exists(kept)).order_by("sku")
    return dict(found.values_list("pk", "sku"))


def _paths(products: Collection[int]) -> list[str]:
    found = Url.objects.pages().filter(one_of(products, "owner_id"), owner_type="product")
    return list(found.order_by("path").values_list("path", flat=True))


# --- what a person is told -----------------------------------------------------------------------

notes: list[Callable[[Collection[int]], list[str]]] = []
"""Rooms add sentences here that follow an activation, such as the checks of readiness that fail (13.4)."""


def notes_on(variants: Collection[int], at: datetime.datetime | None = None) -> list[str]:
    """Sentences about variants that were switched on: when they become or stopped being live, and what rooms add."""
    at = at or timezone.now()
    told = []
    for row in (
        Variant.objects.filter(one_of(variants)).only("sku", "valid_from", "valid_to").order_by("sku")[:SHOWN]
    ):
        if row.valid_from and row.valid_from > at:
            told.append(
                _("%(sku)s becomes live at %(time)s.") % {"sku": row.sku, "time": zoned(row.valid_from)}
            )
        elif row.valid_to and row.valid_to < at:
            told.append(
                _("%(sku)s stopped being live at %(time)s.") % {"sku": row.sku, "time": zoned(row.valid_to)}
            )
    for step in notes:
        told += step(variants)
    return told
