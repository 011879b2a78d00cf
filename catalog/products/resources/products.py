"""The file of products (spec: import-export 4.5.1, products 22.7)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.reactions import report
from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.dates import Moment
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.linked import Together
from backoffice.transfer.declaring.parts import Part
from backoffice.transfer.declaring.references import Ref, Refs
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import Code, Listed, Text
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import CellError
from catalog.categories.models import Category
from catalog.products import facts
from catalog.products.links import CATEGORY_LINKS
from catalog.products.models import Product
from catalog.products.models.products import SKU
from catalog.products.resources import assignments, attributes, codes, following, rich_texts, urls
from catalog.products.resources.references import PRODUCTS
from catalog.products.resources.slots import AttributeSlots, key_column, value_column
from catalog.taxes.resources import tax_set_ref

Outcome = RowResult.Outcome
_FACTS = {
    facts.TEXTS: ("name", "description", "meta_title", "meta_keywords", "meta_description"),
    facts.ATTRIBUTES: following.ATTRIBUTES,
    facts.TAX_SET: ("tax_set",),
}
"""Which fields of a product each fact is about."""


class Orders(Listed):
    """Whole numbers parted by commas; a blank one keeps what is stored."""

    is_text = False

    def clean(self, value: str, row: Any = None, **options: Any) -> tuple[int | None, ...] | None:
        found = super().clean(value) or ()
        if any(item and not (item.isascii() and item.isdigit() and len(item) < 10) for item in found):
            raise CellError("bad_int")
        return tuple(int(item) if item else None for item in found) or None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return ",".join("" if item is None else str(item) for item in value or ())


@register
class ProductFile(AttributeSlots, FileResource):
    """One row is one product, its categories, its addresses and its attributes."""

    category = Column(
        "listed_categories",
        "category_key",
        Refs(Ref(Category, "key", file="category", remedy=_("Import category.csv first, or mend the key."))),
        required=CREATE,
        adds=True,
        help=_("The keys of its categories, parted by commas. Categories are added, none is taken away."),
        samples=("hand-tools", "hand-tools,tools-accessories", "hand-tools"),
    )
    order = Column(
        "category_orders",
        "category_product_order",
        Orders(),
        help=_("Its place in each of these categories; a blank one keeps the stored place."),
        samples=("1", "2,1", ""),
    )
    sku = Column(
        "sku",
        "abstract_sku",
        Code(255, SKU, _("Use letters, digits, dot, dash and underscore only.")),
        required=KEY,
        help=_("Fixed after creation."),
        samples=("SAMPLE-1", "SAMPLE-2", "SAMPLE-3"),
    )
    tax_set = Column(
        "tax_set", "tax_set_name", tax_set_ref(), samples=("Standard rate", "Standard rate", "Reduced rate")
    )
    name = Column(
        "name",
        widget=Text(255),
        localized=True,
        required=CREATE,
        samples={
            "en_US": ("Sample hammer", "Sample saw", "Sample file"),
            "de_DE": ("Musterhammer", "Mustersäge", "Musterfeile"),
        },
    )
    description = Column(
        "description", widget=Text(), localized=True, help=_("HTML, cleaned when it is shown.")
    )
    url = Column(
        "url",
        widget=urls.Path(),
        localized=True,
        help=_("Its address. Empty: made from the name of a new product, kept on a known one."),
    )
    meta_title = Column("meta_title", widget=Text(255), localized=True)
    meta_keywords = Column("meta_keywords", widget=Text(), localized=True)
    meta_description = Column("meta_description", widget=Text(), localized=True)
    slot_key, slot_value = key_column("brand", "brand"), value_column("Brundalin", "Okserra")
    color_code = Column("color_code", help=_("#RRGGBB or a colour name of CSS."), samples=("#8A5A2B",))
    new_from = Column("new_from", widget=Moment())
    new_to = Column("new_to", widget=Moment())
    parts = Together("links", CATEGORY_LINKS, urls.PATHS)

    class Meta:
        model = Product
        file = PRODUCTS
        similar_keys = True
        ignored = ("is_featured", "icecat_*", "avalara_tax_code")
        once = {urls.FACT: ("taken", _("Line %(line)s has this address already."))}

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        return urls.stated(values)

    def column_of(self, fact: str, key: str, values: Values) -> str:
        return urls.column_of(key, values) if fact == urls.FACT else ""

    def make_parts(self, row: Planned, held: list[Part], *, replaces: bool = False) -> list[Part]:
        categories, paths = self.parts.of(held)
        found = [assignments.wanted(row.values, categories, replaces), urls.wanted(row.values, paths)]
        return found if any(found) else []

    def review(self, batch: Batch) -> None:
        assignments.keep_unseen(batch)
        codes.refuse_foreign(batch)
        urls.refuse_taken(batch)
        attributes.tell(batch)
        rich_texts.tell(batch)

    def review_bad(self, batch: Batch) -> None:
        urls.refuse_taken(batch)
        codes.refuse_foreign(batch)

    def after_write(self, batch: Batch) -> None:
        """Addresses, keys of attributes, and what follows from products."""
        pk = batch.position("id")
        new = {row.pk for row in batch.with_outcome(Outcome.NEW)}
        changed = batch.with_outcome(Outcome.CHANGED)
        if not new and not changed:
            return
        attributes.make_keys(batch)
        urls.claim(batch)
        report(facts.CREATED, new)
        for fact, names in _FACTS.items():
            report(fact, {row.stored[pk] for row in following.differing(batch, changed, *names)})
        report(
            facts.CATEGORIES, {row.stored[pk] for row in changed if self._has_other_categories(batch, row)}
        )

    def _has_other_categories(self, batch: Batch, row: Planned) -> bool:
        at = batch.comparison.parts_at
        return self.parts.of(row.record[at])[0] != self.parts.of(row.stored[at])[0]

    def rows(self, user: Any = None) -> QuerySet:
        """Categories that the user does not see are none of his file (users-and-roles 5.3)."""
        links = assignments.seen_links(user).select_related("category").order_by("category__key")
        return urls.with_paths(
            super().rows(user).prefetch_related(Prefetch("category_links", queryset=links))
        )

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        if column is self.fields["category"]:
            return column.widget.render([link.category.key for link in record.category_links.all()])
        if column is self.fields["order"]:
            return column.widget.render([link.product_order for link in record.category_links.all()])
        if column is self.fields["url"]:
            return urls.path_of(record, locale)
        return super().cell(record, column, locale)
