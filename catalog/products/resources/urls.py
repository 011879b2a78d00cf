"""The addresses that product_abstract.csv states (spec: import-export 2.16 and 4.5.1): checked with the row, claimed
when it is written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Model, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.parts import Part
from backoffice.transfer.declaring.resources import Values
from backoffice.transfer.declaring.widgets import TRIMMED, CellWidget, unguarded
from backoffice.transfer.exporting import guides
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO, CellError, Problem
from catalog.products import addressing
from catalog.urls import claims, slugs
from catalog.urls.models import Url

Outcome = RowResult.Outcome
FACT = "product_abstract.url"
"""Only one product of a run may state a path."""
STEM = "url."


class Path(CellWidget):
    """The path of a page."""

    def clean(self, value: str, row: Any = None, **options: Any) -> str:
        path = unguarded(value.strip(TRIMMED))
        if len(path) > slugs.LONGEST:
            raise CellError("too_long", length=len(path), limit=slugs.LONGEST)
        if path and not slugs.is_path(path):
            raise CellError(
                "bad_url",
                _("“%(value)s” is no path of a page."),
                _(
                    "Write what follows the host, from the first / on, without blanks, ? and #, such as /en/lamps."
                ),
            )
        return path


@guides.spelling.register
def _spelling(widget: Path) -> str:
    return _("Path of a page: what follows the host, such as /en/lamps, without blanks")


class Paths:
    """The addresses of a product as parts ``[locale, path]``; they are written by :func:`claim` and have a history
    of their own."""

    def stored(self, parents: Sequence[int]) -> dict[int, list[Part]]:
        found: dict[int, list[Part]] = {}
        if parents:
            rows = Url.objects.of(addressing.OWNER, parents).order_by("locale")
            for pk, locale, path in rows.values_list("owner_id", "locale", "path"):
                found.setdefault(pk, []).append([locale, path])
        return found

    def add(self, wanted: Iterable[tuple[int, Sequence[Part]]]) -> None: ...

    def replace(self, wanted: Iterable[tuple[int, Sequence[Part], Sequence[Part]]]) -> None: ...

    def state(self, parts: Sequence[Part]) -> dict[str, Any]:
        return {}

    def shown(self, parts: Sequence[Part]) -> dict[str, Any]:
        return {f"url.{locale}": path for locale, path in parts}


PATHS = Paths()


def typed(values: Values) -> dict[str, str]:
    """``{locale: path}`` of a row; an empty cell states nothing."""
    return {name[len(STEM) :]: path for name, path in values.items() if name.startswith(STEM) and path}


def stated(values: Values) -> Iterable[tuple[str, str]]:
    for path in typed(values).values():
        yield FACT, slugs.fold(path)


def column_of(key: str, values: Values) -> str:
    """The column in which a row states a path."""
    found = (code for code, path in typed(values).items() if slugs.fold(path) == key)
    return next((f"{STEM}{code}" for code in found), "")


def wanted(values: Values, held: list[Part]) -> list[Part]:
    return [[code, path] for code, path in sorted(({**dict(held), **typed(values)}).items())]


def refuse_taken(batch: Batch) -> None:
    """Paths that belong to another page, and one path in two languages. An old redirect gives way, which is told
    (products 18.6)."""
    rows = [row for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED) if not row.is_bad]
    pk = batch.position("id")
    numbers = {row.stored[pk] if row.stored and row.stored[pk] else -row.number - 1: row for row in rows}
    asked = [
        claims.Claim(number, code, typed=path)
        for number, row in numbers.items()
        for code, path in typed(row.values).items()
    ]
    if not asked:
        return
    found = claims.foresee(addressing.OWNER, asked, distinct=True)
    for refusal in found.refused:
        row = numbers[refusal.claim.owner_id]
        row.fail(refusal.code, f"{STEM}{refusal.claim.locale}", refusal.message)
    _tell_redirects(found.removed, asked, numbers)


def _tell_redirects(gone: Sequence[Url], asked: Sequence[claims.Claim], rows: Mapping[int, Planned]) -> None:
    takers = {slugs.fold(claim.typed): claim for claim in asked} if gone else {}
    message = _("The old redirect %(value)s is removed; the address belongs to this page.")
    for url in {url.folded: url for url in gone}.values():
        claim = takers[url.folded]
        column = f"{STEM}{claim.locale}"
        rows[claim.owner_id].problems.append(
            Problem(INFO, "redirect_removed", column, url.path, message=message)
        )


def claim(batch: Batch) -> None:
    """Give the written products their addresses: what the row states, else for a new product what its name makes."""
    pk, name = batch.position("id"), batch.position("name")
    new = batch.with_outcome(Outcome.NEW)
    changed = [
        row
        for row in batch.with_outcome(Outcome.CHANGED)
        if typed(row.values) or row.record[name] != row.stored[name]
    ]
    ids: Mapping[int, Planned] = {row.pk: row for row in new} | {row.stored[pk]: row for row in changed}
    if not ids:
        return
    paths = {number: typed(row.values) for number, row in ids.items()}
    fresh = {row.pk for row in new}
    addressing.follow(ids, batch.run.recorder, paths, named=fresh, distinct=True)
    batch.run.recorder.flush()


def with_paths(rows: QuerySet) -> QuerySet:
    """Products with their addresses as ``paths``, ``{locale: path}``."""
    held = Url.objects.pages().filter(owner_type=addressing.OWNER, owner_id=OuterRef("pk"))
    spelled = held.order_by("locale").values_list(Concat(F("locale"), Value(" "), F("path")))
    return rows.annotate(paths=ArraySubquery(spelled))


def path_of(record: Model, locale: str) -> str:
    return next((each[6:] for each in record.paths if each.startswith(f"{locale} ")), "")
