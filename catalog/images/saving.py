"""The verb that writes image sets, for forms and files alike: many owners at once, a constant number of statements.

    links = Links(ProductImageSet, "product")
    save(links, {product.pk: [WantedSet("default", "en_US", [WantedImage(token=token)])]}, recorder)

What a set no longer uses and no other set uses either is deleted with its files (17.1).
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import models

from backoffice.history.recording import Recorder
from catalog.images.models import DEFAULT, Image, ImageInSet, ImageSet, Upload
from catalog.images.writing import Links, Rows

__all__ = ["Links", "Saved", "WantedImage", "WantedSet", "forget", "save"]
_TEXTS = ("alt_small", "alt_large")


@dataclass
class WantedImage:
    """A picture as it should be in a set. Found by id, by the token of an upload, by key, or by its addresses within
    the set; else it is new. None leaves what is stored. ``key`` of a new picture is made up when missing."""

    pk: int | None = None
    token: str = ""
    key: str | None = None
    url_small: str | None = None
    url_large: str | None = None
    alt_small: Mapping[str, str] | None = None
    alt_large: Mapping[str, str] | None = None
    sort_order: int | None = None


@dataclass
class WantedSet:
    """A set as it should be. Found by id, else by locale and name among those of its owner, free ones by key."""

    name: str = ""
    locale: str = DEFAULT
    images: Sequence[WantedImage] = field(default_factory=list)
    pk: int | None = None
    key: str | None = None


class Saved(NamedTuple):
    """``sets`` are all written or found, ``images`` those new or changed, ``orphans`` the ids of deleted pictures."""

    sets: Sequence[ImageSet]
    images: Sequence[Image]
    orphans: Sequence[int]


def save(
    links: Links | None,
    wanted: Mapping[int, Sequence[WantedSet]],
    recorder: Recorder | None,
    *,
    replaces_sets: bool = True,
    replaces_images: bool = True,
) -> Saved:
    """Make the sets of these owners the wanted ones, within the caller's transaction.

    ``replaces_sets`` false leaves sets that are not named, ``replaces_images`` false leaves pictures that are not
    named: a file of pictures only adds and updates. Without ``links`` the sets are free-standing, the keys of
    ``wanted`` mean nothing and sets are found by key; then nothing is ever removed but pictures.
    """
    return _Save(links, wanted, replaces_sets and links is not None, replaces_images).run(recorder)


def forget(links: Links, owner_ids: Iterable[int], recorder: Recorder | None) -> Saved:
    """Take the sets of these owners away; for owners that are about to be deleted."""
    return save(links, {pk: [] for pk in owner_ids}, recorder)


class _Save:
    def __init__(
        self,
        links: Links | None,
        wanted: Mapping[int, Sequence[WantedSet]],
        replaces_sets: bool,
        replaces_images: bool,
    ) -> None:
        self.links, self.wanted = links, wanted
        self.replaces_sets, self.replaces_images = replaces_sets, replaces_images
        self.rows = Rows(links)

    def run(self, recorder: Recorder | None) -> Saved:
        self._load()
        found = [self._set(owner, each) for owner, wanted_sets in self.wanted.items() for each in wanted_sets]
        if self.replaces_sets:
            kept = {each.pk for each in found if each.pk}
            for image_set in self.sets.values():
                if image_set.pk not in kept:
                    self._remove_set(image_set)
        self.rows.write()
        if recorder:
            self.rows.remember(recorder)
        images = [*self.rows.added.get(Image, ()), *self.rows.changed.get(Image, ())]
        return Saved(found, images, self.rows.orphans)

    # --- what there is ---------------------------------------------------------------------------

    def _load(self) -> None:
        every = [each for wanted_sets in self.wanted.values() for each in wanted_sets]
        pictures = [image for each in every for image in each.images]
        self.link_of: dict[int, Any] = {}
        if self.links:
            owner = self.links.owner
            rows = self.links.model._default_manager.filter(**{f"{owner}__in": list(self.wanted)})
            for link in rows.select_related("image_set", owner).order_by("pk"):
                self.link_of[link.image_set_id] = link
            self.sets = {pk: link.image_set for pk, link in self.link_of.items()}
        else:
            free = ImageSet.objects.filter(key__in=[each.key for each in every if each.key])
            self.sets = {each.pk: each for each in free.order_by("pk")}
        self.places: dict[int, dict[int, ImageInSet]] = {pk: {} for pk in self.sets}
        places = ImageInSet.objects.filter(image_set__in=list(self.sets)).select_related("image")
        for place in places.order_by("pk"):
            place.image_set = self.sets[place.image_set_id]
            self.places[place.image_set_id][place.image_id] = place
        self.images = {p.image_id: p.image for held in self.places.values() for p in held.values()}
        asked = models.Q(pk__in={p.pk for p in pictures if p.pk} - self.images.keys())
        asked |= models.Q(key__in={p.key for p in pictures if p.key})
        for image in Image.objects.filter(asked).order_by("pk"):
            self.images.setdefault(image.pk, image)
        for held in self.places.values():
            for place in held.values():
                place.image = self.images[place.image_id]
        self.by_key = {image.key: image for image in self.images.values() if image.key}
        tokens = {p.token for p in pictures if p.token}
        self.uploads = {u.token: u for u in Upload.objects.filter(token__in=tokens)} if tokens else {}
        self.by_name: dict[tuple[Any, str, str], ImageSet] = {}
        for pk, image_set in self.sets.items():
            self.by_name[self._owner_id(pk), image_set.locale, image_set.name] = image_set
        self.by_set_key = {each.key: each for each in self.sets.values() if each.key}

    def _owner_id(self, set_id: int) -> int | None:
        return getattr(self.link_of[set_id], f"{self.links.owner}_id") if self.links else None

    # --- what becomes of it ----------------------------------------------------------------------

    def _set(self, owner: int, wanted: WantedSet) -> ImageSet:
        held = self._held_set(owner, wanted)
        if held is None:
            held = ImageSet(name=wanted.name, locale=wanted.locale, key=wanted.key)
            self.rows.add(held, owner)
            if self.links:
                fields = {f"{self.links.owner}_id": owner, "locale": wanted.locale, "name": wanted.name}
                self.rows.add(self.links.model(image_set=held, **fields), owner)
        else:
            values = {"name": wanted.name, "locale": wanted.locale}
            self.rows.change(held, owner, values | ({"key": wanted.key} if wanted.key else {}))
            if self.links:
                self.rows.change(self.link_of[held.pk], owner, values)
        self._pictures(held, wanted, owner)
        return held

    def _held_set(self, owner: int, wanted: WantedSet) -> ImageSet | None:
        if not self.links:
            return self.by_set_key.get(wanted.key)
        if wanted.pk in self.sets and self._owner_id(wanted.pk) == owner:
            return self.sets[wanted.pk]
        return self.by_name.get((owner, wanted.locale, wanted.name))

    def _pictures(self, image_set: ImageSet, wanted: WantedSet, owner: int) -> None:
        held = dict(self.places.get(image_set.pk, {})) if image_set.pk else {}
        by_address = {
            (p.image.url_large, p.image.url_small): p.image for p in held.values() if not p.image.file
        }
        seen: set[int] = set()
        for each in wanted.images:
            image = self._picture(each, owner, by_address)
            if id(image) in seen:
                continue
            seen.add(id(image))
            place = held.pop(image.pk, None) if image.pk else None
            if place is None:
                order = each.sort_order or 0
                self.rows.add(ImageInSet(image_set=image_set, image=image, sort_order=order), owner)
            elif each.sort_order is not None:
                self.rows.change(place, owner, {"sort_order": each.sort_order})
        if self.replaces_images:
            for place in held.values():
                self.rows.remove(place, owner)

    def _picture(self, wanted: WantedImage, owner: int, by_address: dict[tuple[str, str], Image]) -> Image:
        values = {name: getattr(wanted, name) for name in (*_TEXTS, "url_small", "url_large")}
        values = {name: value for name, value in values.items() if value is not None}
        for name in _TEXTS:
            if name in values:
                values[name] = {code: text for code, text in values[name].items() if text}
        image = self.images.get(wanted.pk) if wanted.pk else None
        image = image or (self.by_key.get(wanted.key) if wanted.key else None)
        if image is None and not wanted.key and not wanted.token:
            image = by_address.get((wanted.url_large or "", wanted.url_small or ""))
        if image is not None:
            if image.file and values.get("url_large", image.address_large) == image.address_large:
                # An export names an upload by its own address; that is no other picture.
                values.pop("url_small", None), values.pop("url_large", None)
            elif image.file:
                values |= {"file": "", "file_name": "", "width": 0, "height": 0}
            self.rows.change(image, owner, values)
            return image
        image = Image(key=wanted.key or secrets.token_hex(8), **values)
        upload = self.uploads.get(wanted.token)
        if upload:
            for name, value in upload.as_image().items():
                setattr(image, name, value)
            image.url_small = image.url_large = ""
            self.rows.used_uploads.append(upload)
        self.rows.add(image, owner)
        if wanted.key:
            self.by_key[wanted.key] = image
        return image

    def _remove_set(self, image_set: ImageSet) -> None:
        owner = self._owner_id(image_set.pk)
        for place in self.places[image_set.pk].values():
            self.rows.remove(place, owner)
        self.rows.remove(self.link_of[image_set.pk], owner)
        self.rows.remove(image_set, owner)
