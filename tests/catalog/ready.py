"""A product that no check finds fault with."""

from django.db import transaction

from catalog.images.models import Image, ImageInSet, ImageSet
from catalog.products.models import Product, ProductImageSet
from catalog.stores.models import Store
from catalog.taxes.models import TaxSet
from catalog.urls.claims import Claim, claim
from tests import make


def two_stores() -> list[Store]:
    """DE, which speaks German and English, and US, which speaks English."""
    return [make.store("DE", locales=["de_DE", "en_US"]), make.store("US", locales=["en_US"])]


def ready_product(stores: list[Store]) -> Product:
    """A product that no stored check of this room finds fault with."""
    product = make.product(
        "lamp",
        name={"en_US": "Lamp", "de_DE": "Lampe"},
        stores=stores,
        categories=[make.category("lamps", stores=stores)],
        approval_status="approved",
        tax_set=TaxSet.objects.create(name="Standard"),
    )
    make.variant(
        "lamp-1",
        product=product,
        name={"en_US": "Lamp 1", "de_DE": "Lampe 1"},
        is_active=True,
        is_searchable={"en_US": True},
    )
    image_set = ImageSet.objects.create(name="default")
    image = Image.objects.create(url_small="/s.jpg", url_large="/l.jpg")
    ImageInSet.objects.create(image_set=image_set, image=image)
    ProductImageSet.objects.create(product=product, image_set=image_set, name="default")
    claims = [Claim(product.pk, code, generated=f"/{code[:2]}/lamp-{product.pk}") for code in product.name]
    with transaction.atomic():
        claim("product", claims, None)
    return product
