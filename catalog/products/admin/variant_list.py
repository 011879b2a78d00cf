"""The list of all variants, a sister of the products' one (spec: products 4.3)."""

from collections.abc import Callable, Collection
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.filters import Choice, DateRange, Words, YesNo
from backoffice.console.lists import Column, printed
from backoffice.console.screens import Action
from catalog.products import attribute_use, finding
from catalog.products.admin.product_bulk import VARIANT_BULK
from catalog.products.admin.product_list import STATUSES, status_words
from catalog.products.models import BundleItem, Discontinued, Variant
from catalog.products.narrowing import having, lacking, one_of
from catalog.products.pictures import pictured, show_pictures
from catalog.products.super_values import super_values, told_apart
from catalog.stores.filters import NAME_MISSING

SHOWN = (
    *("sku", "name", "is_active", "gtin", "valid_from", "valid_to", "version", "created_at", "updated_at"),
    *("product_id", "product__sku"),
)
ENDS = ((finding.WEEK, gettext_lazy("within 7 days")), (finding.MONTH, gettext_lazy("within 30 days")))


def of_product(rows: QuerySet[Variant], sku: str) -> QuerySet[Variant]:
    return rows.filter(product__sku=sku)


def bundles(rows: QuerySet[Variant], yes: bool) -> QuerySet[Variant]:
    links = [BundleItem.objects.all()]
    return rows.filter(having(links, owner="bundle") if yes else lacking(links, owner="bundle"))


def discontinued(rows: QuerySet[Variant], yes: bool) -> QuerySet[Variant]:
    links = [Discontinued.objects.all()]
    return rows.filter(having(links, owner="variant") if yes else lacking(links, owner="variant"))


def switched(rows: QuerySet[Variant], states: Collection[str]) -> QuerySet[Variant]:
    return finding.of_liveness(rows, states)


def switch_words(row: Variant) -> str:
    """Live, switched off, or switched on and not live for another reason (13.2)."""
    if row.is_live:
        return status_words(True)
    return _("Active, not live") if row.is_active else status_words(False)


def status_badges(row: Variant) -> SafeString:
    """Whether it is live, and that it is phased out (14)."""
    css = "is-ok" if row.is_live else "is-warn" if row.is_active else ""
    badge = format_html('<span class="bo-badge is-dot {}">{}</span>', css, switch_words(row))
    if not row.active_until:
        return badge
    until = _("until %(day)s") % {"day": printed(row.active_until)}
    return format_html(
        '{} <span class="bo-badge is-dot is-warn" title="{}">{}</span>', badge, until, _("Discontinued")
    )


def shown_name(row: Variant) -> SafeString:
    """The name with the super values, beside the picture."""
    return pictured(row, told_apart(row.shown_name, row.super_values))


def validity(row: Variant) -> Any:
    """The window as far as there is one."""
    first, last = printed(row.valid_from), printed(row.valid_to)
    if row.valid_from and row.valid_to:
        return format_html(_("{} to {}"), first, last)
    if row.valid_from or row.valid_to:
        return format_html(_("from {}"), first) if row.valid_from else format_html(_("to {}"), last)
    return ""


def gtin(row: Variant) -> Any:
    return format_html('<span class="bo-nowrap">{}</span>', row.gtin) if row.gtin else ""


ID = Column("id", gettext_lazy("ID"), sort="pk", num=True, priority=3)
NAME = Column("shown_name", gettext_lazy("Name"), value=shown_name, link=True, sort="sort_name")
SKU = Column("sku", sort="sku", mono=True)
STATUS = Column("status", gettext_lazy("Status"), value=status_badges)
BUNDLE = Column("is_bundle", gettext_lazy("Bundle"), priority=2)


class VariantList:
    """Columns, filters, search and row actions of the screen of variants."""

    tab_label = gettext_lazy("Variants")
    listed_by: ClassVar = {"products.Variant.product": lambda product: {"product": product.sku}}
    list_columns = (
        ID,
        NAME,
        SKU,
        Column("product", value=lambda row: row.product.sku, mono=True, priority=2),
        STATUS,
        BUNDLE,
        Column("validity", gettext_lazy("Validity"), value=validity, priority=2),
        Column("gtin", value=gtin, mono=True, priority=1),
    )
    list_filters = (
        Choice("status", gettext_lazy("Status"), choices=STATUSES, apply=switched),
        YesNo("discontinued", gettext_lazy("Discontinued"), apply=discontinued),
        Choice("ends", gettext_lazy("Going off sale"), choices=ENDS, apply=finding.ending),
        YesNo("is_bundle", gettext_lazy("Bundle"), apply=bundles),
        Words("product", gettext_lazy("Product"), apply=of_product),
        YesNo("gtin", gettext_lazy("With GTIN"), apply=lambda rows, yes: rows.filter(gtin__isnull=not yes)),
        Words("attribute", gettext_lazy("Attribute"), apply=attribute_use.using),
        NAME_MISSING,
        DateRange("valid_from", gettext_lazy("Valid from")),
        DateRange("valid_to", gettext_lazy("Valid to")),
    )
    list_order = ("sku",)
    search_hint = gettext_lazy("Name, SKU or GTIN")
    code_field = "sku"
    empty_text = gettext_lazy("A variant is what you sell. Variants are made with their product.")
    bulk = VARIANT_BULK

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        named = narrowed.with_sort_name(request.user.content_locale)
        return named.select_related("product").only(*SHOWN)

    def prepared(self, request: HttpRequest, found: list[Variant]) -> list[Variant]:
        locale = request.user.content_locale
        rows = Variant.objects.filter(one_of([row.pk for row in found])).order_by().with_live()
        told = rows.values_list("pk", "is_live", "is_bundle", "discontinued__active_until")
        facts = {pk: rest for pk, *rest in told}
        apart = super_values(facts, locale) if facts else {}
        for row in found:
            row.shown_name, row.super_values = row.name_in(locale), apart.get(row.pk, "")
            row.is_live, row.is_bundle, row.active_until = facts[row.pk]
        show_pictures(found, locale)
        return found

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        return finding.search_variants(found, text)

    def exact_ids(self, found: QuerySet, text: str) -> list[int]:
        gtins = [pk for each in finding.with_gtin(text) for pk in each.values_list("pk", flat=True)]
        return list(dict.fromkeys([*super().exact_ids(found, text), *gtins]))

    def hit_text(self, row: Variant) -> str:
        return f"{getattr(row, 'shown_name', '') or row.name_in()} · {row.sku}"

    def named(self, request: HttpRequest, rows: list[Variant]) -> list[Variant]:
        for row in rows:
            row.shown_name = row.name_in(request.user.content_locale)
        return rows

    def row_actions_maker(self, request: HttpRequest, back: str) -> Callable[[Any], list[Action]]:
        tail = f"?{back}" if back else "?list="
        return self.actions_maker(request, tail, tail)

    def actions_maker(
        self, request: HttpRequest, tail: str, switch_tail: str
    ) -> Callable[[Variant], list[Action]]:
        """``tail`` is what the addresses of pages end with, ``switch_tail`` that of a switch. They are made once: a
        table has a hundred rows."""
        pages = [("view", _("View"), "eye", "view"), ("change", _("Edit"), "pencil", "change")]
        pages += [("attributes", _("Attributes"), "sliders-horizontal", "change")]
        linked = [
            Action(label, self.url(name, pk=0) + tail, icon)
            for name, label, icon, right in pages
            if self.may(request, right)
        ]
        switches = {}
        if self.may(request, "activate"):
            switches = {
                on: self.status_action(Variant(pk=0, is_active=on), switch_tail) for on in (True, False)
            }

        def actions(row: Variant) -> list[Action]:
            switch = [switches[row.is_active]] if switches else []
            return [
                each._replace(url=each.url.replace("/0/", f"/{row.pk}/", 1)) for each in (*linked, *switch)
            ]

        return actions
