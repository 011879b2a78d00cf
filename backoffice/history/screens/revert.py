"""The page that sets one record back: what it is at present, what it was, and a tick per field (7.4)."""

from functools import cached_property
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.forms import CheckboxInput
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.editing import undoable
from backoffice.console.past import field_label, in_words
from backoffice.console.rights import Refused
from backoffice.console.site import site
from backoffice.fields import LocalizedFormField
from backoffice.history import reverting
from backoffice.history.models import Change
from backoffice.history.outcomes import CANNOT
from backoffice.history.putting import why_not
from backoffice.history.recording import recording
from backoffice.history.reverting import Pick, Target
from backoffice.history.screens.access import UserGate
from backoffice.texts import content_locales


class Row(NamedTuple):
    key: str
    label: str
    now: str
    then: str
    reason: str
    is_ticked: bool


class Reverting:
    """One request to set the record of a history entry back."""

    def __init__(self, request: HttpRequest, entry: Change, to: str) -> None:
        self.request, self.entry, self.to = request, entry, to
        self.label, self.pk = self._main()
        self.screen = next((s for s in site._registry.values() if s.name == self.label), None)
        if self.screen is None or why_not(self.label):
            raise Http404
        if not self.screen.right("view").held_by(request.user):
            raise Refused(self.screen.right("view"))
        self.record = self.screen.record_or_404(request, self.pk)
        self.gate = UserGate(request.user)

    def _main(self) -> tuple[str, int]:
        """The record with a screen: the entry's own, or the one that it hangs on."""
        names = {screen.name for screen in site._registry.values()}
        if self.entry.object_type in names or not self.entry.parent_id:
            return self.entry.object_type, self.entry.object_id
        return self.entry.parent_type, self.entry.parent_id

    # --- what can come back ----------------------------------------------------------------------

    def targets(self) -> list[Target]:
        found = reverting.targets((self.label, self.pk), self.entry, self.to)
        return [target for target in found if not self.gate.hides(target.change) and self._sees(target)]

    def _sees(self, target: Target) -> bool:
        """Whether the record, and what it hangs on, lies within his rows."""
        pk = target.change.object_id
        if target.record is not None and pk not in self.gate.reached(target.putter.model, [pk], "view"):
            return False
        return pk in self.gate.within([target.change], "view")

    def reasons(self, found: list[Target]) -> dict[str, str]:
        """Why picks cannot come back, by key; found out by trying, then rolled back."""
        reasons: dict[str, str] = {}
        for target in found:
            picks = target.picks()
            for pick in picks:
                reason = self.gate.refusal(pick.change, pick.action, [pick.field] if pick.field else [])
                if reason or (reason := self._fixed(pick)):
                    reasons[pick.key] = reason
        open_keys = {p.key for target in found for p in target.picks()} - set(reasons)
        if self._refused(found, open_keys):
            for key in open_keys:
                refused = self._refused(found, {key})
                reasons |= {key: refused[0]} if refused else {}
        return reasons | self._typed_problems(found, open_keys - set(reasons))

    def _fixed(self, pick: Pick) -> str:
        """A field that a form shows and none lets anybody change stays."""
        name = pick.field.partition(".")[0]
        shown = [form.fields[name] for form in self._forms if name in form.fields]
        if pick.change.object_id == self.pk and shown and all(field.disabled for field in shown):
            return _("This field is fixed.")
        return ""

    @cached_property
    def _forms(self) -> list[Any]:
        """The forms that change the record, as they open at present."""
        return [form for _screen, form in self._opened()]

    def _refused(self, found: list[Target], keys: set[str]) -> list[str]:
        with transaction.atomic():
            report = reverting.set_back(found, keys, self.gate, None, rehearses=True)
            transaction.set_rollback(True)
        return [line.reason for line in report.lines[CANNOT]]

    # --- the same validation as a save by hand ---------------------------------------------------

    def _typed_problems(self, found: list[Target], keys: set[str]) -> dict[str, str]:
        """What a form would say if somebody typed the old values, but does not say at present."""
        if not keys or not self.screen.can_change:
            return {}
        said = self._said([self._typed(form) for form in self._forms])
        with transaction.atomic():
            reverting.set_back(found, keys, self.gate, None, rehearses=True)
            data = [self._typed(form) for _screen, form in self._opened()]
            transaction.set_rollback(True)
        roots = {p.key: p.field.partition(".")[0] for t in found for p in t.picks() if p.key in keys}
        reasons: dict[str, list[str]] = {}
        for name, text in self._said(data):
            if (name, text) not in said:
                for key in [key for key, root in roots.items() if root == name] or list(roots):
                    reasons.setdefault(key, []).append(text)
        return {key: " ".join(texts) for key, texts in reasons.items()}

    def _said(self, data: list[QueryDict]) -> list[tuple[str, str]]:
        """(field, sentence) of everything that the forms and the tabs beside them complain of."""
        found = []
        for screen, form in self._opened(data):
            found += [(name, text) for name, texts in form.errors.items() for text in texts]
            for tab in screen.form_tabs(self.request, form.instance):
                bound = tab.bind(self.request, form.instance, form)
                if not tab.fields and not bound.is_valid():
                    found += [("", text) for _anchor, text in bound.problems]
        return found

    def _opened(self, data: list[QueryDict] | None = None) -> list[tuple[Any, Any]]:
        """Every screen with a form of the record, and that form, unbound or with what was typed into it."""
        found = []
        for place, screen in enumerate(self.screen.form_screens()):
            record = self.screen.model._base_manager.get(pk=self.pk)
            form_class = screen.form_class(self.request, record)
            typed = data[place] if data else None
            found.append((screen, form_class(typed, instance=record, request=self.request)))
        return found

    def _typed(self, form: Any) -> QueryDict:
        """The form as the browser would send it back untouched."""
        data = QueryDict(mutable=True)
        for name, field in form.fields.items():
            value = form.get_initial_for_field(field, name)
            if isinstance(field, LocalizedFormField):
                for code in content_locales():
                    data[f"{name}.{code}"] = (value or {}).get(code, "")
            elif isinstance(field.widget, CheckboxInput):
                data.update({name: "on"} if value else {})
            else:
                shown = field.widget.format_value(field.prepare_value(value))
                data.setlist(name, shown if isinstance(shown, list) else [] if shown is None else [shown])
        return data

    # --- the page --------------------------------------------------------------------------------

    def rows(self, found: list[Target], reasons: dict[str, str], chosen: set[str] | None) -> list[Row]:
        rows = []
        for target in found:
            model = target.putter.model
            whose = "" if target.name == f"{self.label}:{self.pk}" else f"{target.change.label}: "
            for pick in target.picks():
                reason = reasons.get(pick.key, "")
                ticked = not reason and (chosen is None or pick.key in chosen)
                if pick.field:
                    label = whose + field_label(model, pick.field)
                    now, then = (in_words(model, pick.field, value) for value in (pick.now, pick.then))
                else:
                    label = f"{capfirst(str(model._meta.verbose_name))} {target.change.label}"
                    there, gone = _("there"), _("not there")
                    now, then = (there, gone) if pick.action == "delete" else (gone, there)
                rows.append(Row(pick.key, label, now, then, reason, ticked))
            rows += [
                Row("", whose + field_label(model, name), "", "", reason, False)
                for name, reason in target.lost.items()
            ]
        return rows


class RevertPage:
    """The part of the history's screen that sets one record back."""

    def revert_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method not in {"POST", "GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        number, to = request.GET.get("change", ""), request.GET.get("to", reverting.BEFORE)
        if not number.isdecimal() or len(number) > 18:
            return redirect(self.url("view", pk=self.record_or_404(request, pk).pk))
        entry = Change.objects.filter(pk=number, change_set=pk).select_related("change_set").first()
        if entry is None or to not in {reverting.BEFORE, reverting.AFTER}:
            raise Http404
        work = Reverting(request, entry, to)
        try:
            with transaction.atomic():
                if request.method == "POST":
                    return self._set_back(work)
                return self._page(work)
        except reverting.TooFar:
            messages.error(request, _("Too much happened since. Set the record back in smaller steps."))
            return redirect(work.screen.url("history", pk=work.pk))

    def _set_back(self, work: Reverting) -> HttpResponse:
        request, screen = work.request, work.screen
        found = work.targets()
        chosen = set(request.POST.getlist("pick"))
        version = str(getattr(screen.model._base_manager.get(pk=work.pk), "version", 0))
        if request.POST.get("_version", "") != version:
            return self._page(work, chosen, is_stale=True)
        reasons = work.reasons(found)
        refused = chosen & set(reasons)
        if refused:
            return self._page(work, chosen - refused, status=422)
        back = screen.url("history", pk=work.pk)
        with recording("revert", screen=screen.name, note=request.POST.get("_note", "")) as recorder:
            report = reverting.set_back(found, chosen, work.gate, recorder)
            if report.lines[CANNOT]:
                transaction.set_rollback(True)
        if report.lines[CANNOT]:
            return self._page(work, chosen, status=422)
        if not recorder.has_changes:
            messages.info(request, _("Nothing changed."))
            return redirect(back)
        sentence = format_html(_("{} was set back."), screen.title_of(request, work.record))
        messages.success(request, undoable(sentence, recorder))
        return redirect(back)

    def _page(
        self, work: Reverting, chosen: set[str] | None = None, *, is_stale: bool = False, status: int = 200
    ) -> HttpResponse:
        screen, request = work.screen, work.request
        found = work.targets()
        rows = work.rows(found, work.reasons(found), chosen)
        title = screen.title_of(request, work.record)
        return screen.page(
            request,
            "history/revert.html",
            title=_("Set back %(name)s") % {"name": title},
            crumbs=[
                (capfirst(str(screen.tab_label)), screen.list_url),
                (title, screen.url("view", pk=work.pk)),
                (_("History"), screen.url("history", pk=work.pk)),
            ],
            main_class="is-form",
            status=409 if is_stale else status,
            record=work.record,
            entry=work.entry,
            to=work.to,
            rows=rows,
            has_ticks=any(row.key and not row.reason for row in rows),
            version=getattr(screen.model._base_manager.get(pk=work.pk), "version", 0),
            is_stale=is_stale,
            is_refused=status == 422,
            back_url=screen.url("history", pk=work.pk),
        )
