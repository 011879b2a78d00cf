"""The pages of a deed: what it asks, its preview, the way to its result."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console import editing
from backoffice.console.bulk import doing
from backoffice.console.bulk.chosen import NotChosen, chosen, frozen, thawed
from backoffice.console.bulk.declaring import Bulk, Done, Values
from backoffice.history.recording import Recorder, recording

AT_ONCE = 500
"""So many rows are changed in the request, more by a job (4.3)."""
PREVIEWED = 5_000
"""So many are previewed in the request, and changed in it where no worker runs (4.5); more only by a job."""
REFUSED = "refused"
"""The button of a preview that gives all that is refused as a file."""
_OWN = {"csrfmiddlewaretoken", "step", "rows", "listed", "keep", "list", "pick", "picked", "all", "_note"}
_OWN |= {"turn", "unticked", REFUSED}


class Order(NamedTuple):
    """What a job is to do: the screen and deed by name, the rows with their versions, what was answered."""

    screen: str
    deed: str
    rows: Mapping[int, int]
    answers: str
    note: str = ""
    is_previewed: bool = False


class Background(NamedTuple):
    """How large deeds run. ``start(order, user)`` gives the address where one can watch it: of the preview, or of the
    run of what ``is_previewed``. ``is_alive()`` tells whether anybody is there to run it."""

    start: Callable[[Order, Any], str]
    is_alive: Callable[[], bool]


background: Background | None = None
"""Filled by what runs jobs; without it every deed runs in the request."""


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
    answers = [(k, v) for k, vs in request.POST.lists() for v in vs if k not in _OWN]
    unticked, is_run = _unticked(request), step == "run" and not {"turn", REFUSED} & request.POST.keys()
    if is_run:
        rows = {pk: version for pk, version in rows.items() if pk not in unticked}
    if _is_large(rows, is_run=is_run):
        note = request.POST.get("_note", "")
        order = Order(screen.name, deed.name, rows, urlencode(answers), note, is_run)
        return redirect(background.start(order, request.user))
    if is_run:
        return _run(request, screen, deed, rows, values, back)
    if REFUSED in request.POST:
        return _refused_file(request, screen, deed, rows, values)
    shown |= _previewed(request, screen, deed, rows, values)
    shown |= {"unticked": unticked, "unticked_rows": frozen(dict.fromkeys(unticked, 0))}
    shown |= {"answers": answers, "in_background": _is_large(rows, is_run=True)}
    return _page(request, screen, "console/bulk_preview.html", **shown)


def _is_large(rows: Mapping[int, int], *, is_run: bool) -> bool:
    """Whether a job does it."""
    if background is None or len(rows) <= AT_ONCE:
        return False
    return len(rows) > PREVIEWED or (is_run and background.is_alive())


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


def _unticked(request: HttpRequest) -> set[int]:
    """The rows the user unticked, on the page of the preview that was sent and on those before."""
    listed = set(thawed(request.POST.get("listed", "")))
    kept = set(request.POST.getlist("keep"))
    before = set(thawed(request.POST.get("unticked", "")))
    return (before - listed) | {pk for pk in listed if str(pk) not in kept}


def _previewed(
    request: HttpRequest, screen: Any, deed: Bulk, rows: dict[int, int], values: Values
) -> dict[str, Any]:
    falls = list(deed.falls(request, list(rows), values)) if deed.falls else []
    recorder, done, stale = _tried(request, screen, deed, rows, values)
    number = len(recorder.changed_records(screen.name))
    turns = range(1, -(-number // doing.SHOWN) + 1)
    turn = min(max(_whole(request.POST.get("turn", "")), 1), max(len(turns), 1))
    first = (turn - 1) * doing.SHOWN
    listed = doing.listed(request, screen, recorder, first)
    return {
        "done": done,
        "stale": stale,
        "falls": falls,
        "listed": listed,
        "listed_rows": frozen({each.pk: 0 for each in listed}),
        "refusals": doing.refusals(screen, deed, done, doing.SHOWN),
        "refused_at_most": doing.SHOWN,
        "turns": turns if len(turns) > 1 else (),
        "turn": turn,
        "range": (first + 1, first + len(listed), number),
        "page": {"note": request.POST.get("_note", "")},
        "counted": doing.plural(screen, deed),
    }


def _tried(
    request: HttpRequest, screen: Any, deed: Bulk, rows: Mapping[int, int], values: Values
) -> tuple[Recorder, Done, list[int]]:
    """Done, and taken back."""
    with transaction.atomic():
        recorder = Recorder(kind="bulk_edit", screen=screen.name)
        done, stale = doing.did(request, screen, deed, rows, values, recorder)
        transaction.set_rollback(True)
    return recorder, done, stale


def _refused_file(
    request: HttpRequest, screen: Any, deed: Bulk, rows: Mapping[int, int], values: Values
) -> StreamingHttpResponse:
    """All that is refused, as CSV to take away; a preview lists the first ones."""
    _recorder, done, _stale = _tried(request, screen, deed, rows, values)
    return doing.refused_file(doing.refusals(screen, deed, done, None), deed.name)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _run(
    request: HttpRequest, screen: Any, deed: Bulk, rows: Mapping[int, int], values: Values, back: str
) -> HttpResponse:
    note = request.POST.get("_note", "")
    with recording("bulk_edit", screen=screen.name, note=note) as recorder:
        done, stale = doing.did(request, screen, deed, rows, values, recorder)
        recorder.flush()
        number = len(done.changed)
        doing.tell_all(screen, deed, number)
    counts = {"changed": number, "unchanged": len(done.unchanged), "refused": len(done.refused)}
    sentence = doing.told(deed, **counts, stale=len(stale))
    if number:
        messages.success(request, editing.undoable(sentence, recorder))
    else:
        messages.info(request, sentence)
    for name, reason in doing.refusals(screen, deed, done)[:5]:
        messages.warning(request, f"{name}: {reason}")
    for note in deed.notes(done.changed) if deed.notes and number else ():
        messages.warning(request, note)
    return redirect(back)
