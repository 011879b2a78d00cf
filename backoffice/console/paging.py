"""Paging by key: first, previous, next, last, whatever the size of the table; counts stop at a cap.

The address holds a mark, the sort value and id of the row from which the page starts. Last is the first
page of the reverse order (spec: working-day 3.6, architecture 5).
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connections
from django.db.models import BooleanField, F, Field, Func, Q, QuerySet, Value

from backoffice.console import joined

COUNT_CAP = 10_000


class RowCompare(Func):
    """``(sort, id) > (value, id)`` as one comparison, so that one index answers it."""

    output_field = BooleanField()
    conditional = True
    arity = 4

    def __init__(self, *parts: Any, sign: str = ">") -> None:
        super().__init__(*parts)
        self.sign = sign

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        parts = [compiler.compile(part) for part in self.source_expressions]
        left, left_id, right, right_id = (sql for sql, _parameters in parts)
        values = [value for _sql, parameters in parts for value in parameters]
        return f"(({left}, {left_id}) {self.sign} ({right}, {right_id}))", values


class BrokenMark(ValueError):
    """The mark in the address cannot be read."""


@dataclass(frozen=True)
class Order:
    """The order of a list: a field or annotation, its direction, then the id."""

    key: str
    is_descending: bool = False

    @classmethod
    def of(cls, text: str) -> "Order":
        return cls(text.lstrip("-"), text.startswith("-"))

    def field(self, rows: QuerySet) -> Field:
        """The field that knows how a sort value is read."""
        annotation = rows.query.annotations.get(self.key)
        if annotation is not None:
            return annotation.output_field
        model = rows.model
        *path, last = self.key.split("__")
        for step in path:
            model = model._meta.get_field(step).related_model
        return model._meta.pk if last == "pk" else model._meta.get_field(last)

    def may_be_null(self, rows: QuerySet) -> bool:
        """Whether rows without a value must be placed. An annotation says that it always has one with
        ``is_never_null``; then one index answers order and mark."""
        if getattr(rows.query.annotations.get(self.key), "is_never_null", False):
            return False
        try:
            return self.key in rows.query.annotations or "__" in self.key or self.field(rows).null
        except FieldDoesNotExist:
            return True

    def applied(self, rows: QuerySet, *, reverse: bool = False) -> QuerySet:
        sign = "-" if self.is_descending != reverse else ""
        keys = [f"{sign}pk"] if self.key in {"pk", "id"} else [f"{sign}{self.key}", f"{sign}pk"]
        return rows.order_by(*keys)

    def beyond(self, rows: QuerySet, mark: "Mark", *, before: bool = False) -> QuerySet:
        """The rows after (or before) the mark in this order."""
        sign = "<" if self.is_descending != before else ">"
        lookup = "lt" if sign == "<" else "gt"
        if self.key in {"pk", "id"}:
            return rows.filter(**{f"pk__{lookup}": mark.pk})
        if not self.may_be_null(rows):
            value = Value(mark.value, output_field=self.field(rows))
            return rows.filter(RowCompare(F(self.key), F("pk"), value, Value(mark.pk), sign=sign))
        later = Q(**{f"{self.key}__isnull": True}) if lookup == "gt" else Q()
        if mark.value is None:
            same = Q(**{f"{self.key}__isnull": True, f"pk__{lookup}": mark.pk})
            return rows.filter(same if lookup == "gt" else same | Q(**{f"{self.key}__isnull": False}))
        same = Q(**{self.key: mark.value, f"pk__{lookup}": mark.pk})
        condition = Q(**{f"{self.key}__{lookup}": mark.value}) | same
        return rows.filter(condition | later if later else condition)

    def mark_of(self, row: Any) -> str:
        """The mark of a row, for the address."""
        value: Any = row
        for step in self.key.split("__") if not hasattr(row, self.key) else [self.key]:
            value = None if value is None else getattr(value, step)
        text = json.dumps([value, row.pk], cls=DjangoJSONEncoder, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read_mark(self, rows: QuerySet, text: str) -> "Mark":
        try:
            raw = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
            value, pk = raw
            field = self.field(rows)
            value = None if value is None else field.to_python(value)
            pk = rows.model._meta.pk.to_python(pk)
        except (ValueError, TypeError, binascii.Error, ValidationError) as problem:
            raise BrokenMark from problem
        broken = pk is None or not -(2**63) <= pk < 2**63 or (isinstance(value, str) and "\x00" in value)
        if broken or (value is None and not self.may_be_null(rows)):
            raise BrokenMark
        return Mark(value, pk)


@dataclass(frozen=True)
class Mark:
    value: Any
    pk: int


@dataclass(frozen=True)
class Count:
    """A number of rows that was not counted beyond the cap."""

    number: int
    is_capped: bool = False

    @classmethod
    def of(cls, rows: QuerySet, *, exact: bool = False) -> "Count":
        if exact:
            return cls(rows.order_by().count())
        number = _stated(rows)
        if number is None:
            number = rows.order_by().values("pk")[: COUNT_CAP + 1].count()
        return cls(min(number, COUNT_CAP), number > COUNT_CAP)


def _stated(rows: QuerySet) -> int | None:
    """How many rows there are if the only condition can say it, as ``leaves``."""
    return getattr(_only_condition(rows), "leaves", None)


def _only_condition(rows: QuerySet) -> Any:
    """The expression that is the only condition of ``rows``, if there is just one."""
    query, conditions = rows.query, rows.query.where.children
    is_only = len(conditions) == 1 and not query.where.negated and not query.is_sliced
    # An expression that is a condition stands in it as the left side of a comparison with true.
    return getattr(conditions[0], "lhs", None) if is_only else None


@dataclass(frozen=True)
class Page:
    """The rows of one page and the ways on from it."""

    rows: list[Any]
    has_previous: bool
    has_next: bool
    start: int | None
    """Position of the first row counted from 1; None beyond the cap."""


def cut(rows: QuerySet, order: Order, size: int, total: Count, *, way: str = "", mark: str = "") -> Page:
    """One page. ``way`` is "" (first), "after", "before" or "last". Raises BrokenMark."""
    if way == "last":
        rest = size if total.is_capped else (total.number % size or size)
        found = _read(rows, order, rest + 1, reverse=True)
        shown = found[:rest][::-1]
        start = None if total.is_capped else max(total.number - len(shown), 0) + 1
        return Page(shown, len(found) > rest, False, start)
    if way not in {"after", "before"}:
        found = _read(rows, order, size + 1)
        return Page(found[:size], False, len(found) > size, 1 if found else None)
    before = way == "before"
    found = _read(rows, order, size + 1, mark=order.read_mark(rows, mark), reverse=before)
    shown = found[:size][::-1] if before else found[:size]
    has_more = len(found) > size
    start = _position(rows, order, shown, total)
    has_previous = has_more if before else True
    return Page(shown, has_previous, True if before else has_more, start)


def _read(
    rows: QuerySet, order: Order, number: int, *, mark: Mark | None = None, reverse: bool = False
) -> list[Any]:
    """The rows that follow the mark. Sorting by a joined row has no index: the ids alone are sorted, which an index
    may hold, and only the rows of the page are read. So it is where the only condition knows its first ids."""
    is_joined = "__" in order.key
    if is_joined:
        ids = joined.ids(rows, order, number, mark, reverse=reverse)
    else:
        ids = _first_ids(rows, order, number, mark, reverse=reverse)
        rows = rows if ids is None else _without_conditions(rows)
    if ids is None:
        beyond = order.beyond(rows, mark, before=reverse) if mark else rows
        page = order.applied(beyond, reverse=reverse)[:number]
        if not is_joined:
            return list(page)
        ids = list(page.values_list("pk", flat=True))
    held = {row.pk: row for row in rows.order_by().filter(pk__in=ids)}
    return [held[pk] for pk in ids if pk in held]


def _first_ids(
    rows: QuerySet, order: Order, number: int, mark: Mark | None, *, reverse: bool
) -> list[int] | None:
    """The ids of a page in the order of ids, told by the only condition as ``firsts``."""
    firsts = getattr(_only_condition(rows), "firsts", None)
    if firsts is None or order.key not in {"pk", "id"}:
        return None
    return firsts(number, is_descending=order.is_descending != reverse, beyond=mark.pk if mark else None)


def _without_conditions(rows: QuerySet) -> QuerySet:
    """The same rows and all others, for ids that are known to meet the conditions."""
    bare = rows.all()
    bare.query.where = type(bare.query.where)()
    return bare


def _position(rows: QuerySet, order: Order, shown: list[Any], total: Count) -> int | None:
    if total.is_capped or not shown:
        return None
    first = order.read_mark(rows, order.mark_of(shown[0]))
    return order.beyond(rows, first, before=True).order_by().count() + 1


def exact_count(rows: QuerySet, *, milliseconds: int = 10_000) -> Count | None:
    """A full count on demand; None when it takes longer than the limit."""
    from django.db import OperationalError, transaction

    connection = connections[rows.db]
    try:
        with transaction.atomic(using=rows.db):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
            return Count.of(rows, exact=True)
    except OperationalError:
        return None
