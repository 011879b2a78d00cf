"""Which image sets belong to products and variants (spec: products 17.1)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import UniqueRule
from catalog.images.models import ImageSet
from catalog.products.models.products import Product
from catalog.products.models.variants import Variant


class ProductImageSet(models.Model):
    """An image set of a product. ``locale`` and ``name`` repeat those of the set; an empty locale is *Default*."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="image_set_links")
    image_set = models.OneToOneField(ImageSet, models.CASCADE, related_name="product_link")
    locale = models.CharField(_("locale"), max_length=5, blank=True, default="")
    name = models.CharField(_("name"), max_length=255, blank=True, default="")

    class Meta:
        default_permissions = ()
        verbose_name = _("image set of a product")
        verbose_name_plural = _("image sets of a product")
        constraints = [
            UniqueRule(
                fields=["product", "locale", "name"],
                name="products_productimageset_once",
                column="name",
                code="taken",
                message=_("This language has a set of this name already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.product} {self.name}"


class VariantImageSet(models.Model):
    """An image set of a variant, as :class:`ProductImageSet`."""

    variant = models.ForeignKey(Variant, models.CASCADE, related_name="image_set_links")
    image_set = models.OneToOneField(ImageSet, models.CASCADE, related_name="variant_link")
    locale = models.CharField(_("locale"), max_length=5, blank=True, default="")
    name = models.CharField(_("name"), max_length=255, blank=True, default="")

    class Meta:
        default_permissions = ()
        verbose_name = _("image set of a variant")
        verbose_name_plural = _("image sets of a variant")
        constraints = [
            UniqueRule(
                fields=["variant", "locale", "name"],
                name="products_variantimageset_once",
                column="name",
                code="taken",
                message=_("This language has a set of this name already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.variant} {self.name}"
