"""What the pages of a job show, prepared for the templates."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.console.templatetags.console import moment, zoned
from backoffice.history.screens.undo import words as undo_words
from backoffice.transfer.declaring import formats
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.options import CHOICES, PARTICULAR, Options
from backoffice.transfer.problems import Problem
from backoffice.transfer.screens.readings import gathered, reading_words

State = Job.State
CONTENTS = 3
"""So many kinds of records are named in a row of the list."""
NAMED = 5
"""So many refused files are named in a sentence."""
STATE_LOOK = {
    "done": "is-ok",
    "done_with_errors": "is-warn",
    "failed": "is-bad",
    "refused": "is-bad",
    "stalled": "is-bad",
    "checking": "is-info",
    "applying": "is-info",
    "queued": "is-info",
    "undone": "is-warn",
}


def problems_of_file(file: JobFile) -> list[Problem]:
    """Refusal and notes, ready to be said. A guess that the user confirmed is no news to him."""
    notes = [Problem.from_json(note) for note in file.notes if note["code"] != "guessed_encoding"]
    found = gathered(notes)
    return [Problem.from_json(file.refusal), *found] if file.refusal else found


def content_of(job: Job) -> str:
    """The records that a job is about, as people call them."""
    if job.kind == Job.Kind.BULK:
        return ""
    resources = [resource for name in job.formats if (resource := formats.resource_of(name))]
    names = list(dict.fromkeys(resource.what for resource in resources))
    return ", ".join(names[:CONTENTS]) + (", …" if len(names) > CONTENTS else "")


def facts_of(job: Job, file: JobFile | None) -> list[tuple[Any, Any]]:
    """Who ordered the job, with what choices, and when what began (1.4.1)."""
    found: list[tuple[Any, Any]] = [(_("By"), job.owner_name or _("System")), (_("Note"), job.note)]
    if job.kind == Job.Kind.IMPORT:
        found += _choices_of(job)
        found.append((_("Encoding"), reading_words(file.reading) if file and file.stored else ""))
    moments = [
        (_("Started"), job.created_at),
        (_("Check began"), job.check_began_at),
        (_("Import began") if job.kind == Job.Kind.IMPORT else _("Run began"), job.run_began_at),
        (_("Finished"), job.finished_at),
        (_("Files removed"), job.purged_at),
        (_("Files kept until"), None if job.purged_at or job.is_running else job.kept_until),
    ]
    found += [(label, moment(at)) for label, at in moments if at]
    return [(label, value) for label, value in found if value]


def expiry_words(job: Job) -> str:
    """When a job ends by itself that waits for somebody."""
    if job.state not in Job.UNDECIDED:
        return ""
    facts = {"day": zoned(job.kept_until)}
    return _("If nobody goes on with it, this job expires on %(day)s and its files are removed.") % facts


def _choices_of(job: Job) -> list[tuple[Any, Any]]:
    """The options of an import; those that mean nothing for its files are left out."""
    options = Options.of(job)
    known = {
        name
        for file in job.formats
        if (resource := formats.resource_of(file))
        for name in resource._meta.run_options
    }
    found = [
        (label, dict(choices)[getattr(options, name)])
        for name, (label, _help, choices) in CHOICES.items()
        if (name not in PARTICULAR or name in known) and getattr(options, name) in dict(choices)
    ]
    return [*found, (_("Only these stores"), options.stores)]


def title_of(job: Job) -> str:
    """The heading of a job's pages."""
    headings = {
        Job.Kind.UNDO: _("Undo %(file)s"),
        Job.Kind.EXPORT: _("Export %(file)s"),
        Job.Kind.BULK: "%(file)s",
    }
    heading = headings.get(job.kind) or _("Import %(file)s")
    return heading % {"file": job.title or _("several files")}


def outcome_words(job: Job) -> str:
    """One sentence for the head of the result."""
    counts = job.counts
    if job.kind == Job.Kind.UNDO:
        found = {"restored": counts.get("changed", 0), "left": counts.get("skipped", 0)}
        return undo_words(found, counts.get("deeds", {}))
    if job.state == State.UNDONE:
        return undone_words(False)
    if job.state == State.DONE_WITH_ERRORS and not job.change_set:
        words = _("Nothing was written: there are rows in error.")
        return f"{words} {_('The numbers are those of the check.')}"
    if counts.get("rows") == 0:
        return _("There is no row below the header: nothing was imported.")
    if not counts.get("new") and not counts.get("changed"):
        return _("Nothing had to be written: everything is there already.")
    written = counts.get("new", 0) + counts.get("changed", 0)
    return ngettext("%(count)s row was written.", "%(count)s rows were written.", written) % {
        "count": intcomma(written)
    }


def undone_words(has_left: bool) -> str:
    """What became of what a run wrote; ``has_left`` is whether its undo left something as it was."""
    if has_left:
        return _("This run was undone, but some of what it wrote was left as it is.")
    return _("This run was undone: what it wrote was taken back.")


def step_of(job: Job) -> int:
    """Which of the four steps an import is at: file, reading, check, result (working-day 8.2); behind the last one
    there is nothing left to do."""
    if job.is_finished and job.state != State.REFUSED:
        return 5 if job.is_done or job.state == State.UNDONE else 4
    if job.state in {State.UPLOADED, State.REFUSED}:
        return 2
    if job.state == State.CHECKED:
        return 3
    runs = [state for state, _at in job.states if state in {State.CHECKING, State.CHECKED, State.APPLYING}]
    return 4 if runs and runs[-1] in {State.CHECKED, State.APPLYING} else 3


def refused_words(files: Sequence[JobFile]) -> str:
    """That some of several files are not imported, and how the others are (1.8.3)."""
    refused = [file for file in files if file.refusal and file.refusal["code"] != "guessed_encoding"]
    if len(files) < 2 or not refused:
        return ""
    names = _names_of(refused)
    if len(refused) == len(files):
        return _("None of these files can be imported: %(names)s.") % {"names": names}
    said = ngettext(
        "%(count)s of these files is refused: %(names)s.",
        "%(count)s of these files are refused: %(names)s.",
        len(refused),
    ) % {"count": intcomma(len(refused)), "names": names}
    return said + " " + _("The others are imported only if you leave the refused files out after the check.")


def left_out_words(files: Sequence[JobFile]) -> str:
    """Which of several files are not imported, as they are no tables or of no known kind (1.11.4)."""
    left = [file for file in files if file.is_left_out]
    if len(files) < 2 or not left:
        return ""
    facts = {"count": intcomma(len(left)), "names": _names_of(left)}
    if len(left) == len(files):
        return _("None of these files is imported: %(names)s.") % facts
    return (
        ngettext(
            "%(count)s of these files is not imported: %(names)s.",
            "%(count)s of these files are not imported: %(names)s.",
            len(left),
        )
        % facts
    )


def _names_of(files: Sequence[JobFile]) -> str:
    names = ", ".join(str(file) for file in files[:NAMED])
    if len(files) <= NAMED:
        return names
    return _("%(names)s and %(more)s more") % {"names": names, "more": intcomma(len(files) - NAMED)}


def apply_words(job: Job) -> str:
    """What pressing the button does."""
    written, errors = rows_to_write(job), job.counts.get("errors", 0)
    facts = {"written": intcomma(written), "errors": intcomma(errors)}
    said = ngettext("%(written)s row will be written.", "%(written)s rows will be written.", written) % facts
    if not errors:
        return said
    skipped = ngettext(
        "%(errors)s row with errors is skipped.", "%(errors)s rows with errors are skipped.", errors
    )
    return f"{said} {skipped % facts}"


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


def counts_of(file: JobFile) -> dict[str, int]:
    return {name: getattr(file, name) for name in JobFile.COUNTS}


def read_words(counts: Mapping[str, int]) -> str:
    """How many rows were read, and what became of those that are not counted in the tiles."""
    rows = ngettext("%(count)s row read", "%(count)s rows read", counts["rows"]) % {
        "count": intcomma(counts["rows"])
    }
    facts = {"rows": rows, "skipped": intcomma(counts["skipped"]), "warnings": intcomma(counts["warnings"])}
    return _("%(rows)s, %(skipped)s skipped, %(warnings)s with a warning.") % facts


def apply_label(job: Job) -> str:
    written = rows_to_write(job)
    return ngettext("Import %(count)s row", "Import %(count)s rows", written) % {"count": intcomma(written)}


def skip_label(job: Job) -> str:
    written = rows_to_write(job)
    if not job.counts.get("errors"):
        return ngettext(
            "Leave refused files out and import %(count)s row",
            "Leave refused files out and import %(count)s rows",
            written,
        ) % {"count": intcomma(written)}
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
