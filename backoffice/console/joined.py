"""Pages in the order of a joined row, such as products by their tax set, whose many rows share a few others.

No index holds such an order, but those that share one stand together in the order of their ids, which the index of
the reference holds. So the few are put in order first, and each of them is asked for as many rows as a page has.
"""

from itertools import groupby
from typing import TYPE_CHECKING

from django.db.models import F, IntegerField, Q, QuerySet, Value

if TYPE_CHECKING:
    from backoffice.console.paging import Mark, Order

FEW = 30
"""Beyond so many joined rows the database sorts everything."""


def ids(
    rows: QuerySet, order: "Order", number: int, mark: "Mark | None", *, reverse: bool
) -> list[int] | None:
    """The ids of a page, two queries; None where the order asks for more than a field of a few joined rows."""
    reference, _mark, name = order.key.partition("__")
    field = rows.model._meta.get_field(reference)
    if "__" in name or not field.concrete or not field.is_relation:
        return None
    groups = _groups(rows, reference, name)
    is_descending = order.is_descending != reverse
    if groups and is_descending:
        groups = groups[::-1]
    if groups and mark:
        place = next((i for i, (value, _hit) in enumerate(groups) if value == mark.value), len(groups))
        groups = groups[place:]
    if not groups:
        return None
    parts = []
    for place, (_value, hit) in enumerate(groups):
        part = rows.filter(hit)
        if mark and not place:
            part = part.filter(**{"pk__lt" if is_descending else "pk__gt": mark.pk})
        part = part.order_by("-pk" if is_descending else "pk")
        part = part.annotate(place=Value(place, IntegerField()), number=F("pk"))
        parts.append(part.values_list("place", "number")[:number])
    together, *rest = parts
    if rest:
        whole = together.union(*rest, all=True)
        together = whole.order_by("place", "-number" if is_descending else "number")[:number]
    return [pk for _place, pk in together]


def _groups(rows: QuerySet, reference: str, name: str) -> list[tuple[object, Q]]:
    """Each value of the joined rows, ascending, with the condition for the rows that have it; none where there are
    too many. Rows without a value come last, as the database places them."""
    field = rows.model._meta.get_field(reference)
    joined = field.related_model._base_manager.order_by(F(name).asc(nulls_last=True), "pk")
    found = list(joined.values_list(name, "pk")[: FEW + 1])
    if len(found) > FEW:
        return []
    groups = [
        (value, Q(**{f"{reference}__in": [pk for _value, pk in held]}))
        for value, held in groupby(found, key=lambda row: row[0])
    ]
    if field.null:
        nowhere = Q(**{f"{reference}__isnull": True})
        last = groups.pop()[1] if groups and groups[-1][0] is None else Q()
        groups.append((None, last | nowhere))
    return groups
