"""How a cell is spelled: from text to value (``clean``) and back (``render``). Rules stay in the models.

A cell that cannot be read raises :class:`CellError`; nothing is ever coerced (spec: import-export 2).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from import_export.widgets import Widget

from backoffice.transfer.problems import CellError, Sentence

_SHORTENED = re.compile(r"\d([.,]\d+)?[eE]\+\d+|\d[.,]\d+[eE]\d+")
_GUARDED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_ITEM = re.compile(r'(?:^|(?<=,))(?:\s*"(?:[^"]|"")*"\s*(?=,|$)|[^,]*)')
_HIDDEN = "\u00a0\u200b\u200c\u200d\u2060\ufeff"
TRIMMED = " \t" + _HIDDEN
_PADDED_CODE = re.compile(r"^[=' ]|^\d.*[eE]| $", re.MULTILINE)
_PADDED_ITEM = ('"', "'", "\n ", " \n", ", ", " ,")
_AROUND_ITEMS = TRIMMED + "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())


class CellWidget(Widget):
    """The base. ``is_code`` cells are trimmed and looked at for what spreadsheets do to codes; ``is_text``
    cells are protected against being read as a formula when they are written."""

    is_code = False
    is_text = True
    is_decimal = False

    def clean(self, value: str, row: Any = None, **options: Any) -> Any:
        return value

    def clean_all(self, cells: Sequence[str], **options: Any) -> Sequence[Any]:
        """The values of many cells, none of which holds a sign that is not an ordinary printable one. Each distinct
        cell is read once, so that equal cells share their value."""
        read = {cell: self.clean(cell, **options) for cell in set(cells)}
        return [read[cell] for cell in cells]

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else str(value)

    def shown(self, value: Any) -> str:
        """A value in a sentence about its cell, as people would write it."""
        return self.render(value)


class Text(CellWidget):
    """Plain text, kept as typed."""

    def __init__(self, max_length: int | None = None) -> None:
        super().__init__()
        self.max_length = max_length

    def clean(self, value: str, row: Any = None, **options: Any) -> str:
        if value[:1] == "'":
            value = unguarded(value)
        if self.max_length and len(value) > self.max_length:
            raise CellError("too_long", length=len(value), limit=self.max_length)
        return value

    def clean_all(self, cells: Sequence[str], **options: Any) -> Sequence[str]:
        """Nearly always the cells themselves: what has to be looked at is searched for in all of them at once."""
        if (self.max_length and len(max(cells, key=len)) > self.max_length) or self._may_differ(
            "\n".join(cells)
        ):
            return super().clean_all(cells, **options)
        return cells

    def _may_differ(self, lines: str) -> bool:
        """Whether a value could be another one than its cell; ``lines`` are the cells."""
        return type(self).clean is not Text.clean or "'" in lines


class Code(Text):
    """A key, a SKU, a name used as a key: text for ever, trimmed, compared exactly."""

    is_code = True

    def __init__(self, max_length: int | None = 255, pattern: str = "", message: Sentence = "") -> None:
        super().__init__(max_length)
        self.pattern = re.compile(pattern) if pattern else None
        self.lines = re.compile(rf"(?:(?:{pattern})?\n)*(?:{pattern})?", re.MULTILINE) if pattern else None
        self.message = message

    def clean(self, value: str, row: Any = None, **options: Any) -> str:
        value = value.strip(TRIMMED)
        first = value[:1]
        if first in "='" and first:
            if first == "=":
                raise CellError("formula", hint=value.lstrip("=").strip('"'))
            value = unguarded(value)
        elif first.isdigit() and ("E" in value or "e" in value) and _SHORTENED.fullmatch(value):
            raise CellError("sci_notation")
        if self.max_length and len(value) > self.max_length:
            raise CellError("too_long", length=len(value), limit=self.max_length)
        if not value.isprintable() or (self.pattern and value and not self.pattern.fullmatch(value)):
            raise CellError("bad_key", self.message)
        return value

    def _may_differ(self, lines: str) -> bool:
        is_own = type(self).clean is not Code.clean
        is_odd = _PADDED_CODE.search(lines) is not None or (self.lines and not self.lines.fullmatch(lines))
        return is_own or bool(is_odd)


class Locale(Code):
    """A language and country, ``de_AT``."""

    def __init__(self) -> None:
        super().__init__(5)

    def clean(self, value: str, row: Any = None, **options: Any) -> str:
        value = value.strip(TRIMMED)
        if value and not re.fullmatch(r"[a-z]{2}_[A-Z]{2}", value):
            raise CellError("bad_choice", choices="de_DE, en_US, …")
        return value


class Bool(CellWidget):
    """Yes or no in the usual spellings, written as 1 or 0."""

    is_text = False
    TRUE = frozenset({"1", "true", "yes", "on", "y", "ja"})
    FALSE = frozenset({"0", "false", "no", "off", "n", "nein", "-"})

    def __init__(self, true: str = "1", false: str = "0") -> None:
        super().__init__()
        self.true, self.false = true, false

    def clean(self, value: str, row: Any = None, **options: Any) -> bool | None:
        word = value.strip(TRIMMED).lower()
        if not word:
            return None
        if word in self.TRUE:
            return True
        if word in self.FALSE:
            return False
        raise CellError("bad_bool", yes=self.true, no=self.false)

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else self.true if value else self.false


class Choice(CellWidget):
    """One word of a few, in any letter case; ``words`` maps what is read to what is stored."""

    is_text = False

    def __init__(self, words: Iterable[str] | Mapping[str, Any]) -> None:
        super().__init__()
        pairs = words.items() if isinstance(words, Mapping) else ((word, word) for word in words)
        self.words = {word.lower(): value for word, value in pairs}
        self.written = {value: word for word, value in reversed(self.words.items())}

    def clean(self, value: str, row: Any = None, **options: Any) -> Any:
        word = value.strip(TRIMMED).lower()
        if word and word not in self.words:
            raise CellError("bad_choice", choices=", ".join(self.words))
        return self.words[word] if word else None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return self.written.get(value, "")


class Listed(CellWidget):
    """A list in a cell: items parted by commas and trimmed; one that holds a comma or a quote stands in quotes.
    Blank items are kept here, because lists may have to be of one length."""

    def clean(self, value: str, row: Any = None, **options: Any) -> tuple[str, ...] | None:
        if value[:1] == "'":
            value = unguarded(value)
        if not value.strip(_AROUND_ITEMS):
            return None
        if '"' not in value:
            return tuple([item.strip(_AROUND_ITEMS) for item in value.split(",")])
        return tuple([_item(found[0]) for found in _ITEM.finditer(value)])

    def clean_all(self, cells: Sequence[str], **options: Any) -> Sequence[Any]:
        lines = "\n".join(["", *cells, ""])
        if type(self).clean is not Listed.clean or any(sign in lines for sign in _PADDED_ITEM):
            return super().clean_all(cells, **options)
        return [tuple(cell.split(",")) if cell else None for cell in cells]

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return ",".join(map(_quoted, value or ()))


def _item(text: str) -> str:
    text = text.strip(_AROUND_ITEMS)
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"').strip(_AROUND_ITEMS)
    return text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if '"' in text or "," in text else text


class Words(Listed):
    """A list of some of a few words, in any letter case; stored in the order of the words, each once."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__()
        self.words = {word.lower(): word for word in words}

    def clean(self, value: str, row: Any = None, **options: Any) -> list[str] | None:
        items = super().clean(value) or ()
        given = {item.lower() for item in items if item}
        if not given <= set(self.words):
            unknown = dict.fromkeys(item for item in items if item and item.lower() not in self.words)
            raise CellError("bad_choice", value=", ".join(unknown), choices=", ".join(self.words.values()))
        return [word for key, word in self.words.items() if key in given] or None


class Json(CellWidget):
    """Strict JSON."""

    is_text = False

    def clean(self, value: str, row: Any = None, **options: Any) -> Any:
        if not value.strip():
            return None
        try:
            return json.loads(value, parse_constant=_no_constant, parse_float=Decimal)
        except (ValueError, RecursionError):
            raise CellError("bad_json") from None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def unguarded(text: str) -> str:
    """Take away the one sign that protected a text from being read as a formula."""
    return text[1:] if _GUARDED.match(text) else text


def hidden_blanks(cell: str) -> bool:
    """Whether trimming took more than visible blanks away."""
    return cell.strip(" \t") != cell.strip(TRIMMED)
