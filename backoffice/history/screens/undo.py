"""The page that undoes a change set: first what would come back, what stays and why, then the button (7.5)."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.console.rights import Refused, Right
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.outcomes import CANNOT, HIDDEN, LEFT, RESTORED, Report
from backoffice.history.screens.access import gate_for, has_undo_right
from backoffice.history.screens.left import has_left, left_parts
from backoffice.history.screens.parts import part

HEADINGS = (
    (RESTORED, gettext_lazy("Goes back")),
    (LEFT, gettext_lazy("Changed since, left alone")),
    (CANNOT, gettext_lazy("Cannot be restored")),
)


class UndoPage:
    """The part of the history's screen that undoes."""

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method not in {"POST", "GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        change_set = self.record_or_404(request, pk)
        has_right = has_undo_right(request.user)
        refusal = undoing.refusal(change_set, request.user, has_right=has_right)
        if refusal and refusal.needs_right:
            raise Refused(Right(ChangeSet, "undo"), refusal.reason)
        if request.method == "POST":
            return self._undo(request, change_set, refusal)
        held = undoing.undo_of(change_set)
        try:
            # What an undo that holds has left is written down with it.
            report = Report() if held else undoing.rehearse(change_set, gate_for(change_set, request.user))
        except OperationalError:
            messages.error(request, _("These records are being written at this moment. Try again later."))
            return redirect(self.url("view", pk=pk))
        is_small = undoing.is_small(change_set)
        number = _("Change set %(number)s") % {"number": change_set.pk}
        return self.page(
            request,
            "history/undo.html",
            title=_("Undo change set %(number)s") % {"number": change_set.pk},
            crumbs=[(capfirst(str(self.tab_label)), self.list_url), (number, self.url("view", pk=pk))],
            main_class="is-form",
            record=change_set,
            parts=left_parts(held, request.user)
            if held
            else [part(report, name, heading) for name, heading in HEADINGS],
            hidden=report.counts[HIDDEN],
            button=_button(report.deeds),
            refused=refusal.reason if refusal else "",
            undo=held,
            is_small=is_small,
            waits="" if is_small or not undoing.background else undoing.background.remark(),
            previewed=undoing.PREVIEWED if sum(report.counts.values()) >= undoing.PREVIEWED else 0,
            view_url=self.url("view", pk=pk),
            drift_url=self._drift_url(change_set, held, report),
        )

    def _drift_url(self, change_set: ChangeSet, held: ChangeSet | None, report: Report) -> str:
        if held:
            return self.url("left", pk=held.pk) if has_left(held) else ""
        return self.url("drift", pk=change_set.pk) if report.counts[LEFT] or report.counts[CANNOT] else ""

    def _undo(self, request: HttpRequest, change_set: ChangeSet, refusal: Any) -> HttpResponse:
        if refusal:
            messages.error(request, refusal.reason)
            return redirect(self.url("undo", pk=change_set.pk))
        note, background = request.POST.get("_note", ""), undoing.background
        if background and not undoing.is_small(change_set):
            return redirect(background.start(change_set, request.user, note))
        try:
            if background and change_set.job:
                done = background.at_once(change_set, request.user, note)
                if done is None:
                    return redirect(background.start(change_set, request.user, note))
                report, undone = done
            else:
                report, undone = undoing.undo(change_set, gate_for(change_set, request.user), note=note)
        except undoing.AlreadyUndone:
            messages.error(request, _("Somebody undid this change set a moment ago."))
            return redirect(self.url("undo", pk=change_set.pk))
        if undone is None:
            messages.info(request, _("Nothing could be restored, nothing was changed."))
            return redirect(self.url("undo", pk=change_set.pk))
        messages.success(
            request,
            format_html(
                '{} <a href="{}">{}</a>',
                words(report.counts, report.deeds),
                self.url("undo", pk=undone.pk),
                _("Undo"),
            ),
        )
        return redirect(self.url("view", pk=undone.pk))


def words(counts: Mapping[str, int], deeds: Mapping[str, int]) -> str:
    """What an undo did, in numbers: "4,097 records were deleted. 1 record was left as it is." """
    found = [_done(name, deeds[name]) for name in Change.Action.values if deeds.get(name)]
    kept = counts.get(LEFT, 0) + counts.get(CANNOT, 0)
    if not found:
        found.append(_done("", counts.get(RESTORED, 0)))
    if kept:
        sentence = ngettext(
            "%(count)s record was left as it is.", "%(count)s records were left as they are.", kept
        )
        found.append(sentence % {"count": intcomma(kept)})
    return " ".join(found)


def _done(action: str, number: int) -> str:
    if action == Change.Action.DELETE:
        sentence = ngettext("%(count)s record was deleted.", "%(count)s records were deleted.", number)
    elif action == Change.Action.ADD:
        sentence = ngettext("%(count)s record came back.", "%(count)s records came back.", number)
    elif action == Change.Action.CHANGE:
        sentence = ngettext(
            "%(count)s record was changed back.", "%(count)s records were changed back.", number
        )
    else:
        sentence = ngettext("%(count)s record was restored.", "%(count)s records were restored.", number)
    return sentence % {"count": intcomma(number)}


def _button(deeds: Mapping[str, int]) -> str:
    """What the button does: it says the consequence."""
    number, kinds = sum(deeds.values()), [name for name, count in deeds.items() if count]
    action = kinds[0] if len(kinds) == 1 else ""
    if action == Change.Action.DELETE:
        sentence = ngettext("Delete %(count)s record", "Delete %(count)s records", number)
    elif action == Change.Action.ADD:
        sentence = ngettext("Bring back %(count)s record", "Bring back %(count)s records", number)
    elif action == Change.Action.CHANGE:
        sentence = ngettext("Change back %(count)s record", "Change back %(count)s records", number)
    else:
        sentence = ngettext("Restore %(count)s record", "Restore %(count)s records", number)
    return sentence % {"count": intcomma(number)}
