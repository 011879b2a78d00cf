"""The file of pictures (spec: import-export 4.5.4, products 22.10)."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.numbers import Int
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import TRIMMED, Code, Locale, Text, unguarded
from backoffice.transfer.exporting import guides
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.comparing import Comparison
from backoffice.transfer.problems import CellError
from catalog.images import addresses
from catalog.images.models import DEFAULT, ORDER_LIMIT, Image
from catalog.products.models import Product
from catalog.products.resources import image_places, image_rows, image_statements
from catalog.products.resources.image_statements import FILE, LARGE, LOCALE, SMALL
from catalog.products.resources.references import product_ref, variant_ref


class Address(Text):
    """Where a picture lies; nothing is ever fetched."""

    def clean(self, value: str, row: Any = None, **options: Any) -> str:
        address = unguarded(value.strip(TRIMMED))
        if address:
            try:
                addresses.check(address)
            except ValidationError as error:
                facts = {"length": len(address), "limit": addresses.LONGEST}
                raise CellError(error.code, **facts if error.code == "too_long" else {}) from None
        return address


@guides.spelling.register
def _spelling(widget: Address) -> str:
    return _("Address of a picture: https://…, //host/… or /path")


@register
class ImageFile(FileResource):
    """One row is one picture in one set of a product, of a variant, or of nobody."""

    set_name = Column(
        "set_name",
        "image_set_name",
        Code(255),
        required=KEY,
        help=_("The name of the set; “default” is the one the shop shows."),
        samples=("default", "default", "default"),
    )
    url_large = Column(
        "external_large",
        LARGE,
        Address(),
        required=CREATE,
        help=_("Where the large picture lies: https://…, //host/… or /path."),
        samples=("/samples/large/1.jpg", "/samples/large/2.jpg", "/samples/large/1.jpg"),
    )
    url_small = Column(
        "external_small",
        SMALL,
        Address(),
        required=CREATE,
        help=_("Where the small picture lies."),
        samples=("/samples/small/1.jpg", "/samples/small/2.jpg", "/samples/small/1.jpg"),
    )
    locale = Column(
        "set_locale",
        LOCALE,
        Locale(),
        default=DEFAULT,
        help=_("The language of the set. Empty: the set serves all languages."),
        samples=("en_US", "", "en_US"),
    )
    product = Column(
        image_places.PRODUCT_PATH,
        image_statements.PRODUCT,
        product_ref(),
        help=_("The product that has the set, or"),
        samples=("T1001", "T1001"),
    )
    variant = Column(
        image_places.VARIANT_PATH,
        image_statements.VARIANT,
        variant_ref(),
        help=_("the variant that has it. Neither: the set stands by itself and needs a key."),
        samples=("", "", "T1001-1"),
    )
    order = Column(
        "sort_order",
        image_statements.ORDER,
        Int(0, ORDER_LIMIT),
        default=0,
        help=_("Its place in the set: lower first."),
        samples=("10", "0", "5"),
    )
    key = Column(
        "key",
        image_statements.IMAGE,
        Code(32),
        required=KEY,
        help=_("The key of the picture, at most 32 signs. The same picture may be in several sets."),
        samples=("sample-1", "sample-2", "sample-1"),
    )
    set_key = Column(
        "set_key",
        image_statements.SET_KEY,
        Code(255),
        default="",
        help=_("A key for the set; one that belongs to nobody is known by it."),
    )
    alt_small = Column(
        "small_texts",
        image_statements.ALTERNATIVES["alt_small"],
        Text(255),
        localized=True,
        help=_("The small picture in words. In a set of one language only that language counts."),
        samples={"en_US": ("Sample hammer", "Sample hammer, boxed", "")},
    )
    alt_large = Column(
        "large_texts",
        image_statements.ALTERNATIVES["alt_large"],
        Text(255),
        localized=True,
        help=_("The large picture in words."),
    )
    merged = ("url_small", "url_large", "file", "width", "height", *image_statements.ALTERNATIVES)

    class Meta:
        model = Image
        content = _("pictures of products")
        screen = Product
        file = FILE
        identity = ("key",)

    def key_text(self, values: Values) -> str:
        return image_statements.row_key(values)

    def label(self, values: Values) -> str:
        return str(values[image_statements.IMAGE])

    def accepts(self, values: Values, locales: Iterable[str]) -> bool:
        """A language that no store uses has no sets."""
        return (values.get(LOCALE) or DEFAULT) in (DEFAULT, *locales)

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        return image_statements.facts(values)

    def merge(self, row: Planned, record: list[Any], comparison: Comparison) -> None:
        image_rows.merge(row, record, comparison.positions)

    def review(self, batch: Batch) -> None:
        image_rows.review(batch)

    def before_write(self, batch: Batch) -> None:
        """One row may bring three records, so the verb of the pictures writes them and leaves nothing to the
        engine."""
        image_places.write(batch)
        batch.shelf.keep([])

    def rows(self, user: Any = None) -> QuerySet:
        """One row per picture and set; sets without a name, or of another room, have no place in the file."""
        held = "places__image_set__"
        found = Image.objects.annotate(
            place=F("places__pk"),
            set_name=F(f"{held}name"),
            set_locale=F(f"{held}locale"),
            set_key=F(f"{held}key"),
            sort_order=F("places__sort_order"),
            product_sku=F(f"{held}product_link__product__sku"),
            variant_sku=F(f"{held}variant_link__variant__sku"),
        )
        owned = Q(product_sku__isnull=False) | Q(variant_sku__isnull=False) | Q(set_key__isnull=False)
        found = found.filter(owned, key__isnull=False).exclude(set_name="")
        names = ("product_sku", "variant_sku", "set_key", "set_name", "set_locale", "sort_order", "place")
        return found.order_by(*[F(name).asc(nulls_last=True) for name in names])

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        name = _SPELLED.get(column.column_name)
        if locale:
            is_told = record.set_locale in (DEFAULT, locale)
            return getattr(record, name).get(locale, "") if is_told else ""
        return column.widget.render(getattr(record, name) if name else getattr(record, column.attribute))


_SPELLED = {
    LARGE: "address_large",
    SMALL: "address_small",
    image_statements.PRODUCT: "product_sku",
    image_statements.VARIANT: "variant_sku",
    **{column: name for name, column in image_statements.ALTERNATIVES.items()},
}
"""What a record of an export calls the content of a column."""
