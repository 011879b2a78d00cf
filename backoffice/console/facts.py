"""Values as the view page of a record prints them."""

from collections.abc import Mapping
from typing import NamedTuple

from backoffice.texts import content_locales


class Text(NamedTuple):
    locale: str
    text: str
    stands_in: bool
    """The text is not the record's own: the glossary shows it."""


class Texts(NamedTuple):
    """A text per locale, content locales first; those without any text are shown as missing."""

    lines: list[Text]

    @classmethod
    def of(cls, own: Mapping[str, str] | None, fallbacks: Mapping[str, str]) -> "Texts":
        own = own or {}
        codes = dict.fromkeys([*content_locales(), *own])
        return cls([Text(c, own.get(c) or fallbacks.get(c, ""), c not in own) for c in codes])
