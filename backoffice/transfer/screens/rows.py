"""The rows of a check or a result in tabs: what changes, what is wrong; narrowed by field, outcome and code."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.filters import Choice
from backoffice.console.seen import in_scope
from backoffice.history.models import Change
from backoffice.history.words import Piece, word_diff
from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting.seeing import hides, results_of
from backoffice.transfer.models import Job, JobFile, RowResult
from backoffice.transfer.planning.results import BETWEEN
from backoffice.transfer.problems import INFO, WARNING, Problem

PER_PAGE = 50
LOOKED_AT = 20_000
"""The choices of a filter are those of so many rows."""
Outcome = RowResult.Outcome
LOOK = {"new": "is-ok", "changed": "is-info", "error": "is-bad", "skipped": "", "unchanged": ""}
CHANGES, ERRORS, WARNINGS, INFOS = "changes", "errors", "warnings", "infos"
NAMES = (CHANGES, ERRORS, WARNINGS, INFOS)


class Difference(NamedTuple):
    """A field before and after; of long texts the words that went and came, of lists the items."""

    field: str
    before: str
    after: str
    pieces: Sequence[Piece] = ()
    gone: Sequence[str] = ()
    fresh: Sequence[str] = ()
    heading: str = ""
    """What the file calls the field."""


class ShownRow(NamedTuple):
    line: int | None
    key: str
    label: str
    css: str
    differences: list[Difference]
    problems: list[Problem]
    hidden: int = 0
    """Differences of fields that were not asked for."""


class Tab(NamedTuple):
    name: str
    label: str
    count: int
    css: str


class Chip(NamedTuple):
    """A filter of the rows as the shared template prints it."""

    filter: Choice
    label: str
    value: list[str]
    words: str
    options: list[tuple[str, str]]
    clear_url: str


class RowsPage(NamedTuple):
    """``previous_mark`` and ``next_mark`` are the marks of its first and last row where rows lie before and behind;
    ``first`` and ``last`` are the places of these rows among ``all``."""

    rows: list[ShownRow]
    next_mark: int | None
    previous_mark: int | None = None
    first: int = 0
    last: int = 0
    all: int = 0


def tabs_of(job: Job, file: JobFile, user: Any) -> list[Tab]:
    """Changes, errors and warnings of a file. Who sees a part of the rows is told how many these are."""
    found = _all_tabs(file)
    if not hides(file, user):
        return found
    counts = [rows_of(job, file, each.name, QueryDict(), user).found[:LOOKED_AT].count() for each in found]
    return [each._replace(count=count) for each, count in zip(found, counts, strict=True)]


def _all_tabs(file: JobFile) -> list[Tab]:
    return [
        Tab(CHANGES, _("Changes"), file.new + file.changed, ""),
        Tab(ERRORS, _("Errors"), file.errors, "is-bad" if file.errors else ""),
        Tab(WARNINGS, _("Warnings"), file.warnings, "is-warn" if file.warnings else ""),
        Tab(INFOS, _("Other notes"), 0, ""),
    ]


def rows_of(job: Job, file: JobFile, tab: str, query: QueryDict, user: Any) -> "Rows":
    """The rows of a tab. What was written without a check before is read from the history."""
    without_results = not job.check_began_at or job.purged_at
    if tab == CHANGES and job.change_set and job.is_finished and without_results:
        return WrittenRows(job, file, query, user)
    return (FoundRows if tab == CHANGES else ProblemRows)(file, tab, query, user)


class Rows:
    """One tab of one file as far as the address narrows it. ``mark`` is the field that pages are kept by."""

    mark = "row"

    def __init__(self, file: JobFile, tab: str, query: QueryDict, user: Any) -> None:
        self.file, self.tab, self.query, self.user = file, tab, query, user
        self.found = self.all_rows()
        self.chosen: dict[str, list[str]] = {}
        self._filters: list[tuple[Choice, list[str]]] = []
        for each in self.filters():
            value, _unknown = each.read(dict(query.lists()), None)
            self.chosen[each.name] = value
            self._filters.append((each, value))
            self.found = each.narrow(self.found, value) if value else self.found

    def all_rows(self) -> QuerySet:
        raise NotImplementedError

    def filters(self) -> list[Choice]:
        raise NotImplementedError

    def shown(self, row: Any) -> ShownRow:
        raise NotImplementedError

    @property
    def is_narrowed(self) -> bool:
        return any(self.chosen.values())

    @property
    def state(self) -> str:
        """The address of this tab with its filters, without the page."""
        kept = QueryDict(mutable=True)
        kept["file"], kept["tab"] = self.file.position, self.tab
        for name, values in self.chosen.items():
            kept.setlist(name, values)
        return kept.urlencode()

    def chips(self, request: HttpRequest) -> list[Chip]:
        """The filters that have something to choose from."""
        chips = []
        for each, value in self._filters:
            options = each.options(request)
            rest = QueryDict(self.state, mutable=True)
            rest.pop(each.name, None)
            words = each.words(value, request)
            if value or len(options) > 1:
                chips.append(Chip(each, str(each.label), value, words, options, f"?{rest.urlencode()}#rows"))
        return chips

    def page(self, after: int, before: int = 0) -> RowsPage:
        """The rows behind a mark, or those just before another one."""
        if before:
            ahead = self.found.filter(**{f"{self.mark}__lt": before}).order_by(f"-{self.mark}")
            found = list(ahead[:PER_PAGE])[::-1]
        else:
            found = list(self.found.filter(**{f"{self.mark}__gt": after}).order_by(self.mark)[:PER_PAGE])
        if not found:
            return RowsPage([], None)
        marks = getattr(found[0], self.mark), getattr(found[-1], self.mark)
        earlier = Count("pk", filter=Q(**{f"{self.mark}__lt": marks[0]}))
        counts = self.found.order_by().aggregate(all=Count("pk"), earlier=earlier)
        last = counts["earlier"] + len(found)
        return RowsPage(
            [self.shown(row) for row in found],
            marks[1] if last < counts["all"] else None,
            marks[0] if counts["earlier"] else None,
            counts["earlier"] + 1,
            last,
            counts["all"],
        )

    def everything(self) -> Iterator[ShownRow]:
        """All pages, for the download."""
        for row in self.found.order_by(self.mark).iterator(chunk_size=1_000):
            yield self.shown(row)

    def asked_for(self, changes: dict[str, Any] | None) -> tuple[list[Difference], int]:
        """The differences of the chosen fields, and how many others there are."""
        found, names = self._headed(changes), self.chosen.get("field")
        kept = [each for each in found if not names or each.field in names]
        return kept, len(found) - len(kept)

    def _headed(self, changes: dict[str, Any] | None) -> list[Difference]:
        return [
            each._replace(heading=heading_of(self.file, each.field)) for each in differences(changes or {})
        ]

    def named(self, names: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        """The fields to choose from, as the file calls them."""
        return [(name, heading_of(self.file, name)) for name, _same in names]


class FoundRows(Rows):
    """What a check announces, or what came of it."""

    def all_rows(self) -> QuerySet:
        return results_of(self.file, self.user).filter(outcome__in=[Outcome.NEW, Outcome.CHANGED])

    def filters(self) -> list[Choice]:
        names = keys_of(self.all_rows(), "changes")
        outcomes = [(Outcome.NEW.value, Outcome.NEW.label), (Outcome.CHANGED.value, Outcome.CHANGED.label)]
        return [
            Choice(
                "field",
                _("Field"),
                choices=self.named(names),
                apply=lambda r, v: r.filter(changes__has_any_keys=v),
            ),
            Choice("outcome", _("Result"), choices=outcomes),
        ]

    def shown(self, row: RowResult) -> ShownRow:
        found, hidden = self.asked_for(row.changes)
        problems = [Problem.from_json(facts) for facts in row.problems or []]
        warns = any(problem.level == WARNING for problem in problems)
        css = "is-warn" if warns and row.outcome != Outcome.ERROR else LOOK[row.outcome]
        label = str(row.get_outcome_display())
        return ShownRow(row.line, key_words(row.key), label, css, found, problems, hidden)


class ProblemRows(FoundRows):
    """Rows in error, with a warning, or with a remark."""

    def all_rows(self) -> QuerySet:
        rows = results_of(self.file, self.user)
        if self.tab == ERRORS:
            return rows.filter(outcome=Outcome.ERROR)
        if self.tab == WARNINGS:
            return rows.filter(has_warning=True)
        return rows.filter(problems__contains=[{"level": INFO}]).exclude(outcome=Outcome.ERROR)

    def filters(self) -> list[Choice]:
        columns, codes = problem_facts(self.all_rows())
        chosen = [name for name, _same in columns if name in self.query.getlist("field")]
        return [
            Choice("field", _("Field"), choices=columns, apply=with_problem("column")),
            Choice("code", _("Code"), choices=codes, apply=with_problem("code", chosen)),
        ]

    def asked_for(self, changes: dict[str, Any] | None) -> tuple[list[Difference], int]:
        return self._headed(changes), 0


class WrittenRows(Rows):
    """What a run without a check has written, out of the history."""

    mark = "pk"

    def __init__(self, job: Job, file: JobFile, query: QueryDict, user: Any) -> None:
        self.job = job
        super().__init__(file, CHANGES, query, user)

    def all_rows(self) -> QuerySet:
        resource = formats.resource_of(self.file.format)
        name = resource.model._meta.label_lower if resource else ""
        return Change.objects.filter(in_scope(self.user), change_set=self.job.change_set, object_type=name)

    def filters(self) -> list[Choice]:
        names = keys_of(self.all_rows(), "fields")
        return [
            Choice(
                "field",
                _("Field"),
                choices=self.named(names),
                apply=lambda r, v: r.filter(fields__has_any_keys=v),
            ),
            Choice(
                "outcome",
                _("Result"),
                choices=Change.Action.choices,
                apply=lambda rows, values: rows.filter(action__in=values),
            ),
        ]

    def shown(self, row: Change) -> ShownRow:
        css = "is-ok" if row.action == Change.Action.ADD else "is-info"
        found, hidden = self.asked_for(row.fields)
        return ShownRow(None, row.label, str(row.get_action_display()), css, found, [], hidden)


def mark_in(text: str) -> int:
    """A place in the rows as an address names it; nonsense names none."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def with_problem(fact: str, columns: Sequence[str] = ()) -> Any:
    """Narrows to the rows with a problem of which ``fact`` is one of the values, in one of ``columns`` if there are
    any."""

    def apply(rows: QuerySet, values: list[str]) -> QuerySet:
        wanted = Q()
        for value in values:
            for column in columns or [None]:
                wanted |= Q(problems__contains=[{fact: value} | ({"column": column} if column else {})])
        return rows.filter(wanted)

    return apply


def keys_of(rows: QuerySet, field: str) -> list[tuple[str, str]]:
    """The names of the fields that changed in the first of these rows."""
    filled = rows.filter(**{f"{field}__isnull": False})
    query, facts = filled.order_by().values(field)[:LOOKED_AT].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT DISTINCT jsonb_object_keys(s."{field}") FROM ({query}) s ORDER BY 1',  # noqa: S608
            facts,
        )
        return [(name, name) for (name,) in cursor]


def problem_facts(rows: QuerySet) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The columns and the codes of the problems of the first of these rows."""
    filled = rows.filter(problems__isnull=False)
    query, facts = filled.order_by().values("problems")[:LOOKED_AT].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT coalesce(p->>'column', ''), p->>'code'"  # noqa: S608
            f" FROM ({query}) s, jsonb_array_elements(s.problems) p",
            facts,
        )
        found = cursor.fetchall()
    columns, codes = ({facts[i] for facts in found} - {""} for i in (0, 1))
    return [(name, name) for name in sorted(columns)], [(code, code) for code in sorted(codes)]


def heading_of(file: JobFile, name: str) -> str:
    """What the header of the file calls a field; one without a column by its name on the screens."""
    stem, dot, rest = name.partition(".")
    resource = formats.resource_of(file.format)
    column = next((c for c in resource.columns if c.attribute == stem), None) if resource else None
    if column is not None and not column.numbered:
        return f"{column.column_name}{dot}{rest}"
    fields = [*resource.model._meta.fields, *resource.model._meta.many_to_many] if resource else []
    field = next((f for f in fields if f.name == stem), None)
    label = capfirst(str(field.verbose_name)) if field else stem
    return name if field is None else f"{label}: {rest}" if rest else label


def key_words(key: str) -> str:
    """The parts of a key that are filled."""
    return BETWEEN.join(filter(None, key.split(BETWEEN)))


def differences(changes: dict[str, Any]) -> list[Difference]:
    return [
        difference(name, entry.get("before"), entry.get("after"))
        for name, entry in changes.items()
        if "masked" not in entry
    ]


def difference(name: str, before: Any, after: Any) -> Difference:
    texts = in_words(before), in_words(after)
    if isinstance(before, list) and isinstance(after, list):
        gone = [in_words(item) for item in before if item not in after]
        fresh = [in_words(item) for item in after if item not in before]
        return Difference(name, *texts, gone=gone, fresh=fresh)
    return Difference(name, *texts, pieces=word_diff(*texts))


def in_words(value: Any) -> str:
    """A recorded value as people read it."""
    if isinstance(value, list):
        return ", ".join(map(in_words, value))
    if isinstance(value, dict):
        return str(value.get("key") or value.get("id") or json.dumps(value, ensure_ascii=False))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
