"""Which sheets of a workbook are read: the first one, or one per format when several carry the names of formats
(spec: import-export 1.2.9). What is left out is told."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting import guides
from backoffice.transfer.jobs.folders import Found
from backoffice.transfer.problems import NOTE, FileRefused, Problem
from backoffice.transfer.reading import archives
from backoffice.transfer.reading.sniffing import content_kind
from backoffice.transfer.reading.workbooks import judge_workbook, sheets_of

_LONGEST = 31
"""A sheet cannot have a longer name."""


def expanded(found: Found) -> Iterator[Found]:
    """The file itself, or its sheets one by one. Whatever cannot be read is left as it is; reading it says why."""
    try:
        sheets = _sheets(found)
    except (FileRefused, OSError):
        sheets = []
    named = {title: name for title, _header in sheets if (name := by_title(title))}
    if len(set(named.values())) < 2:
        left = [title for title, header in sheets[1:] if not _is_guide(header)]
        note = _("The sheets %(sheets)s are left out: only the first sheet is read.")
        yield found._replace(notes=_told(note, left))
        return
    left = [title for title, header in sheets if title not in named and not _is_guide(header)]
    note = _("The sheets %(sheets)s are left out: they are not called like a kind of file.")
    for place, (title, name) in enumerate(named.items()):
        yield found._replace(format=name, sheet=title, notes=_told(note, left) if not place else ())


def _sheets(found: Found) -> list[tuple[str, list[str]]]:
    if not found.path.stat().st_size or content_kind(found.path) != "zip":
        return []
    if not archives.is_workbook(found.path):
        return []
    judge_workbook(found.path)
    return sheets_of(found.path)


def by_title(title: str) -> str:
    """The format that a sheet is called by; names that are too long for a sheet are cut there."""
    name = title.strip().lower()
    cut = [known for known in formats.POSITIONS if len(known) > _LONGEST and known[:_LONGEST] == name]
    return cut[0] if len(cut) == 1 else formats.by_name(name)


def _told(message: Any, sheets: list[str]) -> tuple[dict[str, Any], ...]:
    if not sheets:
        return ()
    names = ", ".join(f"“{title}”" for title in sheets)
    return (Problem(NOTE, "not_imported_here", params={"sheets": names}, message=message).as_json(),)


def _is_guide(header: list[str]) -> bool:
    """Whether a sheet is the guide that comes with a template; it is there to be read by people."""
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            if header == [str(heading) for heading in guides.HEADINGS]:
                return True
    return False
