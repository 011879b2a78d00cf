"""Units under units in a file: parents of the same company, wherever they stand, and no circles
(spec: product-lists 7, import-export 4.10)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.staging.keys import JOIN
from catalog.buyers.models import BusinessUnit

FILE = "company_business_unit"
OF_COMPANY, UNDER = f"{FILE}.company", f"{FILE}.parent"
KEY, COMPANY, PARENT = "business_unit_key", "company_key", "parent_business_unit_key"
Outcome = RowResult.Outcome


def facts(values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Of which company a unit is, and under which other one."""
    if values.get(COMPANY):
        yield OF_COMPANY, JOIN.join((values[KEY], values[COMPANY]))
    if PARENT in values:
        yield UNDER, JOIN.join((values[KEY], values[PARENT] or ""))


def review(batch: Batch) -> None:
    """Refuse parents that will not be there, that belong to another company, or that lie below the unit."""
    _keep_company(batch)
    _refuse_blank_names(batch)
    rows = [row for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED) if row.values.get(PARENT)]
    if not rows:
        return
    _refuse_far_parents(batch, rows)
    _refuse_orphans(batch, rows)
    _refuse_strangers(batch, rows)
    _refuse_circles(batch, rows)
    _refuse_orphans(batch, rows)


def review_bad(batch: Batch) -> None:
    """What is sure of a row in error."""
    _keep_company(batch)
    _refuse_blank_names(batch)


def _keep_company(batch: Batch) -> None:
    place = batch.position("company")
    for row in batch.with_outcome(Outcome.CHANGED):
        if row.record[place] != row.stored[place]:
            message = _("The company of a unit is fixed.")
            row.fail("conflict", COMPANY, message, _("Make a unit with another key for this company."))


def _refuse_blank_names(batch: Batch) -> None:
    """A rule of the model, asked here already: units below such a one are refused with it."""
    place = batch.position("name")
    for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED):
        if row.record[place] and not row.record[place].strip():
            row.fail("required", "name")


def _refuse_far_parents(batch: Batch, rows: list[Planned]) -> None:
    """A parent that is not written yet stands among the rows that are written together."""
    ids, own = batch.resolved[PARENT].ids, {row.key for row in batch.rows}
    asked = {row.values[PARENT] for row in rows if ids.get(row.values[PARENT], 0) < 0} - own
    found = batch.run.keys.find(FILE, asked) if asked else {}
    last = batch.rows[-1].line
    for row in rows:
        far = found.get(row.values[PARENT])
        if far and far.line > last and not row.is_bad:
            message = _("“%(value)s” stands too far below, on line %(line)s.")
            row.fail("unknown_ref", PARENT, message, _("Write parents above their units."), line=far.line)


def _refuse_strangers(batch: Batch, rows: list[Planned]) -> None:
    companies = companies_of(batch, {key for row in rows for key in (row.key, row.values[PARENT])})
    for row in rows:
        if not row.is_bad and companies.get(row.values[PARENT]) != companies.get(row.key):
            row.fail("conflict", PARENT, _("“%(value)s” is a unit of another company."))


def companies_of(batch: Batch, keys: set[str]) -> dict[str, str]:
    """``{unit key: company key}``, as stored or, of units that the run brings, as it says."""
    found = dict(BusinessUnit.objects.filter(key__in=keys).values_list("key", "company__key"))
    if keys - found.keys():
        found = dict(pair.split(JOIN, 1) for pair in batch.run.keys.stated(OF_COMPANY)) | found
    return found


def _refuse_circles(batch: Batch, rows: list[Planned]) -> None:
    above = _parents(batch, rows)
    for row in rows:
        key, met = row.values[PARENT], set()
        while key and key != row.key and key not in met:
            met.add(key)
            key = above.get(key, "")
        if key == row.key and not row.is_bad:
            message = _("“%(value)s” lies below this unit: the units would form a circle.")
            code = "self_reference" if row.values[PARENT] == row.key else "cycle"
            row.fail(code, PARENT, message, _("Choose a parent that does not lie below the unit."))


def _parents(batch: Batch, rows: list[Planned]) -> dict[str, str]:
    """``{unit: unit above it}`` as it will be after the run, for all that lie above the rows."""
    above = dict(pair.split(JOIN, 1) for pair in batch.run.keys.stated(UNDER))
    asked: set[str] = set()
    wanted = {row.values[PARENT] for row in rows}
    while wanted := {key for key in wanted if key} - asked:
        asked |= wanted
        missing = [key for key in wanted if key not in above]
        stored = BusinessUnit.objects.filter(key__in=missing).values_list("key", "parent__key")
        above |= {key: parent or "" for key, parent in stored} if missing else {}
        wanted = {above.get(key, "") for key in wanted}
    return above


def _refuse_orphans(batch: Batch, rows: list[Planned]) -> None:
    """A unit whose parent's own row is in error, or left out, cannot be placed; nor can those below it. Asked before
    the other rules, whose sentence would hide the cause, and after them."""
    by_key = {row.key: row for row in batch.rows}
    ids = batch.resolved[PARENT].ids
    is_settled = False
    while not is_settled:
        is_settled = True
        for row in rows:
            parent = by_key.get(row.values[PARENT])
            if row.is_bad or parent is None or ids.get(parent.key, 1) > 0:
                continue
            if parent.is_bad or parent.outcome == Outcome.SKIPPED:
                message = _("“%(value)s” is itself in error: see line %(line)s.")
                row.fail("unknown_ref", PARENT, message, line=parent.line)
                is_settled = False


def name_parents(batch: Batch) -> None:
    """Put the ids of parents that are made together with their units into the rows, in an apply."""
    place = batch.position("parent")
    rows = batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
    ids = {row.key: row.pk for row in rows if row.pk}
    late = [row for row in rows if (row.record[place] or 0) < 0]
    for row in late:
        row.record[place] = ids.get(row.values[PARENT])
        if row.record[place] is None:
            row.fail("unknown_ref", PARENT)
    if late:
        batch.shelf.fill([row for row in rows if not row.is_bad])
