"""The read-only page of a variant: its panels in order (spec: products 9.4)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import panels
from backoffice.console.columns import printed
from backoffice.console.facts import Texts
from backoffice.console.panels import Cell, Contents, Panel, table
from backoffice.console.site import site
from backoffice.texts import content_locales
from catalog.images import reading
from catalog.products import matrix
from catalog.products.admin import composition
from catalog.products.admin.alternatives_tab import lines_of
from catalog.products.admin.product_view import attributes, cleaned, status_cell, uses
from catalog.products.admin.variant_list import switch_words
from catalog.products.models import Discontinued, Product, Variant
from catalog.products.pictures import PRODUCT_IMAGES, VARIANT_IMAGES
from catalog.products.super_values import told_apart

GENERAL, STOCK, ATTRIBUTES, IMAGES, BARCODE, COMPONENTS, ALTERNATIVES, USED_IN = range(10, 90, 10)
"""The places of the panels. Prices, stock, barcode and further uses come from rooms above."""


class VariantView:
    """For the screen of variants."""

    def detail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return panels.show(request, self, pk)


def general(request: HttpRequest, record: Variant) -> Contents:
    told = Variant.objects.filter(pk=record.pk).with_live().get()
    product = site._registry[Product].url("view", pk=record.product_id)
    name = record.product.name_in(request.user.content_locale)
    shown = [code for code in content_locales() if record.is_searchable.get(code)]
    facts: list[tuple[Any, Any]] = [
        (_("SKU"), record.sku),
        (_("Product"), format_html('<a href="{}">{}</a> {}', product, name, record.product.sku)),
        (_("Status"), switch_words(told)),
        *(
            (key, record.attributes[key])
            for key in matrix.keys_of_family(record.product_id)
            if key in record.attributes
        ),
        (_("Name"), Texts.of(record.name, {})),
        (_("Description"), Texts.of(cleaned(record.description), {}))
        if record.description
        else (_("Description, from the product"), Texts.of(cleaned(record.product.description), {})),
        (_("Searchable"), ", ".join(shown)),
        (_("Quantity splittable"), record.is_quantity_splittable),
        (_("GTIN"), record.gtin),
        (_("Valid from"), printed(record.valid_from)),
        (_("Valid to"), printed(record.valid_to)),
    ]
    held = Discontinued.objects.filter(variant=record).first()
    if held:
        facts += [
            (_("Discontinued, active until"), printed(held.active_until)),
            (_("Note"), Texts.of(held.note, {})),
        ]
    return {"facts": facts}


def images(request: HttpRequest, record: Variant) -> Contents:
    """Its own sets, else those of the product, marked as such (17.3)."""
    own = reading.sets_of(VARIANT_IMAGES, [record.pk]).get(record.pk)
    if own:
        return {"sets": own}
    return {
        "sets": reading.sets_of(PRODUCT_IMAGES, [record.product_id]).get(record.product_id, []),
        "are_inherited": True,
    }


def alternatives(request: HttpRequest, record: Variant) -> Contents:
    lines = [
        [
            Cell(line.target.sku, line.url),
            told_apart(line.name, line.super_values),
            line.categories,
            line.kind,
            status_cell(line.is_live),
        ]
        for line in lines_of(record, request.user.content_locale)
    ]
    return table([_("SKU"), _("Name"), _("Categories"), _("Kind"), _("Status")], lines) if lines else None


def used_in(request: HttpRequest, record: Variant) -> Contents:
    """The variants it stands in for (15.3), and the bundles that hold it."""
    return uses(
        request,
        (Variant.objects.filter(alternatives__alternative_variant=record), _("replacement for")),
        (Variant.objects.filter(components__item=record), _("component of")),
    )


TABLE = "console/panel_table.html"
panels.add(
    Variant,
    Panel("general", gettext_lazy("General"), GENERAL, general),
    Panel("attributes", gettext_lazy("Attributes"), ATTRIBUTES, attributes, TABLE),
    Panel("images", gettext_lazy("Image sets"), IMAGES, images, "products/panel_images.html"),
    Panel("components", gettext_lazy("Components"), COMPONENTS, composition.of_variant, TABLE),
    Panel("alternatives", gettext_lazy("Alternatives"), ALTERNATIVES, alternatives, TABLE),
    Panel("used_in", gettext_lazy("Used in"), USED_IN, used_in, TABLE),
)
