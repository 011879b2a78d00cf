"""Approval: a stored switch, the moves between its states, and turning it on (spec: products 16)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice import actor
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.products import facts
from catalog.products.models import Product, ProductSettings
from catalog.products.narrowing import one_of
from catalog.products.outcomes import Outcome

Approval = Product.Approval
_SWITCH = "products.approval"

MOVES: Mapping[str, tuple[str, ...]] = {
    Approval.DRAFT: (Approval.WAITING, Approval.APPROVED, Approval.DENIED),
    Approval.WAITING: (Approval.APPROVED, Approval.DENIED, Approval.DRAFT),
    Approval.APPROVED: (Approval.DENIED, Approval.DRAFT),
    Approval.DENIED: (Approval.APPROVED, Approval.DRAFT),
}
"""What may follow a state. ``PRODUCT_APPROVAL_MOVES`` in the settings replaces it (16.2)."""

SHORT = (Approval.APPROVED, Approval.DENIED)
"""The moves that have a button; others are in a menu."""

BADGES = {
    Approval.APPROVED: "is-ok",
    Approval.DENIED: "is-bad",
    Approval.WAITING: "is-warn",
    Approval.DRAFT: "",
}


class Move(NamedTuple):
    """A move as people choose it. ``is_short`` moves have a button, others are in a menu."""

    to: str
    label: str
    icon: str
    is_short: bool


def is_on() -> bool:
    """Whether products must be approved to be visible and sellable. Asked once per request."""
    return actor.remembered(_SWITCH, lambda: ProductSettings.objects.filter(has_approval=True).exists())


def switch(on: bool, *, recorder: Recorder) -> bool:
    """Turn approval on or off. Gives whether that was a change."""
    held, _created = ProductSettings.objects.select_for_update().get_or_create(pk=1)
    if held.has_approval == on:
        return False
    recorder.changed(held, {"has_approval": not on}, {"has_approval": on})
    held.has_approval = on
    held.save(update_fields=["has_approval"])
    actor.current().memo.pop(_SWITCH, None)
    touched = Product.objects.exclude(approval_status=Approval.APPROVED).values_list("pk", flat=True)
    report(facts.APPROVAL, touched.order_by())
    return True


def allowed(state: str) -> tuple[str, ...]:
    """The states that may follow ``state``; none counts as a draft."""
    return getattr(settings, "PRODUCT_APPROVAL_MOVES", MOVES).get(state or Approval.DRAFT, ())


def moves(product: Product) -> list[Move]:
    """What may be done with a product, buttons first."""
    labels = {
        Approval.APPROVED: (_("Approve"), "circle-check"),
        Approval.DENIED: (_("Deny"), "ban"),
        Approval.WAITING: (_("Send to approval"), "clock"),
        Approval.DRAFT: (_("Back to draft"), "undo-2"),
    }
    found = [Move(str(to), *labels[to], to in SHORT) for to in allowed(product.approval_status)]
    return sorted(found, key=lambda move: not move.is_short)


def move(products: Iterable[int], to: str, *, recorder: Recorder) -> Outcome:
    """Bring products into a state, in the caller's transaction. A move that is not allowed is refused."""
    rows = Product.objects.filter(one_of(products)).only("sku", "approval_status").order_by("pk")
    outcome = Outcome()
    for row in rows.select_for_update(of=("self",)):
        if row.approval == to:
            outcome.unchanged.add(row.pk)
        elif to not in allowed(row.approval_status):
            outcome.refused[row.pk] = refusal(row.approval_status, to)
        else:
            before = row.approval_status
            recorder.changed(row, {"approval_status": before}, {"approval_status": to})
            outcome.changed.add(row.pk)
    if outcome.changed:
        Product.objects.filter(one_of(outcome.changed)).update(
            approval_status=to, version=F("version") + 1, updated_at=timezone.now()
        )
        report(facts.APPROVAL, outcome.changed)
    return outcome


def refusal(state: str, to: str) -> str:
    """Why a move is not allowed, as a sentence."""
    return _("From “%(state)s” it cannot become “%(to)s”.") % {
        "state": Approval(state or Approval.DRAFT).label,
        "to": Approval(to).label,
    }


def hidden_by_it() -> QuerySet[Product]:
    """Live products that approval makes invisible (16.4)."""
    return Product.objects.exclude(approval_status=Approval.APPROVED).active()
