"""Companies and their business units: who buys in business (spec: product-lists 1)."""

from typing import Self

from django.db import connection, models
from django.db.models import functions
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField
from catalog.buyers.models.rules import given, key_rules, known

STATUSES = ["approved", "pending", "denied"]


class CompanyQuerySet(models.QuerySet["Company"]):
    def with_unit_count(self) -> Self:
        """Adds ``unit_count``, for the rows shown only."""
        units = BusinessUnit.objects.filter(company=models.OuterRef("pk")).order_by().values("company")
        counted = units.annotate(number=models.Count("pk")).values("number")
        return self.annotate(unit_count=functions.Coalesce(models.Subquery(counted), 0))


class Company(Record):
    """A business customer. It buys through its units."""

    class Status(models.TextChoices):
        APPROVED = "approved", _("Approved")
        PENDING = "pending", _("Pending")
        DENIED = "denied", _("Denied")

    key = models.CharField(_("key"), max_length=255)
    name = models.CharField(_("name"), max_length=255)
    is_active = models.BooleanField(_("active"), default=False)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.PENDING)
    search = SearchField(sources=("name", "key"))

    objects = CompanyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=["name", "id"], name="buyers_company_name"),
            models.Index(fields=["status", "id"], name="buyers_company_status"),
        ]
        constraints = [
            *key_rules("buyers_company", "key", _("Another company has this key.")),
            given("buyers_company", "name", _("A company needs a name.")),
            known("buyers_company", "status", STATUSES, _("Choose approved, pending or denied.")),
        ]

    def __str__(self) -> str:
        return self.name


class BusinessUnitQuerySet(models.QuerySet["BusinessUnit"]):
    def of_company(self, company: Company | int | None) -> Self:
        return self.filter(company=company)

    def in_tree_order(self, most: int) -> list["BusinessUnit"]:
        """The units of one company, at most so many, each below its parent. ``levels`` has an item per unit above,
        ``parent_name`` says which is next above."""
        below: dict[int | None, list[BusinessUnit]] = {}
        names = {}
        for unit in self.order_by("name", "pk")[:most]:
            names[unit.pk] = unit.name
            below.setdefault(unit.parent_id, []).append(unit)
        tops = [unit for parent, units in below.items() if parent not in names for unit in units]
        found: list[BusinessUnit] = []
        waiting = [(unit, 0) for unit in reversed(tops)]
        while waiting:
            unit, depth = waiting.pop()
            unit.levels, unit.parent_name = range(depth), names.get(unit.parent_id, "")
            found.append(unit)
            waiting += [(child, depth + 1) for child in reversed(below.get(unit.pk, []))]
        return found

    def above(self, unit_id: int) -> list[int]:
        """The ids of a unit and of all units above it, in one query; a circle ends where it began."""
        query = (
            "WITH RECURSIVE up(id, parent_id) AS ("
            " SELECT id, parent_id FROM buyers_businessunit WHERE id = %s"
            " UNION SELECT u.id, u.parent_id FROM buyers_businessunit u JOIN up ON u.id = up.parent_id"
            ") SELECT id FROM up"
        )
        with connection.cursor() as cursor:
            cursor.execute(query, [unit_id])
            return [pk for (pk,) in cursor]


class BusinessUnit(Record):
    """A part of a company that buys: a site, a department. Units form a tree within their company; nothing is
    inherited along it."""

    key = models.CharField(_("key"), max_length=255)
    company = models.ForeignKey(Company, models.PROTECT, related_name="units", verbose_name=_("company"))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent unit")
    )
    name = models.CharField(_("name"), max_length=255)
    email = models.CharField(_("e-mail"), max_length=255, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=255, blank=True, default="")
    external_url = models.CharField(_("web address"), max_length=255, blank=True, default="")
    search = SearchField(sources=("name", "key"))

    objects = BusinessUnitQuerySet.as_manager()

    class Meta:
        default_permissions = RIGHTS
        verbose_name = _("business unit")
        verbose_name_plural = _("companies and units")
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=["name", "id"], name="buyers_businessunit_name"),
            models.Index(fields=["company", "name", "id"], name="buyers_businessunit_company"),
        ]
        constraints = [
            *key_rules("buyers_businessunit", "key", _("Another unit has this key.")),
            given("buyers_businessunit", "name", _("A unit needs a name.")),
            CheckRule(
                condition=~models.Q(parent=models.F("id")),
                name="buyers_businessunit_not_own_parent",
                column="parent",
                code="self_reference",
                message=_("A unit cannot be its own parent."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
