"""The read-only page of a product: its panels in order, and the places of those that rooms above add
(spec: products 5)."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console import panels, rows
from backoffice.console.columns import printed
from backoffice.console.facts import Texts
from backoffice.console.panels import Cell, Contents, Panel, table
from backoffice.console.site import site
from backoffice.html import clean, plain_text
from backoffice.texts import content_locales
from catalog.images import reading
from catalog.products import approval, assigning
from catalog.products.admin import composition
from catalog.products.admin.product_list import status_words
from catalog.products.assigning import Maps, Value
from catalog.products.attribute_cells import Cell as AttributeCell
from catalog.products.attribute_cells import flat, inherit, path_of
from catalog.products.form_fields import swatch
from catalog.products.models import GroupMember, Product, ProductGroup, Variant
from catalog.products.narrowing import one_of
from catalog.products.pictures import PRODUCT_IMAGES, leading_pictures
from catalog.products.super_values import super_values, told_apart
from catalog.urls.models import Url

GENERAL, PRICES, ATTRIBUTES, SEO, IMAGES, VARIANTS, GROUPS, CATEGORIES, USED_IN = range(10, 100, 10)
"""The places of the panels. Prices, and what uses the product, come from rooms above."""
SHOWN = 25
"""So many variants stand on the page; the rest is in their list."""
GROUPED = 200
"""So many members of its groups stand on the page."""


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
        (_("Colour code"), coloured(record.color_code)),
    ]
    return {"facts": facts}


def coloured(code: str) -> SafeString | str:
    """A colour code with its swatch."""
    return format_html('<span class="bo-row">{} {}</span>', swatch(code), code) if code else ""


def cleaned(texts: dict[str, str]) -> dict[str, str]:
    """Descriptions as they may be shown: imported ones are kept as they are and cleaned on output (0.6)."""
    return {code: SafeString(clean(text)) for code, text in texts.items()}


def attributes(request: HttpRequest, record: Product | Variant) -> Contents:
    """The values that hold, the default first, then each locale; those that stand in from the default or from the
    product are grey and say so (5, 7.1, 7.3)."""
    maps = Maps.of(record)
    above = Maps.of(record.product) if isinstance(record, Variant) else None
    own = flat(maps)
    paths = [path.partition(".") for path in {**own, **(flat(above) if above else {})}]
    keys = sorted({key for _locale, _dot, key in paths})
    codes = [code for code in content_locales() if code in {locale for locale, _dot, _key in paths}]
    lines = [[key, *(_value(own, above, key, code) for code in ("", *codes))] for key in keys]
    return table([_("Attribute"), _("Default"), *codes], lines)


def _value(own: Mapping[str, Value], above: Maps | None, key: str, locale: str) -> Any:
    """What holds for a key in a locale, or by default; inherited values with their origin."""
    value = own.get(path_of(locale, key))
    if value is not None:
        return assigning.shown(value)
    cell = AttributeCell(name="", locale=locale, text="")
    inherit(cell, key, own, above)
    if not cell.source:
        return ""
    return format_html(
        '<span class="bo-muted">{} <i class="bo-xs">{}</i></span>', cell.inherited, cell.source
    )


def seo(request: HttpRequest, record: Product) -> Contents:
    paths = Url.objects.of("product", [record.pk]).values_list("locale", "path")
    return {
        "facts": [
            (_("Title"), Texts.of(record.meta_title, {})),
            (_("Keywords"), Texts.of(record.meta_keywords, {})),
            (
                _("Description"),
                Texts.of({code: plain_text(text) for code, text in record.meta_description.items()}, {}),
            ),
            (_("Address"), Texts.of(dict(paths), {})),
        ]
    }


def images(request: HttpRequest, record: Product) -> Contents:
    return {"sets": reading.sets_of(PRODUCT_IMAGES, [record.pk]).get(record.pk, [])}


def variants(request: HttpRequest, record: Product) -> Contents:
    locale = request.user.content_locale
    found = list(record.variants.with_live().order_by("sku")[: SHOWN + 1])
    screen = site._registry[Variant]
    apart = super_values([row.pk for row in found], locale)
    pictures = leading_pictures(found[:SHOWN], locale)
    lines = [
        [
            Cell(
                row.sku,
                screen.url("view", pk=row.pk),
                picture=pictures[row.pk] if any(pictures.values()) else None,
            ),
            told_apart(row.name_in(locale), apart.get(row.pk, "")),
            status_cell(row.is_live),
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
    return table(headings, lines, **more)


def groups(request: HttpRequest, record: Product) -> Contents:
    """All members of the groups it is in, as far as this user sees them (20)."""
    own = GroupMember.objects.filter(product=record).values("group")
    seen = rows.visible(Product.objects.all(), request.user, "view")
    links = GroupMember.objects.filter(group__in=own, product__in=seen).order_by(
        "group__key", "position", "pk"
    )
    found = list(links.select_related("group", "product")[: GROUPED + 1])
    live = set(
        Product.objects.filter(one_of({m.product_id for m in found})).active().values_list("pk", flat=True)
    )
    locale, screen, group_screen = (
        request.user.content_locale,
        site._registry[Product],
        site._registry[ProductGroup],
    )
    lines = [
        [
            Cell(f"#{each.group_id} {each.group.key}", group_screen.url("view", pk=each.group_id)),
            f"#{each.product_id}",
            Cell(each.product.name_in(locale), screen.url("view", pk=each.product_id)),
            each.product.sku,
            status_cell(each.product_id in live),
            _edit_cell(request, screen, each.product_id),
        ]
        for each in found[:GROUPED]
    ]
    headings = [_("Group"), _("Product ID"), _("Name"), _("SKU"), _("Status"), _("Edit")]
    return table(headings, lines)


def status_cell(is_live: bool) -> Cell:
    return Cell(status_words(is_live), badge="is-ok" if is_live else "")


def _edit_cell(request: HttpRequest, screen: Any, pk: int) -> Cell:
    return Cell(_("Edit"), screen.url("change", pk=pk)) if screen.has_change_permission(request) else Cell("")


def categories(request: HttpRequest, record: Product) -> Contents:
    links = record.category_links.select_related("category").order_by("category__path")
    page = "products" if site._registry[Product].may(request, "change") else "view"
    locale = request.user.content_locale
    lines = [
        [
            Cell(
                f"#{link.category_id}: {link.category.name_in(locale)}",
                reverse(f"admin:categories_category_{page}", kwargs={"pk": link.category_id}),
            ),
            link.category.key,
            link.product_order,
        ]
        for link in links
    ]
    return table([_("Category"), _("Key"), _("Order")], lines)


def used_in(request: HttpRequest, record: Product) -> Contents:
    """The variants it stands in for (15.3), and the bundles that hold one of its variants."""
    replaced = Variant.objects.filter(alternatives__alternative_product=record)
    bundles = Variant.objects.filter(components__item__product=record)
    return uses(request, (replaced, _("replacement for")), (bundles, _("component of")))


def uses(request: HttpRequest, *found: tuple[Any, str]) -> Contents:
    """A table of the variants that use a record, and how; nothing where none does."""
    screen, locale = site._registry[Variant], request.user.content_locale
    users = [
        (row, what)
        for variants_, what in found
        for row in rows.visible(variants_, request.user, "view")
        .only("sku", "name")
        .order_by("sku")
        .distinct()[:SHOWN]
    ]
    apart = super_values({row.pk for row, _what in users}, locale)
    lines = [
        [
            Cell(row.sku, screen.url("view", pk=row.pk)),
            told_apart(row.name_in(locale), apart.get(row.pk, "")),
            what,
        ]
        for row, what in users
    ]
    return table([_("Variant"), _("Name"), _("Use")], lines) if lines else None


panels.add(
    Product,
    Panel("general", gettext_lazy("General"), GENERAL, general),
    Panel("attributes", gettext_lazy("Attributes"), ATTRIBUTES, attributes, "console/panel_table.html"),
    Panel("seo", gettext_lazy("SEO and addresses"), SEO, seo),
    Panel("images", gettext_lazy("Image sets"), IMAGES, images, "products/panel_images.html"),
    Panel("variants", gettext_lazy("Variants"), VARIANTS, variants, "console/panel_table.html"),
    Panel(
        "components",
        gettext_lazy("Components"),
        VARIANTS + 5,
        composition.of_product,
        "console/panel_table.html",
    ),
    Panel("groups", gettext_lazy("Product groups"), GROUPS, groups, "console/panel_table.html"),
    Panel("categories", gettext_lazy("Categories"), CATEGORIES, categories, "console/panel_table.html"),
    Panel("used_in", gettext_lazy("Used in"), USED_IN, used_in, "console/panel_table.html"),
)
