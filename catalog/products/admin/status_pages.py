"""Activate and Deactivate of one variant, beside the list and in the head of its pages (spec: products 9.2, 13.4)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _

from backoffice.console import editing, record_bar
from backoffice.console.form_page import record_head
from backoffice.console.screens import Action, Screen
from backoffice.history.recording import recording
from catalog.products import status
from catalog.products.models import Variant

SCREENS = (
    Screen("<int:pk>/activate/", "activate_view", "activate", "activate"),
    Screen("<int:pk>/deactivate/", "deactivate_view", "deactivate", "activate"),
)


class StatusPages:
    """For the screen of variants. Both are a POST; what takes something else down is confirmed first."""

    def status_action(self, row: Variant, tail: str = "") -> Action:
        """The button of a row: what it is not."""
        if row.is_active:
            return Action(_("Deactivate"), self.url("deactivate", pk=row.pk) + tail, "ban", post=True)
        return Action(_("Activate"), self.url("activate", pk=row.pk) + tail, "circle-check", post=True)

    def record_actions(self, request: HttpRequest, record: Variant) -> list[Action]:
        found = super().record_actions(request, record)
        return (
            [self.status_action(record, self.way_back(request)), *found]
            if self.may(request, "activate")
            else found
        )

    def way_back(self, request: HttpRequest) -> str:
        """What the address of a switch in the head says about the page it stands on."""
        return ""

    def activate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Switch on; whatever readiness says is a warning only (13.4)."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.record_or_404(request, pk, "activate")
        with recording("action", screen=self.name) as recorder:
            done = status.activate([pk], recorder=recorder)
        if done.refused:
            messages.error(request, f"{record.sku}: {done.refused[pk]}")
        elif done.unchanged:
            messages.info(request, _("%(sku)s is active already.") % {"sku": record.sku})
        else:
            sentence = format_html(_("{} was activated."), self._linked(record))
            messages.success(request, editing.undoable(sentence, recorder))
            for note in status.notes_on([pk]):
                messages.warning(request, note)
        return redirect(self._back(request, pk))

    def deactivate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Switch off; with the last live variant, addresses or bundles a page says first what goes down."""
        if request.method not in {"POST", "GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        record = self.record_or_404(request, pk, "activate")
        falls = status.what_goes_down([pk])
        if request.method != "POST" or (falls and "_sure" not in request.POST):
            return self._confirmation(request, record, falls)
        with recording("action", screen=self.name, note=request.POST.get("_note", "")) as recorder:
            done = status.deactivate([pk], recorder=recorder)
        if done.changed:
            sentence = format_html(_("{} was deactivated."), self._linked(record))
            messages.success(request, editing.undoable(sentence, recorder))
        else:
            messages.info(request, _("%(sku)s is off already.") % {"sku": record.sku})
        return redirect(self._back(request, pk))

    def _confirmation(self, request: HttpRequest, record: Variant, falls: list[status.Fall]) -> HttpResponse:
        return self.page(
            request,
            "products/deactivate.html",
            title=_("Deactivate %(name)s") % {"name": self.title_of(request, record)},
            crumbs=record_bar.crumbs(request, self, record),
            crumb=_("Deactivate"),
            main_class="is-mid",
            record=record,
            falls=falls,
            back=self._back(request, record.pk),
            head=record_head(request, self, record, "deactivate"),
        )

    def _linked(self, record: Variant) -> Any:
        return format_html('<a href="{}">{}</a>', self.url("view", pk=record.pk), record.sku)

    def _back(self, request: HttpRequest, pk: int) -> str:
        """The list one came from, else the page of the record."""
        listed = request.GET.get("list")
        return f"{self.list_url}?{listed}#row-{pk}" if listed is not None else self.url("view", pk=pk)
