"""The list of all variants (spec: products 4.3)."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from backoffice.console.lists import Column


class VariantList:
    """Columns, filters and search of the variants' screen."""

    tab_label = gettext_lazy("Variants")
    list_columns = (
        Column("sku", sort="sku", mono=True, link=True),
        Column("shown_name", gettext_lazy("Name")),
    )
    list_order = ("sku",)
    search_hint = gettext_lazy("Name, SKU or GTIN")
    empty_text = gettext_lazy("A variant is what you sell. Variants are made with their product.")

    def shown_rows(self, request: HttpRequest, narrowed: QuerySet) -> QuerySet:
        return narrowed.with_name(request.user.content_locale)

    def hit_text(self, row: Any) -> str:
        return row.sku
