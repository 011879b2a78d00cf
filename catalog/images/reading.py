"""Image sets for pages, lists and exports: a constant number of queries for any number of owners."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from catalog.images import addresses, files
from catalog.images.models import DEFAULT, SHOWN, Image, ImageInSet, ImageSet
from catalog.images.writing import Links


class ShownImage(NamedTuple):
    """A picture as a page prints it. ``preview`` is empty where the page may not load it: then its address is
    shown."""

    place: ImageInSet
    image: Image
    preview: str
    alternative: str


class ShownSet(NamedTuple):
    image_set: ImageSet
    images: Sequence[ShownImage]

    @property
    def name(self) -> str:
        return self.image_set.name or _("(no name)")


def sets_of(links: Links, owner_ids: Iterable[int]) -> dict[int, list[ShownSet]]:
    """The sets of these owners, by locale and name, their pictures in order; two queries."""
    rows = links.model._default_manager.filter(**{f"{links.owner}__in": list(owner_ids)})
    linked = list(rows.select_related("image_set").order_by("locale", "name", "pk"))
    held = _places([link.image_set_id for link in linked])
    found: dict[int, list[ShownSet]] = {}
    for link in linked:
        image_set = link.image_set
        shown = [_shown(place, image_set.locale) for place in held.get(image_set.pk, ())]
        found.setdefault(getattr(link, f"{links.owner}_id"), []).append(ShownSet(image_set, shown))
    return found


def _places(set_ids: Sequence[int]) -> dict[int, list[ImageInSet]]:
    found: dict[int, list[ImageInSet]] = {}
    places = ImageInSet.objects.filter(image_set__in=set_ids).select_related("image")
    for place in places.order_by("image_set", "sort_order", "pk"):
        found.setdefault(place.image_set_id, []).append(place)
    return found


def _shown(place: ImageInSet, locale: str) -> ShownImage:
    return ShownImage(place, place.image, preview_of(place.image), place.image.alternative(locale))


def preview_of(image: Image) -> str:
    """Where a small picture of it loads from; empty for a host that is not allowed."""
    if image.file:
        return files.address(files.preview_name(image.file))
    return addresses.preview(image.url_small)


def effective(locale: str, *levels: Sequence[ShownSet]) -> list[ShownSet]:
    """The sets that hold in a locale: of the first level that has any, such as variant before product, those of the
    locale before the default ones (17.3)."""
    for level in levels:
        for code in (locale, DEFAULT):
            found = [each for each in level if each.image_set.locale == code and each.images]
            if found:
                return found
    return []


def leading(locale: str, *levels: Sequence[ShownSet]) -> ShownImage | None:
    """The picture that stands for a record in lists: the first of the set ``default``, else of any set; one of
    another locale rather than none."""
    found = effective(locale, *levels) or [each for level in levels for each in level if each.images]
    if not found:
        return None
    return min(found, key=lambda each: each.image_set.name != SHOWN).images[0]


def sets_using(image_ids: Iterable[int]) -> dict[int, list[ImageSet]]:
    """The sets that show each of these pictures, by its id: what a changed address touches."""
    found: dict[int, list[ImageSet]] = {}
    places = ImageInSet.objects.filter(image__in=list(image_ids)).select_related("image_set")
    for place in places.order_by("image", "image_set"):
        found.setdefault(place.image_id, []).append(place.image_set)
    return found
