"""Buyer relations: the agreement of a merchant with a business customer (spec: product-lists 1)."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import UniqueRule
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField, normalise
from catalog.buyers.models.companies import BusinessUnit
from catalog.buyers.models.merchants import Merchant
from catalog.buyers.models.rules import key_rules


class BuyerRelationQuerySet(models.QuerySet["BuyerRelation"]):
    def with_names(self) -> Self:
        """Relations with merchant, owner unit, its company and the assigned units, in two queries more."""
        return self.select_related("merchant", "owner_unit__company").prefetch_related("assigned__unit")

    def assigned_to(self, unit: BusinessUnit | int) -> Self:
        """The relations that reach the buyers of a unit. Being the owner alone has no effect (1.2)."""
        return self.filter(
            models.Exists(BuyerRelationUnit.objects.filter(relation=models.OuterRef("pk"), unit=unit))
        )

    def found_by(self, text: str) -> Self:
        """Relations found by their key, their merchant, their owner unit or an assigned unit."""
        part = normalise(text)
        units = BusinessUnit.objects.filter(search__contains=part).values("pk")
        merchants = Merchant.objects.filter(search__contains=part).values("pk")
        assigned = BuyerRelationUnit.objects.filter(unit__in=units).values("relation")
        return self.filter(
            models.Q(search__contains=part)
            | models.Q(merchant__in=merchants)
            | models.Q(owner_unit__in=units)
            | models.Q(pk__in=assigned)
        )


class BuyerRelation(Record):
    """A contract. It concerns the buyers of its assigned units; the owner unit holds it, and is concerned only if it
    is assigned, too. All units belong to one company."""

    key = models.CharField(_("key"), max_length=255)
    merchant = models.ForeignKey(
        Merchant, models.PROTECT, related_name="relations", verbose_name=_("merchant")
    )
    owner_unit = models.ForeignKey(
        BusinessUnit, models.PROTECT, related_name="owned_relations", verbose_name=_("owner unit")
    )
    units = models.ManyToManyField(
        BusinessUnit,
        through="BuyerRelationUnit",
        related_name="relations",
        verbose_name=_("assigned units"),
    )
    search = SearchField(sources=("key",))

    objects = BuyerRelationQuerySet.as_manager()

    class Meta:
        default_permissions = RIGHTS
        verbose_name = _("buyer relation")
        verbose_name_plural = _("buyer relations")
        ordering = ("key",)
        constraints = key_rules("buyers_buyerrelation", "key", _("Another relation has this key."))

    def __str__(self) -> str:
        return self.key

    @property
    def name(self) -> str:
        """What people call it: merchant and owner unit."""
        return f"{self.merchant} – {self.owner_unit}"


class BuyerRelationUnit(models.Model):
    """A unit whose buyers a relation concerns."""

    relation = models.ForeignKey(BuyerRelation, models.CASCADE, related_name="assigned")
    unit = models.ForeignKey(BusinessUnit, models.PROTECT, related_name="assignments")

    class Meta:
        default_permissions = ()
        verbose_name = _("assigned unit")
        verbose_name_plural = _("unit assignments")
        ordering = ("unit__key",)
        constraints = [UniqueRule(fields=["relation", "unit"], name="buyers_buyerrelationunit_once")]

    def __str__(self) -> str:
        return f"{self.relation} {self.unit}"
