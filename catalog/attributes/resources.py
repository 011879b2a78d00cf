"""The files of attribute keys and of their declarations (spec: import-export 4.4.1, attributes 6)."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.parts import Part, Parts
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import Bool, Choice, Code, Listed, Text, Words
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import ERROR, INFO, WARNING, Problem
from catalog.attributes import stated, use
from catalog.attributes.declaring import values_state
from catalog.attributes.models import SCREEN_KEY, Attribute, AttributeKey, AttributeValue

Outcome = RowResult.Outcome
KEYS = "product_attribute_key"
SUPER = f"{KEYS}.super"
_usual = re.compile(SCREEN_KEY).fullmatch


@register
class AttributeKeyFile(FileResource):
    """Which keys exist, and which of them tell variants apart."""

    key = Column(
        "key",
        "attribute_key",
        Code(255),
        required=KEY,
        help=_("The key, such as length_mm."),
        samples=("grip_width_mm", "care_note", "surface"),
    )
    is_super = Column(
        "is_super",
        widget=Bool(),
        default=False,
        help=_("1: the attribute tells the variants of a product apart."),
        samples=("1", "0", "0"),
    )

    class Meta:
        model = AttributeKey
        screen = Attribute
        file = KEYS
        similar_keys = True

    def foretold(self, values: Values) -> Iterable[tuple[str, str]]:
        if values.get("is_super"):
            yield SUPER, values["attribute_key"]

    def review(self, batch: Batch) -> None:
        for row in batch.rows:
            if not row.is_bad and not _usual(row.key):
                row.tell(INFO, "unusual_key", batch.key_column)
        self._keep_super(batch)

    def review_bad(self, batch: Batch) -> None:
        self._keep_super(batch)

    def _keep_super(self, batch: Batch) -> None:
        """The flag of a key that anything uses stays (attributes 6.1)."""
        flag = batch.position("is_super")
        changed = [
            row
            for row in batch.with_outcome(Outcome.CHANGED)
            if row.stored[flag] != row.record[flag] and not row.is_bad
        ]
        users = use.counts(row.key for row in changed)
        for row in changed:
            if users[row.key]:
                message = _("The key is used by %(users)s, so its super flag stays.")
                row.fail("conflict", "is_super", message, users=use.in_words(users[row.key]))


class _Codes(dict[str, str]):
    """The locale of a column of translations; of every other column an empty text."""

    def __missing__(self, name: str) -> str:
        stem, _dot, code = name.partition(".")
        self[name] = code if stem == "value_translations" else ""
        return self[name]


_codes = _Codes()


@register
class AttributeFile(FileResource):
    """How the facts of a key are typed, shown and called. The cell of the values is the whole list."""

    key = Column(
        "key",
        widget=Ref(AttributeKey, "key", file=KEYS, remedy=_("Import product_attribute_key.csv first.")),
        required=KEY,
        help=_("The attribute key that is declared."),
        samples=("power_source", "paper_format", "tip-type"),
    )
    input_type = Column(
        "input_type",
        widget=Choice(Attribute.InputType.values),
        required=CREATE,
        help=_("How values are typed in and compared."),
        samples=("select", "select", "text"),
    )
    allow_input = Column(
        "allow_input",
        widget=Bool("yes", "no"),
        default=False,
        help=_("yes: products may hold other values than the predefined ones."),
        samples=("no", "no", "yes"),
    )
    is_multiple = Column(
        "is_multiple",
        widget=Bool("yes", "no"),
        help=_("Kept and written back, without effect."),
        samples=("no", "no", "no"),
    )
    predefined = Column(
        "predefined",
        "values",
        Listed(),
        help=_(
            "The predefined values, parted by commas. Stored values that are not in the list are removed."
        ),
        samples=("battery,mains,manual", "A3,A4,A5", ""),
    )
    name = Column(
        "name",
        "key_translation",
        Text(255),
        localized=True,
        help=_("The shown name."),
        samples={
            "en_US": ("Power source", "Paper format", "Tip"),
            "de_DE": ("Antrieb", "Papierformat", "Spitze"),
        },
    )
    translations = Column(
        "translations",
        "value_translations",
        Listed(),
        localized=True,
        help=_("As many texts as values, in their order; empty: no translations."),
        samples={"en_US": ("battery,mains,manual",), "de_DE": ("Akku,Netz,manuell",)},
    )
    visibility = Column(
        "visibility",
        widget=Words(Attribute.Place.values),
        default=[],
        extra=True,
        help=_("Where a shop shows the attribute; empty: nowhere."),
        samples=("PDP", "PDP", "PDP"),
    )
    parts = Parts(
        "predefined",
        AttributeValue,
        parent="attribute",
        key="value",
        order="position",
        fields=("translations",),
        state=values_state,
        lists={"values": "value", "value_translations": "translations"},
    )

    class Meta:
        model = Attribute
        file = "product_management_attribute"
        begins_with = {"visibility": [Attribute.Place.PDP.value]}
        reviews_unchanged = False

    def foretold(self, values: Values) -> Iterable[tuple[str, str]]:
        return stated.facts(values)

    def make_parts(self, row: Planned, held: list[Part], *, replaces: bool = False) -> list[Part]:
        texts = {code: given or () for name, given in row.values.items() if (code := _codes[name])}
        if "values" not in row.values and not texts:
            return held
        stored = dict(held)
        values = row.values["values"] or () if "values" in row.values else tuple(stored)
        if not _fits(row, len(values), texts):
            return held
        found: dict[str, dict[str, str]] = {}
        for place, value in enumerate(values):
            if value in found:
                _tell(row, "duplicate_value_merged", item=value)
                told = found[value]
            elif value:
                kept = stored.get(value)
                told = {code: text for code, text in kept.items() if code not in texts} if kept else {}
                found[value] = told
            else:
                continue
            for code, given in texts.items():
                if given and given[place]:
                    told[code] = given[place]
        if "" in values:
            _tell(row, "blank_removed", _("Blank items of the list were left out."))
        return [list(part) for part in found.items()]

    def review(self, batch: Batch) -> None:
        _tell_free_input(batch)
        changed = [row for row in batch.with_outcome(Outcome.CHANGED) if not row.is_bad]
        _tell_types(batch, changed)
        _tell_removed(batch, changed)

    def rows(self, user: Any = None) -> QuerySet:
        return super().rows(user).prefetch_related("values")

    def cell(self, record: Attribute, column: Column, locale: str = "") -> str:
        if column is self.fields["predefined"]:
            return column.widget.render([each.value for each in record.values.all()])
        if column is self.fields["translations"]:
            return column.widget.render(_texts(record, locale))
        return super().cell(record, column, locale)


def _tell_free_input(batch: Batch) -> None:
    """Tell which super attributes allow free input."""
    rows = [row for row in batch.rows if row.values.get("allow_input") and row.outcome and not row.is_bad]
    keys = {row.values["key"] for row in rows}
    super_keys = AttributeKey.objects.super_among(keys) if keys else set()
    if keys and not batch.run.is_apply:
        stated = batch.run.keys.find(SUPER, keys)
        super_keys = super_keys - set(batch.run.keys.find(KEYS, keys)) | set(stated)
    for row in rows:
        if row.values["key"] in super_keys:
            row.tell(INFO, "free_input_on_super", "allow_input")


def _tell_types(batch: Batch, changed: Sequence[Planned]) -> None:
    """Another type for an attribute that anything uses is a warning (attributes 6.2)."""
    place = batch.position("input_type")
    rows = [row for row in changed if row.record[place] != row.stored[place]]
    users = use.counts(row.key for row in rows)
    message = _("The type was “%(before)s”; values of %(users)s stay as they are.")
    remedy = _("Keep the type, or look these values through.")
    for row in rows:
        if users[row.key]:
            facts = {"before": row.stored[place], "users": use.in_words(users[row.key])}
            problem = Problem(
                WARNING, "type_changed", "input_type", row.record[place], facts, message, remedy
            )
            row.problems.append(problem)


def _tell_removed(batch: Batch, changed: Sequence[Planned]) -> None:
    """The values that go are listed with those that use them (attributes 6.2): products keep their texts, which are
    none of the listed values from then on. A warning, so that a run that takes warnings for errors stops."""
    place = batch.comparison.parts_at
    gone = {
        row: [value for value, _texts in row.stored[place] if value not in dict(row.record[place])]
        for row in changed
        if row.stored[place] != row.record[place]
    }
    users = use.of_pairs((row.key, value) for row, values in gone.items() for value in values)
    message = _("“%(value)s” leaves the list; it stays as text in %(users)s.")
    remedy = _("Put it back into the list, or give those another value.")
    for row, values in gone.items():
        for value in values:
            if found := users.get((row.key, value)):
                facts = {"users": use.in_words(found)}
                problem = Problem(WARNING, "value_not_listed", "values", value, facts, message, remedy)
                row.problems.append(problem)


def _texts(record: Attribute, locale: str) -> list[str]:
    """The translations of all values; nothing where no value has one."""
    found = [each.translations.get(locale, "") for each in record.values.all()]
    return found if any(found) else []


def _fits(row: Planned, number: int, texts: dict[str, Sequence[str]]) -> bool:
    """Each list of translations is as long as the list of values, blank items counted."""
    wrong = [(code, len(given)) for code, given in texts.items() if len(given) not in (0, number)]
    for code, found in wrong:
        name = f"value_translations.{code}"
        message = _("The numbers differ: values %(expected)s, translations %(found)s.")
        shown = Listed().render(texts[code])
        facts = {"expected": number, "found": found}
        row.problems.append(Problem(ERROR, "bad_list", name, shown, facts, message))
    return not wrong


def _tell(row: Planned, code: str, message: Any = "", **facts: Any) -> None:
    value = Listed().render(row.values.get("values"))
    row.problems.append(Problem(INFO, code, "values", value, facts, message))
