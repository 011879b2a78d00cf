"""Normalised text for search and sorting (working-day 12.4), and the content locales of the shop."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import models

from backoffice.actor import remembered

_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ı": "i"})
_has_letters = re.compile("[øđłæœı]").search
_without_accents = re.compile("[\u0300-\u034e\u0350-\u036f]+").sub
_is_beyond_latin = re.compile("[^\x00-\u02ff]").search


class _Marks(dict[int, int | None]):
    """Takes combining marks away; remembers what it was asked about."""

    def __missing__(self, sign: int) -> int | None:
        self[sign] = None if unicodedata.combining(chr(sign)) else sign
        return self[sign]


_MARKS = _Marks()


def normalise(text: str) -> str:
    """Lower case, without accents, blanks folded: ``"Stück  XL"`` becomes ``"stuck xl"``."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = text.casefold()
    if _has_letters(plain):
        plain = plain.translate(_LETTERS)
    plain = _without_accents("", unicodedata.normalize("NFKD", plain))
    # A translation looks every sign up, so most texts do without.
    return " ".join((plain.translate(_MARKS) if _is_beyond_latin(plain) else plain).split())


def compact(text: str) -> str:
    """A code as people type it in haste, without dashes and blanks: ``"LB-100 oak"`` becomes ``"lb100oak"``."""
    return normalise(text).replace("-", "").replace(" ", "")


class SearchField(models.TextField):
    """The one searched column of a model: its sources normalised, written with the row by whoever writes it.

    ``sources`` are field names; a text per locale counts with all its locales. A code with dashes stands once more
    without them, as dashes do not matter to who looks for it (working-day 9.1).
    """

    def __init__(self, *, sources: Iterable[str] = (), **options: Any) -> None:
        self.sources = tuple(sources)
        super().__init__(**{"default": "", "blank": True, "editable": False, **options})

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "sources": self.sources}

    def text_of(self, values: Mapping[str, Any]) -> str:
        """The column for a row given as ``{field: value}``."""
        parts: list[str] = []
        for source in self.sources:
            value = values.get(source)
            if isinstance(value, dict):
                parts.extend(value.values())
            elif value:
                parts.append(str(value))
                if "-" in parts[-1]:
                    parts.append(compact(parts[-1]))
        return normalise(" ".join(parts))

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        text = self.text_of({source: getattr(model_instance, source) for source in self.sources})
        setattr(model_instance, self.attname, text)
        return text


_locale_source: Callable[[], list[str]] | None = None


def register_content_locales(source: Callable[[], list[str]]) -> None:
    """The room that knows the stores says here where the content locales come from."""
    global _locale_source
    _locale_source = source


def stored_locales() -> list[str]:
    """The locales of all stores as they are stored this moment, default first; none while no store has any."""
    return _locale_source() if _locale_source else []


def content_locales() -> list[str]:
    """All locales of all stores, default first; while no store exists the default setting and ``en_US``
    (working-day 12.1). Asked once per request."""
    found = remembered("content_locales", _locale_source) if _locale_source else []
    return found or list(dict.fromkeys([settings.DEFAULT_CONTENT_LOCALE, "en_US"]))


def preferred_locales(first: str = "") -> list[str]:
    """The content locales with the user's own one in front: the order in which a missing text falls back."""
    locales = content_locales()
    return [first, *(code for code in locales if code != first)] if first in locales else locales
