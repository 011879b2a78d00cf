"""What the rows of product_management_attribute.csv state, for files of the same run that follow: a check writes
nothing and must judge values as the apply does (spec: import-export 1.3.7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from backoffice.transfer.staging.keys import JOIN, RunKeys
from catalog.attributes.models import Attribute

FACT = "product_management_attribute.stated"
NUMBER, DATE, TIME, DATETIME = "number", "date", "time", "datetime"
_KINDS = {each: each for each in (NUMBER, DATE, TIME, DATETIME)} | {Attribute.InputType.FLOAT.value: NUMBER}
Asked = tuple[str, str, str]
"""The key of an attribute, a value, a locale."""


def facts(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in _said(values):
        yield FACT, JOIN.join((values["key"], *each))


def _said(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    if values.get("input_type"):
        yield ("type", values["input_type"])
    if "allow_input" in values:
        yield ("free", "1" if values["allow_input"] else "0")
    if "values" in values:
        items = [item for item in values["values"] or () if item]
        yield ("values", "1" if items else "0")
        yield from (("value", item) for item in dict.fromkeys(items))
    for name, texts in values.items():
        stem, _dot, locale = name.partition(".")
        if stem == "value_translations":
            yield ("texts", locale)
            yield from (("text", locale, text) for text in dict.fromkeys(texts or ()) if text)


class Declared(NamedTuple):
    """What an attribute takes: with ``has_words`` and not ``is_free`` only its predefined values, in their own words
    or in those of a locale. ``kind`` is empty where any text is of the type."""

    kind: str = ""
    is_free: bool = False
    has_words: bool = False
    words: frozenset[str] = frozenset()
    translated: Mapping[str, frozenset[str]] = {}

    @classmethod
    def of(cls, attribute: Attribute) -> Self:
        translated: dict[str, set[str]] = {}
        words = list(attribute.values.all())
        for each in words:
            for code, text in each.translations.items():
                translated.setdefault(code, set()).add(text)
        return cls(
            _KINDS.get(attribute.input_type, ""),
            attribute.allow_input,
            bool(words),
            frozenset(each.value for each in words),
            {code: frozenset(texts) for code, texts in translated.items()},
        )

    @property
    def is_limited(self) -> bool:
        return self.has_words and not self.is_free

    def lists(self, items: Sequence[str], locale: str) -> bool:
        """Whether all of ``items`` are predefined, where only those pass."""
        if not self.is_limited:
            return True
        texts = self.translated.get(locale, frozenset())
        return all(item in self.words or item in texts for item in items)


def declarations(keys: Iterable[str]) -> dict[str, Declared]:
    """How these keys are declared; keys without a declaration are left out. Two queries."""
    rows = Attribute.objects.filter(key__key__in=list(keys)).select_related("key").prefetch_related("values")
    return {attribute.key.key: Declared.of(attribute) for attribute in rows}


def with_run(
    stored: Mapping[str, Declared], brought: Iterable[str], asked: Iterable[Asked], keys: RunKeys
) -> dict[str, Declared]:
    """The same with what the run brings laid over it, as far as it concerns the values that are asked for. One
    query."""
    brought = set(brought)
    asked = [each for each in asked if each[0] in brought]
    wanted = {JOIN.join((key, *each)) for key in brought for each in _GENERAL}
    wanted |= {JOIN.join((key, *each)) for key, value, locale in asked for each in _about(value, locale)}
    said = {text for text, found in keys.find(FACT, wanted).items() if not found.is_bad}
    mine: dict[str, list[tuple[str, str]]] = {}
    for key, value, locale in asked:
        mine.setdefault(key, []).append((value, locale))
    laid = {key: _laid(key, stored.get(key, Declared()), mine.get(key, ()), said) for key in brought}
    return {**stored, **laid}


_GENERAL = [
    *(("type", each) for each in Attribute.InputType.values),
    *((name, flag) for name in ("free", "values") for flag in "01"),
]


def _about(value: str, locale: str) -> Iterator[tuple[str, ...]]:
    yield ("value", value)
    if locale:
        yield ("texts", locale)
        yield ("text", locale, value)


def _laid(key: str, held: Declared, asked: Sequence[tuple[str, str]], said: set[str]) -> Declared:
    def says(*words: str) -> bool:
        return JOIN.join((key, *words)) in said

    for each in Attribute.InputType.values:
        if says("type", each):
            held = held._replace(kind=_KINDS.get(each, ""))
    for flag in "01":
        if says("free", flag):
            held = held._replace(is_free=flag == "1")
        if says("values", flag):
            words = frozenset(value for value, _locale in asked if says("value", value))
            held = held._replace(has_words=flag == "1", words=words)
    translated = dict(held.translated)
    for locale in {locale for _value, locale in asked if locale and says("texts", locale)}:
        texts = (value for value, code in asked if code == locale and says("text", locale, value))
        translated[locale] = frozenset(texts)
    return held._replace(translated=translated)
