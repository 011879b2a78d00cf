"""What the pages of a job show, prepared for the templates."""

import math
from collections.abc import Iterable
from itertools import islice
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.history.models import Change
from backoffice.transfer import formats
from backoffice.transfer.columns import understand
from backoffice.transfer.models import Job, JobFile, JobProgress, RowResult
from backoffice.transfer.problems import WARNING, FileRefused, Problem
from backoffice.transfer.sources import Source
from backoffice.transfer.tables import SEPARATORS, preview

PER_PAGE = 50
Outcome = RowResult.Outcome
LOOK = {"new": "is-ok", "changed": "is-info", "error": "is-bad", "skipped": "", "unchanged": ""}
STATE_LOOK = {
    "done": "is-ok",
    "done_with_errors": "is-warn",
    "failed": "is-bad",
    "refused": "is-bad",
    "stalled": "is-bad",
    "checking": "is-info",
    "applying": "is-info",
    "queued": "is-info",
}


class Difference(NamedTuple):
    field: str
    before: str
    after: str


class ShownRow(NamedTuple):
    line: int | None
    key: str
    label: str
    css: str
    differences: list[Difference]
    problems: list[Problem]


class Tab(NamedTuple):
    name: str
    label: str
    count: int
    css: str


class RowsPage(NamedTuple):
    rows: list[ShownRow]
    next_mark: int | None


def tabs_of(job: Job, file: JobFile) -> list[Tab]:
    """Changes, errors and warnings of a file."""
    writes = file.new + file.changed
    return [
        Tab("changes", _("Changes"), writes, ""),
        Tab("errors", _("Errors"), file.errors, "is-bad" if file.errors else ""),
        Tab("warnings", _("Warnings"), file.warnings, "is-warn" if file.warnings else ""),
        Tab("infos", _("Other notes"), 0, ""),
    ]


def rows_page(job: Job, file: JobFile, tab: str, after: int) -> RowsPage:
    """50 rows of a tab, by keyset. What an apply has written is read from the history."""
    if tab == "changes" and job.change_set and job.is_finished:
        return _history_page(job, file, after)
    found = RowResult.objects.filter(file=file, row__gt=after).order_by("row")
    if tab == "changes":
        found = found.filter(outcome__in=[Outcome.NEW, Outcome.CHANGED])
    elif tab == "errors":
        found = found.filter(outcome=Outcome.ERROR)
    elif tab == "warnings":
        found = found.filter(has_warning=True)
    else:
        found = found.filter(problems__isnull=False).exclude(outcome=Outcome.ERROR)
    results = list(found[: PER_PAGE + 1])
    more = results[PER_PAGE - 1].row if len(results) > PER_PAGE else None
    return RowsPage([_shown(result) for result in results[:PER_PAGE]], more)


def _shown(result: RowResult) -> ShownRow:
    problems = [Problem.from_json(facts) for facts in result.problems or []]
    warns = any(problem.level == WARNING for problem in problems)
    return ShownRow(
        result.line,
        result.key,
        str(result.get_outcome_display()),
        "is-warn" if warns and result.outcome != Outcome.ERROR else LOOK[result.outcome],
        differences(result.changes or {}),
        problems,
    )


def _history_page(job: Job, file: JobFile, after: int) -> RowsPage:
    resource = formats.resource_of(file.format)
    name = resource.model._meta.label_lower if resource else ""
    found = Change.objects.filter(change_set=job.change_set, object_type=name, pk__gt=after).order_by("pk")
    changes = list(found[: PER_PAGE + 1])
    more = changes[PER_PAGE - 1].pk if len(changes) > PER_PAGE else None
    rows = [
        ShownRow(
            None,
            change.label,
            str(change.get_action_display()),
            "is-ok" if change.action == Change.Action.ADD else "is-info",
            differences(change.fields or {}),
            [],
        )
        for change in changes[:PER_PAGE]
    ]
    return RowsPage(rows, more)


def differences(changes: dict[str, Any]) -> list[Difference]:
    return [
        Difference(name, _value(entry.get("before")), _value(entry.get("after")))
        for name, entry in changes.items()
        if "masked" not in entry
    ]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return str(value.get("key") or value.get("id") or "")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)


class ReadingPage:
    """How a file was read: the guess in words, its columns, its first rows."""

    def __init__(self, file: JobFile, locales: Iterable[str]) -> None:
        self.file = file
        self.known: list[str] = []
        self.problems: list[Problem] = []
        self.head: list[str] = []
        self.rows: list[list[str]] = []
        self.optional: list[str] = []
        if not file.stored or not file.reading:
            return
        try:
            self._read(list(locales))
        except (FileRefused, UnicodeError, LookupError) as error:
            self.problems = [error.problem] if isinstance(error, FileRefused) else []

    def _read(self, locales: list[str]) -> None:
        rows = Source.of(self.file).rows()
        self.head = next(rows).cells
        resource = formats.resource_of(self.file.format)
        if resource:
            header = understand(self.head, resource.columns, locales)
            self.known = [place.name for place in header.places]
            self.problems = header.notes
            self.optional = [c.column_name for c in resource.columns if not header.has(c)]
        self.rows = preview(islice(rows, 20))

    @property
    def words(self) -> str:
        """Such as: Read as UTF-8, semicolon, decimal comma."""
        reading = self.file.reading
        if not reading:
            return ""
        if reading["kind"] == "xlsx":
            return _("Read as XLSX, first sheet")
        sign = _("decimal comma") if reading["decimal_sign"] == "," else _("decimal point")
        return _("Read as %(encoding)s, %(separator)s, %(sign)s") % {
            "encoding": reading["encoding"].removesuffix("-sig").upper(),
            "separator": SEPARATORS.get(reading["separator"], reading["separator"]),
            "sign": sign,
        }


def problems_of_file(file: JobFile) -> list[Problem]:
    """Refusal and notes, ready to be said."""
    found = [Problem.from_json(note) for note in file.notes]
    return [Problem.from_json(file.refusal), *found] if file.refusal else found


def outcome_words(job: Job) -> str:
    """One sentence for the head of the result."""
    counts = job.counts
    if job.state == Job.State.DONE_WITH_ERRORS and not job.change_set:
        return _("Nothing was written: there are rows in error.")
    if not counts.get("new") and not counts.get("changed"):
        return _("Nothing had to be written: everything is there already.")
    written = counts.get("new", 0) + counts.get("changed", 0)
    return ngettext("%(count)s row was written.", "%(count)s rows were written.", written) % {
        "count": written
    }


def pace(progress: JobProgress | None) -> str:
    """Rate and estimated rest, once there is something to tell."""
    if not progress or not progress.began_at or not progress.rows_done:
        return ""
    seconds = max((progress.heartbeat_at - progress.began_at).total_seconds(), 1)
    rate = progress.rows_done / seconds
    rest = max(progress.rows_total - progress.rows_done, 0) / rate
    facts = {"rate": round(rate), "rest": math.ceil(rest)}
    return _("%(rate)s rows per second, about %(rest)s seconds left") % facts


def apply_words(job: Job) -> str:
    """What pressing the button does."""
    counts = {name: job.counts.get(name, 0) for name in ("new", "changed", "errors")}
    facts = {"written": counts["new"] + counts["changed"], "errors": counts["errors"]}
    if facts["errors"]:
        return _("%(written)s rows are written, %(errors)s with errors are skipped.") % facts
    return ngettext("%(written)s row is written.", "%(written)s rows are written.", facts["written"]) % facts


def apply_label(job: Job) -> str:
    written = job.counts.get("new", 0) + job.counts.get("changed", 0)
    return ngettext("Import %(count)s row", "Import %(count)s rows", written) % {"count": written}


def writes_something(job: Job) -> bool:
    return bool(job.counts.get("new") or job.counts.get("changed"))


def may_apply(job: Job) -> bool:
    """There is something to write and, with all or nothing, no error and no refused file."""
    if job.state != Job.State.CHECKED or not writes_something(job):
        return False
    stops = job.options.get("on_error", "stop") == "stop"
    return not stops or not (job.counts.get("errors") or job.files.filter(refusal__isnull=False).exists())
