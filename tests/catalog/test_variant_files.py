"""The files of variants and of what hangs on them (spec: import-export 4.5.2 to 4.5.6, products 22 and 26)."""

import datetime
from pathlib import Path

import pytest

from catalog.images.models import Image, ImageSet
from catalog.products import discontinuing
from catalog.products.models import (
    BundleItem,
    Discontinued,
    GroupMember,
    Product,
    ProductStore,
    ReadinessCodes,
    Variant,
)
from catalog.urls.models import Url
from tests import make
from tests.catalog.taking import (
    HEAD,
    IMAGES,
    PRODUCT,
    VARIANT,
    VARIANTS,
    open_shop,
    orders,
    said,
    take,
    together,
    undo,
    warnings,
)
from tests.transfer.conftest import counts, errors, problems

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def shop(db: None) -> dict:
    return open_shop()


def test_imported_variants_are_on_searchable_and_splittable(shop, tmp_path: Path):
    files = {
        PRODUCT: HEAD + "saw,tools,Saw\n",
        VARIANT: VARIANTS + "is_searchable.en_US\nsaw,saw-1,Saw,\n",
    }
    assert problems(together(tmp_path, files)) == []
    variant = Variant.objects.get()
    assert (variant.is_active, variant.is_quantity_splittable) == (True, True)
    assert variant.is_searchable == {"en_US": True}
    head = "concrete_sku,is_active,valid_from,gtin\n"
    take(tmp_path, VARIANT, head + "saw-1,0,2031-01-10 8:00,2000000000015\n")
    variant.refresh_from_db()
    assert (variant.is_active, variant.gtin) == (False, "2000000000015")
    assert variant.valid_from == datetime.datetime(2031, 1, 10, 8, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("head", "row", "found"),
    [
        ("gtin", "saw,saw-2,Saw,200000000001", (2, "gtin", "bad_gtin")),
        ("gtin", "saw,saw-2,Saw,02000000000015", (2, "gtin", "taken")),
        ("bundled", "saw,saw-2,Saw,saw-2/1", (2, "bundled", "self_reference")),
        ("bundled", "saw,saw-2,Saw,kit/1", (2, "bundled", "nested_bundle")),
        ("bundled", "saw,saw-2,Saw,nope/1", (2, "bundled", "unknown_ref")),
        ("bundled", "saw,saw-2,Saw,saw-1/0", (2, "bundled", "bad_list")),
        ("bundled", "saw,saw-1,Saw,other/2", (2, "bundled", "nested_bundle")),
        ("valid_from,valid_to", "saw,saw-2,Saw,2031-01-10,2031-01-09", (2, "valid_to", "conflict")),
        ("is_active", "nope,saw-2,Saw,1", (2, "abstract_sku", "unknown_ref")),
        ("is_active", "saw,SAW-1,Saw,1", (2, "concrete_sku", "similar_key")),
        ("attribute_key_1,value_1", "saw,saw-2,Saw,colour,red", (2, "value_1", "same_variant")),
    ],
)
def test_what_a_variant_cannot_be(shop, tmp_path: Path, head, row, found):
    make.attribute("colour", values={"red": {}, "blue": {}}, is_super=True)
    saw = make.product("saw")
    item = make.variant("saw-1", product=saw, attributes={"colour": "red"}, gtin="2000000000015")
    make.bundle("kit", components={item: 1})
    make.variant("other")
    before = Variant.objects.count()
    for check in (True, False):
        job = take(tmp_path, VARIANT, f"{VARIANTS}{head}\n{row}\n", check=check)
        assert errors(job) == [found], said(job)
    assert Variant.objects.count() == before


def test_equal_siblings_in_one_file_are_refused_and_swapped_ones_are_not(shop, tmp_path: Path):
    make.attribute("colour", values={"red": {}, "blue": {}}, is_super=True)
    make.product("saw")
    head = VARIANTS + "attribute_key_1,value_1\n"
    rows = "saw,a,A,colour,red\nsaw,b,B,colour,blue\n"
    job = take(tmp_path, VARIANT, head + rows + "saw,c,C,colour,red\n", on_error="skip")
    assert (counts(job), errors(job)) == ((2, 0, 0, 0, 1), [(4, "value_1", "same_variant")])
    assert "The variant a of the same product" in said(job)[0]
    swapped = head + "saw,a,A,colour,blue\nsaw,b,B,colour,red\n"
    job = take(tmp_path, VARIANT, swapped)
    assert counts(job) == (0, 2, 0, 0, 0)
    assert [code for _line, _column, code in warnings(job)] == ["super_value_changed"] * 2
    assert dict(Variant.objects.values_list("sku", "attributes__colour")) == {"a": "blue", "b": "red"}


def test_a_bundle_stands_above_its_components(shop, tmp_path: Path):
    text = (
        VARIANTS + "bundled,attribute_key_1,value_1\n"
        'kit,kit,Kit,"part-a / 2, part-b",,\npart,part-a,A,,ean,1\npart,part-b,B,,ean,2\n'
    )
    files = {PRODUCT: HEAD + "kit,tools,Kit\npart,tools,Part\n", VARIANT: text}
    checked = together(tmp_path, files, check=True)
    assert (counts(checked), errors(checked)) == ((5, 0, 0, 0, 0), [])
    assert counts(together(tmp_path, files)) == (5, 0, 0, 0, 0)
    items = BundleItem.objects.order_by("item__sku").values_list("item__sku", "quantity")
    assert list(items) == [("part-a", 2), ("part-b", 1)]
    assert counts(together(tmp_path, files)) == (0, 0, 5, 0, 0)

    take(tmp_path, VARIANT, "concrete_sku,bundled\nkit,\n")
    assert BundleItem.objects.count() == 2
    take(tmp_path, VARIANT, "concrete_sku,bundled\nkit,part-b/3\n")
    assert list(items.all()) == [("part-b", 3)]
    take(tmp_path, VARIANT, "concrete_sku,bundled\nkit,\n", lists="replace")
    assert BundleItem.objects.count() == 0


def test_a_variant_moves_with_a_warning(shop, tmp_path: Path):
    make.product("saw", variants=1)
    make.product("knife")
    job = take(tmp_path, VARIANT, "abstract_sku,concrete_sku\nknife,saw-1\n")
    assert warnings(job) == [(2, "abstract_sku", "moved")]
    assert said(job) == ["The variant moves to the product “knife”."]
    assert Variant.objects.get().product.sku == "knife"
    assert undo(job).counts["restored"] == 1
    assert Variant.objects.get().product.sku == "saw"


def test_a_variant_moves_to_no_sibling_that_equals_it(shop, tmp_path: Path):
    make.product("saw", variants=1)
    make.product("knife", variants=1)
    for check in (True, False):
        job = take(tmp_path, VARIANT, "abstract_sku,concrete_sku\nknife,saw-1\n", check=check)
        assert errors(job) == [(2, "concrete_sku", "same_variant")]
    assert Variant.objects.get(sku="saw-1").product.sku == "saw"


def test_readiness_follows_an_import(shop, tmp_path: Path):
    files = {
        PRODUCT: HEAD + "saw,tools,Saw\n",
        VARIANT: VARIANTS + "is_active\nsaw,saw-1,Saw,1\n",
        "product_abstract_store": "abstract_sku,store_name\nsaw,DE\n",
    }
    together(tmp_path, files)
    codes = ReadinessCodes.objects.get(store=shop["store"]).codes
    assert "not_active" not in codes and "no_image" in codes
    take(tmp_path, "product_image", IMAGES + "default,/l.jpg,/s.jpg,,,saw-1,0,k,\n")
    take(tmp_path, VARIANT, "concrete_sku,is_active\nsaw-1,0\n")
    codes = ReadinessCodes.objects.get(store=shop["store"]).codes
    assert "not_active" in codes and "no_image" not in codes


def test_an_import_can_be_undone(shop, tmp_path: Path):
    hammer = make.product("hammer", name="Hammer", categories=[shop["tools"]], variants=2)
    first, second = hammer.variants.order_by("pk")
    kit = make.bundle("kit", components={first: 2})
    files = {
        PRODUCT: (
            "abstract_sku,category_key,name.en_US,url.en_US,attribute_key_1,value_1\n"
            'hammer,"drills,clothing",Best hammer,/en/best,brand,B\nsaw,tools,Saw,/en/saw,,\n'
        ),
        VARIANT: VARIANTS + f"bundled\nkit,kit,Kit,{second.sku}/5\nsaw,saw-1,Saw,\n",
        "product_image": IMAGES + "default,/l.jpg,/s.jpg,,hammer,,0,k,\n",
        "product_group": "group_key,abstract_sku\ng,hammer\n",
    }
    job = together(tmp_path, files)
    assert errors(job) == []
    assert orders("hammer") == {"tools": 0, "drills": 0, "clothing": 0}

    report = undo(job)
    assert (report.counts["left"], report.counts["cannot"]) == (0, 0)
    hammer.refresh_from_db()
    assert (hammer.name, hammer.attributes) == ({"en_US": "Hammer"}, {})
    assert orders("hammer") == {"tools": 0}
    assert list(kit.components.values_list("item__sku", "quantity")) == [(first.sku, 2)]
    assert not Product.objects.filter(sku="saw").exists()
    assert not Url.objects.filter(owner_type="product").exists()
    assert (Image.objects.count(), ImageSet.objects.count(), GroupMember.objects.count()) == (0, 0, 0)


def test_a_phase_out_keeps_its_day_and_takes_bundles_along(shop, tmp_path: Path):
    """Products 26, 24: a later import never moves the day."""
    item = make.variant("part")
    make.bundle("kit", components={item: 1})
    text = "sku_concrete,note.en_US\npart,Gone\n"
    for check in (True, False):
        job = take(tmp_path, "product_discontinued", text, check=check)
        assert counts(job) == (1, 0, 0, 0, 0)
        assert said(job) == ["These bundles contain it and are discontinued, too: kit."]
    assert set(Discontinued.objects.values_list("variant__sku", "active_until")) == {
        ("part", discontinuing.default_day()),
        ("kit", discontinuing.default_day()),
    }
    Discontinued.objects.update(active_until=datetime.date(2040, 1, 1))
    head = "sku_concrete,note.en_US,active_until\n"
    job = take(tmp_path, "product_discontinued", head + "part,Sold out,2050-01-01\n")
    record = Discontinued.objects.get(variant=item)
    assert (record.note, record.active_until) == ({"en_US": "Sold out"}, datetime.date(2040, 1, 1))
    make.variant("late")
    job = take(tmp_path, "product_discontinued", head + "late,,2020-01-01\n")
    assert errors(job) == [(2, "active_until", "out_of_range")]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("saw-1,,", "one_of"),
        ("saw-1,cup-1,cup", "one_of"),
        ("saw-1,saw-1,", "self_reference"),
        ("saw-1,,saw", "self_reference"),
        ("saw-1,nope,", "unknown_ref"),
    ],
)
def test_what_an_alternative_cannot_be(shop, tmp_path: Path, row, found):
    head = "concrete_sku,alternative_product_concrete_sku,alternative_product_abstract_sku\n"
    goods = {
        PRODUCT: HEAD + "saw,tools,Saw\ncup,tools,Cup\n",
        VARIANT: VARIANTS + "gtin\nsaw,saw-1,Saw,\ncup,cup-1,Cup,\n",
    }
    for check in (True, False):
        job = together(tmp_path, {**goods, "product_alternative": head + row + "\n"}, check=check)
        assert [code for _line, _column, code in errors(job)] == [found]
    assert counts(together(tmp_path, goods | {"product_alternative": head + "saw-1,cup-1,\n"})) == (
        5,
        0,
        0,
        0,
        0,
    )


def test_groups_stores_and_states_are_added(shop, tmp_path: Path):
    make.product("saw", variants=1), make.product("cup")
    take(tmp_path, "product_group", "group_key,abstract_sku,position\ng,saw,2\ng,cup,\n")
    take(tmp_path, "product_group", "group_key,abstract_sku\ng,saw\nh,saw\n")
    members = GroupMember.objects.order_by("group__key", "product__sku")
    assert list(members.values_list("group__key", "product__sku", "position")) == [
        ("g", "cup", 0),
        ("g", "saw", 2),
        ("h", "saw", 0),
    ]
    take(tmp_path, "product_abstract_store", "abstract_sku,store_name\nsaw,DE\n")
    assert ProductStore.objects.get().product.sku == "saw"
    job = take(tmp_path, "product_approval_status", "abstract_sku,approval_status\nsaw,denied\ncup,okay\n")
    assert errors(job) == [(3, "approval_status", "bad_choice")]
    drafts = "sku,approval_status\nsaw,draft\ncup,draft\n"
    assert counts(take(tmp_path, "product_abstract_approval_status", drafts)) == (0, 0, 2, 0, 0)
    job = take(tmp_path, "product_abstract_approval_status", "sku,approval_status\nsaw,denied\n")
    assert Product.objects.get(sku="saw").approval_status == "denied"
    assert counts(take(tmp_path, "product_abstract_approval_status", "sku,approval_status\nx,denied\n")) == (
        (0, 0, 0, 0, 1)
    )


def test_a_row_in_error_before_them_hides_no_gtin_that_stands_twice(shop, tmp_path: Path):
    for sku in ("saw", "cup", "pan"):
        make.product(sku)
    text = (
        VARIANTS
        + "gtin\nsaw,saw-1,Saw,200000000001\ncup,cup-1,Cup,2000000000015\npan,pan-1,Pan,2000000000015\n"
    )
    job = take(tmp_path, VARIANT, text, check=True)
    assert errors(job) == [(2, "gtin", "bad_gtin"), (4, "gtin", "taken")]


def test_a_check_shows_no_field_that_the_machine_keeps_for_itself(shop, tmp_path: Path):
    make.product("saw")
    head = "concrete_sku,abstract_sku,name.en_US,is_active"
    job = take(tmp_path, VARIANT, f"{head}\nsaw-1,saw,Saw,1\n", check=True)
    assert "was_active" not in job.files.get().results.get().changes
    assert "sku" in job.files.get().results.get().changes
