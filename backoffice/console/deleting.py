"""Deleting a record: the page names what is touched, what forbids it, and whether it can be undone."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import CASCADE, PROTECT, RESTRICT, Model
from django.db.models.deletion import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console import editing, record_bar
from backoffice.console.form_page import record_head
from backoffice.console.paging import Count
from backoffice.history.recording import recording


class Touched(NamedTuple):
    """One line of the impact: how many of what, what happens to them, where they are listed."""

    label: str
    count: Count
    outcome: str
    forbids: bool = False
    url: str = ""


on_delete: list[Callable[[str, str], None]] = []
"""Called with (screen, record) after every deletion; accounts writes the security log here."""

_impact: dict[type[Model], list[Callable[[Any], list[Touched]]]] = {}


def adds_impact(model: type[Model], step: Callable[[Any], list[Touched]]) -> None:
    """A room adds what deleting a row of ``model`` touches beyond plain references."""
    _impact.setdefault(model, []).append(step)


def impact(record: Model) -> list[Touched]:
    """What the deletion touches: one capped count per kind of reference, then the steps of the rooms."""
    lines = []
    for relation in record._meta.get_fields(include_hidden=True):
        if not (
            relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        ):
            continue
        if relation.related_model._meta.auto_created:
            continue
        count = Count.of(relation.related_model._base_manager.filter(**{relation.field.name: record}))
        if count.number:
            forbids = relation.on_delete in {PROTECT, RESTRICT}
            outcome = (
                _("forbids the deletion")
                if forbids
                else _("are deleted too")
                if relation.on_delete is CASCADE
                else _("stay, without the link")
            )
            lines.append(
                Touched(
                    capfirst(str(relation.related_model._meta.verbose_name_plural)), count, outcome, forbids
                )
            )
    for step in _impact.get(type(record), ()):
        lines += step(record)
    return lines


def delete(request: HttpRequest, screen: Any, pk: int) -> HttpResponse:
    """The confirmation page; POST deletes. A GET never does."""
    if request.method not in {"POST", "GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "POST"])
    is_post = request.method == "POST"
    with recording("action", screen=screen.name, note=request.POST.get("_note", "")) as recorder:
        record = screen.record_or_404(request, pk, "delete", lock=is_post)
        touched = impact(record)
        reason = screen.why_not_delete(request, record)
        forbidden = bool(reason) or any(line.forbids for line in touched)
        version = str(getattr(record, "version", 0))
        is_stale = is_post and request.POST.get("_version", "") != version
        if is_post and not forbidden and not is_stale:
            label = screen.title_of(request, record)
            try:
                screen.remove(request, record, recorder)
            except (ProtectedError, RestrictedError):
                forbidden = True
            else:
                recorder.flush()
                for tell in on_delete:
                    tell(screen.name, label)
                sentence = format_html(_("{} was deleted."), label)
                messages.success(request, editing.undoable(sentence, recorder))
                return redirect(screen.list_url)
    return screen.page(
        request,
        "console/delete.html",
        title=_("Delete %(name)s") % {"name": screen.title_of(request, record)},
        crumbs=record_bar.crumbs(request, screen, record),
        crumb=_("Delete"),
        main_class="is-mid",
        record=record,
        version=version,
        touched=touched,
        reason=reason,
        forbidden=forbidden,
        is_stale=is_stale,
        head=record_head(request, screen, record, "delete"),
    )
