"""What becomes of the rows of product_image.csv: a row is new if it makes a picture, a set or a place in one, else
changed if it changes any (spec: import-export 1.3.3, 4.5.4)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from backoffice.console.rows import visible
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO, NOTE, WARNING, Problem
from catalog.images import files
from catalog.images.reading import sets_using
from catalog.products.models import Product, ProductImageSet, VariantImageSet
from catalog.products.resources import image_statements as said
from catalog.products.resources.image_places import Places
from catalog.products.resources.image_statements import (
    ADDRESS,
    ALTERNATIVES,
    EMPTIED,
    IMAGE,
    KEY_OF_SET,
    LARGE,
    TEXT,
)

Outcome = RowResult.Outcome
_usual = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_ADDRESS_FIELDS = ("url_small", "url_large", "file", "width", "height")


def merge(row: Planned, record: list[Any], positions: Mapping[str, int]) -> None:
    """Lay the addresses and the texts of a row over the stored picture."""
    _lay_addresses(row.values, record, positions)
    for field, locale, text in said.texts(row.values):
        held = record[positions[field]] or {}
        if held.get(locale, "") != text:
            texts = {**held, locale: text}
            record[positions[field]] = {code: each for code, each in texts.items() if each}


def _lay_addresses(values: said.Values, record: list[Any], positions: Mapping[str, int]) -> None:
    """An export names an upload by its own address; that is no other picture."""
    large, file = values.get(LARGE), record[positions["file"]]
    if file and large in (None, "", files.address(file)):
        return
    if file:
        record[positions["file"]], record[positions["width"]], record[positions["height"]] = "", 0, 0
    for field, column in (("url_large", LARGE), ("url_small", said.SMALL)):
        if values.get(column):
            record[positions[field]] = values[column]


# --- deciding ------------------------------------------------------------------------------------


class Shares(NamedTuple):
    """The rows that decide: on the address of their picture, on the key of their set, and on which texts."""

    addresses: set[int]
    keys: set[int]
    texts: Mapping[int, Sequence[tuple[str, str]]]


def review(batch: Batch) -> None:
    """Look at sets and places; the engine has looked at the pictures. A constant number of queries."""
    _note_locales(batch)
    _look(batch)
    _find_identical(batch)
    rows = [row for row in batch.rows if row.record is not None and not row.is_bad and not _is_twin(row)]
    said.refuse_contradictions(batch, rows)
    places = Places(batch, [row for row in rows if not row.is_bad])
    places.refuse_foreign_keys()
    said.hide_bad(batch)
    rows = [row for row in rows if not row.is_bad]
    shares = _shares(batch, rows)
    for row in rows:
        _keep_others(batch, row, shares)
        _decide(batch, row, places, brings_key=row.number in shares.keys)
    _tell_addresses(batch, rows, shares)
    _refuse_unseen(batch, rows)


def _note_locales(batch: Batch) -> None:
    """Rows in a language that no store uses are left out and counted; one note names it."""
    foreign = {row.values[said.LOCALE] for row in batch.rows if row.record is None and not row.is_bad}
    noted = {note.get("value") for note in batch.file.notes}
    message = _("No store uses the language “%(value)s”; its rows are left out.")
    for locale in sorted(foreign - noted):
        note = Problem(NOTE, "unknown_locale_column", said.LOCALE, locale, message=message)
        batch.file.notes = [*batch.file.notes, note.as_json()]
        batch.file.save(update_fields=["notes"])


def _look(batch: Batch) -> None:
    """What a row says of itself."""
    for row in batch.rows:
        if row.record is None:
            continue
        product, variant = row.values.get(said.PRODUCT), row.values.get(said.VARIANT)
        if product and variant:
            row.tell(WARNING, "both_skus", said.PRODUCT, counts=variant)
        elif not (product or variant or row.values.get(said.SET_KEY)):
            message = _("A set belongs to a product or a variant, or has a key of its own.")
            row.fail("one_of", said.PRODUCT, message, _("Write one of the two SKUs, or the key of the set."))
        if not _usual(row.values[said.SET]):
            row.tell(INFO, "unusual_key", said.SET)


def _is_twin(row: Planned) -> bool:
    return any(problem.code == "identical_row" for problem in row.problems)


def _find_identical(batch: Batch) -> None:
    """The same picture twice in one set: the same row again, or one that says something else of its place."""
    rows = {row.number: row for row in batch.rows if row.record is not None and not row.is_bad}
    keys = {said.row_key(row.values) for row in rows.values()}
    twins = batch.run.keys.twins(said.FILE, keys, last_wins=False) if batch.has_repeats and keys else {}
    for (file, number), twin in twins.items():
        row = rows.get(number) if file == batch.file.position else None
        if row and twin.is_equal:
            row.tell(INFO, "identical_row", batch.key_column, **batch.told(twin.spot))
            row.outcome = Outcome.UNCHANGED
        elif row:
            row.fail("duplicate_row", batch.key_column, **batch.told(twin.spot))


def _shares(batch: Batch, rows: Iterable[Planned]) -> Shares:
    """A picture stands on several rows: the first that says something of it brings it, whatever the batch. Words win
    over an empty cell."""
    keys, position = batch.run.keys, batch.file.position
    images = {row.values[IMAGE] for row in rows}
    stated = {said.text_of(row.values, *each[:2]) for row in rows for each in said.texts(row.values)}
    addresses = keys.first_good(ADDRESS.space, images)
    words = keys.first_good(TEXT.space, stated) if stated else {}
    emptied = keys.first_good(EMPTIED, stated - words.keys()) if stated - words.keys() else {}
    found: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        for field, locale, _text in said.texts(row.values):
            thing = said.text_of(row.values, field, locale)
            first = words.get(thing) or emptied.get(thing)
            if first and first.row == (position, row.number):
                found.setdefault(row.number, []).append((field, locale))
    keyed = keys.first_good(KEY_OF_SET.space, {said.set_of(row.values) for row in rows})
    decide = [{first.row for first in each.values()} for each in (addresses, keyed)]
    numbers = [{row.number for row in rows if (position, row.number) in each} for each in decide]
    return Shares(*numbers, found)


def _keep_others(batch: Batch, row: Planned, shares: Shares) -> None:
    """Of a stored picture a row shows only what it brings itself."""
    if row.stored is None:
        return
    place = batch.comparison.positions
    if row.number not in shares.addresses:
        for name in _ADDRESS_FIELDS:
            row.record[place[name]] = row.stored[place[name]]
    own = shares.texts.get(row.number, ())
    for field in ALTERNATIVES:
        held, wanted = row.stored[place[field]] or {}, row.record[place[field]] or {}
        codes = [locale for name, locale in own if name == field]
        merged = {**held, **{code: wanted.get(code, "") for code in codes}}
        row.record[place[field]] = {code: text for code, text in merged.items() if text}


def _decide(batch: Batch, row: Planned, places: Places, *, brings_key: bool) -> None:
    was, wanted = row.outcome, batch.run.options.rows
    if places.is_new(row):
        row.outcome = Outcome.SKIPPED if wanted == "existing" else Outcome.NEW
    elif batch.comparison.differs(row) or places.differs(row, brings_key=brings_key):
        row.outcome = Outcome.SKIPPED if wanted == "new" else Outcome.CHANGED
    else:
        row.outcome = Outcome.UNCHANGED
    if row.outcome in (Outcome.NEW, Outcome.CHANGED):
        row.changes = places.shown(row)
    user, actions = batch.run.user, {Outcome.NEW: "add", Outcome.CHANGED: "change"}
    action = actions.get(row.outcome) if row.outcome != was else None
    if action and user is not None and not batch.resource.right(action).held_by(user):
        row.fail(f"no_{action}")


# --- pictures in other sets ------------------------------------------------------------------------


def _changed(batch: Batch, rows: Iterable[Planned]) -> list[Planned]:
    """The rows that change a stored picture itself."""
    found = [row for row in rows if row.stored is not None and row.outcome in (Outcome.NEW, Outcome.CHANGED)]
    return [row for row in found if batch.comparison.differs(row)]


def _tell_addresses(batch: Batch, rows: Iterable[Planned], shares: Shares) -> None:
    """A stored picture with another address changes in every set that uses it."""
    pk, places = batch.position("id"), [batch.position(name) for name in _ADDRESS_FIELDS]
    moved = [
        row
        for row in _changed(batch, rows)
        if row.number in shares.addresses and any(row.record[at] != row.stored[at] for at in places)
    ]
    used = sets_using([row.stored[pk] for row in moved]) if moved else {}
    owners = _owners([each.pk for found in used.values() for each in found]) if used else {}
    for row in moved:
        names = [f"{each} {owners.get(each.pk, each.key or '')}".strip() for each in used[row.stored[pk]]]
        row.tell(WARNING, "key_url_changed", LARGE, sets=", ".join(names))


def _owners(sets: Sequence[int]) -> dict[int, str]:
    """The SKU of the owner of each set that has one."""
    products = ProductImageSet.objects.filter(image_set__in=sets).values_list("image_set", "product__sku")
    variants = VariantImageSet.objects.filter(image_set__in=sets).values_list("image_set", "variant__sku")
    return {**dict(products), **dict(variants)}


def _refuse_unseen(batch: Batch, rows: Iterable[Planned]) -> None:
    """Who is limited to some products changes no picture that others show, too."""
    changed, user = _changed(batch, rows), batch.run.user
    if not changed or user is None:
        return
    seen = visible(Product.objects.order_by(), user)
    if not seen.query.has_filters():
        return
    pk = batch.position("id")
    ids = [row.stored[pk] for row in changed]
    held = {"image_set__places__image__in": ids}
    foreign: set[int] = set()
    for model, path in ((ProductImageSet, "product"), (VariantImageSet, "variant__product")):
        links = model.objects.filter(**held).exclude(**{f"{path}__in": seen.values("pk")})
        foreign |= set(links.values_list("image_set__places__image", flat=True))
    for row in changed:
        if row.stored[pk] in foreign:
            row.problems = [each for each in row.problems if each.code != "key_url_changed"]
            row.fail("taken", IMAGE)
