"""What the pages of a job show, prepared for the templates."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.history.screens.undo import words as undo_words
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.problems import Problem
from backoffice.transfer.screens.readings import gathered

State = Job.State
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
                "%(written)s row will be written, %(errors)s with errors are skipped.",
                "%(written)s rows will be written, %(errors)s with errors are skipped.",
                written,
            )
            % facts
        )
    return ngettext("%(written)s row will be written.", "%(written)s rows will be written.", written) % facts


def check_words(job: Job) -> str:
    """What can be done after a check, beside its buttons."""
    if may_apply(job):
        return apply_words(job)
    if job.counts.get("errors"):
        return _("Nothing is imported while rows are in error: the choice was all or nothing.")
    if rows_to_write(job):
        return _("Nothing is imported while a file is refused: the choice was all or nothing.")
    return outcome_words(job)


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
