"""References to other records by their key, resolved for a whole batch at a time."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Model
from django.db.models.expressions import RawSQL

from backoffice.console.rows import visible
from backoffice.transfer.declaring.widgets import Code, Listed
from backoffice.transfer.problems import Sentence
from backoffice.transfer.staging.copying import literal
from backoffice.transfer.staging.keys import RunKeys, Spot

BuiltIn = Callable[[str], Mapping[str, Any] | None]
Promised = dict[tuple[str, str], int]
"""The ids of records that do not exist yet, by model and key."""
_VOCABULARY = 5_000
_TRIED = 20
SIMILAR = "lower(ltrim({column}, '0'))"


class Ref(Code):
    """The key of a record of ``model``. ``file`` is the format whose rows may bring it in the same run;
    ``built_in`` gives the field values of a record that is known without a file, or None; ``remedy`` says what to
    do about a key that is not known."""

    def __init__(
        self,
        model: type[Model],
        field: str,
        *,
        file: str = "",
        built_in: BuiltIn | None = None,
        remedy: Sentence = "",
    ) -> None:
        super().__init__(model._meta.get_field(field).max_length)
        self.model, self.field, self.file, self.built_in = model, field, file, built_in
        self.remedy = remedy


class Refs(Listed):
    """Keys of records, parted by commas, each once. Blank items are dropped."""

    is_code = True

    def __init__(self, ref: Ref) -> None:
        super().__init__()
        self.ref = ref

    def clean(self, value: str, row: Any = None, **options: Any) -> tuple[Any, ...] | None:
        items = [self.item(each) for each in super().clean(value) or () if each]
        return tuple(dict.fromkeys(items)) or None

    def item(self, text: str) -> Any:
        """What one item says."""
        return self.ref.clean(text)

    def keys(self, value: Sequence[Any]) -> Sequence[str]:
        """The keys among what the items say."""
        return value


class Resolved(NamedTuple):
    """``ids`` of the texts that were found; a negative id stands for a record that does not exist yet: one that
    the run brings, or a built-in one with its field values in ``built``. ``faulty`` says where texts stand whose own
    row is in error, ``hints`` known keys that look like one of the others."""

    ids: dict[str, int]
    built: dict[str, Mapping[str, Any]]
    faulty: dict[str, Spot]
    hints: dict[str, str]


def resolve(
    ref: Ref,
    texts: Iterable[str],
    *,
    user: Any,
    keys: RunKeys,
    is_apply: bool,
    promised: Promised | None = None,
) -> Resolved:
    """One query for what is stored, one for what the run brings, one for suggestions. In an apply the rows that
    bring a record are written already, unless they stand in the same file. ``promised`` holds the negative ids given
    out so far: the same record has the same in all columns, different ones never share one."""
    wanted = sorted(set(texts))
    if not wanted:
        return Resolved({}, {}, {}, {})
    rows = ref.model._default_manager.filter(_one_of(ref, wanted)).order_by()
    ids = dict((visible(rows, user) if user is not None else rows).values_list(ref.field, "pk"))
    found = keys.find(ref.file, [text for text in wanted if text not in ids]) if ref.file else {}
    bad = [text for text, row in found.items() if row.is_bad]
    faulty = keys.spots(ref.file, bad) if bad else {}
    brought = [] if is_apply else [text for text in found if text not in faulty]
    built: dict[str, Mapping[str, Any]] = {}
    for text in wanted:
        if text not in ids and text not in brought and ref.built_in:
            values = ref.built_in(text)
            if values is not None:
                built[text] = values
    promised = {} if promised is None else promised
    for text in [*brought, *built]:
        ids[text] = promised.setdefault((ref.model._meta.label, text), -len(promised) - 1)
    missing = [text for text in wanted if text not in ids and text not in faulty]
    return Resolved(ids, built, faulty, _hints(ref, missing, user) if missing else {})


def _one_of(ref: Ref, texts: list[str]) -> RawSQL:
    """The texts as one parameter: a list of thousands would be taken apart one by one."""
    quote = connection.ops.quote_name
    column = quote(ref.model._meta.get_field(ref.field).column)
    condition = f"{quote(ref.model._meta.db_table)}.{column} = ANY(%s::text[])"
    return RawSQL(condition, [literal(texts)], BooleanField())  # noqa: S611 - our own names


def _hints(ref: Ref, texts: list[str], user: Any) -> dict[str, str]:
    """Known keys that are meant: other letter case or zeros, in small vocabularies also one letter. Only such
    as the user may see."""
    rows = ref.model._default_manager.order_by(ref.field)
    seen = visible(rows, user) if user is not None else rows
    hints = similar_stored(ref.model, ref.field, texts)
    if hints and user is not None:
        shown = set(seen.filter(**{f"{ref.field}__in": hints.values()}).values_list(ref.field, flat=True))
        hints = {text: hint for text, hint in hints.items() if hint in shown}
    rest = [text for text in texts if text not in hints][:_TRIED]
    vocabulary = list(seen.values_list(ref.field, flat=True)[:_VOCABULARY]) if rest else []
    if len(vocabulary) < _VOCABULARY:
        for text in rest:
            near = next((known for known in vocabulary if one_letter_apart(text, known)), None)
            if near and len(text) > 2:
                hints[text] = near
    return hints


def one_letter_apart(one: str, other: str) -> bool:
    """Whether a letter was replaced, left out or put in."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    same = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return short[same + (len(short) == len(long)) :] == long[same + 1 :]


def similar_stored(model: type[Model], field: str, texts: list[str]) -> dict[str, str]:
    """``{text: stored key}`` for texts that differ from a stored key by letter case or leading zeros only."""
    if not texts:
        return {}
    quote = connection.ops.quote_name
    column = quote(model._meta.get_field(field).column)
    table = quote(model._meta.db_table)
    query = (
        f"SELECT given, min({column}) FROM unnest(%s::text[]) AS given "  # noqa: S608
        f"JOIN {table} ON {SIMILAR.format(column=column)} = {SIMILAR.format(column='given')} "
        f"WHERE {column} <> given GROUP BY given"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [texts])
        return dict(cursor.fetchall())
