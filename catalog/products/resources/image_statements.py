"""What the rows of product_image.csv say of pictures and sets, and that rows of one run agree about it
(spec: import-export 1.7.4, 4.5.4)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha1
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import Sentence
from backoffice.transfer.staging.keys import JOIN
from catalog.images.models import DEFAULT

FILE = "product_image"
SET, LARGE, SMALL = "image_set_name", "external_url_large", "external_url_small"
LOCALE, PRODUCT, VARIANT = "locale", "abstract_sku", "concrete_sku"
ORDER, IMAGE, SET_KEY = "sort_order", "product_image_key", "product_image_set_key"
ALTERNATIVES = {"alt_small": "alt_text_small", "alt_large": "alt_text_large"}
EMPTIED = f"{FILE}.emptied"
"""Alternative texts that a row leaves empty."""

Values = Mapping[str, Any]
Said = tuple[str, str, str]
"""A thing, what is said of it, and the column where."""


def set_of(values: Values) -> str:
    """What tells the set of a row from others: its owner, language and name."""
    kind = "variant" if values.get(VARIANT) else "product" if values.get(PRODUCT) else ""
    owner = values.get(VARIANT) or values.get(PRODUCT) or ""
    return JOIN.join((kind, owner, values.get(LOCALE) or DEFAULT, values[SET]))


def row_key(values: Values) -> str:
    """A picture stands once in a set."""
    is_free = not (values.get(VARIANT) or values.get(PRODUCT))
    return JOIN.join((values[IMAGE], set_of(values), (values.get(SET_KEY) or "") if is_free else ""))


def texts(values: Values) -> Iterator[tuple[str, str, str]]:
    """``(field, locale, text)`` of the alternative texts that count: in a set of one language only those of it."""
    own = values.get(LOCALE) or DEFAULT
    for field, stem in ALTERNATIVES.items():
        for name, text in values.items():
            head, _dot, locale = name.partition(".")
            if head == stem and own in (DEFAULT, locale):
                yield field, locale, text


def text_of(values: Values, field: str, locale: str) -> str:
    """What tells an alternative text from others."""
    return JOIN.join((values[IMAGE], field, locale))


# --- what rows have to agree about -----------------------------------------------------------------


class Statement(NamedTuple):
    """Something that several rows may say, and then say alike."""

    space: str
    of: Callable[[Values], Iterable[Said]]
    message: Sentence

    @property
    def wording(self) -> str:
        return f"{self.space}.said"


def _addresses(values: Values) -> Iterator[Said]:
    if values.get(LARGE) and values.get(SMALL):
        yield values[IMAGE], JOIN.join((values[LARGE], values[SMALL])), LARGE


def _texts(values: Values) -> Iterator[Said]:
    for field, locale, text in texts(values):
        if text:
            yield text_of(values, field, locale), text, f"{ALTERNATIVES[field]}.{locale}"


def _sets_of_keys(values: Values) -> Iterator[Said]:
    if values.get(SET_KEY):
        yield values[SET_KEY], set_of(values), SET_KEY


def _keys_of_sets(values: Values) -> Iterator[Said]:
    if values.get(SET_KEY) and (values.get(PRODUCT) or values.get(VARIANT)):
        yield set_of(values), values[SET_KEY], SET_KEY


ADDRESS = Statement(f"{FILE}.address", _addresses, _("Line %(line)s gives the same picture another address."))
TEXT = Statement(f"{FILE}.text", _texts, _("Line %(line)s describes the same picture in other words."))
KEYED = Statement(f"{FILE}.keyed", _sets_of_keys, _("Line %(line)s gives another set this key."))
KEY_OF_SET = Statement(f"{FILE}.set", _keys_of_sets, _("Line %(line)s gives the same set another key."))
STATEMENTS = (ADDRESS, TEXT, KEYED, KEY_OF_SET)


def _wording(thing: str, said: str) -> str:
    """Short, however long what is said: it is looked up by an index."""
    return f"{thing}{JOIN}{sha1(said.encode(), usedforsecurity=False).hexdigest()}"


def facts(values: Values) -> Iterator[tuple[str, str]]:
    for statement in STATEMENTS:
        for thing, said, _column in statement.of(values):
            yield statement.space, thing
            yield statement.wording, _wording(thing, said)
    for field, locale, text in texts(values):
        if not text:
            yield EMPTIED, text_of(values, field, locale)


def refuse_contradictions(batch: Batch, rows: Iterable[Planned]) -> None:
    """The first good row of a run decides; a later one that says something else is a conflict. A constant number of
    queries."""
    for statement in STATEMENTS:
        hide_bad(batch)
        said = [(row, each) for row in rows if not row.is_bad for each in statement.of(row.values)]
        if not said:
            continue
        keys = batch.run.keys
        first = keys.first_good(statement.space, {thing for _row, (thing, *_rest) in said})
        alike = keys.first_good(statement.wording, {_wording(*each[:2]) for _row, each in said})
        for row, (thing, words, column) in said:
            decided, same = first.get(thing), alike.get(_wording(thing, words))
            if decided and (same is None or same.row != decided.row):
                remedy = _("Say the same in both rows.")
                row.fail("conflict", column, statement.message, remedy, **batch.told(decided.spot))


def hide_bad(batch: Batch) -> None:
    """Rows that are in error or left out decide nothing."""
    bad = [row.number for row in batch.rows if row.is_bad or row.record is None]
    if bad:
        batch.run.keys.mark_bad(batch.file.position, bad)
