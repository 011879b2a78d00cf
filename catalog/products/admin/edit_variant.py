"""The page that edits a variant: all its tabs in one form, saved together (spec: products 9)."""

from typing import Any
from urllib.parse import urlencode

from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import tabs
from backoffice.console.forms import BoundTab, ScreenForm, Tab
from backoffice.console.screens import Action, Screen
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.products import facts, status
from catalog.products.admin import alternatives_tab, discontinue
from catalog.products.admin.alternatives_tab import AlternativesTab
from catalog.products.admin.discontinue import DiscontinueTab
from catalog.products.bundle_tab import BUNDLE
from catalog.products.edit_forms import changed
from catalog.products.edit_variant_forms import EditVariantForm
from catalog.products.models import Product, Variant
from catalog.products.pictures import VARIANT_MEDIA

SCREENS: tuple[Screen, ...] = (*discontinue.SCREENS, *alternatives_tab.SCREENS)
ORDER = ("general", "prices", "stock", "media", "bundle", "discontinue", "alternatives")
FORM = "form"
"""What the address of a switch says when it stands on the page that edits."""
GENERAL = ("name", "description", "is_searchable", "is_quantity_splittable", "gtin", "valid_from", "valid_to")


class GeneralTab(Tab):
    """SKU and super values to read, the rest to type."""

    template = "products/variant_general_tab.html"

    def bind(self, request: HttpRequest, record: Any, form: ScreenForm) -> BoundTab:
        return BoundGeneral(self, request, record, form)


class BoundGeneral(BoundTab):
    media = Media(js=[Script("backoffice/part.js", defer=True)])


def in_order(found: list[Tab]) -> list[Tab]:
    """Own and contributed tabs in the order of the spec; of two with one key the later one is shown (9.1)."""
    places = {key: place for place, key in enumerate(ORDER)}
    by_key = {tab.key: tab for tab in found}
    return sorted(by_key.values(), key=lambda tab: places.get(tab.key, len(ORDER)))


class EditVariant(discontinue.DiscontinuePages, alternatives_tab.SuggestAlternatives):
    """What the screen of variants has to edit one. Rooms above contribute tabs (``console.tabs``)."""

    form_template = "products/variant_form.html"

    def form_class(self, request: HttpRequest, record: Any) -> type[ScreenForm]:
        return EditVariantForm

    def form_tabs(self, request: HttpRequest, record: Any) -> list[Tab]:
        own = [
            GeneralTab("general", gettext_lazy("General"), fields=GENERAL),
            VARIANT_MEDIA,
            BUNDLE,
            DiscontinueTab("discontinue", gettext_lazy("Discontinue"), fields=("active_until", "note")),
            AlternativesTab("alternatives", gettext_lazy("Alternatives")),
        ]
        found = [*own, *tabs.contributed(Variant)]
        return in_order([tab for tab in found if tab.is_shown(request, record)])

    def record_actions(self, request: HttpRequest, record: Variant) -> list[Action]:
        found = super().record_actions(request, record)
        return [*found, Action(_("Product"), self.product_url(request, record), "shopping-bag")]

    def product_url(self, request: HttpRequest, record: Variant) -> str:
        page = "change" if self.may(request, "change") else "view"
        return site._registry[Product].url(page, pk=record.product_id)

    def save(self, request: HttpRequest, form: EditVariantForm, recorder: Recorder) -> Variant:
        variant = form.save()
        form.save_phase_out(recorder)
        if changed(form, "name", "description", "is_searchable"):
            report(facts.TEXTS, [variant.product_id])
        if changed(form, "valid_from", "valid_to"):
            report(facts.STATUS, {variant.pk, *status.bundles_with([variant.pk])})
        return variant

    def _back(self, request: HttpRequest, pk: int) -> str:
        """A switch in the table of a product's form leads back to it, one in the head of the own form to that."""
        asked = request.GET.get("of")
        if asked == FORM and self.may(request, "change"):
            return self.url("change", pk=pk) + _list_state(request)
        if asked != "product":
            return super()._back(request, pk)
        record = self.record_or_404(request, pk)
        return self.product_url(request, record) + "#variants"

    def way_back(self, request: HttpRequest) -> str:
        match = request.resolver_match
        if match is None or not str(match.url_name).endswith("_change"):
            return super().way_back(request)
        return _list_state(request, of=FORM)


def _list_state(request: HttpRequest, **more: str) -> str:
    """The query that leads a page on to the list one came from."""
    state = {"list": request.GET["list"]} if request.GET.get("list") else {}
    return "?" + urlencode(more | state) if more or state else ""
