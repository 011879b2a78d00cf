"""What the pages of a job show, prepared for the templates."""

from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.history.models import Change
from backoffice.history.screens.undo import words as undo_words
from backoffice.transfer.declaring import formats
from backoffice.transfer.models import Job, JobFile, RowResult
from backoffice.transfer.problems import WARNING, Problem
from backoffice.transfer.screens.readings import gathered

PER_PAGE = 50
Outcome = RowResult.Outcome
State = Job.State
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
    """50 rows of a tab, by keyset. What was written without a check before is read from the history."""
    if tab == "changes" and job.change_set and job.is_finished and (not job.check_began_at or job.purged_at):
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


def problems_of_file(file: JobFile) -> list[Problem]:
    """Refusal and notes, ready to be said. A guess that the user confirmed is no news to him."""
    notes = [Problem.from_json(note) for note in file.notes if note["code"] != "guessed_encoding"]
    found = gathered(notes)
    return [Problem.from_json(file.refusal), *found] if file.refusal else found


def title_of(job: Job) -> str:
    """The heading of a job's pages."""
    headings = {Job.Kind.UNDO: _("Undo %(file)s"), Job.Kind.EXPORT: _("Export %(file)s")}
    heading = headings.get(job.kind) or _("Import %(file)s")
    return heading % {"file": job.title or _("several files")}


def outcome_words(job: Job) -> str:
    """One sentence for the head of the result."""
    counts = job.counts
    if job.kind == Job.Kind.UNDO:
        return undo_words({"restored": counts.get("changed", 0), "left": counts.get("skipped", 0)})
    if job.state == State.DONE_WITH_ERRORS and not job.change_set:
        return _("Nothing was written: there are rows in error.")
    if not counts.get("new") and not counts.get("changed"):
        return _("Nothing had to be written: everything is there already.")
    written = counts.get("new", 0) + counts.get("changed", 0)
    return ngettext("%(count)s row was written.", "%(count)s rows were written.", written) % {
        "count": intcomma(written)
    }


def apply_words(job: Job) -> str:
    """What pressing the button does."""
    written, errors = rows_to_write(job), job.counts.get("errors", 0)
    facts = {"written": intcomma(written), "errors": intcomma(errors)}
    if errors:
        return (
            ngettext(
                "%(written)s row is written, %(errors)s with errors are skipped.",
                "%(written)s rows are written, %(errors)s with errors are skipped.",
                written,
            )
            % facts
        )
    return ngettext("%(written)s row is written.", "%(written)s rows are written.", written) % facts


def ended_words(job: Job) -> str:
    """What a job that did not come to its end has written."""
    began = State.APPLYING in [state for state, _at in job.states]
    if not began or job.options.get("on_error", "stop") == "stop":
        return _("Nothing was written.")
    return _("What it had finished stays written.")


def read_words(file: JobFile) -> str:
    """How many rows were read, and what became of those that are not counted in the tiles."""
    rows = ngettext("%(count)s row read", "%(count)s rows read", file.rows) % {"count": intcomma(file.rows)}
    facts = {"rows": rows, "skipped": intcomma(file.skipped), "warnings": intcomma(file.warnings)}
    return _("%(rows)s, %(skipped)s skipped, %(warnings)s with a warning.") % facts


def apply_label(job: Job) -> str:
    written = rows_to_write(job)
    return ngettext("Import %(count)s row", "Import %(count)s rows", written) % {"count": intcomma(written)}


def skip_label(job: Job) -> str:
    written = rows_to_write(job)
    return ngettext(
        "Skip bad rows and import %(count)s row", "Skip bad rows and import %(count)s rows", written
    ) % {"count": intcomma(written)}


def rows_to_write(job: Job) -> int:
    return job.counts.get("new", 0) + job.counts.get("changed", 0)


def may_apply(job: Job, on_error: str = "") -> bool:
    """There is something to write and, with all or nothing, no error and no refused file. ``on_error`` stands
    before what was chosen at the upload."""
    if job.state != State.CHECKED or not rows_to_write(job):
        return False
    stops = (on_error or job.options.get("on_error", "stop")) == "stop"
    return not stops or not (job.counts.get("errors") or job.files.filter(refusal__isnull=False).exists())


def may_skip(job: Job) -> bool:
    """Whether leaving the bad rows out makes possible what all or nothing forbids."""
    return not may_apply(job) and may_apply(job, "skip")
