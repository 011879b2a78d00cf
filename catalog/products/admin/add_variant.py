"""The page that adds a variant to a product (spec: products 8)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import editing, record_bar, tabs
from backoffice.console.forms import ScreenForm, Tab
from backoffice.console.screens import Action, Screen, ScreenAdmin
from backoffice.history.recording import Recorder, Snapshot
from catalog.products import composing, creating, matrix
from catalog.products.add_forms import AddVariantForm, for_product
from catalog.products.bundle_tab import BUNDLE
from catalog.products.models import Product, Variant
from catalog.products.pictures import VARIANT_MEDIA

SCREENS = (Screen("<int:pk>/variants/add/", "add_variant_view", "add_variant", "add"),)

SKU = "_sku"
"""Posted by scripts, which want the SKU that would be generated; nothing is saved."""


class AddVariantTab(Tab):
    template = "products/add_variant_tab.html"


class AddVariant(ScreenAdmin):
    """The form for one more variant of ``product``; made for one request, not registered."""

    form_template = "products/form.html"
    rights_model = Product
    can_add = True

    def __init__(self, products: ScreenAdmin, product: Product, name: str) -> None:
        super().__init__(Variant, products.admin_site)
        self.products, self.product, self.tab_label = products, product, name

    def frame(self, request: HttpRequest, **context: Any) -> dict[str, Any]:
        """The page belongs to the screen of products."""
        return self.products.frame(request, **context)

    @property
    def list_url(self) -> str:
        return self.products.url("view", pk=self.product.pk)

    def add_crumbs(self, request: HttpRequest, list_url: str) -> list[tuple[str, str]]:
        return record_bar.crumbs(request, self.products, self.product)

    def add_title(self, request: HttpRequest) -> str:
        return _("Add a variant to %(name)s") % {"name": self.tab_label}

    def form_class(self, request: HttpRequest, record: Any) -> type[ScreenForm]:
        return for_product(self.product)

    def form_tabs(self, request: HttpRequest, record: Any) -> list[Tab]:
        names = ("name", "description", "is_searchable", "is_quantity_splittable", "gtin")
        supers = tuple(f"super.{pk}" for pk in self._super_ids)
        fields = ("sku", "generate_sku", *supers, *names, "valid_from", "valid_to")
        general = AddVariantTab("general", gettext_lazy("General"), fields=fields)
        return [
            tab
            for tab in [general, VARIANT_MEDIA, BUNDLE, *tabs.contributed(Variant)]
            if tab.is_shown(request, None)
        ]

    @property
    def _super_ids(self) -> list[int]:
        keys = matrix.keys_of_family(self.product.pk)
        return [attribute.pk for attribute in matrix.super_attributes(keys)]

    def title_of(self, request: HttpRequest, record: Variant) -> str:
        return record.sku

    def state(self, record: Variant) -> Snapshot:
        """The components are part of what history holds of a variant."""
        return composing.recorded(record)

    def save(self, request: HttpRequest, form: AddVariantForm, recorder: Recorder) -> Variant:
        variant = form.save(commit=False)
        creating.store_variant(variant)
        if form.plain_sku and form.plain_sku != variant.sku:
            text = _("%(plain)s was taken, so the variant got the SKU %(sku)s.")
            messages.warning(request, text % {"plain": form.plain_sku, "sku": variant.sku})
        return variant

    def after_add(self, request: HttpRequest, record: Variant) -> str:
        return self.url("change" if self.may(request, "change") else "view", pk=record.pk)


class AddVariantScreen:
    """What the screen of products has to add a variant to one."""

    def record_actions(self, request: HttpRequest, record: Product) -> list[Action]:
        found = super().record_actions(request, record)
        if self.has_add_permission(request) and matrix.keys_of_family(record.pk):
            found.append(Action(_("Add variant"), self.url("add_variant", pk=record.pk), "plus"))
        return found

    def add_variant_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        product = self.record_or_404(request, pk, "add")
        if not matrix.keys_of_family(product.pk):
            text = _(
                "%(name)s has no super attributes, so it has one variant. Create another product instead."
            )
            messages.error(request, text % {"name": self.title_of(request, product)})
            return redirect(self.url("view", pk=pk))
        if SKU in request.POST:
            form = for_product(product)(request.POST, request=request)
            return JsonResponse({"sku": form.foreseen_sku()})
        return editing.add(request, AddVariant(self, product, self.title_of(request, product)))
