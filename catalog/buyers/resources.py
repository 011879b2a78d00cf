"""The files of merchants, companies, units, relations and customers (spec: import-export 4.9.2, 4.10)."""

import datetime
import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.console.rights import Right
from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.parts import Part
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import (
    TRIMMED,
    Bool,
    CellWidget,
    Choice,
    Code,
    Locale,
    Text,
    unguarded,
)
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO, CellError, Problem
from catalog.buyers import contracts, tree, uniqueness
from catalog.buyers.assigning import AssignedUnits
from catalog.buyers.models import BusinessUnit, BuyerRelation, Company, Customer, Merchant, MerchantStore
from catalog.stores.resources import store_ref


class Keys(CellWidget):
    """Keys parted by semicolons: trimmed, blank ones dropped, each once."""

    def clean(self, value: str, row: Any = None, **options: Any) -> tuple[str, ...] | None:
        text = unguarded(value) if value[:1] == "'" else value
        found = [item.strip(TRIMMED) for item in text.split(";")]
        return tuple(item for item in found if item) or None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return ";".join(value or ())


class Day(CellWidget):
    """A day as ``2026-12-31``; a time behind it is left out."""

    is_text = False
    _shape = re.compile(
        r"(\d{4}-\d{2}-\d{2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?"
    )

    def clean(self, value: str, row: Any = None, **options: Any) -> datetime.date | None:
        plain = value.strip(TRIMMED)
        if not plain:
            return None
        found = self._shape.fullmatch(plain)
        try:
            return datetime.date.fromisoformat(found[1]) if found else _no_date()
        except ValueError:
            raise CellError("bad_date") from None

    def render(self, value: Any, obj: Any = None, **options: Any) -> str:
        return value.isoformat() if value else ""


def _no_date() -> datetime.date:
    raise ValueError


def merchant_ref() -> Ref:
    return Ref(Merchant, "merchant_reference", file="merchant")


def unit_ref() -> Ref:
    return Ref(BusinessUnit, "key", file=tree.FILE)


def relation_ref() -> Ref:
    """A buyer relation named by another file."""
    return Ref(BuyerRelation, "key", file=contracts.FILE)


@register
class MerchantFile(FileResource):
    merchant_key = Column(
        "merchant_key", widget=Code(255), required=CREATE, samples=("sample-a", "sample-b", "sample-c")
    )
    reference = Column(
        "merchant_reference",
        widget=Code(255),
        required=KEY,
        help=_("By it other files name the merchant."),
        samples=("SAMPLE-1", "SAMPLE-2", "SAMPLE-3"),
    )
    name = Column(
        "name",
        "merchant_name",
        required=CREATE,
        samples=("Alpine tools", "Borough paper", "Coastline supply"),
    )
    registration = Column("registration_number")
    status = Column(
        "status",
        widget=Choice(Merchant.Status.values),
        default=Merchant.Status.WAITING.value,
        samples=("approved", "waiting-for-approval", "denied"),
    )
    email = Column("email", samples=("alpine@example.com",))
    is_active = Column("is_active", widget=Bool(), default=False, samples=("1", "0", "0"))
    url = Column(
        "url",
        widget=Text(255),
        localized=True,
        help=_("Kept as it is written, and not checked."),
        samples={"en_US": ("/en/vendor/alpine",), "de_DE": ("/de/anbieter/alpine",)},
    )
    is_open = Column("is_open_for_relation_request", widget=Bool(), default=False, samples=("1", "0", "0"))

    class Meta:
        model = Merchant
        file = "merchant"
        similar_keys = True
        once = {
            "merchant.merchant_key": ("taken", _("Line %(line)s gives the same key to another merchant.")),
        }

    def label(self, values: Values) -> str:
        return values.get("merchant_name") or values["merchant_reference"]

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        if values.get("merchant_key"):
            yield "merchant.merchant_key", values["merchant_key"]

    def review(self, batch: Batch) -> None:
        uniqueness.refuse_taken(batch, "merchant_key", "merchant_key")


@register
class MerchantStoreFile(FileResource):
    reference = Column(
        "merchant",
        "merchant_reference",
        merchant_ref(),
        required=KEY,
        samples=("LIEF-001",) * 3,
    )
    store_name = Column("store", "store_name", store_ref(), required=KEY, samples=("DE", "AT", "US"))

    class Meta:
        model = MerchantStore
        screen = Merchant
        file = "merchant_store"


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

    def before_write(self, batch: Batch) -> None:
        tree.name_parents(batch)


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
        Keys(),
        help=_("The units whose buyers it concerns, parted by semicolons. The list replaces the stored one."),
        samples=("wq-hq;wq-office", "", "ch-crew"),
    )
    parts = AssignedUnits()

    class Meta:
        model = BuyerRelation
        file = contracts.FILE
        similar_keys = True

    def make_parts(self, row: Planned, held: list[Part]) -> list[Part]:
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


@register
class CustomerFile(FileResource):
    """Customers come by file only; the column of passwords is taken out before the file is stored."""

    reference = Column(
        "customer_reference",
        widget=Code(255),
        required=KEY,
        help=_("Ends in digits."),
        samples=("SAMPLE--1", "SAMPLE--2", "SAMPLE--3"),
    )
    locale = Column("locale", "locale_name", Locale(), samples=("de_DE", "en_US", "en_US"))
    phone = Column("phone", samples=("+49 555 0142",))
    email = Column(
        "email",
        required=CREATE,
        samples=("alma.birk@example.com", "ruben.holt@example.com", "tess.moor@example.com"),
    )
    salutation = Column("salutation", samples=("Ms", "Mr", "Ms"))
    first_name = Column("first_name", required=CREATE, samples=("Alma", "Ruben", "Tess"))
    last_name = Column("last_name", required=CREATE, samples=("Birk", "Holt", "Moor"))
    company = Column("company")
    gender = Column("gender", samples=("Female", "Male", "Female"))
    date_of_birth = Column("date_of_birth", widget=Day())
    registered = Column("registered", widget=Day(), samples=("2026-01-10", "2026-02-11", "2026-03-12"))

    class Meta:
        model = Customer
        file = "customer"
        similar_keys = True
        unkept = ("password",)
        once = {
            "customer.email": ("taken", _("Line %(line)s gives the same e-mail address to another customer."))
        }

    def right(self, action: str) -> Right:
        """Customers are made and changed by nothing but a file: the right to import is enough."""
        return super().right("import" if action in {"add", "change"} else action)

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        if values.get("email"):
            yield "customer.email", values["email"]

    def review(self, batch: Batch) -> None:
        """An address belongs to one customer; one who was anonymised is left alone."""
        place = batch.position("anonymised_at")
        for row in batch.rows:
            if row.stored and row.stored[place] and not row.is_bad:
                row.outcome = "skipped"
        uniqueness.refuse_taken(batch, "email", "email")
