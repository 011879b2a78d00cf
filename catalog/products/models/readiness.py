"""What still keeps a product from being sold, stored so that it can be filtered (spec: products 6.5)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import UniqueRule
from catalog.products.models.products import Product
from catalog.stores.models import Store


class ReadinessCodes(models.Model):
    """The codes of the failing checks of a product in a store; without a store for a product that has none.
    Written by :mod:`catalog.products.readiness` only."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="readiness")
    store = models.ForeignKey(Store, models.CASCADE, null=True, related_name="+")
    codes = ArrayField(models.CharField(max_length=40), default=list)

    is_derived = True
    """Not told as something that is deleted: it follows from the product."""

    class Meta:
        default_permissions = ()
        verbose_name = _("readiness")
        indexes = [GinIndex(fields=["codes"], name="products_readiness_codes")]
        constraints = [
            UniqueRule(fields=["product", "store"], nulls_distinct=False, name="products_readiness_once")
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.store or ''}".strip()


class ProductSettings(models.Model):
    """The switches of the products room, one row. Approval is off by default (16)."""

    has_approval = models.BooleanField(_("approval"), default=False)

    class Meta:
        default_permissions = ()
        verbose_name = _("product settings")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="products_settings_one_row"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
