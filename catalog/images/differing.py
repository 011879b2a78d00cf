"""How the page of a conflict calls sets and pictures, their values, and who changed them last."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.history.models import Change
from catalog.images.models import Image, ImageInSet, ImageSet
from catalog.images.panels import Panel, Row

RECENT = 200
"""So many changes of an owner's pictures are looked through for who did them."""


def box_label(name: str) -> str:
    """What the box of a picture is called on the page."""
    kind, _dot, code = name.partition(".")
    labels = {
        "order": _("Sort order"),
        "url_large": _("Large address"),
        "url_small": _("Small address"),
        "alt_small": _("Alternative text, small"),
        "alt_large": _("Alternative text, large"),
    }
    label = labels.get(kind, kind)
    return f"{label} ({code})" if code else label


def title_of(panel: Panel) -> str:
    name = panel.name or _("(no name)")
    return f"{name} ({panel.locale})" if panel.locale else name


def name_of(tab: Any, panels: Sequence[Panel], name: str) -> str:
    """What a value is called: the tab, the set, the picture and the box."""
    set_id, *rest = name.split(".", 2)
    panel = next((each for each in panels if str(each.record_id) == set_id), None)
    parts = [_("Image set %(name)s") % {"name": title_of(panel)} if panel else _("Image set")]
    if rest == ["name"]:
        parts.append(_("Name of the set"))
    elif rest:
        row = _row(panels, rest[0])
        parts.append((row.name or row.title if row else "") or _("Picture"))
        parts += [box_label(box) for box in rest[1:]]
    return f"{tab}: {', '.join(parts)}"


def shown(name: str, value: Any, others: Sequence[Any] = ()) -> str:
    """A value in words: of a set its name and how many pictures, of a picture the boxes in which ``others`` differ."""
    _set_id, *rest = name.split(".", 2)
    is_whole = not rest or (len(rest) == 1 and rest != ["name"])
    if value is None:
        return _("Deleted") if is_whole else ""
    if not is_whole or not isinstance(value, dict):
        return str(value)
    if rest:
        return _boxes(value, [each for each in others if isinstance(each, dict)])
    number = len(value.get("rows", ())) + int(value.get("fresh", 0))
    told = ngettext("%(name)s, %(n)d picture", "%(name)s, %(n)d pictures", number)
    return told % {"name": value.get("name", ""), "n": number}


def _boxes(values: dict[str, str], others: Sequence[dict[str, str]]) -> str:
    names = {box: None for each in (values, *others) for box in each}
    differing = [box for box in names if any(each.get(box) != values.get(box) for each in others)]
    return "; ".join(f"{box_label(box)}: {values.get(box) or '–'}" for box in differing or values)


def last_changes(owner: Model, panels: Sequence[Panel], names: Sequence[str]) -> dict[str, Change]:
    """The last change of each of these values."""
    recent = list(
        Change.objects.filter(parent_type=owner._meta.label_lower, parent_id=owner.pk)
        .filter(Q(object_type__in=[model._meta.label_lower for model in (Image, ImageInSet, ImageSet)]))
        .select_related("change_set")
        .order_by("-pk")[:RECENT]
    )
    found = {}
    for name in names:
        change = next((each for each in recent if _is_of(each, panels, name)), None)
        if change:
            found[name] = change
    return found


def _is_of(change: Change, panels: Sequence[Panel], name: str) -> bool:
    """Whether a change is one of a value: a deed at the set, at the places of its pictures, or at the pictures."""
    set_id, *rest = name.split(".", 2)
    named = rest == ["name"]
    found = [row for panel in panels if str(panel.record_id) == set_id for row in panel.rows]
    pictures = [] if named else [row for row in found if not rest or str(row.record_id) == rest[0]]
    ids = {
        ImageSet._meta.label_lower: {int(set_id)} if named or not rest else set(),
        ImageInSet._meta.label_lower: {row.record_id for row in pictures},
        Image._meta.label_lower: {row.place.image_id for row in pictures if row.place},
    }
    if change.object_id not in ids.get(change.object_type, ()):
        return False
    if not named and len(rest) < 2:
        return True
    return {"order": "sort_order"}.get(rest[-1], rest[-1]) in (change.fields or {})


def _row(panels: Sequence[Panel], pk: str) -> Row | None:
    return next((row for panel in panels for row in panel.rows if str(row.record_id) == pk), None)
