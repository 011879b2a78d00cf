"""SKUs: generated, cleaned up, numbered where they collide, and held by whom (products 10.4, 10.5)."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.products import gtin, matrix, skus
from tests import make

SHAPE = re.compile(r"[A-Za-z0-9._-]{1,255}\Z")
PREFIXES = st.from_regex(r"[A-Za-z0-9._][A-Za-z0-9._-]{0,254}", fullmatch=True)
TEXTS = st.text(max_size=40)


def test_a_generated_sku_joins_pairs_sorted_by_key():
    assert skus.generated("jacket", {"size": "XL", "color": "red"}) == "jacket-color-red_size-XL"
    assert skus.generated("jacket", {"Zoom": "1", "color": "red"}) == "jacket-color-red_Zoom-1"


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("laptop-14-memory-16 GB", "laptop-14-memory-16GB"),
        ("a--b---c", "a-b-c"),
        ("paint-color-grün", "paint-color-gruen"),
        ("paint-color-Crème brûlée", "paint-color-Cremebrulee"),
        ("paint-color-赤", "paint-color"),
        ("bolt-size-1,5", "bolt-size-15"),
        ("bolt-size-1.5_", "bolt-size-1.5"),
        ("x" * 300, "x" * 255),
        ("x" * 254 + "-abc", "x" * 254),
    ],
)
def test_clean_up(text, sku):
    assert skus.cleaned(text) == sku


def test_without_attributes_the_next_number_follows_the_highest_of_the_siblings():
    assert skus.next_number("jacket", []) == "jacket-1"
    assert skus.next_number("jacket", ["jacket-2", "jacket-7", "jacket-x-9", "coat-12"]) == "jacket-8"


def test_the_later_of_two_equal_skus_gets_a_number():
    assert skus.numbered(["a", "A", "a", "b"], []) == ["a", "A-2", "a-3", "b"]
    assert skus.numbered(["a"], ["a", "a-2"]) == ["a-3"]


def test_a_number_stays_within_the_longest_sku():
    longest = "x" * 255
    assert skus.numbered([longest, longest], []) == [longest, "x" * 253 + "-2"]


@settings(max_examples=300)
@given(
    prefix=PREFIXES,
    axes=st.dictionaries(
        st.from_regex(r"[a-z0-9_:-]{1,12}", fullmatch=True),
        st.lists(TEXTS, min_size=1, max_size=4, unique=True),
        min_size=1,
        max_size=3,
    ),
    taken=st.sets(st.integers(0, 60)),
)
def test_generated_skus_are_always_valid_and_distinct(prefix, axes, taken):
    plain = [skus.generated(prefix, each) for each in matrix.combinations(axes)]
    held = {plain[place % len(plain)].lower() for place in taken}
    found = skus.free(plain, lambda asked: held & set(asked))
    assert len(found) == matrix.count(axes)
    assert len({sku.lower() for sku in found}) == len(found)
    assert not {sku.lower() for sku in found} & held
    assert all(SHAPE.match(sku) for sku in found)


def test_a_product_may_share_its_sku_with_a_variant_of_its_own_only(db):
    mug = make.product("mug")
    make.variant("mug", product=mug)
    make.variant("mug-blue", product=mug)
    assert skus.product_holder("mug", product=mug.pk) is None
    assert skus.product_holder("Mug").sentence("Mug") == (
        "Product mug has this SKU. Choose another one. Small and capital letters count as the same."
    )
    assert skus.product_holder("mug-blue").sentence("mug-blue") == (
        "Variant mug-blue of product mug has this SKU. Choose another one."
    )
    assert skus.product_holder("mug-red") is None


def test_a_variant_may_have_the_sku_of_its_own_product_but_of_no_other(db):
    mug, cup = make.product("mug"), make.product("cup")
    assert skus.variant_holders(["mug"], product=mug.pk) == {}
    assert skus.variant_holders(["MUG"], product=cup.pk)["mug"].product == "mug"
    held = make.variant("cup-1", product=cup)
    assert skus.variant_holders(["cup-1"], product=cup.pk)["cup-1"].is_variant
    assert skus.variant_holders(["cup-1"], product=cup.pk, besides=held.pk) == {}


def test_free_skus_cost_one_look_for_products_and_one_for_variants(db, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = skus.free([f"a-{n}" for n in range(300)], skus.variant_holders)
    assert found[299] == "a-299"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2000000000015", ""),
        ("96385074", ""),
        ("036000291452", ""),
        ("4.00E+12", "A spreadsheet has shortened this number. Type all its digits."),
        ("=4006381333931", "A spreadsheet has shortened this number. Type all its digits."),
        ("40063-81333931", "A GTIN has digits only."),
        ("36000291452", "A GTIN has 8, 12, 13 or 14 digits. Was a leading zero lost? 036000291452"),
        ("124", "A GTIN has 8, 12, 13 or 14 digits."),
        (
            "200000000001",
            "The check digit is wrong: behind 20000000000 belongs 4. Compare it with the package.",
        ),
    ],
)
def test_a_gtin_is_checked_by_its_digits(text, problem):
    assert gtin.why_not(text) == problem
