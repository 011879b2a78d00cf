"""What a bundle consists of (spec: products 12)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from catalog.products.models.variants import Variant


class BundleItem(models.Model):
    """``quantity`` pieces of a component in a bundle. Part of the bundle's history; no bundle is a component (12.1)."""

    bundle = models.ForeignKey(Variant, models.CASCADE, related_name="components", verbose_name=_("bundle"))
    item = models.ForeignKey(
        Variant, models.PROTECT, related_name="bundle_links", verbose_name=_("component")
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)

    class Meta:
        default_permissions = ()
        verbose_name = _("bundle component")
        verbose_name_plural = _("bundle components")
        ordering = ("pk",)
        constraints = [
            UniqueRule(
                fields=["bundle", "item"],
                name="products_bundleitem_once",
                column="bundled",
                code="taken",
                message=_("This component is in the bundle already."),
            ),
            CheckRule(
                condition=~Q(bundle=F("item")),
                name="products_bundleitem_not_itself",
                column="bundled",
                code="self_reference",
                message=_("A bundle cannot contain itself."),
            ),
            CheckRule(
                condition=Q(quantity__gte=1),
                name="products_bundleitem_quantity",
                column="bundled",
                code="out_of_range",
                message=_("The quantity is a whole number from 1."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item}"
