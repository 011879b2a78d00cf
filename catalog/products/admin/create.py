"""The wizard that makes a product with its variants, or a bundle (spec: products 3, 12.2)."""

from typing import Any

from django.contrib import messages
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.console import editing, tabs
from backoffice.console.form_page import FormPage
from backoffice.console.forms import BoundTab, ScreenForm, Tab
from backoffice.console.screens import Action, Screen
from backoffice.history.recording import Recorder, Snapshot, snapshot
from catalog.products import creating, linking
from catalog.products.forms import (
    ProductForm,
    general_tab,
    in_order,
    in_scope,
    prices_tab,
    seo_tab,
    warnings,
)
from catalog.products.grid import VariantGrid
from catalog.products.models import Product
from catalog.products.pictures import PRODUCT_MEDIA

SCREENS = (Screen("categories/", "categories_view", "categories", "view"),)
BUNDLE = "bundle"
"""``?bundle=1`` makes a product without variants, to which components are assigned."""
SHOW = "_show"
"""The button that shows the variants and saves nothing."""
PART = "_part"
"""Posted with :data:`SHOW` by scripts, which want the grid alone."""
HITS = 10


def is_bundle(request: HttpRequest) -> bool:
    return bool(request.GET.get(BUNDLE))


class CreateForm(ProductForm):
    """The product form with the variants that are to be made."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.grid = VariantGrid(
            self.data if self.is_bound else None,
            locale=self.request.user.content_locale,
            is_bundle=is_bundle(self.request),
        )

    def full_clean(self) -> None:
        """Who only wants to see the variants is told of no other fault yet."""
        if self.is_bound and SHOW in self.data:
            self._errors, self.cleaned_data = ErrorDict(renderer=self.renderer), {}
            return
        if self.is_bound:
            self.grid.lock()
        super().full_clean()


class BoundVariants(BoundTab):
    """The chosen super attributes and the grid of their combinations."""

    form: CreateForm

    @property
    def grid(self) -> VariantGrid:
        return self.form.grid

    @property
    def is_bundle(self) -> bool:
        return self.grid.is_bundle

    def is_valid(self) -> bool:
        return self.grid.is_valid()

    def has_changed(self) -> bool:
        return bool(self.grid.used)

    @property
    def problems(self) -> list[tuple[str, str]]:
        return self.grid.problems


class VariantsTab(Tab):
    template = "products/variants_tab.html"

    def bind(self, request: HttpRequest, record: Any, form: ScreenForm) -> BoundTab:
        return BoundVariants(self, request, record, form)


class CreateScreens:
    """What the screen of products has to create one. Rooms above contribute tabs (``console.tabs``)."""

    can_add = True
    form_template = "products/form.html"

    def form_class(self, request: HttpRequest, record: Any) -> type[ScreenForm]:
        return CreateForm if record is None else super().form_class(request, record)

    def form_tabs(self, request: HttpRequest, record: Any) -> list[Tab]:
        if record is not None:
            return super().form_tabs(request, record)
        own = [
            general_tab(),
            prices_tab(),
            VariantsTab("variants", gettext_lazy("Variants")),
            seo_tab(),
            PRODUCT_MEDIA,
        ]
        return in_order([tab for tab in [*own, *tabs.contributed(Product)] if tab.is_shown(request, None)])

    def add_title(self, request: HttpRequest) -> str:
        return _("Create bundle") if is_bundle(request) else super().add_title(request)

    def list_actions(self, request: HttpRequest) -> list[Action]:
        found = super().list_actions(request)
        if self.has_add_permission(request):
            url = self.url("add") + f"?{BUNDLE}=1"
            found.insert(len(found) - 1, Action(_("Create bundle"), url, "layers"))
        return found

    def quick_actions(self, request: HttpRequest) -> list[Action]:
        """Create and import; what else the list offers is asked for there."""
        offered = (reverse("admin:transfer_job_upload"), self.url("add"))
        return [action for action in self.list_actions(request) if action.url.partition("?")[0] in offered]

    def add_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or SHOW not in request.POST:
            return editing.add(request, self)
        page = FormPage(request, self, None, data=request.POST)
        if PART in request.POST:
            grid = page.form.grid
            return render(request, "products/variants_grid.html", {"grid": grid, "is_shown": True})
        return page.response(self.add_title(request))

    def save(self, request: HttpRequest, form: ProductForm, recorder: Recorder) -> Product:
        if form.instance.pk:
            return super().save(request, form, recorder)
        cleaned = form.cleaned_data
        product = form.save(commit=False)
        creating.create(
            product,
            form.grid.variants(),
            stores=[store.pk for store in cleaned["stores"]],
            categories=form.wanted_categories(),
            paths=cleaned["paths"],
            recorder=recorder,
        )
        tell_numbered(request, form.grid)
        for sentence in warnings(form):
            messages.warning(request, sentence)
        return product

    def state(self, record: Product) -> Snapshot:
        """The categories are part of what history holds of a product."""
        links = list(record.category_links.select_related("category"))
        if not links:
            return snapshot(record)
        orders = {link.category_id: link.product_order for link in links}
        keys = {link.category_id: link.category.key for link in links}
        return snapshot(record, {linking.CATEGORIES: linking.categories_state(orders, keys)})

    def after_add(self, request: HttpRequest, record: Product) -> str:
        """The page of the product, where prices and pictures follow (3); of a bundle that of its variant, where the
        components do (12.2)."""
        if is_bundle(request) and self.may(request, "change"):
            messages.info(request, _("Choose its components: it is a bundle as soon as it has one."))
            [variant] = record.variants.all()
            return reverse("admin:products_variant_change", args=[variant.pk]) + "#bundle"
        return self.url("change", pk=record.pk) if self.may(request, "change") else ""

    def categories_view(self, request: HttpRequest) -> HttpResponse:
        """Categories whose key or name contains ``?q=``, for the box that assigns them."""
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET"])
        words = request.GET.get("q", "").replace("\x00", "")[:200]
        allowed = in_scope(request.user, "add") | in_scope(request.user, "change")
        found = allowed.named_like(words).with_name(request.user.content_locale)
        return JsonResponse(
            {"hits": [{"id": row.pk, "key": row.key, "name": row.shown_name} for row in found[:HITS]]}
        )


def tell_numbered(request: HttpRequest, grid: VariantGrid) -> None:
    """How many variants were made, and every one that could not have its plain SKU (10.4)."""
    if grid.rows:
        made, left = len(grid.made), grid.skipped_count
        words = ngettext("%(n)s variant was created", "%(n)s variants were created", made) % {
            "n": f"{made:,}"
        }
        if left:
            words += ", " + _("%(n)s left out") % {"n": f"{left:,}"}
        if grid.numbered:
            words += "; " + _("renamed: %(skus)s") % {"skus": ", ".join(row.sku for row in grid.numbered)}
        messages.success(request, words + ".")
    if not grid.numbered:
        return
    listed = format_html_join(", ", "<b>{}</b> ({})", ((row.sku, row.label) for row in grid.numbered))
    text = ngettext(
        "One SKU was taken, so this variant got a number:",
        "Some SKUs were taken, so these variants got numbers:",
        len(grid.numbered),
    )
    messages.warning(request, format_html("{} {}", text, listed))
