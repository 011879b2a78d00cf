"""The file of variants (spec: import-export 4.5.2, products 22.8)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.dates import Moment
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.parts import Part
from backoffice.transfer.declaring.references import Refs
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import Bool, Code, Text
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.comparing import Comparison
from backoffice.transfer.problems import CellError
from catalog.products import gtin
from catalog.products.links import COMPONENT_LINKS
from catalog.products.models import BundleItem, Product, Variant
from catalog.products.models.products import SKU
from catalog.products.resources import attributes, codes, following, nesting, rich_texts, siblings
from catalog.products.resources.references import VARIANTS, product_ref, variant_ref
from catalog.products.resources.slots import AttributeSlots, key_column, value_column

Outcome = RowResult.Outcome
GTIN_FACT = "product_concrete.gtin"


class Components(Refs):
    """``SKU/quantity`` parted by commas; without a quantity one piece."""

    def item(self, text: str) -> tuple[str, int]:
        sku, slash, quantity = text.partition("/")
        quantity = quantity.strip()
        if slash and not (quantity.isascii() and quantity.isdigit() and 0 < int(quantity) < 2**31):
            raise CellError("bad_list", _("“%(value)s”: write SKU/quantity, with a whole number from 1."))
        return self.ref.clean(sku), int(quantity or 1)

    def keys(self, value: Iterable[tuple[str, int]]) -> list[str]:
        return [sku for sku, _quantity in value]

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return ", ".join(f"{sku}/{quantity}" for sku, quantity in value or ())


class Gtin(Code):
    """A trade item number with its check digit."""

    def clean(self, value: str, row: Any = None, **options: Any) -> str | None:
        text = super().clean(value)
        wrong = gtin.why_not(text) if text else ""
        if wrong:
            raise CellError("bad_gtin", wrong)
        return text or None


@register
class VariantFile(AttributeSlots, FileResource):
    """One row is one variant, its attributes and, for a bundle, its whole composition."""

    product = Column(
        "product",
        "abstract_sku",
        product_ref(),
        required=CREATE,
        help=_("Its product. Another one than the stored: the variant moves."),
        samples=("T1007", "T1007", "T1007"),
    )
    sku = Column(
        "sku",
        "concrete_sku",
        Code(255, SKU, _("Use letters, digits, dot, dash and underscore only.")),
        required=KEY,
        help=_("Fixed after creation."),
        samples=("SAMPLE-BLUE", "SAMPLE-GREEN", "SAMPLE-SET"),
    )
    name = Column(
        "name",
        widget=Text(255),
        localized=True,
        required=CREATE,
        samples={
            "en_US": ("Sample knife, blue", "Sample knife, green", "Sample knives"),
            "de_DE": ("Mustermesser, blau", "Mustermesser, grün", "Mustermesser im Satz"),
        },
    )
    description = Column(
        "description", widget=Text(), localized=True, help=_("HTML. Empty: that of the product is shown.")
    )
    searchable = Column(
        "searchable_in",
        "is_searchable",
        Bool(),
        localized=True,
        default=True,
        help=_("1: found by search in this language."),
        samples={"en_US": ("1", "1", "1")},
    )
    bundled = Column(
        "bundled",
        widget=Components(variant_ref()),
        help=_("What a bundle consists of, as SKU/quantity parted by commas: the whole list."),
        samples=("", "", "SAMPLE-BLUE/2, SAMPLE-GREEN/1"),
    )
    splittable = Column("is_quantity_splittable", widget=Bool(), default=True, samples=("1", "1", "1"))
    slot_key, slot_value = key_column("colour", "colour"), value_column("blue", "green")
    is_active = Column("is_active", widget=Bool(), default=True, extra=True, help=_("1: switched on."))
    gtin = Column(
        "gtin", widget=Gtin(14), extra=True, help=_("8, 12, 13 or 14 digits with their check digit.")
    )
    valid_from = Column("valid_from", widget=Moment(), extra=True)
    valid_to = Column("valid_to", widget=Moment(), extra=True)
    parts = COMPONENT_LINKS
    merged = (*AttributeSlots.merged, "is_searchable")

    class Meta:
        model = Variant
        screen = Product
        file = VARIANTS
        similar_keys = True
        begins_with = {"is_active": True}
        ignored = ("old_sku",)
        stated_in = ("gtin", nesting.COLUMN)
        once = {GTIN_FACT: ("taken", _("Line %(line)s has this GTIN already."))}

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        if values.get("gtin"):
            yield GTIN_FACT, values["gtin"].zfill(14)
        yield from nesting.stated(values)

    def column_of(self, fact: str, key: str, values: Values) -> str:
        return "gtin" if fact == GTIN_FACT else ""

    def comes_late(self, values: Values) -> bool:
        return bool(values.get("bundled"))

    def merge(self, row: Planned, record: list[Any], comparison: Comparison) -> None:
        super().merge(row, record, comparison)
        place, values = comparison.positions["is_searchable"], row.values
        given = {
            code: values[name] is not False
            for code, name in comparison.localized("is_searchable")
            if name in values
        }
        if row.stored is None:
            named = [code for code, name in comparison.localized("name") if values.get(name)]
            record[place] = {**dict.fromkeys(named, True), **given}
        elif any((record[place] or {}).get(code) is not flag for code, flag in given.items()):
            record[place] = {**(record[place] or {}), **given}

    def make_parts(self, row: Planned, held: list[Part], *, replaces: bool = False) -> list[Part]:
        given = row.values.get("bundled")
        if given:
            return sorted([sku, quantity] for sku, quantity in dict(given).items())
        return [] if replaces and "bundled" in row.values else held

    def review(self, batch: Batch) -> None:
        codes.refuse_products(batch)
        codes.refuse_gtins(batch)
        nesting.refuse(batch)
        siblings.refuse_equal(batch)
        following.tell_moves(batch)
        attributes.tell(batch)
        rich_texts.tell(batch)

    def review_bad(self, batch: Batch) -> None:
        codes.refuse_gtins(batch)

    def after_write(self, batch: Batch) -> None:
        following.follow(batch)

    def rows(self, user: Any = None) -> QuerySet:
        components = BundleItem.objects.select_related("item").order_by("item__sku")
        return super().rows(user).prefetch_related(Prefetch("components", queryset=components))

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        if column is self.fields["bundled"]:
            return column.widget.render([(each.item.sku, each.quantity) for each in record.components.all()])
        if column is self.fields["searchable"]:
            return column.widget.render(bool(record.is_searchable.get(locale, False)))
        return super().cell(record, column, locale)
