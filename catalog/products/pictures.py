"""Where the pictures of products and variants hang, and the tabs that show them (spec: products 17)."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from backoffice.console.forms import BoundTab, ScreenForm
from backoffice.reactions import report
from catalog.images import reading, saving
from catalog.images.forms import BoundMedia, MediaTab
from catalog.images.reading import leading, sets_of
from catalog.images.saving import Links, WantedImage, WantedSet
from catalog.products import facts
from catalog.products.models import Product, ProductImageSet, Variant, VariantImageSet

PRODUCT_IMAGES = Links(ProductImageSet, "product")
VARIANT_IMAGES = Links(VariantImageSet, "variant")

INHERIT = "media.inherit"
OVERRIDE, RESET = "override", "reset"
"""What is asked of the pictures that a variant has from its product (7.3)."""


class PicturesTab(MediaTab):
    """The Media tab of products and variants: what changes is told to the rooms above."""

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundPictures(self, request, record, form)


class BoundPictures(BoundMedia):
    def save(self, record: Model, recorder: Any) -> None:
        if self.has_changed():
            super().save(record, recorder)
            report(facts.IMAGES, [product_of(record)])


class InheritedPicturesTab(PicturesTab):
    """The Media tab of a variant, which shows the pictures of the product until it has its own (7.3, 17.3)."""

    template = "products/variant_media_tab.html"

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundInherited(self, request, record, form)


class BoundInherited(BoundPictures):
    record: Variant | None

    @property
    def wish(self) -> str:
        """Override, reset, or nothing."""
        wish = self.form.data.get(INHERIT, "") if self.form.is_bound and self.record else ""
        return wish if wish in {OVERRIDE, RESET} else ""

    @property
    def is_own(self) -> bool:
        return any(panel.image_set for panel in self.held)

    @property
    def inherited(self) -> list[reading.ShownSet]:
        """The sets of the product, which stand in for own ones."""
        if self.record is None or self.is_own:
            return []
        product = self.record.product_id
        return reading.sets_of(PRODUCT_IMAGES, [product]).get(product, [])

    def has_changed(self) -> bool:
        return bool(self.wish) or super().has_changed()

    def save(self, record: Variant, recorder: Any) -> None:
        if self.wish == RESET:
            saving.forget(VARIANT_IMAGES, [record.pk], recorder)
        elif self.wish == OVERRIDE:
            saving.save(VARIANT_IMAGES, {record.pk: wanted_again(self.inherited)}, recorder)
        else:
            super().save(record, recorder)
            return
        report(facts.IMAGES, [record.product_id])


def wanted_again(sets: list[reading.ShownSet]) -> list[WantedSet]:
    """The same sets with the same pictures for another owner; a picture is stored once (17.1)."""
    return [
        WantedSet(
            shown.image_set.name,
            shown.image_set.locale,
            [WantedImage(pk=each.image.pk, sort_order=each.place.sort_order) for each in shown.images],
        )
        for shown in sets
    ]


def leading_pictures(rows: Sequence[Product | Variant], locale: str) -> dict[int, str]:
    """Where the picture that stands for each of these products, or of these variants, loads from, empty without one.
    A variant without any of its own shows that of its product. Two queries, four for variants."""
    is_product = bool(rows) and isinstance(rows[0], Product)
    own = sets_of(PRODUCT_IMAGES if is_product else VARIANT_IMAGES, [row.pk for row in rows])
    above = {} if is_product else sets_of(PRODUCT_IMAGES, {row.product_id for row in rows})
    found = {}
    for row in rows:
        picture = leading(locale, own.get(row.pk, []), [] if is_product else above.get(row.product_id, []))
        found[row.pk] = picture.preview if picture else ""
    return found


def show_pictures(found: Sequence[Any], locale: str) -> None:
    """Give each row of a list the picture that stands for it."""
    pictures = leading_pictures(found, locale)
    has_room = any(pictures.values())
    for row in found:
        row.picture, row.has_room_for_picture = pictures[row.pk], has_room


def pictured(row: Any, name: SafeString | str) -> SafeString:
    """A name beside a small picture; names stand in line as soon as one row of the page has a picture."""
    if not row.has_room_for_picture:
        return format_html("{}", name)
    if not row.picture:
        return format_html('<span class="bo-thumb"></span> <span>{}</span>', name)
    image = '<img class="bo-thumb" src="{}" alt="" width="32" height="32" loading="lazy"> <span>{}</span>'
    return format_html(image, row.picture, name)


def product_of(record: Model) -> int:
    return record.pk if isinstance(record, Product) else record.product_id


PRODUCT_MEDIA = PicturesTab("media", gettext_lazy("Media"), links=PRODUCT_IMAGES)
VARIANT_MEDIA = InheritedPicturesTab(
    "media",
    gettext_lazy("Media"),
    links=VARIANT_IMAGES,
    help=gettext_lazy("A variant without pictures of its own shows those of its product."),
)
