"""What is offered instead of a variant (spec: products 15): finding, adding and taking away alternatives.

The verbs run in the caller's transaction, write history and report :data:`facts.ALTERNATIVES` once.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.console import rows
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from backoffice.texts import normalise
from catalog.products import facts
from catalog.products.models import Product, ProductAlternative, Variant
from catalog.products.narrowing import one_of
from catalog.products.super_values import super_values

SHORTEST = 3
"""So many characters are asked for before anything is suggested."""
MOST = 10
"""So many products and so many variants are suggested."""


PRODUCT, VARIANT = "product:", "variant:"
"""What a chosen suggestion begins with; its id follows. No SKU holds a colon."""


class Hit(NamedTuple):
    """A suggestion, and how people read it."""

    pk: int
    sku: str
    name: str
    is_product: bool

    @property
    def reference(self) -> str:
        return f"{PRODUCT if self.is_product else VARIANT}{self.pk}"

    @property
    def kind(self) -> str:
        return _("Product") if self.is_product else _("Variant")

    @property
    def words(self) -> str:
        return _("%(name)s (sku: %(sku)s)") % {"name": self.name, "sku": self.sku}


def suggest(text: str, user: Any, *, besides: Variant | None = None) -> list[Hit]:
    """Products, then variants, whose name or SKU holds the text, among those the user may see."""
    part, locale = normalise(text), user.content_locale
    if len(part) < SHORTEST:
        return []
    found: list[Hit] = []
    for model, own in ((Product, besides and besides.product_id), (Variant, besides and besides.pk)):
        hits = rows.visible(model.objects.filter(search__contains=part), user, "view").exclude(pk=own)
        offered = list(hits.with_name(locale).only("sku", "name").order_by("sku")[:MOST])
        apart = super_values([row.pk for row in offered], locale) if model is Variant else {}
        found += [
            Hit(
                row.pk,
                row.sku,
                ", ".join(filter(None, (row.shown_name, apart.get(row.pk)))),
                model is Product,
            )
            for row in offered
        ]
    return found


def resolve(variant: Variant, wanted: Sequence[str], user: Any) -> list[Product | Variant]:
    """The products and variants with these SKUs or :attr:`Hit.reference` marks; a SKU that is both means the product.
    Raises ValidationError with everything that is unknown, the variant itself, its own product, or an alternative
    already (15.1, 15.2)."""
    found_by_mark = known(wanted, user)
    held = set(variant.alternatives.values_list("alternative_product", "alternative_variant"))
    problems: list[ValidationError] = []
    found: list[Product | Variant] = []
    for each in wanted:
        target = found_by_mark.get(each)
        code, sentence = _refusal(variant, target, held)
        if code or target is None:
            sku = target.sku if target else each
            problems.append(ValidationError(sentence, code=code, params={"sku": sku}))
        else:
            held.add(_pair(target))
            found.append(target)
    if problems:
        raise ValidationError(problems)
    return found


def known(wanted: Sequence[str], user: Any) -> dict[str, Product | Variant]:
    """What the user may see of these SKUs and marks, by what was asked."""
    found: dict[str, Product | Variant] = {}
    for model, mark in ((Variant, VARIANT), (Product, PRODUCT)):
        ids = {each: each.removeprefix(mark) for each in wanted if each.startswith(mark)}
        ids = {int(pk): each for each, pk in ids.items() if pk.isdecimal() and len(pk) < 19}
        seen = rows.visible(model.objects.order_by(), user, "view").only("sku")
        found |= {ids[row.pk]: row for row in seen.filter(one_of(ids))}
        found |= {
            row.sku: row
            for row in seen.filter(sku__in=[each for each in wanted if not {":", "\x00"} & {*each}])
        }
    return found


def _pair(target: Product | Variant) -> tuple[int | None, int | None]:
    return (target.pk, None) if isinstance(target, Product) else (None, target.pk)


def _refusal(
    variant: Variant, target: Product | Variant | None, held: set[tuple[int | None, int | None]]
) -> tuple[str, str]:
    if target is None:
        return "unknown_ref", _("There is no product and no variant with the SKU “%(sku)s”.")
    if isinstance(target, Product) and target.pk == variant.product_id:
        return "self_reference", _("“%(sku)s” is the variant's own product. Choose another one.")
    if isinstance(target, Variant) and target.pk == variant.pk:
        return "self_reference", _("“%(sku)s” is this variant itself. Choose another one.")
    if _pair(target) in held:
        return "taken", _("“%(sku)s” is an alternative already.")
    return "", ""


def add(variant: Variant, targets: Iterable[Product | Variant], *, recorder: Recorder) -> int:
    """Offer these instead of the variant. Gives how many are new."""
    _locked(variant)
    held = set(variant.alternatives.values_list("alternative_product", "alternative_variant"))
    made = [
        ProductAlternative(
            variant=variant,
            alternative_product=target if isinstance(target, Product) else None,
            alternative_variant=target if isinstance(target, Variant) else None,
        )
        for target in targets
        if _pair(target) not in held
    ]
    for each in ProductAlternative.objects.bulk_create(made):
        recorder.added(each)
    return _told(variant, len(made))


def remove(variant: Variant, ids: Iterable[int], *, recorder: Recorder) -> int:
    """Take alternatives of the variant away. Gives how many there were."""
    _locked(variant)
    gone = list(
        variant.alternatives.filter(one_of(ids))
        .select_related("variant", "alternative_product", "alternative_variant")
        .order_by("pk")
    )
    for each in gone:
        recorder.deleted(each)
    ProductAlternative.objects.filter(one_of([each.pk for each in gone])).delete()
    return _told(variant, len(gone))


def _locked(variant: Variant) -> None:
    Variant.objects.select_for_update(of=("self",)).only("pk").get(pk=variant.pk)


def _told(variant: Variant, number: int) -> int:
    if number:
        Variant.objects.filter(pk=variant.pk).update(version=F("version") + 1, updated_at=timezone.now())
        report(facts.ALTERNATIVES, [variant.pk])
    return number
