"""What is offered instead of a variant (spec: products 15)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.records import Record
from catalog.products.models.products import Product
from catalog.products.models.variants import Variant


class ProductAlternative(Record):
    """A product or a variant, exactly one of them, that stands in for ``variant``."""

    variant = models.ForeignKey(
        Variant, models.CASCADE, related_name="alternatives", verbose_name=_("variant")
    )
    alternative_product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("alternative product"),
    )
    alternative_variant = models.ForeignKey(
        Variant,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaces",
        verbose_name=_("alternative variant"),
    )

    history_parent = "variant"

    class Meta:
        default_permissions = ()
        verbose_name = _("alternative")
        verbose_name_plural = _("alternatives")
        ordering = ("variant__sku", "alternative_variant__sku", "alternative_product__sku")
        constraints = [
            CheckRule(
                condition=Q(alternative_product__isnull=False, alternative_variant__isnull=True)
                | Q(alternative_product__isnull=True, alternative_variant__isnull=False),
                name="products_alternative_one_of",
                column="alternative_product_concrete_sku",
                code="one_of",
                message=_("Name a product or a variant, and only one of them."),
            ),
            CheckRule(
                condition=Q(alternative_variant__isnull=True) | ~Q(variant=F("alternative_variant")),
                name="products_alternative_not_itself",
                column="alternative_product_concrete_sku",
                code="self_reference",
                message=_("A variant is no alternative to itself."),
            ),
            UniqueRule(
                fields=["variant", "alternative_product", "alternative_variant"],
                nulls_distinct=False,
                name="products_alternative_once",
                column="alternative_product_concrete_sku",
                code="taken",
                message=_("This alternative is there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.variant} → {self.alternative_variant or self.alternative_product}"
