"""What can be wrong with a file, a row or a cell: stable codes, and sentences in the user's language.

A problem is stored with its code, its parameters and the untranslated sentence, so that every reader sees it
in the language of the screen and reports stay comparable (spec: import-export 1.6).
"""

import datetime
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

ERROR, WARNING, INFO, NOTE = "error", "warning", "info", "note"
SHOWN_LENGTH = 80
_COUNTED = ("found", "expected", "length", "limit", "count", "more")
"""The parameters that are numbers of things, for which sentences have thousands signs."""

Sentence = str | Promise


class Problem(NamedTuple):
    """One finding. ``message`` and ``remedy`` stand before the sentences of the code."""

    level: str
    code: str
    column: str = ""
    value: str = ""
    params: Mapping[str, Any] = {}
    message: Sentence = ""
    remedy: Sentence = ""
    cell: str = ""
    """Where the value stands in a workbook, such as C3."""

    def as_json(self) -> dict[str, Any]:
        """For storage: without empty parts, sentences untranslated."""
        facts = {**self._asdict(), "message": untranslated(self.message), "remedy": untranslated(self.remedy)}
        facts["value"], facts["column"] = shown(self.value), visible(self.column)
        facts["params"] = {name: visible(str(value)) for name, value in self.params.items()}
        return {name: value for name, value in facts.items() if value}

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> "Problem":
        return cls(**facts)

    @property
    def sentence(self) -> str:
        """What is wrong."""
        sentence = self.message or SENTENCES.get(self.code, (self.code, ""))[0]
        try:
            return self._said(sentence)
        except KeyError:
            return str(sentence)

    @property
    def repair(self) -> str:
        """How to mend it. A sentence of its own may speak of something else than the remedy of the code does."""
        usual = OWN_REMEDIES.get(self.code) if self.message else None
        try:
            return self._said(self.remedy or usual or SENTENCES.get(self.code, ("", ""))[1])
        except KeyError:  # the rule of a model says itself what is allowed, and gives no facts beside it
            return gettext("Correct the value.")

    def _said(self, sentence: Sentence) -> str:
        text = gettext(sentence) if isinstance(sentence, str) and sentence else str(sentence)
        facts = {"column": self.column, "value": shown(self.value), **self._facts()}
        return text % facts if "%(" in text else text

    def _facts(self) -> Mapping[str, Any]:
        numbers = {name: intcomma(self.params[name]) for name in _COUNTED if self._counts(name)}
        return {**self._told_facts(), **numbers} if numbers else self._told_facts()

    def _counts(self, name: str) -> bool:
        return str(self.params.get(name, "")).isdecimal()

    def _told_facts(self) -> Mapping[str, Any]:
        """The parameters; a stored moment becomes a day and time on the reader's clock, nobody the system. The line
        of another file is told with its name."""
        if {"file", "line"} <= self.params.keys():
            line = gettext("%(line)s of “%(file)s”") % self.params
            return {**self.params, "line": line}
        if "at" not in self.params:
            return self.params
        at = timezone.localtime(datetime.datetime.fromisoformat(self.params["at"]))
        who = self.params.get("who") or gettext("System")
        return {**self.params, "day": date_format(at, pgettext("date format", "j M Y, H:i")), "who": who}


class CellError(ValueError):
    """A cell cannot be read. Raised by widgets; the engine adds column and value."""

    def __init__(self, code: str, message: Sentence = "", remedy: Sentence = "", **params: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.remedy, self.params = code, message, remedy, params

    def problem(self, column: str, value: str) -> Problem:
        return Problem(ERROR, self.code, column, value, self.params, self.message, self.remedy)


class FileRefused(Exception):
    """A file is not read at all."""

    def __init__(self, code: str, message: Sentence = "", remedy: Sentence = "", **params: Any) -> None:
        super().__init__(code)
        self.problem = Problem("refused", code, params=params, message=message, remedy=remedy)


def untranslated(sentence: Sentence) -> str:
    """The English source of a lazily translated sentence."""
    with translation.override(None):
        return str(sentence)


def shown(value: str) -> str:
    """A value as reports show it: cut, with control characters made visible."""
    text = visible(value[: SHOWN_LENGTH + 1])
    return text if len(text) <= SHOWN_LENGTH else text[: SHOWN_LENGTH - 1] + "…"


def visible(text: str) -> str:
    """The text with control characters written out; PostgreSQL and browsers take no others."""
    return text if text.isprintable() else "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


SENTENCES: dict[str, tuple[Sentence, Sentence]] = {
    # the file is refused
    "empty_file": (_("The file is empty."), _("Choose the file you meant to upload.")),
    "not_a_table": (
        _("This is no table: the content is %(found)s."),
        _("Save the table as CSV or XLSX and upload that file."),
    ),
    "mixed_encoding": (
        _("Line %(line)s, byte %(byte)s is not UTF-8, other lines are: the file mixes two encodings."),
        _("Open the file in an editor, save it as UTF-8 and upload it again."),
    ),
    "guessed_encoding": (
        _("The file is not UTF-8. It looks like Windows-1252."),
        _("Compare the letters in the preview and confirm the encoding."),
    ),
    "unclosed_quote": (
        _("The quote opened on line %(line)s never closes."),
        _("Close the quote, or double it if it belongs to the text."),
    ),
    "duplicate_column": (
        _("The column “%(column)s” is there twice."),
        _("Remove or rename one of the two columns."),
    ),
    "missing_column": (
        _("These columns are missing: %(columns)s."),
        _("Add them; without them a row cannot be told from another."),
    ),
    "unknown_format": (
        _("It cannot be told what this file holds."),
        _("Choose the content of the file, or begin its name with the name of the format."),
    ),
    "too_large": (_("The file is too large: %(what)s."), _("Split it into smaller files.")),
    "unsafe_archive": (
        _("The archive is refused: %(what)s."),
        _("Pack the files again without folders outside, links, passwords or archives inside."),
    ),
    "no_permission": (
        _("You may not import files of this kind."),
        _("Ask an administrator for the right to import them."),
    ),
    # notes about the file
    "header_only": (_("The file has a header and no rows."), ""),
    "unknown_column": (_("The column “%(column)s” is not known and is left out."), ""),
    "unknown_locale_column": (
        _("No store uses the language of the column “%(column)s”; the column is left out."),
        "",
    ),
    "missing_locale_column": (_("No texts for %(locale)s in this file: they stay as they are."), ""),
    "already_applied": (_("The same content was imported before, on %(day)s by %(who)s."), ""),
    "not_imported_here": (_("Files of this kind are recognised and not imported."), ""),
    # a cell
    "required": (_("“%(column)s” may not be empty."), _("Fill in a value.")),
    "bad_bool": (_("“%(value)s” is neither yes nor no."), _("Write %(yes)s or %(no)s.")),
    "bad_int": (_("“%(value)s” is not a whole number."), _("Write digits only, such as 12.")),
    "bad_decimal": (
        _("“%(value)s” is not a number."),
        _("Write digits with a point, such as 12.5, and no thousands signs."),
    ),
    "bad_money": (_("“%(value)s” is not an amount."), _("Write the amount in cents, such as 1490.")),
    "bad_date": (_("“%(value)s” is not a date."), _("Write dates as 2026-12-31.")),
    "bad_choice": (_("“%(value)s” is not one of the accepted words."), _("Use one of: %(choices)s.")),
    "bad_list": (
        _("The list does not fit: %(found)s items, %(expected)s expected."),
        _("Write as many items as the other list has, in the same order."),
    ),
    "bad_json": (_("“%(value)s” is not valid JSON."), _("Check brackets, quotes and commas.")),
    "bad_key": (_("“%(value)s” has characters that are not allowed here."), _("Remove them from the key.")),
    "too_long": (
        _("The text has %(length)s characters, at most %(limit)s are allowed."),
        _("Shorten it; texts are never cut."),
    ),
    "bad_url": (
        _("“%(value)s” is no address that is accepted here."),
        _("Write https://…, //host/… or /path."),
    ),
    "bad_gtin": (
        _("“%(value)s” is no valid trade item number."),
        _("Write 8, 12, 13 or 14 digits with their check digit."),
    ),
    "out_of_range": (_("%(value)s is out of range."), _("Use a number from %(least)s to %(most)s.")),
    "sci_notation": (
        _("“%(value)s” is a number that a spreadsheet has shortened; the digits are lost."),
        _("Format the column as text in the spreadsheet and type the code again."),
    ),
    "formula": (_("The cell holds a formula."), _("Write the value itself: %(hint)s")),
    "control_char": (
        _("“%(column)s” holds a character that cannot be seen."),
        _("Delete it; it often comes from copying out of another program."),
    ),
    # a row
    "ragged_row": (
        _("The row has %(found)s cells, the header has %(expected)s."),
        _("Check separators and quotes in this line."),
    ),
    "duplicate_row": (
        _("The same key stands on line %(line)s with other values."),
        _("Keep one of the two rows."),
    ),
    "unknown_ref": (_("“%(value)s” does not exist."), _("Correct it, or import it first.")),
    "similar_key": (
        _("“%(value)s” differs from a known key only by letter case or leading zeros."),
        _("Did you mean “%(hint)s”?"),
    ),
    "one_of": (
        _("Exactly one of the columns that stand for each other is filled in."),
        _("Fill in one of them and leave the other empty."),
    ),
    "self_reference": (_("“%(value)s” refers to itself."), _("Name another record.")),
    "cycle": (_("With “%(value)s” above it, the record would lie below itself."), _("Name another one.")),
    "nested_bundle": (
        _("A bundle cannot contain a bundle: “%(value)s”."),
        _("Name what that bundle consists of instead."),
    ),
    "same_variant": (
        _("A variant of the same product has exactly these attributes."),
        _("Give it another value, or change the known variant."),
    ),
    "taken": (_("“%(value)s” belongs to another record."), _("Use another value.")),
    "conflict": (
        _("The row contradicts other data."),
        _("Correct the row, or first change the data that it contradicts."),
    ),
    "stale": (_("Somebody saved this record after the check began."), _("Check the file again.")),
    "no_add": (
        _("You may not add records here."),
        _("Ask somebody with the right to add to import this row."),
    ),
    "no_change": (
        _("You may not change records here."),
        _("Ask somebody with the right to change to import this row."),
    ),
    # warnings and infos
    "repeated_row": (
        _("The same key comes again on line %(line)s; the last line counts."),
        _("Keep one of the two rows."),
    ),
    "identical_row": (_("The same row stands on line %(line)s."), ""),
    "blank_removed": (_("Invisible blanks around “%(value)s” were removed."), ""),
    "text_missing": (_("No text for %(locales)s: another language or the key is shown."), ""),
    "store_differs_from_folder": (
        _("The row lies in the folder %(folder)s and counts for the store %(value)s."),
        _("Move it to the folder of its store, or correct the store."),
    ),
    "unusual_key": (_("“%(value)s” has signs that keys typed by hand may not have."), ""),
    "duplicate_value_merged": (_("“%(item)s” is there twice; the last translation counts."), ""),
    "free_input_on_super": (
        _("A super attribute tells variants apart by fixed values; this one allows others, too."),
        "",
    ),
    "unknown_template": (_("The template “%(value)s” is not known; its name is kept."), ""),
    "orphan_value": (_("The value “%(value)s” has no key beside it and is left out."), ""),
    "undeclared_key": (
        _("The attribute “%(value)s” is not declared; its value is stored."),
        _("Correct the key, or declare the attribute."),
    ),
    "value_not_listed": (
        _("“%(value)s” is none of the values of “%(key)s”; it is stored."),
        _("Correct the value, or add it to the values of the attribute."),
    ),
    "super_value_changed": (
        _("“%(key)s” tells variants apart; the variant gets the value “%(value)s”."),
        _("Compare it with the other variants of the product."),
    ),
    "moved": (
        _("The variant moves to the product “%(value)s”."),
        _("Correct the SKU of the product if the variant should stay where it is."),
    ),
    "both_skus": (
        _("The row names a product and a variant; “%(counts)s” counts."),
        _("Leave one of the two cells empty."),
    ),
    "key_url_changed": (
        _("The picture gets another address in every set that shows it: %(sets)s."),
        _("Give the picture another key if the other sets should keep theirs."),
    ),
    "html_cleaned": (
        _("The text is kept as it is; when it is shown, this is left out: %(removed)s."),
        "",
    ),
    "clear_not_kept": (
        _("“%(value)s” is taken as a text: it empties a field only if empty cells keep it."),
        _("Choose “Keep” for empty cells, or leave the cell empty."),
    ),
    "number_as_code": (
        _("The cell is a number, not a text; leading zeros may be lost."),
        _("Compare the key, and format the column as text in the spreadsheet."),
    ),
}

OWN_REMEDIES: dict[str, Sentence] = {
    "bad_key": _("Correct the key."),
    "bad_url": _("Correct the address."),
}
"""The remedies of codes whose rules say themselves what is allowed."""
