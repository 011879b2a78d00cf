"""The page on which the attributes of a product or of a variant are managed (spec: attributes 4, products 11)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import editing
from backoffice.console.form_page import FormPage
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.history.recording import Recorder
from catalog.products.attributes_tab import ATTRIBUTES

SCREENS = (Screen("<int:pk>/attributes/", "attributes_view", "attributes", "change"),)
PART = "part"
"""``?part=1`` is asked by scripts, which want the grid alone."""


class AttributesPage(ScreenAdmin):
    """A form of ``owner``'s records that holds their attributes only; made for one request, not registered."""

    change_page = "attributes"
    change_label = gettext_lazy("Attributes")
    can_add = can_delete = False
    form = ScreenForm
    tabs = (ATTRIBUTES,)

    def __init__(self, owner: ScreenAdmin) -> None:
        super().__init__(owner.model, owner.admin_site)
        self.owner, self.rights_model, self.tab_label = owner, owner.rights_model, owner.tab_label

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        """The page belongs to the owner's screen."""
        return self.owner.frame(request, **context)

    def form_tabs(self, request: HttpRequest, record: Any) -> list[Tab]:
        return list(self.tabs)

    def title_of(self, request: HttpRequest, record: Any) -> str:
        return self.owner.title_of(request, record)

    def key_of(self, record: Any) -> str:
        return self.owner.key_of(record)

    def record_badges(self, request: HttpRequest, record: Any) -> list[tuple[Any, str]]:
        return self.owner.record_badges(request, record)

    def record_pages(self, request: HttpRequest, record: Any) -> list[tuple[Any, str]]:
        return self.owner.record_pages(request, record)

    def record_actions(self, request: HttpRequest, record: Any) -> list[Action]:
        return self.owner.record_actions(request, record)

    def save(self, request: HttpRequest, form: ScreenForm, recorder: Recorder) -> Any:
        """Nothing of its own; the grid writes what was typed."""
        return form.instance


class AttributesScreen:
    """What the screens of products and of variants have to manage attributes."""

    def record_pages(self, request: HttpRequest, record: Any) -> list[tuple[Any, str]]:
        found = super().record_pages(request, record)
        if self.may(request, "change"):
            found = [(_("Attributes"), self.url("attributes", pk=record.pk)), *found]
        return found

    def attributes_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        page = AttributesPage(self)
        if request.method == "POST" and request.GET.get(PART):
            record = page.record_or_404(request, pk, "change")
            [grid] = FormPage(request, page, record, data=request.POST).tabs
            return render(request, grid.template, {"tab": grid, "is_part": True})
        return editing.change(request, page, pk)
