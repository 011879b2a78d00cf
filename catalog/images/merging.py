"""What somebody else saved while a form with pictures was open: compared picture by picture (working-day 6.1).

The state of a form is ``{set: {"name": …, "rows": {place: {"order": …, "alt_small.de_DE": …}}}}`` by the ids of sets
and of places of pictures. Flat, its values are called ``5.name`` and ``5.12.order``. A picture or a set that one of
two deleted is compared as a whole: ``5.12`` or ``5``, and nothing where it is deleted.
"""

import copy
import json
from collections.abc import Container, Sequence
from typing import Any

from backoffice.console.forms import Compared, merge
from catalog.images.panels import PREFIX, Panel, Row

State = dict[str, Any]


def state(panels: Sequence[Panel]) -> State:
    """The sets and pictures that the panels show and that are or were stored; what is deleted is missing."""
    found: State = {}
    for panel in panels:
        if not panel.record_id or panel.is_deleted:
            continue
        rows = {str(row.record_id): _texts(row) for row in panel.kept if row.record_id}
        found[str(panel.record_id)] = {"name": panel.name, "rows": rows}
        if fresh := len(panel.kept) - len(rows):
            found[str(panel.record_id)]["fresh"] = fresh
    return found


def _texts(row: Row) -> dict[str, str]:
    return {name: text for name, text in row.values.items() if text}


def opened(data: Any) -> State:
    """What the form was opened with."""
    try:
        found = json.loads(data.get(f"{PREFIX}-opened", ""))
        return {str(pk): {"name": str(e["name"]), "rows": dict(e["rows"])} for pk, e in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def compare(was: State, theirs: State, mine: State) -> Compared:
    """The three states, flat."""
    found = Compared({}, {}, {})
    for pk in {**was, **theirs, **mine}:
        sets = [each.get(pk) for each in (was, theirs, mine)]
        if sets[1] is None and sets[2] and not (sets[2]["rows"] or sets[2].get("fresh")):
            sets[2] = None  # A set without pictures is not kept, so both have deleted it.
        if None in sets:
            _note(found, pk, sets)
            continue
        _note(found, f"{pk}.name", [each["name"] for each in sets])
        for place in {place: None for each in sets for place in each["rows"]}:
            rows = [each["rows"].get(place) for each in sets]
            if None in rows:
                _note(found, f"{pk}.{place}", rows)
                continue
            for name in {name: None for each in rows for name in each}:
                _note(found, f"{pk}.{place}.{name}", [each.get(name) for each in rows])
    return found


def _note(found: Compared, name: str, values: Sequence[Any]) -> None:
    for flat, value in zip(found, values, strict=True):
        if value is not None:
            flat[name] = value


def reconcile(panels: list[Panel], held: Sequence[Panel], was: State, asked: Container[str]) -> Compared:
    """Take over what only others changed since the form was opened. Gives the states before that.

    A picture that somebody else deleted stays on the form where that is ``asked`` about."""
    _align(panels, was)
    states = compare(was, state(held), state(panels))
    found = merge(*states)
    for name in found.taken:
        take(panels, held, name)
    for name in found.conflicts:
        if name in states.theirs and name not in states.mine:
            _show_deleted(panels, held, name)
    open_names = {*found.conflicts, *(name for name in states.mine if name in asked)}
    for panel in list(panels):
        if panel.lost and str(panel.lost) in open_names:
            continue
        if panel.lost:
            panels.remove(panel)
        panel.rows = [r for r in panel.rows if not r.lost or f"{panel.record_id}.{r.lost}" in open_names]
    return states


def _align(panels: Sequence[Panel], was: State) -> None:
    """Blanks around a text are no change of whoever only saved the form."""
    for panel in panels:
        rows = was.get(str(panel.record_id), {"rows": {}})["rows"]
        for row in panel.rows:
            for name, text in rows.get(str(row.lost), {}).items():
                if row.lost and text.strip() == row.values.get(name):
                    row.values[name] = text


def take(panels: list[Panel], held: Sequence[Panel], name: str) -> None:
    """Make a value of the form what is stored."""
    set_id, _dot, rest = name.partition(".")
    place, _dot, value = rest.partition(".")
    panel, theirs = _panel(panels, set_id), _panel(held, set_id)
    if not rest:
        _take_set(panels, panel, theirs)
    elif panel is None or theirs is None:
        return
    elif rest == "name":
        panel.name = theirs.name
    else:
        _take_picture(panel, _row(panel, place), _row(theirs, place), value)


def _take_set(panels: list[Panel], panel: Panel | None, theirs: Panel | None) -> None:
    if theirs is None:
        if panel is not None:
            panels.remove(panel)
        return
    if panel is None:
        number = str(max((int(each.number) for each in panels if each.number.isdecimal()), default=-1) + 1)
        panel = Panel(f"{PREFIX}-{number}", number, theirs.locale, theirs.name, theirs.image_set)
        panels.append(panel)
    panel.name, panel.is_deleted = theirs.name, False
    panel.rows = [_copy(panel, row) for row in theirs.rows]


def _take_picture(panel: Panel, row: Row | None, theirs: Row | None, value: str) -> None:
    if row is not None and theirs is not None and value:
        row.values[value] = theirs.values.get(value, "")
        return
    place = panel.rows.index(row) if row else len(panel.rows)
    panel.rows[place : place + 1] = [_copy(panel, theirs)] if theirs else []


def _copy(panel: Panel, row: Row) -> Row:
    return Row(f"{panel.prefix}-p{row.record_id}", dict(row.values), row.codes, row.place)


def _show_deleted(panels: list[Panel], held: Sequence[Panel], name: str) -> None:
    """What is ticked to be deleted shows what is stored, so that whoever takes the tick off has that."""
    take(panels, held, name)
    set_id, _dot, place = name.partition(".")
    panel = _panel(panels, set_id)
    if panel and place:
        _row(panel, place).is_deleted = True
    elif panel:
        panel.is_deleted = True


def _panel(panels: Sequence[Panel], pk: str) -> Panel | None:
    return next((panel for panel in panels if panel.record_id and str(panel.record_id) == pk), None)


def _row(panel: Panel, pk: str) -> Row | None:
    return next((row for row in panel.rows if row.record_id and str(row.record_id) == pk), None)


def unsettled(states: Compared, was: State, theirs: State) -> State:
    """What a form that comes back was opened with: what is stored, but for the values that still are to be asked
    about."""
    found = copy.deepcopy(theirs)
    for name in merge(*states).conflicts:
        *way, last = _path(name)
        inside, source = found, was
        for step in way:
            inside, source = inside[step], source[step]
        if last in source:
            inside[last] = source[last]
        else:
            inside.pop(last, None)
    return found


def _path(name: str) -> list[str]:
    """Where a value stands in a state."""
    set_id, *rest = name.split(".", 2)
    return [set_id, *rest] if rest in ([], ["name"]) else [set_id, "rows", *rest]
