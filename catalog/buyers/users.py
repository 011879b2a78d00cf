"""Who refers to a merchant, a company or a unit: named on the page that deletes it (spec: product-lists 2.5)."""

from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.console.deleting import Touched, adds_impact
from backoffice.console.paging import Count
from backoffice.console.site import site
from catalog.buyers.models import BusinessUnit, BuyerRelation, Company, Merchant

NAMED = 50


def relations_of_merchant(merchant: Merchant) -> list[Touched]:
    return _relations(Q(merchant=merchant))


def relations_of_unit(unit: BusinessUnit) -> list[Touched]:
    return [*_units(Q(parent=unit)), *_relations(Q(owner_unit=unit) | Q(assigned__unit=unit))]


def units_of_company(company: Company) -> list[Touched]:
    return _units(Q(company=company))


def _relations(condition: Q) -> list[Touched]:
    address = site._registry[BuyerRelation].url
    rows = BuyerRelation.objects.filter(condition).distinct().select_related("merchant", "owner_unit")
    return [
        Touched(f"{row.name} ({row.key})", Count(1), _("uses it"), url=address("view", pk=row.pk))
        for row in rows.order_by("key")[:NAMED]
    ]


def _units(condition: Q) -> list[Touched]:
    address = site._registry[BusinessUnit].url
    return [
        Touched(f"{row.name} ({row.key})", Count(1), _("uses it"), url=address("view", pk=row.pk))
        for row in BusinessUnit.objects.filter(condition).order_by("name", "pk")[:NAMED]
    ]


adds_impact(Merchant, relations_of_merchant)
adds_impact(BusinessUnit, relations_of_unit)
adds_impact(Company, units_of_company)
