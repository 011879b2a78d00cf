"""The products of the sample folder, and what hangs on them, as its expectation has them."""

import json
from pathlib import Path

import pytest
from django.db import connection

from backoffice.history.models import Change, ChangeSet
from backoffice.transfer.models import Job
from catalog.images.models import Image, ImageInSet, ImageSet
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
    VariantImageSet,
)
from catalog.urls.models import Url
from tests.catalog.taking import (
    PRODUCT,
    VARIANT,
    exported,
    take,
    together,
)
from tests.transfer.conftest import SAMPLE, counts, errors, imported

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
EXPECTED = json.loads((SAMPLE / "EXPECTED.json").read_text())["entities"]
FORMATS = (
    PRODUCT,
    VARIANT,
    "product_abstract_store",
    "product_image",
    "product_group",
    "product_discontinued",
    "product_alternative",
    "product_abstract_approval_status",
)


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def sample(db: None) -> Job:
    return imported(SAMPLE)


def test_the_sample_gives_what_its_expectation_says(sample: Job):
    wanted = EXPECTED["products"]
    assert Product.objects.count() == wanted["all"]
    for name, number in wanted["store_links"].items():
        assert ProductStore.objects.filter(store__name=name).count() == number
    assert Url.objects.filter(owner_type="product").count() == wanted["urls"]
    assert CategoryProduct.objects.count() == wanted["category_assignments"]
    assert Product.objects.exclude(color_code="").count() == wanted["with_colour_code"]
    dated = Product.objects.exclude(new_from=None, new_to=None)
    assert dated.count() == wanted["with_new_dates"]
    for name, number in wanted["tax_sets"].items():
        assert Product.objects.filter(tax_set__name=name).count() == number
    assert attribute_values(Product) == wanted["attribute_values"]

    wanted = EXPECTED["variants"]
    assert Variant.objects.count() == wanted["all"]
    per_product = [product.variants.count() for product in Product.objects.all()]
    assert {str(n): per_product.count(n) for n in sorted(set(per_product))} == wanted["per_product"]
    assert Variant.objects.filter(sku__startswith="0").count() == wanted["leading_zero_skus"]
    assert attribute_values(Variant) == wanted["attribute_values"]
    assert Variant.objects.filter(is_quantity_splittable=False).count() == wanted["not_splittable"]
    for code, number in wanted["not_searchable"].items():
        assert Variant.objects.filter(**{f"is_searchable__{code}": False}).count() == number
    assert Variant.objects.filter(attributes__has_key="ean").count() == wanted["with_valid_ean"]
    assert Variant.objects.exclude(gtin=None).count() == wanted["with_gtin"]
    assert Variant.objects.filter(is_active=True).count() == wanted["all"]


def test_the_sample_brings_bundles_pictures_groups_and_phase_outs(sample: Job):
    wanted = EXPECTED["bundles"]
    items = BundleItem.objects.select_related("bundle", "item")
    found: dict[str, dict[str, int]] = {}
    for each in items:
        found.setdefault(each.bundle.sku, {})[each.item.sku] = each.quantity
    assert found == wanted["composition"]
    assert (len(found), len(items)) == (wanted["all"], wanted["items"])
    assert sum(each.quantity for each in items) == wanted["pieces"]

    wanted = EXPECTED["images"]
    assert Image.objects.count() == wanted["images"]
    assert ImageSet.objects.count() == wanted["sets"]
    assert ImageInSet.objects.count() == wanted["links"]
    assert ProductImageSet.objects.count() == wanted["product_sets"]
    assert VariantImageSet.objects.count() == wanted["variant_sets"]

    assert ProductGroup.objects.count() == EXPECTED["groups"]["groups"]
    assert GroupMember.objects.count() == EXPECTED["groups"]["members"]
    assert ProductAlternative.objects.count() == EXPECTED["alternatives"]
    assert Discontinued.objects.count() == EXPECTED["discontinued"]


def attribute_values(model) -> dict[str, int]:
    """How many values there are without a locale, and in each."""
    found = {"base": 0, "en_US": 0, "de_DE": 0}
    for base, localized in model.objects.values_list("attributes", "attributes_localized"):
        for code, values in {"base": base, **localized}.items():
            found[code] += len(values)
    return found


def test_an_export_of_the_sample_imports_with_no_change(sample: Job, tmp_path: Path):
    """Products 26, 2 and 24: no line of history, nothing written."""
    before = (ChangeSet.objects.count(), Change.objects.count(), Product.objects.get(sku="T1001").version)
    for name in FORMATS:
        job = take(tmp_path, name, exported(name))
        new, changed, _unchanged, skipped, bad = counts(job)
        assert (new, changed, skipped, bad) == (0, 0, 0, 0), name
    after = (ChangeSet.objects.count(), Change.objects.count(), Product.objects.get(sku="T1001").version)
    assert after == before
    assert {"000417", "000418"} <= set(Variant.objects.values_list("sku", flat=True))


def test_an_export_gives_the_same_without_what_was_there(sample: Job, tmp_path: Path):
    before = {name: exported(name) for name in FORMATS}
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "TRUNCATE products_product, products_productgroup, images_image, images_imageset CASCADE"
        )
    Url.objects.filter(owner_type="product").delete()

    job = together(tmp_path, {name: text for name, text in before.items() if text.count("\n") > 1})
    assert (job.state, errors(job)) == ("done", [])
    assert {name: exported(name) for name in FORMATS} == before
