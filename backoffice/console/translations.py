"""Which texts the program shows, and the catalogue of their translations; by Babel, without GNU gettext."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = {
    **DEFAULT_KEYWORDS,
    **{f"gettext_{kind}": None for kind in ("lazy", "noop")},
    **{f"ngettext_{kind}": (1, 2) for kind in ("lazy", "noop")},
    **{f"pgettext_{kind}": ((1, "c"), 2) for kind in ("lazy", "noop")},
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CALL = re.compile(r"(?<!\w)(_|n?p?gettext)\(")
HEADER = "# Gathered by `manage.py translations`; compiled by `make install`."
LEFT_OUT = {"tests", "migrations", "benchmarks", "__pycache__"}

Found = tuple[int, str, Any, list[str]]


def program_texts(root: Path) -> Catalog:
    """All texts of modules and templates, each with the files that show it."""
    catalog = Catalog()
    for path in source_files(root):
        how = "python" if path.suffix == ".py" else extract_template
        place = path.relative_to(root).as_posix()
        for _line, text, comments, context in extract_from_file(how, path, KEYWORDS, ("Translators:",)):
            catalog.add(text, locations=[(place, 1)], auto_comments=comments, context=context)
    return catalog


def source_files(root: Path) -> Iterator[Path]:
    for package in sorted(path for path in root.iterdir() if (path / "__init__.py").exists()):
        yield from _below(package, root, "*.py")
        yield from _below(package, root, "*.html")
    yield from _below(root / "templates", root, "*.html")
    yield from _below(root / "templates", root, "*.txt")


def _below(folder: Path, root: Path, pattern: str) -> Iterable[Path]:
    paths = (path for path in folder.rglob(pattern))
    return sorted(path for path in paths if not LEFT_OUT & set(path.relative_to(root).parts))


def extract_template(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: dict[str, Any]
) -> Iterator[Found]:
    """Babel's interface of an extractor, for Django's template language."""
    source = templatize(file.read().decode(), origin=getattr(file, "name", None))
    for call in CALL.finditer(source):
        function, arguments = call[1], _arguments(source, call.start(), call.end())
        if arguments:
            yield source.count("\n", 0, call.start()) + 1, function, arguments, []


def _arguments(source: str, start: int, end: int) -> tuple[str | None, ...]:
    """The constant arguments of the call that begins at ``start``; other arguments are None."""
    closing = source.find(")", end)
    while closing > 0:
        try:
            call = ast.parse(source[start : closing + 1], mode="eval").body
        except SyntaxError:
            closing = source.find(")", closing + 1)
            continue
        return tuple(part.value if isinstance(part, ast.Constant) else None for part in call.args)
    return ()


def catalogue_path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def stored(language: str) -> Catalog:
    path = catalogue_path(language)
    if not path.exists():
        facts = {"project": "backoffice", "version": "1", "msgid_bugs_address": "", "fuzzy": False}
        return Catalog(locale=language, header_comment=HEADER, **facts)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, texts: Catalog) -> bool:
    """Bring the stored catalogue to the texts of the program; translations of kept texts stay."""
    catalog, path = stored(language), catalogue_path(language)
    before = path.read_bytes() if path.exists() else b""
    catalog.update(texts, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
    catalog.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return path.read_bytes() != before


def shortcomings(language: str, texts: Catalog) -> Iterator[str]:
    """What keeps a language from being complete, one sentence per text."""
    catalog = stored(language)
    for wanted in texts:
        if not wanted.id:
            continue
        first = wanted.id if isinstance(wanted.id, str) else wanted.id[0]
        place = f"{wanted.locations[0][0]}: {first!r}"
        known = catalog.get(first, wanted.context)
        if known is None:
            yield f"{place} is not in the catalogue"
        elif known.fuzzy:
            yield f"{place} has an uncertain translation"
        elif not is_translated(known):
            yield f"{place} has no translation"
        else:
            yield from (f"{place}: {problem}" for problem in known.check(catalog))


def is_translated(message: Message) -> bool:
    return bool(message.string) and (isinstance(message.string, str) or all(message.string))
