"""The moves of approval on rows and pages of products, and the page that turns approval on (spec: products 16)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console import editing
from backoffice.console.paging import Count
from backoffice.console.screens import Action, Refused, Screen
from backoffice.history.recording import recording
from catalog.products import approval
from catalog.products.forms import needs_category
from catalog.products.models import Product

PAGES = {"approved": "approve", "denied": "deny", "waiting_for_approval": "submit", "draft": "draft"}
SCREENS = (
    *(Screen(f"<int:pk>/{name}/", f"{name}_view", name, "approve") for name in PAGES.values()),
    Screen("approval/", "approval_view", "approval", "approve"),
)


class ApprovalPages:
    """For the screen of products. Row and head offer the same moves, also for a product without a state (16.3)."""

    def approval_actions(self, record: Product, tail: str = "", *, only_short: bool = False) -> list[Action]:
        return [
            Action(move.label, self.url(PAGES[move.to], pk=record.pk) + tail, move.icon, post=True)
            for move in approval.moves(record)
            if move.is_short or not only_short
        ]

    def record_actions(self, request: HttpRequest, record: Product) -> list[Action]:
        found = super().record_actions(request, record)
        if approval.is_on() and self.may(request, "approve"):
            found = [*found, *self.approval_actions(record)]
        return found

    def list_actions(self, request: HttpRequest) -> list[Action]:
        found = super().list_actions(request)
        if self.may(request, "approve") and not needs_category(request.user, "approve"):
            found.insert(0, Action(_("Approval"), self.url("approval"), "shield-check"))
        return found

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._moved(request, pk, Product.Approval.APPROVED)

    def deny_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._moved(request, pk, Product.Approval.DENIED)

    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._moved(request, pk, Product.Approval.WAITING)

    def draft_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._moved(request, pk, Product.Approval.DRAFT)

    def _moved(self, request: HttpRequest, pk: int, to: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        record = self.record_or_404(request, pk, "approve")
        listed = request.GET.get("list")
        back = f"{self.list_url}?{listed}#row-{pk}" if listed is not None else self.url("view", pk=pk)
        if not approval.is_on():
            messages.error(request, _("Approval is not turned on."))
            return redirect(back)
        with recording("action", screen=self.name) as recorder:
            done = approval.move([pk], to, recorder=recorder)
        state = str(Product.Approval(to).label)
        if done.refused:
            messages.error(request, f"{record.sku}: {done.refused[pk]}")
        elif done.unchanged:
            messages.info(request, _("%(sku)s is “%(state)s” already.") % {"sku": record.sku, "state": state})
        else:
            link = format_html('<a href="{}">{}</a>', self.url("view", pk=pk), record.sku)
            sentence = format_html(_("{} is “{}”."), link, state)
            messages.success(request, editing.undoable(sentence, recorder))
        return redirect(back)

    def approval_view(self, request: HttpRequest) -> HttpResponse:
        """What turning approval on or off means, and the button that does it (16.4). It holds for all products, so
        it is refused to people who are limited to some of them."""
        if request.method not in {"POST", "GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        if needs_category(request.user, "approve"):
            raise Refused(self.right("approve"))
        if request.method == "POST":
            return self._switched(request)
        is_on = approval.is_on()
        context: dict[str, Any] = {"is_on": is_on}
        if not is_on:
            context["hidden"] = Count.of(approval.hidden_by_it())
        crumbs = [(capfirst(str(self.tab_label)), self.list_url)]
        return self.page(
            request,
            "products/approval.html",
            title=_("Approval"),
            crumbs=crumbs,
            main_class="is-mid",
            **context,
        )

    def _switched(self, request: HttpRequest) -> HttpResponse:
        on = request.POST.get("on") == "1"
        approved = 0
        with recording("action", screen=self.name, note=request.POST.get("_note", "")) as recorder:
            if on and request.POST.get("approve") == "1":
                ids = list(approval.hidden_by_it().order_by().values_list("pk", flat=True))
                approved = len(approval.move(ids, Product.Approval.APPROVED, recorder=recorder).changed)
            changed = approval.switch(on, recorder=recorder)
        if not changed:
            messages.info(request, _("Nothing changed."))
        elif not on:
            messages.success(request, _("Approval is off: products need none to be visible."))
        elif approved:
            text = _("Approval is on. %(n)s products were approved.")
            messages.success(request, text % {"n": f"{approved:,}"})
        else:
            messages.success(request, _("Approval is on: only approved products are visible."))
        return redirect(self.url("approval"))
