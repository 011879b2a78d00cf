"""Which products are shown together, and in which order (spec: products 20).

The verb runs in the caller's transaction, writes history and reports :data:`facts.GROUPS` once.
"""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from backoffice.history.recording import Recorder, snapshot
from backoffice.reactions import report
from catalog.products import facts
from catalog.products.models import GroupMember, Product, ProductGroup
from catalog.products.narrowing import one_of


def arrange(
    group: ProductGroup,
    order: Sequence[int],
    *,
    without: Iterable[int] = (),
    added: Iterable[Product] = (),
    recorder: Recorder,
) -> bool:
    """Put members of the group in this order (product ids), take some out, add others at the end.

    Members that ``order`` does not name, such as those somebody else added or this user does not see, stay, behind
    the others. Gives whether anything changed."""
    held = list(
        GroupMember.objects.filter(group=group)
        .select_related("group", "product")
        .order_by("position", "pk")
        .select_for_update(of=("self",))
    )
    out = set(without)
    places = {product: place for place, product in enumerate(order)}
    kept = sorted(
        (member for member in held if member.product_id not in out),
        key=lambda member: places.get(member.product_id, len(places)),
    )
    gone = [member for member in held if member.product_id in out]
    here = {member.product_id for member in kept}
    fresh = [GroupMember(group=group, product=product) for product in added if product.pk not in here]
    is_changed = _write(kept, fresh, gone, is_ordered=_is_moved(held, kept), recorder=recorder)
    if is_changed:
        report(facts.GROUPS, {member.product_id for member in (*held, *fresh)})
    return is_changed


def _is_moved(held: Sequence[GroupMember], kept: Sequence[GroupMember]) -> bool:
    left = {member.pk for member in kept}
    return [member.pk for member in held if member.pk in left] != [member.pk for member in kept]


def _write(
    kept: Sequence[GroupMember],
    fresh: Sequence[GroupMember],
    gone: Sequence[GroupMember],
    *,
    is_ordered: bool,
    recorder: Recorder,
) -> bool:
    """Positions are numbered anew only when the order was touched; else who was there keeps the imported one."""
    moved = []
    for position, member in enumerate(kept if is_ordered else ()):
        if member.position != position:
            before = snapshot(member)
            member.position, member.version, member.updated_at = position, member.version + 1, timezone.now()
            recorder.changed(member, before)
            moved.append(member)
    GroupMember.objects.bulk_update(moved, ["position", "version", "updated_at"])
    for member in gone:
        recorder.deleted(member)
    GroupMember.objects.filter(one_of([member.pk for member in gone])).delete()
    last = max((member.position for member in kept), default=-1)
    for place, member in enumerate(fresh, start=1):
        member.position = last + place
    for member in GroupMember.objects.bulk_create(fresh):
        recorder.added(member)
    return bool(moved or gone or fresh)
