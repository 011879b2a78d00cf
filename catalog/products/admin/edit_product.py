"""The page that edits a product: all its tabs in one form, saved together (spec: products 4)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import tabs
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.screens import Action
from backoffice.history.recording import Recorder
from backoffice.reactions import report
from catalog.products import addressing, facts, linking
from catalog.products.admin.side_cards import edit_general_tab
from catalog.products.admin.variants_table import VariantsTableTab
from catalog.products.attributes_tab import ATTRIBUTES
from catalog.products.edit_forms import EditForm, changed, seo_tab
from catalog.products.forms import in_order, prices_tab, warnings
from catalog.products.models import Product
from catalog.products.pictures import PRODUCT_MEDIA

TEXTS = ("name", "description", "meta_title", "meta_keywords", "meta_description")


class EditScreen:
    """What the screen of products has to edit one. Rooms above contribute tabs (``console.tabs``)."""

    def form_class(self, request: HttpRequest, record: Any) -> type[ScreenForm]:
        return EditForm

    def form_tabs(self, request: HttpRequest, record: Any) -> list[Tab]:
        own = [
            edit_general_tab(),
            prices_tab(),
            VariantsTableTab("variants", gettext_lazy("Variants")),
            ATTRIBUTES,
            seo_tab(),
            PRODUCT_MEDIA,
        ]
        found = [*own, *tabs.contributed(Product)]
        return in_order([tab for tab in found if tab.is_shown(request, record)])

    def record_actions(self, request: HttpRequest, record: Product) -> list[Action]:
        found = super().record_actions(request, record)
        if self.has_add_permission(request):
            found.insert(0, Action(_("Create product"), self.url("add"), "plus"))
        return found

    def save(self, request: HttpRequest, form: EditForm, recorder: Recorder) -> Product:
        product = form.save()
        linking.set_stores(
            {product.pk: [store.pk for store in form.cleaned_data["stores"]]}, recorder=recorder
        )
        # The state of this screen holds the categories, so its own entry tells of them.
        linking.assign_categories(
            {product.pk: dict.fromkeys(form.wanted_categories())}, recorder=Recorder(), replace=True
        )
        self._follow_names(request, form, product, recorder)
        for fact, names in ((facts.TEXTS, TEXTS), (facts.TAX_SET, ("tax_set",))):
            if changed(form, *names):
                report(fact, [product.pk])
        for sentence in warnings(form):
            messages.warning(request, sentence)
        return product

    def _follow_names(
        self, request: HttpRequest, form: EditForm, product: Product, recorder: Recorder
    ) -> None:
        """The addresses that were typed, and those that follow from the names (18)."""
        done = addressing.follow([product.pk], recorder, {product.pk: form.typed_paths()})
        for refusal in done.refused:
            messages.error(request, refusal.message)
        for note in done.notes:
            messages.info(request, note)
