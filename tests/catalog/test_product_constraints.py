"""What the database refuses of products and what hangs on them, whoever writes (products 1, 7, 12.1, 15.1, 20)."""

import datetime
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model

from catalog.attributes.models import Attribute, AttributeKey, AttributeValue
from catalog.images.models import ImageSet
from catalog.products.models import (
    BundleItem,
    CategoryProduct,
    Discontinued,
    GroupMember,
    Product,
    ProductAlternative,
    ProductGroup,
    ProductImageSet,
    ProductStore,
    Variant,
)
from tests import make

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2031, 6, 15, 12, tzinfo=datetime.UTC)


@pytest.fixture
def saw() -> dict[str, Model]:
    """A product with two variants, in a category, a store and a group, with a picture set."""
    store = make.store("DE")
    tools = make.category("tools")
    product = make.product("saw", categories=[tools], stores=[store])
    first = make.variant("saw-1", product=product, gtin="036000291452")
    second = make.variant("saw-2", product=product)
    BundleItem.objects.create(bundle=first, item=second)
    ProductAlternative.objects.create(variant=first, alternative_variant=second)
    Discontinued.objects.create(variant=first, active_until=NOON.date())
    image_set = ImageSet.objects.create(name="default")
    ProductImageSet.objects.create(product=product, image_set=image_set, name="default")
    group = make.product_group("saws", products=[product])
    found = {"product": product, "first": first, "second": second, "store": store, "tools": tools}
    return found | {"group": group, "grip": make.attribute("grip", values={"soft": {}})}


WRONG: dict[str, Callable[[dict], Model]] = {
    "product SKU twice": lambda s: Product(sku="saw"),
    "product SKU in other letters": lambda s: Product(sku="SAW"),
    "product SKU with a blank": lambda s: Product(sku="a saw"),
    "product SKU empty": lambda s: Product(sku=""),
    "new from after new to": lambda s: Product(sku="x", new_from=NOON, new_to=NOON),
    "colour": lambda s: Product(sku="x", color_code="#12345"),
    "colour of no name": lambda s: Product(sku="x", color_code="sunny"),
    "approval": lambda s: Product(sku="x", approval_status="maybe"),
    "variant SKU twice": lambda s: Variant(product=s["product"], sku="saw-1"),
    "variant SKU in other letters": lambda s: Variant(product=s["product"], sku="Saw-1"),
    "variant SKU": lambda s: Variant(product=s["product"], sku="saw/1"),
    "window": lambda s: Variant(product=s["product"], sku="x", valid_from=NOON, valid_to=NOON),
    "GTIN of 11 digits": lambda s: Variant(product=s["product"], sku="x", gtin="03600029145"),
    "GTIN empty": lambda s: Variant(product=s["product"], sku="x", gtin=""),
    "GTIN with a leading zero": lambda s: Variant(product=s["product"], sku="x", gtin="0036000291452"),
    "store twice": lambda s: ProductStore(product=s["product"], store=s["store"]),
    "category twice": lambda s: CategoryProduct(product=s["product"], category=s["tools"]),
    "order below zero": lambda s: CategoryProduct(
        product=make.product(), category=s["tools"], product_order=-1
    ),
    "component twice": lambda s: BundleItem(bundle=s["first"], item=s["second"]),
    "bundle in itself": lambda s: BundleItem(bundle=s["second"], item=s["second"]),
    "no piece": lambda s: BundleItem(bundle=make.variant(), item=s["second"], quantity=0),
    "no alternative": lambda s: ProductAlternative(variant=s["second"]),
    "two alternatives in one": lambda s: ProductAlternative(
        variant=make.variant(), alternative_variant=s["second"], alternative_product=s["product"]
    ),
    "itself": lambda s: ProductAlternative(variant=s["second"], alternative_variant=s["second"]),
    "alternative twice": lambda s: ProductAlternative(variant=s["first"], alternative_variant=s["second"]),
    "discontinued twice": lambda s: Discontinued(variant=s["first"], active_until=NOON.date()),
    "group key twice": lambda s: ProductGroup(key="saws"),
    "group key empty": lambda s: ProductGroup(key=""),
    "member twice": lambda s: GroupMember(group=s["group"], product=s["product"]),
    "set name twice": lambda s: ProductImageSet(
        product=s["product"], image_set=ImageSet.objects.create(name="default"), name="default"
    ),
    "attribute key twice": lambda s: AttributeKey(key="grip"),
    "attribute key empty": lambda s: AttributeKey(key=""),
    "attribute declared twice": lambda s: Attribute(key=s["grip"].key, input_type="text"),
    "attribute type": lambda s: Attribute(key=AttributeKey.objects.create(key="x"), input_type="colour"),
    "attribute place": lambda s: Attribute(
        key=AttributeKey.objects.create(key="x"), input_type="text", visibility=["Footer"]
    ),
    "attribute value twice": lambda s: AttributeValue(attribute=s["grip"], value="soft"),
    "attribute value blank": lambda s: AttributeValue(attribute=s["grip"], value=" \t"),
}


@pytest.mark.parametrize("name", WRONG)
def test_bulk_paths_cannot_pass_the_rules(saw, name: str):
    row = WRONG[name](saw)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(row)._base_manager.bulk_create([row])


def test_what_only_looks_alike_is_allowed(saw):
    made = make.variant("saw", product=saw["product"], gtin="4006381333931")
    assert (made.sku, saw["product"].sku) == ("saw", "saw")
    ProductAlternative.objects.create(variant=saw["second"], alternative_product=make.product("file"))
    ProductAlternative.objects.create(variant=saw["second"], alternative_variant=make.variant("file-1"))
    AttributeValue.objects.create(attribute=saw["grip"], value="Soft")
    make.product("x", color_code="#A1b2C3"), make.product("y", color_code="Navy")
    assert Variant.objects.filter(gtin__isnull=True).count() == 2


def test_a_tax_set_and_an_alternative_are_kept_by_those_that_name_them(saw):
    from django.db.models import ProtectedError

    tax = make.tax_set("Standard")
    Product.objects.filter(pk=saw["product"].pk).update(tax_set=tax)
    for record in (tax, saw["second"], saw["store"]):
        with pytest.raises(ProtectedError):
            record.delete()
