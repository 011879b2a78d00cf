"""The cells of the grid in which attributes are managed: how each is typed, what stands in where it is empty
(spec: attributes 4.3, 4.4)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from backoffice.texts import preferred_locales
from catalog.attributes.models import Attribute
from catalog.products.assigning import Maps, Value, shown, why_not

PREFIX = "attr"
SELECTED_UP_TO = 50
"""So many predefined values are a list to choose from; more of them are suggested while one types."""
SUGGESTED = 100
_KINDS = Attribute.InputType
_SHAPES: Mapping[str, tuple[str, re.Pattern[str]]] = {
    _KINDS.NUMBER: ("number", re.compile(r"-?[0-9]+(\.[0-9]+)?")),
    _KINDS.FLOAT: ("number", re.compile(r"-?[0-9]+(\.[0-9]+)?")),
    _KINDS.DATE: ("date", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    _KINDS.TIME: ("time", re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?")),
    _KINDS.DATETIME: ("datetime-local", re.compile(r"[0-9-]{10}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")),
}
"""The browser's box for a type, and which texts it takes; another text would vanish in it."""


@dataclass
class Cell:
    """One box: ``locale`` is empty for the default value."""

    name: str
    locale: str
    text: str
    kind: str = "text"
    """"select", "textarea", or the type of an input."""
    options: list[tuple[str, str]] = field(default_factory=list)
    inherited: str = ""
    """The value that holds while the cell is empty, and where it comes from."""
    source: str = ""
    is_from_product: bool = False
    is_read_only: bool = False
    error: str = ""
    warning: str = ""

    @property
    def lang(self) -> str:
        return self.locale.replace("_", "-")

    @property
    def label(self) -> str:
        return self.locale or _("Default")


@dataclass
class Row:
    """A key with its cells, Default first."""

    number: int
    key: str
    title: str
    attribute: Attribute | None
    is_super: bool
    cells: list[Cell]
    is_own: bool = True
    """Whether the record itself holds a value, so that there is something to remove."""
    is_dropped: bool = False
    is_fresh: bool = False
    suggestions: list[tuple[str, str]] = field(default_factory=list)

    @property
    def places(self) -> Sequence[str]:
        return self.attribute.visibility if self.attribute else ()

    @property
    def can_go(self) -> bool:
        return self.is_own and self.attribute is not None and not self.is_super

    @property
    def is_multiple(self) -> bool:
        return self.attribute is not None and self.attribute.input_type == _KINDS.MULTISELECT

    @property
    def input_type(self) -> str:
        return self.attribute.get_input_type_display() if self.attribute else ""


def path_of(locale: str, key: str) -> str:
    """How a cell is called among others: keys may hold dots, locales do not."""
    return f"{locale}.{key}"


def flat(maps: Maps) -> dict[str, Value]:
    """All values of a record by the path of their cell."""
    found = {path_of("", key): value for key, value in maps.default.items()}
    for locale, values in maps.localized.items():
        found |= {path_of(locale, key): value for key, value in values.items()}
    return found


def maps_of(values: Mapping[str, Any]) -> Maps:
    """The maps that :func:`flat` wrote down; empty values are left out."""
    default: dict[str, Value] = {}
    localized: dict[str, dict[str, Value]] = {}
    for path, value in values.items():
        locale, _dot, key = path.partition(".")
        if value not in (None, "", []):
            (localized.setdefault(locale, {}) if locale else default)[key] = value
    return Maps(default, localized)


def words(attribute: Attribute, locale: str) -> dict[str, str]:
    """The predefined values with the words by which a reader of this locale knows them."""
    return {row.value: row.translations.get(locale) or row.value for row in attribute.offered}


def shape(cell: Cell, attribute: Attribute | None, locale: str) -> None:
    """Decide how the cell is typed. A text that the browser's own box cannot show is typed as plain text."""
    if attribute is None:
        return
    offered = words(attribute, cell.locale or locale)
    is_list = attribute.input_type == _KINDS.MULTISELECT
    if offered and not attribute.allow_input and not is_list and len(offered) <= SELECTED_UP_TO:
        cell.kind = "select"
        kept = [(cell.text, cell.text)] if cell.text and cell.text not in offered else []
        standing_in = offered.get(cell.inherited, cell.inherited)
        cell.options = [("", f"({standing_in})" if standing_in else "–"), *kept, *offered.items()]
    elif attribute.input_type == _KINDS.TEXTAREA or "\n" in cell.text:
        cell.kind = "textarea"
    else:
        kind, takes = _SHAPES.get(attribute.input_type, ("text", None))
        cell.kind = kind if takes is None or not cell.text or takes.fullmatch(cell.text) else "text"


def mark(cell: Cell, attribute: Attribute | None, value: Value | None) -> None:
    """Say that a stored value breaks the rules of its declaration; it is kept until somebody touches it."""
    if attribute is not None and value not in (None, "", []) and not cell.is_read_only:
        cell.warning = why_not(attribute, value, cell.locale)


def inherit(cell: Cell, key: str, own: Mapping[str, Any], above: Maps | None) -> None:
    """What holds while the cell is empty: for a locale the own default, then what the product has."""
    if cell.locale and path_of("", key) in own:
        cell.inherited, cell.source = shown(own[path_of("", key)]), _("from Default")
    elif above is not None:
        localized = above.localized.get(cell.locale, {}) if cell.locale else {}
        value = localized.get(key, above.default.get(key))
        if value is not None:
            cell.inherited, cell.source, cell.is_from_product = shown(value), _("from product"), True


def suggestions(attribute: Attribute | None, locale: str, cells: Sequence[Cell]) -> list[tuple[str, str]]:
    """What is offered while one types in these cells, raw values with the words of the user's locale."""
    if attribute is None or all(cell.kind in {"select", "textarea"} for cell in cells):
        return []
    own = preferred_locales(locale)[0]
    return list(words(attribute, own).items())[:SUGGESTED]
