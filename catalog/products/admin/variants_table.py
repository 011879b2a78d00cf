"""The variants of a product on its form: searched, sorted and paged like a list, whatever their number (spec:
products 4.3)."""

import datetime
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Model, Q, QuerySet
from django.forms import Media
from django.forms.widgets import Script
from django.http import HttpRequest
from django.utils import formats
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from backoffice.console.columns import actions_cell
from backoffice.console.forms import BoundTab, ScreenForm, Tab
from backoffice.console.lists import Column, Filter, ListPage
from backoffice.console.screens import ScreenAdmin
from backoffice.console.site import site
from catalog.products import finding, matrix
from catalog.products.admin import variant_list
from catalog.products.admin.status_pages import StatusPages
from catalog.products.admin.variant_list import VariantList
from catalog.products.models import Product, Variant

FROM_PRODUCT = "of=product"
"""Marks an address so that a switch of a variant leads back to the form of its product."""


class VariantsOfProduct(VariantList, StatusPages, ScreenAdmin):
    """The list of the variants of one product; made for one request, not registered."""

    rights_model = Product
    list_columns = (
        variant_list.ID,
        variant_list.NAME,
        variant_list.SKU,
        variant_list.STATUS,
        variant_list.BUNDLE,
        Column("valid_from", sort="valid_from", priority=1),
        Column("valid_to", sort="valid_to", priority=1),
    )
    list_filters: tuple[Filter, ...] = ()
    search_hint = gettext_lazy("Name, SKU or day of validity")

    def __init__(self, product: Product) -> None:
        super().__init__(Variant, site)
        self.product = product

    def list_rows(self, request: HttpRequest) -> QuerySet:
        return Variant.objects.filter(product=self.product)

    def search_rows(self, request: HttpRequest, found: QuerySet, text: str) -> QuerySet:
        day = day_of(text)
        hits = finding.search_variants(found, text)
        return found.filter(Q(valid_from__date=day) | Q(valid_to__date=day)) if day else hits

    def bulk_buttons(self, request: HttpRequest) -> list[Any]:
        return []


def day_of(text: str) -> datetime.date | None:
    """A typed day in one of the forms people write it."""
    for pattern in formats.get_format("DATE_INPUT_FORMATS"):
        try:
            return datetime.datetime.strptime(text, pattern).date()
        except ValueError:
            continue
    return None


class Line(NamedTuple):
    pk: int
    cells: list[SafeString]
    actions: SafeString


class VariantsTable(ListPage):
    """One page of the variants. Its links keep what else stands in the address of the form."""

    screen: VariantsOfProduct

    @property
    def columns(self) -> list[Column]:
        return list(self.screen.list_columns)

    @cached_property
    def lines(self) -> list[Line]:
        columns = [(column, column.title(Variant)) for column in self.columns]
        row_url = self.screen.row_url_maker(self.request, "")
        actions = self.screen.actions_maker(self.request, "", f"?{FROM_PRODUCT}")
        return [
            Line(
                row.pk,
                [column.cell(row, title, row_url(row)) for column, title in columns],
                actions_cell(actions(row), form="row-deeds"),
            )
            for row in self.screen.prepared(self.request, self.page.rows)
        ]

    @property
    def tail(self) -> str:
        """What every link of the table ends with: the list one came from, and the tab."""
        listed = self.request.GET.get("list", "")
        return ("&" + urlencode({"list": listed}) if listed else "") + "#variants"

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the search carries along."""
        listed = self.request.GET.get("list", "")
        return [*self.other_parameters, *([("list", listed)] if listed else [])]


class VariantsTableTab(Tab):
    template = "products/variants_table.html"

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundVariantsTable(self, request, record, form)


class BoundVariantsTable(BoundTab):
    record: Product
    media = Media(js=[Script("backoffice/part.js", defer=True)])

    @cached_property
    def table(self) -> VariantsTable:
        return VariantsTable(self.request, VariantsOfProduct(self.record))

    @cached_property
    def add_url(self) -> str:
        """Where a variant is added, for families that a super attribute spans (4.2)."""
        products = site._registry[Product]
        may = products.has_add_permission(self.request) and matrix.keys_of_family(self.record.pk)
        return products.url("add_variant", pk=self.record.pk) if may else ""
