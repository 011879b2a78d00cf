"""Deleting a record: the page names what is touched, what forbids it, and whether it can be undone."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import CASCADE, PROTECT, RESTRICT, Model, QuerySet
from django.db.models.deletion import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.actor import current
from backoffice.console import editing, record_bar, rows
from backoffice.console.form_page import record_head
from backoffice.console.paging import COUNT_CAP, Count
from backoffice.console.site import site
from backoffice.history.recording import recording

SHOWN = 10
"""So many of what is touched are named; of the rest the number."""


class Example(NamedTuple):
    """One of the records that are touched, with its page where the person at work may open it."""

    name: str
    url: str = ""


class Touched(NamedTuple):
    """One line of the impact: how many of what, what happens to them, where they are listed, which they are.
    ``unseen`` are those that the person at work may not see, ``rest_url`` is the list of all."""

    label: str
    count: Count
    outcome: str
    forbids: bool = False
    url: str = ""
    examples: Sequence[Example] = ()
    unseen: int = 0
    rest_url: str = ""

    @property
    def unseen_words(self) -> str:
        return rows.unseen_words(self.unseen) if self.unseen else ""

    @property
    def rest(self) -> int:
        """How many could be named besides."""
        return self.count.number - self.unseen - len(self.examples) if self.examples else 0


on_delete: list[Callable[[str, str], None]] = []
"""Called with (screen, record) after every deletion; accounts writes the security log here."""

_impact: dict[type[Model], list[Callable[[Any], list[Touched]]]] = {}


def adds_impact(model: type[Model], step: Callable[[Any], list[Touched]]) -> None:
    """A room adds what deleting a row of ``model`` touches beyond plain references."""
    _impact.setdefault(model, []).append(step)


def impact(record: Model) -> list[Touched]:
    """What the deletion touches: one capped count per kind of reference, then the steps of the rooms."""
    lines = []
    for relation in references(type(record)):
        found = relation.related_model._base_manager.filter(**{relation.field.name: record})
        line = touched_by(relation, found, record)
        if line:
            lines.append(line)
    for step in _impact.get(type(record), ()):
        lines += step(record)
    return lines


def references(model: type[Model]) -> list[Any]:
    """The relations by which other records point to those of a model; what is derived from them is left out."""
    return [
        relation
        for relation in model._meta.get_fields(include_hidden=True)
        if relation.auto_created
        and not relation.concrete
        and (relation.one_to_many or relation.one_to_one)
        and not relation.related_model._meta.auto_created
        and not getattr(relation.related_model, "is_derived", False)
    ]


def touched_by(relation: Any, found: QuerySet, record: Model | None = None) -> Touched | None:
    """The line about the rows that point here by a relation; None where there are none. Those of one ``record`` may
    have a list."""
    count = Count.of(found)
    if not count.number:
        return None
    model, path = _shown_model(relation)
    forbids = relation.on_delete in {PROTECT, RESTRICT}
    is_link = path != "pk" and relation.on_delete is CASCADE
    label = capfirst(str((model if is_link else relation.related_model)._meta.verbose_name_plural))
    examples, unseen = _examples(model, path, found)
    outcome, listed = _outcome(relation, is_link), _list_of(model, relation, record) if record else ""
    return Touched(label, count, outcome, forbids, examples=examples, unseen=unseen, rest_url=listed)


def _list_of(model: type[Model], relation: Any, record: Model) -> str:
    """The list of the rows of a relation, for who may open it."""
    screen, user = site._registry.get(model), current().user
    if screen is None or (user is not None and not screen.right("view").held_by(user)):
        return ""
    return screen.list_of(f"{relation.related_model._meta.label}.{relation.field.name}", record)


def _outcome(relation: Any, is_link: bool) -> str:
    if relation.on_delete in {PROTECT, RESTRICT}:
        return _("forbid the deletion")
    if is_link:
        return _("stay; it is taken out of them")
    return _("are deleted too") if relation.on_delete is CASCADE else _("stay, without the link")


def _shown_model(relation: Any) -> tuple[type[Model], str]:
    """What people know of the rows of a relation: they themselves, where they have a screen, else what a table of
    links stands between, with the column that holds it."""
    model = relation.related_model
    if model in site._registry:
        return model, "pk"
    for field in model._meta.concrete_fields:
        if not field.is_relation or field == relation.field or field.related_model not in site._registry:
            continue
        if field.remote_field.on_delete is CASCADE:
            return field.related_model, field.attname
    return model, "pk"


def _examples(model: type[Model], path: str, found: QuerySet) -> tuple[list[Example], int]:
    """The first records with their pages, as far as the person at work sees them, and how many he does not see."""
    screen = site._registry.get(model)
    if screen is None:
        return [], 0
    shown, user, hidden = model._base_manager.filter(pk__in=found.order_by().values(path)), current().user, 0
    if user is not None:
        seen = rows.visible(shown, user)
        hidden = (
            shown.exclude(pk__in=seen.order_by().values("pk"))[:COUNT_CAP].count() if seen is not shown else 0
        )
        shown = seen
    is_open = user is None or screen.right("view").held_by(user)
    return [
        Example(str(each), screen.url("view", pk=each.pk) if is_open else "")
        for each in shown.order_by("pk")[:SHOWN]
    ], hidden


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
