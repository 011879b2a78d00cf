"""The files of companies and their units (spec: import-export 4.10)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import (
    Bool,
    Choice,
    Code,
)
from backoffice.transfer.planning.batches import Batch
from catalog.buyers import tree
from catalog.buyers.models import BusinessUnit, Company


def unit_ref() -> Ref:
    return Ref(BusinessUnit, "key", file=tree.FILE)


@register
class CompanyFile(FileResource):
    key = Column(
        "key", widget=Code(255), required=KEY, samples=("sample-joinery", "sample-hotel", "sample-school")
    )
    name = Column("name", required=CREATE, samples=("Birch Joinery", "Harbour Hotel", "Hillside School"))
    is_active = Column(
        "is_active", widget=Bool("true", "false"), default=False, samples=("true", "true", "false")
    )
    status = Column(
        "status",
        widget=Choice(Company.Status.values),
        default=Company.Status.PENDING.value,
        samples=("approved", "pending", "denied"),
    )

    class Meta:
        model = Company
        screen = BusinessUnit
        file = "company"
        similar_keys = True

    def label(self, values: Values) -> str:
        return values.get("name") or values["key"]


@register
class UnitFile(FileResource):
    """One row makes or changes a unit; its parent may stand on any row of the file."""

    company = Column(
        "company",
        "company_key",
        Ref(Company, "key", file="company"),
        required=CREATE,
        help=_("Fixed after creation."),
        samples=("waldquell",) * 3,
    )
    key = Column(
        "key",
        "business_unit_key",
        Code(255),
        required=KEY,
        samples=("sample-north", "sample-yard", "sample-shop"),
    )
    name = Column("name", required=CREATE, samples=("North branch", "Timber yard", "Workshop"))
    email = Column("email", samples=("north@example.com",))
    phone = Column("phone", samples=("+49 555 0199",))
    external_url = Column("external_url", extra=True, help=_("A web address of the unit."))
    parent = Column(
        "parent",
        "parent_business_unit_key",
        unit_ref(),
        help=_("A unit of the same company. Empty: the unit stands at the top."),
        samples=("", "sample-north", "sample-north"),
    )

    class Meta:
        model = BusinessUnit
        file = tree.FILE
        similar_keys = True

    def label(self, values: Values) -> str:
        return values.get("name") or values["business_unit_key"]

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        return tree.facts(values)

    def review(self, batch: Batch) -> None:
        tree.review(batch)

    def review_bad(self, batch: Batch) -> None:
        tree.review_bad(batch)

    def before_write(self, batch: Batch) -> None:
        tree.name_parents(batch)
