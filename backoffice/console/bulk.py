"""Deeds over many rows of a list: what is asked, the preview of what would happen, the run (spec: working-day 4).

A screen names its deeds in ``bulk``. The list sends ticked rows, or its filter for all that match. The preview runs
the deed and rolls it back, so it cannot tell anything else than the run; it freezes the rows with their versions.
The run is one change set that can be undone.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.console import editing
from backoffice.console.list_state import narrowed, read_state
from backoffice.console.past import Entry, entry
from backoffice.history.recording import Recorder, recording

LIMIT = 5_000
"""So many rows at once; ``BULK_ROWS`` in the settings is another number."""
SHOWN = 100
"""So many rows are listed in a preview."""

on_bulk: list[Callable[[str, str, int], None]] = []
"""Called with (screen, deed, rows changed) after every run; accounts writes the security log here."""

Values = Mapping[str, Any]
_OWN = {"csrfmiddlewaretoken", "step", "rows", "listed", "keep", "list", "pick", "picked", "all", "_note"}


class Done(Protocol):
    """What a deed answers: ids that changed, that were so already, that were refused with the reason."""

    changed: Collection[int]
    unchanged: Collection[int]
    refused: Mapping[int, Any]


class Question(forms.Form):
    """What a deed asks before its preview, such as the tax set to give. ``scripts`` are static files of its boxes."""

    scripts: tuple[str, ...] = ()

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        self.request = request
        super().__init__(*args, **options)


@dataclass(frozen=True)
class Bulk:
    """One deed. ``run(request, ids, values, recorder)`` is a verb of the room: it writes, and gives what it did.

    ``counted`` is the model whose ids the answer holds, when it is not the list's own. ``right`` is an action of the
    screen. ``falls(request, ids, values)`` gives lines about what else goes down, for the preview.
    """

    name: str
    label: Any
    run: Callable[[HttpRequest, list[int], Values, Recorder], Done]
    right: str = "change"
    icon: str = ""
    question: type[Question] | None = None
    counted: type[Model] | None = None
    is_main: bool = False
    is_shown: Callable[[HttpRequest], bool] = lambda request: True
    falls: Callable[[HttpRequest, list[int], Values], Collection[Any]] | None = None


class Button(NamedTuple):
    """A deed in the bar below a list."""

    label: Any
    icon: str
    url: str
    is_main: bool


def offered(request: HttpRequest, screen: Any) -> list[Bulk]:
    """The deeds this user may do."""
    return [each for each in screen.bulk if each.is_shown(request) and screen.may(request, each.right)]


def buttons(request: HttpRequest, screen: Any) -> list[Button]:
    return [
        Button(each.label, each.icon, screen.url(f"bulk_{each.name}"), each.is_main)
        for each in offered(request, screen)
    ]


# --- the chosen rows -----------------------------------------------------------------------------


class NotChosen(Exception):
    """The rows cannot be taken; the text says why."""


def limit() -> int:
    return getattr(settings, "BULK_ROWS", LIMIT)


def chosen(request: HttpRequest, screen: Any, deed: Bulk) -> dict[int, int]:
    """The ticked rows, or all of the list's filter, with their versions. Only rows the user may use so."""
    rows = screen.visible_rows(request, deed.right)
    if request.POST.get("all"):
        rows = rows.filter(pk__in=_of_filter(request, screen).order_by().values("pk"))
    else:
        ticked = [*request.POST.getlist("pick"), *request.POST.get("picked", "").split(",")]
        ids = {int(each) for each in ticked if each.isdecimal() and len(each) < 19}
        if not ids:
            raise NotChosen(_("Tick at least one row."))
        rows = rows.filter(pk__in=ids)
    found = dict(_versions(rows)[: limit() + 1])
    if len(found) > limit():
        text = _("At most %(limit)s rows are changed at once. Narrow the list, or tick fewer rows.")
        raise NotChosen(text % {"limit": f"{limit():,}"})
    if not found:
        raise NotChosen(_("None of these rows can be changed by you."))
    return found


def _of_filter(request: HttpRequest, screen: Any) -> QuerySet:
    listed = request.GET
    request.GET = QueryDict(request.POST.get("list", ""))
    try:
        return narrowed(request, screen, read_state(request, screen), screen.list_rows(request))
    finally:
        request.GET = listed


def _versions(rows: QuerySet) -> QuerySet:
    has_version = any(field.name == "version" for field in rows.model._meta.concrete_fields)
    return rows.order_by("pk").values_list("pk", "version" if has_version else "pk")


def frozen(rows: Mapping[int, int]) -> str:
    return " ".join(f"{pk}.{version}" for pk, version in rows.items())


def thawed(text: str) -> dict[int, int]:
    """The rows of a preview with the versions they had then."""
    parts = (each.partition(".") for each in text.split())
    return {int(pk): int(v) for pk, _dot, v in parts if pk.isdecimal() and v.isdecimal() and len(pk + v) < 30}


# --- the pages -----------------------------------------------------------------------------------


def page(request: HttpRequest, screen: Any, deed: Bulk) -> HttpResponse:
    """What is asked, the preview, or the run, as the posted step says. A GET has nothing to show."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    back = screen.list_url + (f"?{request.POST['list']}" if request.POST.get("list") else "")
    if not deed.is_shown(request):
        messages.error(request, _("This cannot be done at present."))
        return redirect(back)
    step = request.POST.get("step", "")
    try:
        rows = thawed(request.POST.get("rows", "")) if step else chosen(request, screen, deed)
    except NotChosen as problem:
        messages.error(request, str(problem))
        return redirect(back)
    question = deed.question(request.POST if step else None, request=request) if deed.question else None
    shown = {"deed": deed, "rows": frozen(rows), "number": len(rows), "back": back, "question": question}
    if question is not None and (not step or not question.is_valid()):
        return _page(request, screen, "console/bulk_ask.html", **shown)
    values = question.cleaned_data if question is not None else {}
    if step == "run":
        return _run(request, screen, deed, _unticked(request, rows), values, back)
    shown |= _previewed(request, screen, deed, rows, values)
    shown["answers"] = [(k, v) for k, vs in request.POST.lists() for v in vs if k not in _OWN]
    return _page(request, screen, "console/bulk_preview.html", **shown)


def _page(
    request: HttpRequest, screen: Any, template: str, *, deed: Bulk, back: str, **context: Any
) -> HttpResponse:
    crumbs = [(capfirst(str(screen.tab_label)), back)]
    return screen.page(
        request,
        template,
        title=deed.label,
        crumbs=crumbs,
        main_class="is-form",
        deed=deed,
        back=back,
        **context,
    )


def _unticked(request: HttpRequest, rows: dict[int, int]) -> dict[int, int]:
    """The frozen rows without those the preview listed and the user unticked."""
    listed, kept = set(thawed(request.POST.get("listed", ""))), set(request.POST.getlist("keep"))
    return {pk: version for pk, version in rows.items() if pk not in listed or str(pk) in kept}


def _did(
    request: HttpRequest, screen: Any, deed: Bulk, rows: Mapping[int, int], values: Values, recorder: Recorder
) -> tuple[Done, list[int]]:
    """Do it for the rows that are as they were. Gives the answer and the rows that somebody changed meanwhile."""
    held = dict(_versions(screen.visible_rows(request, deed.right).filter(pk__in=rows)))
    same = [pk for pk, version in rows.items() if held.get(pk) == version]
    return deed.run(request, same, values, recorder), [pk for pk in rows if held.get(pk) != rows[pk]]


class Listed(NamedTuple):
    """A row of the preview: its changes, each with the fields before and after."""

    pk: int
    title: str
    url: str
    entries: list[Entry]


def _previewed(
    request: HttpRequest, screen: Any, deed: Bulk, rows: dict[int, int], values: Values
) -> dict[str, Any]:
    falls = list(deed.falls(request, list(rows), values)) if deed.falls else []
    with transaction.atomic():
        recorder = Recorder(kind="bulk_edit", screen=screen.name)
        done, stale = _did(request, screen, deed, rows, values, recorder)
        transaction.set_rollback(True)
    listed = _listed(request, screen, recorder)
    return {
        "done": done,
        "stale": stale,
        "falls": falls,
        "listed": listed,
        "listed_rows": frozen({each.pk: 0 for each in listed}),
        "refusals": _refusals(screen, deed, done),
        "more": max(len(recorder.changed_records(screen.name)) - SHOWN, 0),
        "counted": _plural(screen, deed),
    }


def _listed(request: HttpRequest, screen: Any, recorder: Recorder) -> list[Listed]:
    grouped = dict(list(recorder.changed_records(screen.name).items())[:SHOWN])
    records = screen.visible_rows(request).filter(pk__in=grouped)
    return [
        Listed(
            record.pk,
            screen.title_of(request, record),
            screen.url("view", pk=record.pk),
            [entry(_model_of(change.object_type), change) for change in grouped[record.pk]],
        )
        for record in records.order_by("pk")
    ]


def _model_of(label: str) -> type[Model]:
    from django.apps import apps

    return apps.get_model(label)


def _refusals(screen: Any, deed: Bulk, done: Done) -> list[tuple[str, str]]:
    """(record, reason) of what is refused, the first ones."""
    few = dict(list(done.refused.items())[:SHOWN])
    model = deed.counted or screen.model
    named = {record.pk: str(record) for record in model._base_manager.filter(pk__in=few)}
    return [(named.get(pk, f"#{pk}"), str(reason)) for pk, reason in few.items()]


def _plural(screen: Any, deed: Bulk) -> str:
    return str((deed.counted or screen.model)._meta.verbose_name_plural)


def _run(
    request: HttpRequest, screen: Any, deed: Bulk, rows: Mapping[int, int], values: Values, back: str
) -> HttpResponse:
    note = request.POST.get("_note", "")
    with recording("bulk_edit", screen=screen.name, note=note) as recorder:
        done, stale = _did(request, screen, deed, rows, values, recorder)
        recorder.flush()
        number = len(done.changed)
        if number:
            for tell in on_bulk:
                tell(screen.name, deed.name, number)
    told = ngettext("%(n)s record changed", "%(n)s records changed", number) % {"n": f"{number:,}"}
    rest = [
        (_("%(n)s were so already"), len(done.unchanged)),
        (_("%(n)s were refused"), len(done.refused)),
        (_("%(n)s were left out, because somebody changed them meanwhile"), len(stale)),
    ]
    sentence = ", ".join([told, *(text % {"n": f"{n:,}"} for text, n in rest if n)])
    sentence = f"{deed.label}: {sentence}."
    if number:
        messages.success(request, editing.undoable(sentence, recorder))
    else:
        messages.info(request, sentence)
    for name, reason in _refusals(screen, deed, done)[:5]:
        messages.warning(request, f"{name}: {reason}")
    return redirect(back)
