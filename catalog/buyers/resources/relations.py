"""The file of buyer relations (spec: import-export 4.9.2)."""

from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.parts import Part
from backoffice.transfer.declaring.references import Ref, Refs
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.declaring.widgets import TRIMMED, Code, unguarded
from backoffice.transfer.exporting import guides
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO, Problem
from catalog.buyers import contracts
from catalog.buyers.assigning import UNIT_LINKS
from catalog.buyers.models import BuyerRelation
from catalog.buyers.resources.companies import unit_ref
from catalog.buyers.resources.merchants import merchant_ref


class Units(Refs):
    """Keys of units parted by semicolons. One that stands twice is kept, so that it can be told."""

    def clean(self, value: str, row: Any = None, **options: Any) -> tuple[str, ...] | None:
        text = unguarded(value) if value[:1] == "'" else value
        found = [item.strip(TRIMMED) for item in text.split(";")]
        return tuple(self.item(item) for item in found if item) or None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return ";".join(value or ())


@guides.spelling.register
def _spelling(widget: Units) -> str:
    return _("Keys of known records, parted by semicolons")


def relation_ref() -> Ref:
    """A buyer relation named by another file."""
    return Ref(BuyerRelation, "key", file=contracts.FILE)


@register
class BuyerRelationFile(FileResource):
    key = Column(
        "key",
        "merchant_relation_key",
        Code(255),
        required=KEY,
        samples=("sample-r1", "sample-r2", "sample-r3"),
    )
    merchant = Column(
        "merchant",
        "merchant_reference",
        merchant_ref(),
        required=CREATE,
        help=_("Fixed after creation."),
        samples=("LIEF-001",) * 3,
    )
    owner_unit = Column(
        "owner_unit",
        "company_business_unit_owner_key",
        unit_ref(),
        required=CREATE,
        help=_("The unit that holds the contract; its company is fixed after creation."),
        samples=("wq-hq", "wq-hq", "ch-hq"),
    )
    units = Column(
        "units",
        "company_business_unit_assignee_keys",
        Units(unit_ref()),
        help=_("The units whose buyers it concerns, parted by semicolons. The list replaces the stored one."),
        samples=("wq-hq;wq-office", "", "ch-crew"),
    )
    parts = UNIT_LINKS

    class Meta:
        model = BuyerRelation
        file = contracts.FILE
        similar_keys = True

    def make_parts(self, row: Planned, held: list[Part], *, replaces: bool = False) -> list[Part]:
        if contracts.UNITS not in row.values:
            return held
        given = row.values[contracts.UNITS] or ()
        wanted = sorted(set(given))
        if len(wanted) < len(given):
            message = _("A unit stands twice in the list and was taken once.")
            row.problems.append(
                Problem(INFO, "duplicate_value_merged", contracts.UNITS, ";".join(given), {}, message)
            )
        return [[key] for key in wanted]

    def review(self, batch: Batch) -> None:
        contracts.review(batch)

    def rows(self, user: Any = None) -> QuerySet:
        return super().rows(user).prefetch_related("assigned__unit")

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        if column is self.fields["units"]:
            return column.widget.render(sorted(each.unit.key for each in record.assigned.all()))
        return super().cell(record, column, locale)
