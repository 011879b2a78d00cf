"""Merchants: who sells (spec: product-lists 1)."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import UniqueRule
from backoffice.fields import LocalizedField
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField
from catalog.buyers.models.rules import given, key_rules, known
from catalog.stores.models import Store

STATUSES = ["approved", "waiting-for-approval", "denied"]


class MerchantQuerySet(models.QuerySet["Merchant"]):
    def with_stores(self) -> Self:
        """Merchants with the stores they sell in, in two more queries."""
        return self.prefetch_related("in_stores__store")


class Merchant(Record):
    """A seller with whom business customers have agreements. Files name it by its reference."""

    class Status(models.TextChoices):
        APPROVED = "approved", _("Approved")
        WAITING = "waiting-for-approval", _("Waiting for approval")
        DENIED = "denied", _("Denied")

    merchant_key = models.CharField(_("key"), max_length=255)
    merchant_reference = models.CharField(_("reference"), max_length=255)
    name = models.CharField(_("name"), max_length=255)
    status = models.CharField(_("status"), max_length=32, choices=Status.choices, default=Status.WAITING)
    is_active = models.BooleanField(_("active"), default=False)
    registration_number = models.CharField(_("registration number"), max_length=255, blank=True, default="")
    email = models.CharField(_("e-mail"), max_length=255, blank=True, default="")
    url = LocalizedField(_("address"))
    is_open_for_relation_request = models.BooleanField(_("takes requests for relations"), default=False)
    stores = models.ManyToManyField(
        Store, through="MerchantStore", related_name="+", verbose_name=_("stores")
    )
    search = SearchField(sources=("name", "merchant_reference", "merchant_key"))

    objects = MerchantQuerySet.as_manager()

    class Meta:
        default_permissions = RIGHTS
        verbose_name = _("merchant")
        verbose_name_plural = _("merchants")
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=["name", "id"], name="buyers_merchant_name"),
            models.Index(fields=["status", "id"], name="buyers_merchant_status"),
        ]
        constraints = [
            *key_rules("buyers_merchant", "merchant_key", _("Another merchant has this key.")),
            *key_rules("buyers_merchant", "merchant_reference", _("Another merchant has this reference.")),
            given("buyers_merchant", "name", _("A merchant needs a name.")),
            known("buyers_merchant", "status", STATUSES, _("Choose approved, waiting or denied.")),
        ]

    def __str__(self) -> str:
        return self.name


class MerchantStore(Record):
    """A store a merchant sells in."""

    merchant = models.ForeignKey(
        Merchant, models.CASCADE, related_name="in_stores", verbose_name=_("merchant")
    )
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", verbose_name=_("store"))

    history_parent = "merchant"

    class Meta:
        default_permissions = ()
        verbose_name = _("store of a merchant")
        verbose_name_plural = _("stores of merchants")
        ordering = ("store__name",)
        constraints = [UniqueRule(fields=["merchant", "store"], name="buyers_merchantstore_once")]

    def __str__(self) -> str:
        return f"{self.merchant} {self.store}"
