"""What of a folder or an archive is no file to import, and why (spec: import-export 1.11.4)."""

from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring import formats
from backoffice.transfer.jobs import folders
from backoffice.transfer.problems import NOTE, FileRefused, Problem, Sentence
from backoffice.transfer.reading import archives
from backoffice.transfer.reading.sniffing import content_kind

CODE = "not_imported_here"
NAMED = 5
"""So many files of a folder that lies too deep are named."""
_UNNAMED = (
    _("The name of the file does not tell what it holds; it is left out."),
    _("Begin its name with the name of a format, or upload it by itself."),
)


def why_left_out(found: folders.Found, *, is_folder: bool) -> Problem | None:
    """Why a file is only listed; nothing for one that is taken in. One that was chosen by itself is."""
    if found.path.is_dir():
        return _note(_("Folders inside of folders are not searched: %(names)s."), names=_names_in(found.path))
    if is_folder and not folders.is_table(found):
        return _stranger(found.path)
    if is_folder and not found.format:
        return _stranger(found.path, *_UNNAMED)
    if found.format and not formats.resource_of(found.format):
        return _note()
    return None


def _stranger(path: Path, message: Sentence = "", remedy: Sentence = "") -> Problem:
    """Told by its content: what it is instead of a table, else ``message``."""
    try:
        if content_kind(path) == "zip" and not archives.is_workbook(path):
            raise FileRefused("not_a_table", found=_("an archive"))
    except FileRefused as refused:
        if refused.problem.code == "empty_file":
            return _note(_("The file is empty; it is left out."))
        return _note(_("This is no table but %(found)s; it is left out."), **refused.problem.params)
    return _note(message or _("This is no table of a known kind; it is left out."), remedy)


def _note(message: Sentence = "", remedy: Sentence = "", **facts: Any) -> Problem:
    return Problem(NOTE, CODE, params=facts, message=message, remedy=remedy)


def _names_in(folder: Path) -> str:
    names = list(islice(folders.files_below(folder), NAMED + 1))
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")


def words_of(notes: Iterable[Mapping[str, Any]]) -> str:
    """The sentences of the notes that say so."""
    told = [Problem.from_json(note) for note in notes if note["code"] == CODE]
    return " ".join(f"{each.sentence} {each.repair}".strip() for each in told)
