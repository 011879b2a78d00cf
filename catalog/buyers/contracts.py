"""Buyer relations in a file: units of one company, and what stays as it was signed (spec: import-export 4.9.2)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from catalog.buyers.models import BusinessUnit
from catalog.buyers.tree import companies_of

FILE = "merchant_relationship"
MERCHANT, OWNER, UNITS = (
    "merchant_reference",
    "company_business_unit_owner_key",
    "company_business_unit_assignee_keys",
)
Outcome = RowResult.Outcome


def review(batch: Batch) -> None:
    """Refuse units of another company than the owner's, another merchant and another company."""
    rows = [row for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED) if not row.is_bad]
    if not rows:
        return
    owners = _owners(batch, rows)
    before = _companies_before(batch, rows)
    companies = companies_of(batch, {*owners.values(), *(key for row in rows for key in _units(row))})
    for row in rows:
        company = companies.get(owners[row.number])
        _keep_contract(batch, row, is_same_company=before.get(row.number, company) == company)
        _refuse_strangers(row, companies, company)


def _units(row: Planned) -> Iterable[str]:
    return row.values.get(UNITS) or ()


def _owners(batch: Batch, rows: list[Planned]) -> dict[int, str]:
    """``{row number: key of the owner unit}``, of the file or, where it does not say, as stored."""
    place = batch.position("owner_unit")
    silent = {row.number: row.stored[place] for row in rows if row.stored and not row.values.get(OWNER)}
    keys = dict(BusinessUnit.objects.filter(pk__in=silent.values()).values_list("pk", "key"))
    return {row.number: row.values.get(OWNER) or keys[silent[row.number]] for row in rows}


def _companies_before(batch: Batch, rows: list[Planned]) -> dict[int, str]:
    """``{row number: key of the company}`` of the stored relations."""
    place = batch.position("owner_unit")
    held = {row.number: row.stored[place] for row in rows if row.stored}
    keys = dict(BusinessUnit.objects.filter(pk__in=held.values()).values_list("pk", "company__key"))
    return {number: keys[pk] for number, pk in held.items()}


def _keep_contract(batch: Batch, row: Planned, *, is_same_company: bool) -> None:
    """Merchant and company are what the contract is about: they do not change."""
    place = batch.position("merchant")
    if row.stored and row.record[place] != row.stored[place]:
        row.fail("conflict", MERCHANT, _("The merchant of a relation cannot be changed."))
    if not is_same_company:
        row.fail("conflict", OWNER, _("The company of a relation cannot be changed."))


def _refuse_strangers(row: Planned, companies: dict[str, str], company: str | None) -> None:
    for key in _units(row):
        if companies.get(key) != company:
            message = _("“%(unit)s” is a unit of another company than the owner.")
            row.fail("conflict", UNITS, message, unit=key)
