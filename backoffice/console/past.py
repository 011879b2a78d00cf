"""The history of one record: when, who, which fields from what to what (spec: working-day 7.3)."""

from typing import Any, NamedTuple

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.form_page import record_head
from backoffice.history.models import Change

PER_PAGE = 25


class FieldChange(NamedTuple):
    label: str
    before: str
    after: str
    is_masked: bool = False


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
            fields.append(FieldChange(field_label(model, name), before, after, "masked" in facts))
    return Entry(change, fields)


def in_words(model: Any, name: str, value: Any) -> str:
    """A recorded value; one of a few choices by its word."""
    field = next((f for f in model._meta.concrete_fields if f.name == name), None) if model else None
    words = dict(field.flatchoices) if field is not None and not isinstance(value, list | dict) else {}
    return str(words.get(value) or shown(value))


def show(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """The history page of a record, newest first, children included."""
    record = screen.record_or_404(request, pk)
    label = record._meta.label_lower
    changes = (
        Change.objects.filter(Q(object_type=label, object_id=pk) | Q(parent_type=label, parent_id=pk))
        .select_related("change_set")
        .order_by("-pk")
    )
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        changes = changes.filter(pk__lt=int(before))
    found = list(changes[: PER_PAGE + 1])
    return screen.page(
        request,
        "console/past.html",
        title=screen.title_of(request, record),
        crumbs=[
            (capfirst(str(screen.tab_label)), screen.list_url),
            (screen.title_of(request, record), screen.url("view", pk=pk)),
        ],
        main_class="is-form",
        record=record,
        entries=[entry(screen.model, change) for change in found[:PER_PAGE]],
        older=found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        is_first=not before,
        head=record_head(request, screen, record, "history"),
    )
