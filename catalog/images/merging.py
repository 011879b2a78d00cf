"""What somebody else saved while a form with pictures was open: compared value by value (working-day 6.1)."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from backoffice.console.forms import merge
from catalog.images.panels import PREFIX, Panel, Row

Flat = dict[str, Any]


def flat(panels: Sequence[Panel]) -> Flat:
    """The stored rows that the panels show, as ``{"row 12 url_large": …}``; what is deleted is missing."""
    found: Flat = {}
    for panel in panels:
        if not panel.image_set or panel.is_deleted:
            continue
        found[f"set {panel.image_set.pk} name"] = panel.name
        for row in panel.kept:
            if row.place:
                found |= {f"row {row.place.pk} {name}": text for name, text in row.values.items() if text}
    return found


def opened(data: Any) -> Flat:
    """What the form was opened with."""
    try:
        found = json.loads(data.get(f"{PREFIX}-opened", ""))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Clash(NamedTuple):
    """A value that two people changed: what the other one saved."""

    target: "Row | Panel"
    name: str
    theirs: str


def reconcile(panels: list[Panel], held: Sequence[Panel], was: Flat) -> list[Clash]:
    """Take over what only others changed since the form was opened. Gives the fields that both changed."""
    theirs = flat(held)
    found = merge(was, theirs, flat(panels))
    mine = dict(_by_name(panels))
    others = dict(_by_name(held))
    clashes: list[Clash] = []
    for name in found.taken:
        record, _space, value = name.rpartition(" ")
        if record in mine and name in theirs:
            _set(mine[record], value, theirs[name])
        elif record in mine and isinstance(mine[record], Row):
            mine[record].values[value] = ""
        elif record in others:
            _adopt(panels, others[record])
            mine = dict(_by_name(panels))
    for name in found.conflicts:
        record, _space, value = name.rpartition(" ")
        if record in mine or record in others:
            clashes.append(Clash(mine.get(record) or others[record], value, theirs.get(name, "")))
    return clashes


def _by_name(panels: Sequence[Panel]) -> Iterator[tuple[str, Row | Panel]]:
    for panel in panels:
        if panel.image_set:
            yield f"set {panel.image_set.pk}", panel
        for row in panel.rows:
            if row.place:
                yield f"row {row.place.pk}", row


def _set(target: Row | Panel, name: str, value: str) -> None:
    if isinstance(target, Panel):
        target.name = value
    else:
        target.values[name] = value


def _adopt(panels: list[Panel], theirs: Row | Panel) -> None:
    """A picture or a set that somebody else added joins the form."""
    numbers = [int(panel.number) for panel in panels if panel.number.isdecimal()]
    if isinstance(theirs, Panel):
        number = str(max(numbers, default=-1) + 1)
        added = Panel(f"{PREFIX}-{number}", number, theirs.locale, theirs.name, theirs.image_set)
        panels.append(added)
        return
    for panel in panels:
        if panel.image_set and panel.image_set.pk == theirs.place.image_set_id:
            prefix = f"{panel.prefix}-{len(panel.rows) + 1000}"
            panel.rows.append(Row(prefix, dict(theirs.values), theirs.codes, theirs.place))
