"""Customers of the shop, kept only for their names (spec: reviews 1.4)."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.records import Record
from backoffice.texts import SearchField
from catalog.buyers.models.rules import key_rules
from catalog.stores.models import LOCALE

EMAIL = r"^[^\s@]+@[^\s@]+\.[^\s@.]+$"
PERSONAL = (
    "locale",
    "email",
    "salutation",
    "first_name",
    "last_name",
    "phone",
    "company",
    "gender",
    "date_of_birth",
)
"""What is cleared when a customer is anonymised, and shown in no history."""


class CustomerQuerySet(models.QuerySet["Customer"]):
    def anonymised(self) -> Self:
        return self.filter(anonymised_at__isnull=False)


class Customer(Record):
    """A person who buys in the shop: reference data, read only. There is never a password."""

    customer_reference = models.CharField(_("reference"), max_length=255)
    locale = models.CharField(_("locale"), max_length=5, blank=True, default="")
    email = models.CharField(_("e-mail"), max_length=255, blank=True, default="")
    salutation = models.CharField(_("salutation"), max_length=64, blank=True, default="")
    first_name = models.CharField(_("first name"), max_length=255, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=255, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=255, blank=True, default="")
    company = models.CharField(_("company"), max_length=255, blank=True, default="")
    gender = models.CharField(_("gender"), max_length=64, blank=True, default="")
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    registered = models.DateField(_("registered"), null=True, blank=True)
    anonymised_at = models.DateTimeField(_("anonymised"), null=True, blank=True, editable=False)
    search = SearchField(sources=("first_name", "last_name", "customer_reference", "email"))

    history_masked = PERSONAL

    objects = CustomerQuerySet.as_manager()

    class Meta:
        default_permissions = ("view", "import", "anonymise")
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ("customer_reference",)
        indexes = [
            models.Index(fields=["last_name", "id"], name="buyers_customer_last_name"),
            models.Index(fields=["email", "id"], name="buyers_customer_email"),
            models.Index(fields=["registered", "id"], name="buyers_customer_registered"),
        ]
        constraints = [
            *key_rules("buyers_customer", "customer_reference", _("Another customer has this reference.")),
            CheckRule(
                condition=models.Q(customer_reference__regex=r"[0-9]$"),
                name="buyers_customer_reference_number",
                column="customer_reference",
                code="bad_key",
                message=_("A customer reference ends in digits, such as DE--101."),
            ),
            UniqueRule(
                fields=["email"],
                condition=~models.Q(email=""),
                name="buyers_customer_email_unique",
                column="email",
                code="taken",
                message=_("Another customer has this e-mail address."),
            ),
            CheckRule(
                condition=models.Q(email="") | models.Q(email__regex=EMAIL),
                name="buyers_customer_email_shape",
                column="email",
                code="bad_email",
                message=_("Write an e-mail address such as name@example.com."),
            ),
            CheckRule(
                condition=models.Q(locale="") | models.Q(locale__regex=LOCALE),
                name="buyers_customer_locale_shape",
                column="locale",
                code="bad_choice",
                message=_("Write a locale as language_COUNTRY, such as de_AT."),
            ),
        ]

    def __str__(self) -> str:
        return self.customer_reference

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()
