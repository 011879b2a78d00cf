"""What a bundle consists of (spec: products 12): one verb, with the rules that more than one row can break."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.console import rows
from backoffice.history.recording import Recorder, Snapshot, snapshot
from backoffice.reactions import report
from catalog.products import discontinuing, facts
from catalog.products.models import BundleItem, Variant
from catalog.products.narrowing import one_of

COMPONENTS = "components"
"""How the recorded state of a variant calls what it consists of."""


class Component(NamedTuple):
    """``quantity`` pieces of a variant."""

    item: int
    quantity: int


def compose(
    bundle: Variant, wanted: Sequence[Component], *, recorder: Recorder, is_new: bool = False
) -> bool:
    """Make ``wanted`` the whole composition; nothing makes it an ordinary variant again. Raises ValidationError.

    Runs in the caller's transaction, locks the variants concerned, writes history, and phases the bundle out when a
    component is (12.9). Of a new bundle the caller's own entry tells the components. Gives whether anything changed.
    """
    held = {row.item_id: row for row in BundleItem.objects.filter(bundle=bundle).order_by("pk")}
    former = {pk: row.quantity for pk, row in held.items()}
    if former == dict(wanted) and len(wanted) == len(held):
        return False
    known = _locked({bundle.pk, *(each.item for each in wanted), *held})
    check(bundle, wanted, known)
    quantities = dict(wanted)
    BundleItem.objects.filter(pk__in=[row.pk for pk, row in held.items() if pk not in quantities]).delete()
    kept = [row for pk, row in held.items() if quantities.get(pk, row.quantity) != row.quantity]
    for row in kept:
        row.quantity = quantities[row.item_id]
    BundleItem.objects.bulk_update(kept, ["quantity"])
    BundleItem.objects.bulk_create(
        [BundleItem(bundle=bundle, item_id=pk, quantity=n) for pk, n in wanted if pk not in held]
    )
    skus = {pk: row.sku for pk, row in known.items()}
    before = {COMPONENTS: state(former, skus) or None}
    if not is_new:
        recorder.changed(known[bundle.pk], before, {COMPONENTS: state(quantities, skus) or None})
    Variant.objects.filter(pk=bundle.pk).update(version=F("version") + 1, updated_at=timezone.now())
    discontinuing.follow(quantities, recorder=recorder)
    report(facts.COMPOSITION, [bundle.pk])
    report(facts.STATUS, [bundle.pk])
    return True


def state(quantities: Mapping[int, int], skus: Mapping[int, str]) -> list[dict[str, Any]]:
    """A composition as history records it, by SKU."""
    return components_state([[skus.get(pk, ""), n] for pk, n in quantities.items()])


def components_state(components: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """The same for components given as ``[SKU, quantity]``."""
    return [{"key": sku, "quantity": quantity} for sku, quantity in sorted(components)]


def recorded(bundle: Variant) -> Snapshot:
    """What history holds of a variant with its components; nothing of those it does not have."""
    held = components_of([bundle.pk]).get(bundle.pk)
    if not held:
        return snapshot(bundle)
    skus = dict(Variant.objects.filter(one_of(held)).values_list("pk", "sku"))
    return snapshot(bundle, {COMPONENTS: state(held, skus)})


def check(bundle: Variant, wanted: Sequence[Component], known: Mapping[int, Variant] | None = None) -> None:
    """Raise ValidationError with every rule that ``wanted`` breaks (12.1, 25)."""
    known = known if known is not None else _named({each.item for each in wanted})
    problems = [*_problems_of_rows(bundle, wanted, known), *_nesting(bundle, wanted)]
    if problems:
        raise ValidationError(problems)


def _problems_of_rows(
    bundle: Variant, wanted: Sequence[Component], known: Mapping[int, Variant]
) -> list[ValidationError]:
    problems, seen = [], set()
    for item, quantity in wanted:
        sku = known[item].sku if item in known else str(item)
        if item not in known:
            problems.append(_error(_("The component %(sku)s does not exist."), "unknown_ref", sku))
        elif item == bundle.pk:
            problems.append(_error(_("A bundle cannot contain itself (%(sku)s)."), "self_reference", sku))
        if quantity < 1:
            problems.append(_error(_("%(sku)s: the quantity is a whole number from 1."), "out_of_range", sku))
        if item in seen:
            problems.append(_error(_("%(sku)s stands in the bundle twice."), "duplicate_row", sku))
        seen.add(item)
    return problems


def _nesting(bundle: Variant, wanted: Sequence[Component]) -> list[ValidationError]:
    """No bundle is a component, and a component does not become a bundle."""
    nested = Variant.objects.filter(
        one_of({each.item for each in wanted} - {bundle.pk}), components__isnull=False
    )
    problems = [
        _error(_("%(sku)s is a bundle itself. A bundle contains no other bundle."), "nested_bundle", sku)
        for sku in nested.order_by("sku").values_list("sku", flat=True).distinct()
    ]
    users = containing([bundle.pk]).get(bundle.pk, []) if wanted and bundle.pk else []
    if users:
        sentence = _("%(sku)s is a component of %(bundles)s and cannot become a bundle.")
        problems.append(
            ValidationError(
                sentence, code="nested_bundle", params={"sku": bundle.sku, "bundles": ", ".join(users)}
            )
        )
    return problems


def containing(variants: Iterable[int]) -> dict[int, list[str]]:
    """The bundles that contain each of these variants in words: their SKUs, and how many the person at work may not
    see."""
    found: dict[int, list[tuple[int, str]]] = {}
    links = BundleItem.objects.filter(one_of(variants, "item")).order_by("item", "bundle__sku")
    for item, bundle, sku in links.values_list("item_id", "bundle_id", "bundle__sku"):
        found.setdefault(item, []).append((bundle, sku))
    return {item: rows.named(Variant, bundles) for item, bundles in found.items()}


def components_of(variants: Iterable[int]) -> dict[int, dict[int, int]]:
    """``{bundle: {component: quantity}}``; ordinary variants are left out."""
    found: dict[int, dict[int, int]] = {}
    links = BundleItem.objects.filter(one_of(variants, "bundle")).order_by("pk")
    for bundle, item, quantity in links.values_list("bundle_id", "item_id", "quantity"):
        found.setdefault(bundle, {})[item] = quantity
    return found


def _error(sentence: str, code: str, sku: str) -> ValidationError:
    return ValidationError(sentence, code=code, params={"sku": sku})


def _locked(variants: Iterable[int]) -> dict[int, Variant]:
    held = Variant.objects.filter(one_of(variants)).only("sku", "product", "version").order_by("pk")
    return {row.pk: row for row in held.select_for_update(of=("self",))}


def _named(variants: Iterable[int]) -> dict[int, Variant]:
    return {row.pk: row for row in Variant.objects.filter(one_of(variants)).only("sku", "product")}
