"""The read-only page of a product: its panels in order, and the places of those that rooms above add
(spec: products 5)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import panels
from backoffice.console.columns import printed
from backoffice.console.facts import Texts
from backoffice.console.panels import Cell, Contents, Panel, table
from backoffice.console.site import site
from backoffice.html import clean
from backoffice.texts import content_locales
from catalog.products import approval
from catalog.products.admin.product_list import status_words
from catalog.products.models import Product, ProductImageSet, Variant
from catalog.urls.models import Url

GENERAL, PRICES, ATTRIBUTES, SEO, IMAGES, VARIANTS, GROUPS, CATEGORIES, USED_IN = range(10, 100, 10)
"""The places of the panels. Prices, and what uses the product, come from rooms above."""
SHOWN = 25
"""So many variants stand on the page; the rest is in their list."""


class ProductView:
    """For the screen of products."""

    def detail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return panels.show(request, self, pk)


def general(request: HttpRequest, record: Product) -> Contents:
    told = Product.objects.filter(pk=record.pk).with_facts().get()
    stores = record.stores.order_by("name").values_list("name", flat=True)
    facts = [(_("SKU"), record.sku), (_("Status"), status_words(told.is_live))]
    if approval.is_on():
        facts.append((_("Approval"), Product.Approval(record.approval).label))
    facts += [
        (_("Type"), _("Bundle") if told.is_bundle else _("Product")),
        (_("Stores"), ", ".join(stores)),
        (_("Tax set"), str(record.tax_set or "")),
        (_("Name"), Texts.of(record.name, {})),
        (_("Description"), Texts.of(cleaned(record.description), {})),
        (_("New from"), printed(record.new_from)),
        (_("New to"), printed(record.new_to)),
        (_("Colour code"), record.color_code),
    ]
    return {"facts": facts}


def cleaned(texts: dict[str, str]) -> dict[str, str]:
    """Descriptions as they may be shown: imported ones are kept as they are and cleaned on output (0.6)."""
    return {code: SafeString(clean(text)) for code, text in texts.items()}


def attributes(request: HttpRequest, record: Product | Variant) -> Contents:
    """The stored maps, values of a list joined; the default first, then each locale (5)."""
    if not record.attributes and not any(record.attributes_localized.values()):
        return table([], [])
    codes = [code for code in content_locales() if record.attributes_localized.get(code)]
    keys = sorted({*record.attributes, *(k for code in codes for k in record.attributes_localized[code])})
    maps = [record.attributes, *(record.attributes_localized[code] for code in codes)]
    rows = [[key, *(_joined(each.get(key)) for each in maps)] for key in keys]
    return table([_("Attribute"), _("Default"), *codes], rows)


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "")


def seo(request: HttpRequest, record: Product) -> Contents:
    paths = Url.objects.of("product", [record.pk]).values_list("locale", "path")
    return {
        "facts": [
            (_("Title"), Texts.of(record.meta_title, {})),
            (_("Keywords"), Texts.of(record.meta_keywords, {})),
            (_("Description"), Texts.of(record.meta_description, {})),
            (_("Address"), Texts.of(dict(paths), {})),
        ]
    }


def images(request: HttpRequest, record: Product) -> Contents:
    links = ProductImageSet.objects.filter(product=record).order_by("locale", "name")
    rows = [
        [link.name or _("without name"), link.locale or _("Default"), len(link.image_set.images.all())]
        for link in links.select_related("image_set").prefetch_related("image_set__images")
    ]
    return table([_("Image set"), _("Locale"), _("Pictures")], rows)


def variants(request: HttpRequest, record: Product) -> Contents:
    locale = request.user.content_locale
    found = list(record.variants.with_live().order_by("sku")[: SHOWN + 1])
    screen = site._registry[Variant]
    rows = [
        [
            Cell(row.sku, screen.url("view", pk=row.pk)),
            row.name_in(locale),
            Cell(status_words(row.is_live), badge="is-ok" if row.is_live else ""),
            _("Yes") if row.is_bundle else _("No"),
            printed(row.valid_from),
            printed(row.valid_to),
        ]
        for row in found[:SHOWN]
    ]
    headings = [_("SKU"), _("Name"), _("Status"), _("Bundle"), _("Valid from"), _("Valid to")]
    more = {}
    if len(found) > SHOWN:
        more = {"more": _("All variants"), "more_url": f"{screen.list_url}?product={record.sku}"}
    return table(headings, rows, **more)


def groups(request: HttpRequest, record: Product) -> Contents:
    keys = record.group_links.order_by("group__key").values_list("group__key", "position")
    return table([_("Product group"), _("Position")], list(keys))


def categories(request: HttpRequest, record: Product) -> Contents:
    links = record.category_links.select_related("category").order_by("category__path")
    locale = request.user.content_locale
    rows = [
        [
            Cell(
                f"#{link.category_id}: {link.category.name_in(locale)}",
                reverse("admin:categories_category_view", kwargs={"pk": link.category_id}),
            ),
            link.category.key,
            link.product_order,
        ]
        for link in links
    ]
    return table([_("Category"), _("Key"), _("Order")], rows)


def used_in(request: HttpRequest, record: Product) -> Contents:
    """The variants it stands in for (15.3), and the bundles that hold one of its variants."""
    screen = site._registry[Variant]
    replaced = Variant.objects.filter(alternatives__alternative_product=record)
    bundles = Variant.objects.filter(components__item__product=record)
    rows = [
        [Cell(row.sku, screen.url("view", pk=row.pk)), what]
        for found, what in ((replaced, _("replacement for it")), (bundles, _("bundle")))
        for row in found.only("sku").order_by("sku").distinct()[:SHOWN]
    ]
    return table([_("Variant"), _("Use")], rows) if rows else None


panels.add(
    Product,
    Panel("general", gettext_lazy("General"), GENERAL, general),
    Panel("attributes", gettext_lazy("Attributes"), ATTRIBUTES, attributes, "console/panel_table.html"),
    Panel("seo", gettext_lazy("SEO and addresses"), SEO, seo),
    Panel("images", gettext_lazy("Image sets"), IMAGES, images, "console/panel_table.html"),
    Panel("variants", gettext_lazy("Variants"), VARIANTS, variants, "console/panel_table.html"),
    Panel("groups", gettext_lazy("Product groups"), GROUPS, groups, "console/panel_table.html"),
    Panel("categories", gettext_lazy("Categories"), CATEGORIES, categories, "console/panel_table.html"),
    Panel("used_in", gettext_lazy("Used in"), USED_IN, used_in, "console/panel_table.html"),
)
