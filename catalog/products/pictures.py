"""Where the pictures of products and variants hang, and the tabs that show them (spec: products 17)."""

from django.utils.translation import gettext_lazy

from catalog.images.forms import MediaTab
from catalog.images.saving import Links
from catalog.products.models import ProductImageSet, VariantImageSet

PRODUCT_IMAGES = Links(ProductImageSet, "product")
VARIANT_IMAGES = Links(VariantImageSet, "variant")

PRODUCT_MEDIA = MediaTab("media", gettext_lazy("Media"), links=PRODUCT_IMAGES)
VARIANT_MEDIA = MediaTab(
    "media",
    gettext_lazy("Media"),
    links=VARIANT_IMAGES,
    help=gettext_lazy("A variant without pictures of its own shows those of its product."),
)
