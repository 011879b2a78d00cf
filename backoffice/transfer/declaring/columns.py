"""The columns of a file, as a room declares them, and their places in one file's header."""

import difflib
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from django.db.models.fields import NOT_PROVIDED
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field

from backoffice.transfer.declaring.widgets import CellWidget, Text
from backoffice.transfer.problems import NOTE, CellError, FileRefused, Problem, Sentence

KEY, ONE_OF, CREATE, OPTIONAL = "K", "1", "C", ""
KEYS = (KEY, ONE_OF)
_NUMBERED = re.compile(r"([A-Za-z_]+?)_([1-9][0-9]{0,5})(?:\.(.+))?")


class Column(Field):
    """One column, or with ``localized`` one per content locale (``name.en_US``).

    ``required`` is KEY, ONE_OF (part of the key that may be empty), CREATE (needed to make a record) or OPTIONAL;
    ``default`` is what an empty cell stores; ``extra`` columns are ours: read when present, written only when asked
    for. ``samples`` are the cells of the rows in the sample file, per locale for a text of several. ``numbered``
    columns come any number of times as ``value_1``, ``value_2`` …, with and without a locale (import-export 2.11);
    one that needs another of the same number and locale names it as ``partner``. An empty cell of a list that ``adds``
    changes nothing.
    """

    _declared = itertools.count()

    widget: CellWidget

    def __init__(
        self,
        attribute: str,
        column_name: str = "",
        widget: CellWidget | None = None,
        *,
        required: str = OPTIONAL,
        default: Any = NOT_PROVIDED,
        localized: bool = False,
        extra: bool = False,
        aliases: Sequence[str] = (),
        help: Sentence = "",
        samples: Sequence[str] | Mapping[str, Sequence[str]] = (),
        numbered: bool = False,
        partner: str = "",
        adds: bool = False,
    ) -> None:
        super().__init__(attribute, column_name or attribute, widget or Text(), default=default)
        self.required, self.localized, self.extra = required, localized, extra
        self.aliases, self.help, self.samples = tuple(aliases), help, samples
        self.numbered, self.partner, self.adds = numbered, partner, adds
        self.order = next(self._declared)

    @property
    def is_needed(self) -> bool:
        """Whether no cell may be empty."""
        return self.required in (KEY, CREATE) and not self.localized and not self.adds

    def names(self) -> tuple[str, ...]:
        return (self.column_name, *self.aliases)

    def sample(self, row: int, locale: str = "", number: int = 0) -> str:
        """The cell of a row of the sample file; of numbered columns only the first is filled. A language without a
        text of its own repeats one of another where a new record needs it."""
        if number > 1:
            return ""
        cells = self.samples
        if isinstance(cells, Mapping):
            others = next(iter(cells.values()), ()) if self.required == CREATE else ()
            cells = cells.get(locale, others)
        return cells[row] if row < len(cells) else ""

    def empty_value(self) -> Any:
        """What an empty cell stores."""
        return None if self.default is NOT_PROVIDED else self.default


class Place(NamedTuple):
    """A column found in a header. ``locale`` is empty unless the column is one text of several; ``number`` is that of
    a numbered column."""

    position: int
    name: str
    column: Column
    locale: str = ""
    number: int = 0

    def read(self, cell: str, decimal_sign: str = ".") -> Any:
        """The value of a cell. An empty one gives the column's default; a required one is refused."""
        widget = self.column.widget
        value = widget.clean(cell, decimal_sign=decimal_sign) if widget.is_decimal else widget.clean(cell)
        if value is None or value == "":
            if self.column.is_needed:
                raise CellError("required")
            return self.column.empty_value() if not self.locale else ""
        return value

    def read_all(self, cells: Sequence[str], decimal_sign: str = ".") -> Sequence[Any]:
        """The values of many ordinary cells, as :meth:`read` gives them."""
        widget = self.column.widget
        options = {"decimal_sign": decimal_sign} if widget.is_decimal else {}
        values = widget.clean_all(cells, **options)
        if None not in values and "" not in values:
            return values
        if self.column.is_needed:
            raise CellError("required")
        empty = self.column.empty_value() if not self.locale else ""
        return [empty if value is None or value == "" else value for value in values]


class Header(NamedTuple):
    """The first row understood: which column stands where, and what was noted."""

    cells: list[str]
    places: list[Place]
    notes: list[Problem]

    @property
    def key_places(self) -> list[Place]:
        return [place for place in self.places if place.column.required in KEYS]

    def has(self, column: Column) -> bool:
        return any(place.column is column for place in self.places)


def understand(
    cells: Sequence[str], columns: Iterable[Column], locales: Sequence[str], ignored: Sequence[str] = ()
) -> Header:
    """Find the declared columns in a header (1.2.7). A name that is there twice, or a key that is missing,
    refuses the file. Of others a note is made, unless their name fits a pattern of ``ignored``."""
    columns = list(columns)
    names = [cell.strip().removeprefix("\ufeff") for cell in cells]
    plain, texts, numbered = _by_kind(columns)
    places: list[Place] = []
    notes: list[Problem] = []
    seen: set[Any] = set()
    taken: set[str] = set()
    for position, name in enumerate(names):
        if not name or name.startswith("__"):
            continue
        if _folded(name) in taken:
            raise FileRefused("duplicate_column", column=name)
        taken.add(_folded(name))
        place = _place(position, name, plain, texts) or _numbered_place(position, name, numbered)
        if place is None and any(fnmatchcase(name.lower(), pattern) for pattern in ignored):
            continue
        if place is None:
            notes.append(_unknown(name, [*plain, *(f"{text}.{code}" for text in texts for code in locales)]))
        elif place.locale and place.locale not in locales:
            notes.append(Problem(NOTE, "unknown_locale_column", name))
        elif (place.column, place.locale, place.number) in seen:
            raise FileRefused("duplicate_column", column=name)
        else:
            seen.add((place.column, place.locale, place.number))
            places.append(place)
    missing = [c.column_name for c in columns if c.required in KEYS and (c, "", 0) not in seen]
    missing += _without_partner(places)
    if missing:
        raise FileRefused("missing_column", columns=", ".join(missing))
    places.sort(key=lambda place: (place.column.order, place.locale, place.number))
    return Header(list(cells), places, notes + _missing_locales(columns, seen, locales))


def _by_kind(columns: Sequence[Column]) -> list[dict[str, Column]]:
    """Columns by name: those that come once, those that come per locale, those that come any number of times."""
    kinds: list[dict[str, Column]] = [{}, {}, {}]
    for column in columns:
        kinds[2 if column.numbered else 1 if column.localized else 0] |= dict.fromkeys(column.names(), column)
    return kinds


def _without_partner(places: Sequence[Place]) -> list[str]:
    """The columns that are missing beside numbered ones."""
    there = {place.name for place in places}
    wanted = [
        numbered_name(place.column.partner, place.number, place.locale)
        for place in places
        if place.column.partner
    ]
    return [name for name in wanted if name not in there]


def numbered_name(stem: str, number: int, locale: str) -> str:
    """How a numbered column is called: ``value_3.de_DE``."""
    return f"{stem}_{number}.{locale}" if locale else f"{stem}_{number}"


def _folded(name: str) -> str:
    """Letter case does not matter, except in the locale."""
    stem, dot, locale = name.rpartition(".")
    return f"{stem.lower()}.{locale}" if dot else name.lower()


def _place(position: int, name: str, plain: dict[str, Column], texts: dict[str, Column]) -> Place | None:
    column = plain.get(name.lower())
    if column:
        return Place(position, column.column_name, column)
    stem, _dot, locale = name.rpartition(".")
    column = texts.get(stem.lower())
    return Place(position, f"{column.column_name}.{locale}", column, locale) if column and locale else None


def _numbered_place(position: int, name: str, numbered: dict[str, Column]) -> Place | None:
    found = _NUMBERED.fullmatch(name) if numbered else None
    column = numbered.get(found[1].lower()) if found else None
    if column is None:
        return None
    number, locale = int(found[2]), found[3] or ""
    return Place(position, numbered_name(column.column_name, number, locale), column, locale, number)


def _unknown(name: str, known: Sequence[str]) -> Problem:
    nearest = difflib.get_close_matches(name, known, 1)
    if not nearest:
        return Problem(NOTE, "unknown_column", name)
    message = _("The column “%(column)s” is not known and is left out. Did you mean “%(nearest)s”?")
    return Problem(NOTE, "unknown_column", name, params={"nearest": nearest[0]}, message=message)


def _missing_locales(columns: Iterable[Column], seen: set[Any], locales: Sequence[str]) -> list[Problem]:
    told = [c for c in columns if c.localized and not c.extra]
    return [
        Problem(NOTE, "missing_locale_column", params={"locale": locale})
        for locale in locales
        if told and not any((column, locale, 0) in seen for column in told)
    ]


def check_shape(cells: Sequence[str], width: int) -> Problem | None:
    """A row has as many cells as the header; surplus cells that are all empty are accepted."""
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        return Problem("error", "ragged_row", params={"found": len(cells), "expected": width})
    return None
