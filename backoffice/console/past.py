"""The history of one record: when, who, which fields from what to what (spec: working-day 7.3)."""

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console import record_bar
from backoffice.console.filters import Choice, DateRange, Filter, Words
from backoffice.console.form_page import record_head
from backoffice.console.rights import Right
from backoffice.fields import LocalizedField
from backoffice.history.models import Change, ChangeSet
from backoffice.history.putting import putter_of, why_not
from backoffice.history.recording import UNRECORDED
from backoffice.history.words import Piece, item_diff, word_diff
from backoffice.texts import normalise

PER_PAGE = 25


class FieldChange(NamedTuple):
    label: str
    before: str
    after: str
    is_masked: bool = False
    pieces: list[Piece] = []
    """A long text word by word: what stayed, went and came."""


class Entry(NamedTuple):
    change: Change
    fields: list[FieldChange]


def field_label(model: Any, flat_name: str) -> str:
    """The heading of a recorded field: ``name.de_DE`` becomes "Name (de_DE)"."""
    name, _dot, code = flat_name.partition(".")
    try:
        label = capfirst(str(model._meta.get_field(name).verbose_name)) if model else name
    except LookupError:
        label = name
    except Exception:
        label = capfirst(name.replace("_", " "))
    return f"{label} ({code})" if code else label


def shown(value: Any) -> str:
    """A recorded value as people read it."""
    if value is None or value == "":
        return ""
    if value is True:
        return _("Yes")
    if value is False:
        return _("No")
    if isinstance(value, dict):
        return str(value.get("key", value))
    if isinstance(value, list):
        return ", ".join(shown(v) for v in value)
    return str(value)


def pieces_of(before: Any, after: Any) -> list[Piece]:
    """What came to a list and what went, or the words of a long text that did; nothing for other values."""
    if isinstance(before, list) and isinstance(after, list):
        return item_diff([shown(each) for each in before], [shown(each) for each in after])
    return word_diff(shown(before), shown(after))


def entry(model: Any, change: Change) -> Entry:
    """A change with its fields ready to print, in the order of the model, without what stayed empty."""
    places = {field.name: place for place, field in enumerate(model._meta.concrete_fields)} if model else {}
    names = sorted(
        change.fields or {}, key=lambda name: (places.get(name.partition(".")[0], len(places)), name)
    )
    fields = []
    for name in names:
        facts = change.fields[name]
        before, after = (in_words(model, name, facts.get(state)) for state in ("before", "after"))
        if before or after or "masked" in facts:
            pieces = pieces_of(facts.get("before"), facts.get("after"))
            fields.append(FieldChange(field_label(model, name), before, after, "masked" in facts, pieces))
    return Entry(change, fields)


def in_words(model: Any, name: str, value: Any) -> str:
    """A recorded value; one of a few choices by its word."""
    field = next((f for f in model._meta.concrete_fields if f.name == name), None) if model else None
    if field is None or isinstance(value, list | dict):
        return shown(value)
    return str(dict(field.flatchoices).get(value) or shown(value))


def filters(model: Any) -> list[Filter]:
    """By what the history of a record is narrowed: field, user, day, note."""
    return [
        Choice(
            "field",
            _("Field"),
            choices=[(name, field_label(model, name)) for name in field_names(model)],
            apply=lambda rows, names: rows.filter(touching_fields(model, names)),
        ),
        Words("user", _("User"), apply=lambda rows, text: rows.filter(change_set__user_name__icontains=text)),
        DateRange("change_set__at", _("Time")),
        Words(
            "note",
            _("Note"),
            apply=lambda rows, text: rows.filter(change_set__search__contains=normalise(text)),
        ),
    ]


def field_names(model: Any) -> list[str]:
    """The fields that the history of a model records, by their names before the dot."""
    names = [f.name for f in model._meta.concrete_fields if f.name not in UNRECORDED and not f.primary_key]
    putter = putter_of(model._meta.label_lower)
    return names + [name for name in (putter.together if putter else ()) if name not in names]


def touching_fields(model: Any, names: Iterable[str], locales: Collection[str] = ()) -> Q:
    """Changes of these fields: in whatever language, and of whatever entry where a field holds a map. With ``locales``
    texts are asked for in these languages only, which is quick among very many changes."""
    names, kinds = list(names), {field.name: field for field in model._meta.concrete_fields}
    texts = [name for name in names if locales and isinstance(kinds.get(name), LocalizedField)]
    plain = {*texts, *(name for name, kind in kinds.items() if not isinstance(kind, models.JSONField))}
    parted = [f"@ starts with {json.dumps(f'{name}.')}" for name in names if name not in plain]
    whole = Q(fields__has_any_keys=[*names, *(f"{name}.{code}" for name in texts for code in locales)])
    if not parted:
        return whole
    path = f"$.keyvalue().key ? ({' || '.join(parted)})"
    return whole | Q(
        models.Func(
            models.F("fields"),
            models.Value(path),
            template="jsonb_path_exists(%(expressions)s::jsonpath)",
            output_field=models.BooleanField(),
        )
    )


def revertible(request: HttpRequest, screen: Any, record: Any, changes: list[Change]) -> set[int]:
    """The entries whose states this user may bring back, in part at least: a field asks for the right that a form
    asks for it, such as *translate* for a name; what hangs on the record asks for *change*."""
    label = record._meta.label_lower
    putter = putter_of(label)
    if not screen.can_change or why_not(label) or putter is None:
        return set()
    if not screen.visible_rows(request, "change").filter(pk=record.pk).exists():
        return set()

    def asked(change: Change) -> set[str]:
        is_own = change.object_type == label and change.action == Change.Action.CHANGE
        return {putter.action_for(name) for name in change.fields or ()} if is_own else {"change"}

    held = {action: screen.may(request, action) for change in changes for action in asked(change)}
    return {change.pk for change in changes if any(held[action] for action in asked(change))}


class Chip(NamedTuple):
    """A filter of this page as the shared template prints it."""

    filter: Filter
    label: str
    value: Any
    words: str
    options: list[tuple[str, str]]
    clear_url: str


def narrowed(request: HttpRequest, screen: Any, changes: QuerySet) -> tuple[QuerySet, list[Chip]]:
    """The changes that the filters of the address leave, and the chips to set them."""
    given, chips = dict(request.GET.lists()), []
    for each in filters(screen.model):
        value, _unknown = each.read(given, request)
        changes = each.narrow(changes, value) if value else changes
        rest = request.GET.copy()
        for name in (*each.parameters(), "before"):
            rest.pop(name, None)
        words = each.words(value, request) if value else ""
        options = each.options(request) if isinstance(each, Choice) else []
        chips.append(Chip(each, str(each.label), value, words, options, f"?{rest.urlencode()}"))
    return changes, chips


def show(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """The history page of a record, newest first, children included."""
    record = screen.record_or_404(request, pk)
    label = record._meta.label_lower
    changes = (
        Change.objects.filter(Q(object_type=label, object_id=pk) | Q(parent_type=label, parent_id=pk))
        .select_related("change_set")
        .order_by("-pk")
    )
    changes, chips = narrowed(request, screen, changes)
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        changes = changes.filter(pk__lt=int(before))
    found = list(changes[: PER_PAGE + 1])
    return screen.page(
        request,
        "console/past.html",
        title=screen.title_of(request, record),
        crumbs=record_bar.crumbs(request, screen, record),
        crumb=_("History"),
        main_class="is-form",
        record=record,
        entries=[entry(screen.model, change) for change in found[:PER_PAGE]],
        older=found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        is_first=not before,
        sees_sets=Right(ChangeSet, "view").held_by(request.user),
        reader_id=request.user.pk,
        chips=chips,
        is_narrowed=any(chip.words for chip in chips),
        revertible=revertible(request, screen, record, found[:PER_PAGE]),
        head=record_head(request, screen, record, "history"),
    )
