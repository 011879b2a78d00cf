"""Phasing a variant out and bringing it back: the tab of its form and the two deeds (spec: products 14)."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.console import editing, record_bar, rows
from backoffice.console.forms import BoundTab, ScreenForm, Tab
from backoffice.console.screens import Screen
from backoffice.history.recording import recording
from catalog.products import composing, discontinuing
from catalog.products.edit_variant_forms import DiscontinueForm, EditVariantForm
from catalog.products.models import Variant

SCREENS = (
    Screen("<int:pk>/discontinue/", "discontinue_view", "discontinue", "discontinue"),
    Screen("<int:pk>/restore/", "restore_view", "restore", "discontinue"),
)
FORM = "discontinue-form"
"""The form beside the main one that the boxes of the tab belong to, before a variant is phased out."""


class DiscontinueTab(Tab):
    template = "products/discontinue_tab.html"

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundDiscontinue(self, request, record, form)


class BoundDiscontinue(BoundTab):
    """Before: a button with a day and a note. After: the way back, the day and the note, which the form saves."""

    record: Variant
    form: EditVariantForm

    @cached_property
    def asked(self) -> DiscontinueForm:
        form = DiscontinueForm(auto_id="discontinue_%s")
        for field in form.fields.values():
            field.widget.attrs["form"] = FORM
        return form

    @property
    def bundles(self) -> list[str]:
        """The bundles that are phased out with it (12.9)."""
        return composing.containing([self.record.pk]).get(self.record.pk, [])

    @property
    def days_left(self) -> str:
        days = self.form.days_left
        if not days:
            return _("The last day is over: it is not live.")
        return ngettext("%(n)s day left, today included", "%(n)s days left, today included", days) % {
            "n": days
        }


class DiscontinuePages:
    """For the screen of variants."""

    def discontinue_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for day and note, and names the bundles that follow; a POST phases out."""
        if request.method not in {"POST", "GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        record = self.record_or_404(request, pk, "discontinue")
        form = DiscontinueForm(request.POST if request.method == "POST" else None)
        bundles = composing.containing([pk]).get(pk, [])
        is_sure = request.method == "POST" and (not bundles or "_sure" in request.POST)
        if not is_sure or not form.is_valid():
            return self._discontinue_page(request, record, form, bundles)
        with recording("action", screen=self.name, note=request.POST.get("_note", "")) as recorder:
            cleaned = form.cleaned_data
            done = discontinuing.discontinue(
                [pk], recorder=recorder, until=cleaned["active_until"], note=cleaned["note"]
            )
        if done.refused:
            messages.error(request, f"{record.sku}: {done.refused[pk]}")
        else:
            sentence = format_html(_("{} was discontinued."), self._linked(record))
            messages.success(request, editing.undoable(sentence, recorder))
        return redirect(self._after(request, record))

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ends the phase-out; refused for a bundle with a discontinued component (12.9)."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.record_or_404(request, pk, "discontinue")
        with recording("action", screen=self.name) as recorder:
            done = discontinuing.restore([pk], recorder=recorder)
        if done.refused:
            messages.error(request, f"{record.sku}: {done.refused[pk]}")
        elif done.unchanged:
            messages.info(request, _("%(sku)s is not discontinued.") % {"sku": record.sku})
        else:
            sentence = format_html(_("{} was restored."), self._linked(record))
            messages.success(request, editing.undoable(sentence, recorder))
            self._tell_bundles_left(request, pk)
        return redirect(self._after(request, record))

    def _tell_bundles_left(self, request: HttpRequest, pk: int) -> None:
        left = discontinuing.bundles_left([pk])
        hidden = rows.unseen(Variant, {bundle for bundle, _sku in left})
        links = [
            format_html('<a href="{}#discontinue">{}</a>', self.url("change", pk=bundle), sku)
            for bundle, sku in left
            if bundle not in hidden
        ]
        links += [rows.unseen_words(len(hidden))] if hidden else []
        if links:
            listed = format_html_join(", ", "{}", ((each,) for each in links[:20]))
            sentence = _(
                "Still discontinued are the bundles with it: {}. Restore them if they are to be sold."
            )
            messages.warning(request, format_html(sentence, listed))

    def _after(self, request: HttpRequest, record: Variant) -> str:
        page = "change" if self.may(request, "change") else "view"
        return self.url(page, pk=record.pk) + "#discontinue"

    def _discontinue_page(
        self, request: HttpRequest, record: Variant, form: DiscontinueForm, bundles: list[str]
    ) -> HttpResponse:
        title = self.title_of(request, record)
        context: dict[str, Any] = {"form": form, "bundles": bundles, "record": record}
        return self.page(
            request,
            "products/discontinue.html",
            title=_("Discontinue %(name)s") % {"name": title},
            crumbs=record_bar.crumbs(request, self, record),
            crumb=_("Discontinue"),
            main_class="is-mid",
            back=self._after(request, record),
            is_held=hasattr(record, "discontinued"),
            **context,
        )
