"""The page that makes a second product like a first one (spec: products 28)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import record_bar
from backoffice.console.editing import undoable
from backoffice.console.form_page import record_head
from backoffice.console.screens import Action, Screen
from backoffice.fields import LocalizedFormField
from backoffice.history.recording import recording
from catalog.products import duplicating, skus
from catalog.products.models import Product, Variant
from catalog.products.models.products import SKU_LENGTH

PART = "part"
"""``?part=1&sku=…`` is asked by scripts, which want the SKUs of the copies alone."""
SCREENS = (Screen("<int:pk>/duplicate/", "duplicate_view", "duplicate", "add"),)


class DuplicateForm(forms.Form):
    sku = forms.CharField(
        label=gettext_lazy("SKU prefix"),
        max_length=SKU_LENGTH,
        help_text=gettext_lazy("Letters, digits, dot, dash and underscore. Fixed after creation."),
        error_messages={
            "required": gettext_lazy("Type a SKU."),
            "max_length": gettext_lazy("A SKU has at most 255 characters."),
        },
    )
    name = LocalizedFormField(label=gettext_lazy("Name"), max_length=255)
    with_images = forms.BooleanField(label=gettext_lazy("With pictures"), required=False, initial=True)

    def __init__(self, *args: Any, product: Product, **options: Any) -> None:
        self.product = product
        super().__init__(*args, **options)
        self.fields["name"].kept = {}

    def clean_sku(self) -> str:
        sku = self.cleaned_data["sku"]
        if not skus.is_well_formed(sku):
            raise forms.ValidationError(
                _("Use letters, digits, dot, dash and underscore only."), code="bad_key"
            )
        skus.lock([sku])
        holder = skus.product_holder(sku)
        if holder:
            raise forms.ValidationError(holder.sentence(sku), code="taken")
        return sku


class DuplicateScreen:
    """What the screen of products has to duplicate one."""

    def record_actions(self, request: HttpRequest, record: Product) -> list[Action]:
        found = super().record_actions(request, record)
        if self.has_add_permission(request):
            found.append(Action(_("Duplicate"), self.url("duplicate", pk=record.pk), "copy"))
        return found

    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method not in {"GET", "HEAD", "POST"}:
            return HttpResponseNotAllowed(["GET", "POST"])
        if PART in request.GET:
            product = self.record_or_404(request, pk, "add")
            plan = self._plan(product, request.GET.get("sku", "").strip())
            return render(request, "products/duplicate_plan.html", {"plan": plan})
        with recording("save", screen=self.name, note=request.POST.get("_note", "")) as recorder:
            product = self.record_or_404(request, pk, "add")
            form = self._duplicate_form(request, product)
            if request.method == "POST" and form.is_valid():
                cleaned = form.cleaned_data
                made = duplicating.duplicate(
                    product,
                    cleaned["sku"],
                    name=cleaned["name"],
                    with_images=cleaned["with_images"],
                    recorder=recorder,
                )
                recorder.added(made, self.state(made))
                url = self.url("change" if self.may(request, "change") else "view", pk=made.pk)
                link = format_html('<a href="{}">{}</a>', url, self.title_of(request, made))
                text = format_html(_("%(name)s was created.").replace("%(name)s", "{}"), link)
                messages.success(request, undoable(text, recorder))
                return redirect(url)
        return self._duplicate_page(request, product, form)

    def _duplicate_form(self, request: HttpRequest, product: Product) -> DuplicateForm:
        if request.method == "POST":
            return DuplicateForm(request.POST, product=product)
        proposed = {"sku": duplicating.proposed_sku(product), "name": product.name}
        return DuplicateForm(product=product, initial=proposed)

    def _plan(self, product: Product, sku: str) -> list[tuple[Variant, str]]:
        return duplicating.planned(product, sku) if skus.is_well_formed(sku) else []

    def _duplicate_page(self, request: HttpRequest, product: Product, form: DuplicateForm) -> HttpResponse:
        plan = self._plan(product, form["sku"].value() or "")
        return self.page(
            request,
            "products/duplicate.html",
            title=_("Duplicate %(name)s") % {"name": self.title_of(request, product)},
            crumbs=record_bar.crumbs(request, self, product),
            crumb=_("Duplicate"),
            main_class="is-form",
            record=product,
            form=form,
            plan=plan,
            media=Media(js=[Script("backoffice/previews.js", defer=True)]),
            head=record_head(request, self, product, "duplicate"),
        )
