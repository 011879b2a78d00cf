"""Attributes and addresses that files of products bring (import-export 2.11, 2.12, 2.16; attributes 6.3; products 18,
22.7)."""

from pathlib import Path

import pytest

from catalog.attributes.models import AttributeKey
from catalog.products.models import Product, Variant
from catalog.urls.models import Url
from tests import make
from tests.catalog.taking import PRODUCT, VARIANT, exported, open_shop, said, take
from tests.transfer.conftest import counts, notes, problems, refusals

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def shop(db: None) -> dict:
    return open_shop()


@pytest.fixture
def saw(shop) -> Product:
    for key in ("brand", "weight", "note"):
        make.attribute(key, input_type="number" if key == "weight" else "text", allow_input=True)
    return make.product("saw", categories=[shop["tools"]], attributes={"brand": "Old", "note": "stays"})


def slots(folder: Path, head: str, row: str, **options):
    """What a file with these slots makes of the saw: what was told, and its default values."""
    job = take(folder, PRODUCT, f"abstract_sku,{head}\nsaw,{row}\n", **options)
    return [each[1:] for each in problems(job)], Product.objects.get(sku="saw").attributes


# --- slots ---------------------------------------------------------------------------------------


def test_numbers_have_gaps_and_columns_any_order(saw, tmp_path: Path):
    head = "value_12,attribute_key_3,attribute_key_12,value_3"
    assert slots(tmp_path, head, "2,brand,weight,New") == (
        [],
        {"brand": "New", "weight": "2", "note": "stays"},
    )


def test_of_one_key_in_two_slots_the_last_one_wins(saw, tmp_path: Path):
    head = "attribute_key_2,value_2,attribute_key_1,value_1"
    told, held = slots(tmp_path, head, "brand,second,brand,first")
    assert (told, held["brand"]) == ([], "second")


def test_keys_and_values_are_trimmed(saw, tmp_path: Path):
    told, held = slots(tmp_path, "attribute_key_1,value_1", " brand ,  Two words  ")
    assert (told, held["brand"]) == ([], "Two words")


def test_a_value_without_a_key_is_left_out_with_a_notice(saw, tmp_path: Path):
    told, held = slots(tmp_path, "attribute_key_1,value_1", ",lost")
    assert (told, held) == ([("value_1", "info", "orphan_value")], {"brand": "Old", "note": "stays"})


def test_a_slot_needs_both_columns(saw, tmp_path: Path):
    job = take(tmp_path, PRODUCT, "abstract_sku,attribute_key_1,color_code\nsaw,brand,navy\n")
    assert refusals(job) == ["missing_column"]
    assert job.files.get().refusal["params"] == {"columns": "value_1"}
    assert Product.objects.get().attributes == {"brand": "Old", "note": "stays"}


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("\"['oak', 'beech']\"", ["oak", "beech"]),
        ('"[""oak"", ""it\'s""]"', ["oak", "it's"]),
        ("['oak']", ["oak"]),
        ('"[oak, beech]"', "[oak, beech]"),
        ('"[1, 2]"', "[1, 2]"),
        ("['oak' trailing", "['oak' trailing"),
        ('"oak, beech"', "oak, beech"),
        ('"two\r\nlines"', "two\nlines"),
        ("007", "007"),
    ],
)
def test_lists_are_read_and_what_is_none_stays_text(saw, tmp_path: Path, cell: str, stored: object):
    told, held = slots(tmp_path, "attribute_key_1,value_1", f"note,{cell}")
    assert (told, held["note"]) == ([], stored)
    assert counts(take(tmp_path, PRODUCT, exported(PRODUCT))) == (0, 0, 1, 0, 0)


def test_what_is_no_number_in_a_number_attribute_is_stored_with_a_warning(saw, tmp_path: Path):
    told, held = slots(tmp_path, "attribute_key_1,value_1", "weight,2 kg")
    assert (told, held["weight"]) == ([("value_1", "warning", "value_not_listed")], "2 kg")


def test_odd_letters_in_a_key_are_a_notice(saw, tmp_path: Path):
    told, held = slots(tmp_path, "attribute_key_1,value_1", "Loud Key,x")
    assert told == [
        ("attribute_key_1", "warning", "undeclared_key"),
        ("attribute_key_1", "info", "unusual_key"),
    ]
    assert held["Loud Key"] == "x"
    assert AttributeKey.objects.filter(key="Loud Key", attribute=None).exists()


def test_languages_are_maps_of_their_own_and_need_not_have_the_same_keys(saw, tmp_path: Path):
    text = (
        "abstract_sku,attribute_key_1,value_1,attribute_key_1.de_DE,value_1.de_DE,attribute_key_7.de_DE,value_7.de_DE\n"
        "saw,brand,New,weight,2,note,bleibt\n"
    )
    assert problems(take(tmp_path, PRODUCT, text)) == []
    saw.refresh_from_db()
    assert saw.attributes == {"brand": "New", "note": "stays"}
    assert saw.attributes_localized == {"de_DE": {"weight": "2", "note": "bleibt"}}
    take(tmp_path, PRODUCT, "abstract_sku,attribute_key_1.de_DE,value_1.de_DE\nsaw,weight,\n")
    saw.refresh_from_db()
    assert saw.attributes_localized == {"de_DE": {"note": "bleibt"}}


def test_a_variant_wins_over_its_product_and_keeps_what_its_file_does_not_list(saw, tmp_path: Path):
    make.variant("saw-1", product=saw, name={"en_US": "Saw"}, attributes={"weight": "3"})
    take(tmp_path, VARIANT, "concrete_sku,attribute_key_1,value_1\nsaw-1,brand,Own\n")
    assert Variant.objects.get().attributes == {"weight": "3", "brand": "Own"}


def test_columns_of_former_systems_are_left_out_without_a_note(saw, tmp_path: Path):
    text = "abstract_sku,is_featured,Icecat_locale,avalara_tax_code,color_code\nsaw,1,en,PC040100,navy\n"
    job = take(tmp_path, PRODUCT, text)
    assert (counts(job), problems(job)) == ((0, 1, 0, 0, 0), [])
    assert "unknown_column" not in notes(job)
    job = take(tmp_path, PRODUCT, "abstract_sku,icecat,colour\nsaw,1,navy\n")
    assert notes(job).count("unknown_column") == 2


def test_the_former_sku_of_a_variant_is_left_out_without_a_note(saw, tmp_path: Path):
    make.variant("saw-1", product=saw, name={"en_US": "Saw"})
    job = take(tmp_path, VARIANT, "concrete_sku,old_sku\nsaw-1,4711\n")
    assert (counts(job), problems(job)) == ((0, 0, 1, 0, 0), [])
    assert "unknown_column" not in notes(job)


def test_which_attributes_hold_codes_is_a_setting(saw, tmp_path: Path, settings):
    cell = "note,9.5E+12"
    told, held = slots(tmp_path, "attribute_key_1,value_1", cell)
    assert (told, held["note"]) == ([], "9.5E+12")
    settings.CODE_ATTRIBUTES = ("note",)
    told, held = slots(tmp_path, "attribute_key_1,value_1", "note,9.6E+12")
    assert (told, held["note"]) == ([("value_1", "error", "sci_notation")], "9.5E+12")


def test_variants_of_one_product_may_differ_by_different_super_attributes(saw, tmp_path: Path):
    make.attribute("colour", values={"red": {}}, is_super=True)
    make.attribute("size", values={"45": {}}, is_super=True)
    text = "abstract_sku,concrete_sku,name.en_US,name.de_DE,attribute_key_1,value_1\n"
    rows = "saw,saw-a,A,A,colour,red\nsaw,saw-b,B,B,size,45\n"
    assert problems(take(tmp_path, VARIANT, text + rows)) == []
    assert Variant.objects.filter(product=saw).count() == 2


@pytest.mark.parametrize(
    ("name", "text", "right", "found"),
    [
        ("product_abstract_approval_status", "sku,approval_status\nsaw,denied\n", "approve", "no_change"),
        ("product_discontinued", "sku_concrete\nsaw-1\n", "discontinue", "no_add"),
    ],
)
def test_states_in_files_need_the_right_to_give_them(saw, tmp_path: Path, name, text, right, found):
    make.variant("saw-1", product=saw)
    rights = [f"products.{action}_product" for action in ("view", "add", "change", "import")]
    clerk = make.user(roles=[make.role(rights=rights)])
    job = take(tmp_path, name, text, user=clerk)
    assert [code for _line, _column, level, code in problems(job) if level == "error"] == [found]
    boss = make.user(roles=[make.role(rights=[*rights, f"products.{right}_product"])])
    assert counts(take(tmp_path, name, text, user=boss))[-1] == 0


# --- addresses -----------------------------------------------------------------------------------


def test_a_changed_address_of_a_product_that_was_active_leaves_a_redirect(saw, tmp_path: Path):
    make.variant("saw-1", product=saw, is_active=True)
    take(tmp_path, PRODUCT, "abstract_sku,url.en_US\nsaw,/en/saw\n")
    take(tmp_path, PRODUCT, "abstract_sku,url.en_US\nsaw,/en/best-saw\n")
    assert Url.objects.get(path="/en/saw").target.path == "/en/best-saw"


def test_an_old_redirect_gives_way_to_a_file_and_that_is_told(saw, tmp_path: Path):
    make.variant("saw-1", product=saw, is_active=True)
    take(tmp_path, PRODUCT, "abstract_sku,url.en_US\nsaw,/en/saw\n")
    take(tmp_path, PRODUCT, "abstract_sku,url.en_US\nsaw,/en/best-saw\n")
    make.product("cup")
    text = "abstract_sku,url.en_US\ncup,/en/SAW\n"

    for check in (True, False):
        job = take(tmp_path, PRODUCT, text, check=check)
        assert problems(job) == [(2, "url.en_US", "info", "redirect_removed")]
        assert said(job) == ["The old redirect /en/saw is removed; the address belongs to this page."]
    assert Url.objects.get(path="/en/SAW").owner_id == Product.objects.get(sku="cup").pk
    assert not Url.objects.redirects().exists()
