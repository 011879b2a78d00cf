"""The sets that product_image.csv speaks of, and the places of pictures in them: as stored, and written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.reactions import report
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.unseen import seen_rows
from catalog.images.models import DEFAULT, Image, ImageInSet, ImageSet
from catalog.images.reading import sets_using
from catalog.images.saving import Links, Saved, WantedImage, WantedSet, save
from catalog.products import facts
from catalog.products.models import Product, ProductImageSet, VariantImageSet
from catalog.products.narrowing import one_of
from catalog.products.pictures import PRODUCT_IMAGES, VARIANT_IMAGES
from catalog.products.resources.image_statements import (
    ALTERNATIVES,
    IMAGE,
    LARGE,
    LOCALE,
    ORDER,
    PRODUCT,
    SET,
    SET_KEY,
    SMALL,
    VARIANT,
    texts,
)

Outcome = RowResult.Outcome
PRODUCT_PATH, VARIANT_PATH = "sets__product_link__product", "sets__variant_link__variant"


class Target(NamedTuple):
    """The set of a row. Without an owner (None) it stands by itself and is known by its key."""

    links: Links | None
    owner: int | None
    locale: str
    name: str
    key: str = ""


def target_of(batch: Batch, row: Planned) -> Target:
    """Of two SKUs the variant counts."""
    values = row.values
    locale, name, key = values.get(LOCALE) or DEFAULT, values[SET], values.get(SET_KEY) or ""
    for column, links in ((VARIANT, VARIANT_IMAGES), (PRODUCT, PRODUCT_IMAGES)):
        if values.get(column):
            return Target(links, batch.resolved[column].ids[values[column]], locale, name)
    return Target(None, None, locale, name, key)


class Places:
    """What is stored of the sets of some rows."""

    def __init__(self, batch: Batch, rows: Sequence[Planned]) -> None:
        self.batch, self.rows, self.pk = batch, rows, batch.position("id")
        self.targets = {row.number: target_of(batch, row) for row in rows}
        self.keyed = self._keyed()
        self._adopt()
        self.sets = self._stored()
        ids = [each.pk for each in self.sets.values()]
        images = [row.stored[self.pk] for row in rows if row.stored is not None]
        held = ImageInSet.objects.filter(image_set__in=ids, image__in=images) if ids and images else ()
        self.orders = {(each.image_set_id, each.image_id): each.sort_order for each in held}

    def _keyed(self) -> dict[str, ImageSet]:
        keys = {row.values[SET_KEY] for row in self.rows if row.values.get(SET_KEY)}
        found = ImageSet.objects.filter(key__in=keys) if keys else ImageSet.objects.none()
        related = found.select_related("product_link", "variant_link")
        return {each.key: each for each in related}

    def _adopt(self) -> None:
        """A row without SKU names a set by its key, also one that has an owner."""
        for number, target in self.targets.items():
            image_set = self.keyed.get(target.key) if target.owner is None else None
            for links, relation in ((PRODUCT_IMAGES, "product_link"), (VARIANT_IMAGES, "variant_link")):
                link = getattr(image_set, relation, None)
                if link is not None:
                    owner = getattr(link, f"{links.owner}_id")
                    self.targets[number] = Target(links, owner, target.locale, target.name)

    def _stored(self) -> dict[Target, ImageSet]:
        wanted, found = set(self.targets.values()), {}
        for links in (PRODUCT_IMAGES, VARIANT_IMAGES):
            owners = {each.owner for each in wanted if each.links is links}
            rows = links.model.objects.filter(**{f"{links.owner}__in": owners}).select_related("image_set")
            for link in rows if owners else ():
                owner = getattr(link, f"{links.owner}_id")
                found[Target(links, owner, link.locale, link.name)] = link.image_set
        free = {
            each: self.keyed[each.key] for each in wanted if each.owner is None and each.key in self.keyed
        }
        return found | free

    def set_of(self, row: Planned) -> ImageSet | None:
        return self.sets.get(self.targets[row.number])

    def _order(self, row: Planned) -> int | None:
        image_set = self.set_of(row)
        if image_set is None or row.stored is None:
            return None
        return self.orders.get((image_set.pk, row.stored[self.pk]))

    def is_new(self, row: Planned) -> bool:
        """Whether the row puts the picture into the set."""
        return self._order(row) is None

    def differs(self, row: Planned, *, brings_key: bool) -> bool:
        """Whether the place is another one than the stored, or the key of the set where the row brings it."""
        key = row.values.get(SET_KEY) if brings_key else ""
        is_moved = ORDER in row.values and row.values[ORDER] != self._order(row)
        return is_moved or bool(key and key != self.set_of(row).key)

    def shown(self, row: Planned) -> dict[str, dict[str, Any]]:
        """What becomes of the set and of the place, for the page of the check."""
        order, key, held = self._order(row), row.values.get(SET_KEY), self.set_of(row)
        found: dict[str, dict[str, Any]] = {}
        if order is None:
            target = self.targets[row.number]
            owner = row.values.get(VARIANT) or row.values.get(PRODUCT) or target.key
            name = " ".join(each for each in (target.name, target.locale, owner) if each)
            found[SET] = {"before": None, "after": name}
        if row.values.get(ORDER, order) != order:
            found[ORDER] = {"before": order, "after": row.values[ORDER]}
        if key and key != (held.key if held else None):
            found[SET_KEY] = {"before": held.key if held else None, "after": key}
        return found

    def refuse_foreign_keys(self) -> None:
        """A key that belongs to another set, or to one of another name or language."""
        hidden = self._hidden()
        for row in self.rows:
            other = self.keyed.get(row.values.get(SET_KEY) or "")
            if other is None:
                continue
            target, held = self.targets[row.number], self.set_of(row)
            if other.pk in hidden:
                row.fail("unknown_ref", SET_KEY)
            elif target.owner is not None and held is not None and held.pk != other.pk:
                row.fail("taken", SET_KEY)
            elif (other.name, other.locale) != (target.name, target.locale) or held is None:
                message = _("The set with this key is called “%(name)s”.")
                row.fail("conflict", SET_KEY, message, name=str(other))

    def _hidden(self) -> set[int]:
        """The sets with a key that belong to products which the user does not see."""
        seen = seen_rows(Product, self.batch.run.user)
        sets = [each.pk for each in self.keyed.values()]
        hidden: set[int] = set()
        for model, path in ((ProductImageSet, "product"), (VariantImageSet, "variant__product")):
            if seen is not None and sets:
                links = model.objects.filter(image_set__in=sets).exclude(**{f"{path}__in": seen.values("pk")})
                hidden |= set(links.values_list("image_set", flat=True))
        return hidden


# --- writing -------------------------------------------------------------------------------------


def write(batch: Batch) -> None:
    """Write what the new and changed rows bring, with their history, and tell whose pictures changed."""
    rows = batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
    try:
        with transaction.atomic():
            places = Places(batch, rows)
            words = _words(batch, rows)
            saved = [
                _save(batch, places, rows, words, links) for links in (PRODUCT_IMAGES, VARIANT_IMAGES, None)
            ]
            batch.run.recorder.flush()
            _follow(batch, [each for each in saved if each])
    except IntegrityError:
        for row in rows:  # somebody made the same picture or set in this moment
            row.fail("stale", batch.key_column)


def _words(batch: Batch, rows: Iterable[Planned]) -> dict[str, dict[str, dict[str, str]]]:
    """``{picture: {field: {locale: text}}}``: what is stored with what each row brings."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows:
        stored = row.stored or batch.comparison.template
        held = found.setdefault(
            row.values[IMAGE], {name: dict(stored[batch.position(name)] or {}) for name in ALTERNATIVES}
        )
        for field, locale, text in texts(row.values):
            record = row.record[batch.position(field)] or {}
            if text and record.get(locale) == text:
                held[field][locale] = text
            elif not text and row.stored is not None and locale not in record:
                held[field].pop(locale, None)
    return found


def _save(
    batch: Batch,
    places: Places,
    rows: Iterable[Planned],
    words: Mapping[str, Any],
    links: Links | None,
) -> Saved | None:
    wanted: dict[Target, WantedSet] = {}
    for row in rows:
        target = places.targets[row.number]
        if target.links is not links:
            continue
        held = wanted.setdefault(target, WantedSet(target.name, target.locale, []))
        held.key = row.values.get(SET_KEY) or held.key
        image = row.values[IMAGE]
        held.images.append(
            WantedImage(
                key=image,
                url_large=row.values.get(LARGE),
                url_small=row.values.get(SMALL),
                sort_order=row.values.get(ORDER),
                **words[image],
            )
        )
    if not wanted:
        return None
    owned: dict[int, list[WantedSet]] = {}
    for target, each in wanted.items():
        owned.setdefault(target.owner or 0, []).append(each)
    return save(links, owned, batch.run.recorder, replaces_sets=False, replaces_images=False)


def _follow(batch: Batch, saved: Iterable[Saved]) -> None:
    """One moment for the whole run, and the products whose pictures, or those of their variants, changed."""
    images = [image.pk for each in saved for image in each.images]
    Image.objects.filter(one_of(images)).update(updated_at=batch.run.began_at)
    sets = {image_set.pk for each in saved for image_set in each.sets}
    sets |= {image_set.pk for found in sets_using(images).values() for image_set in found}
    products = ProductImageSet.objects.filter(image_set__in=sets).values_list("product", flat=True)
    variants = VariantImageSet.objects.filter(image_set__in=sets)
    report(facts.IMAGES, {*products, *variants.values_list("variant__product", flat=True)})
