"""All that is wrong with a row is told at once, also what only a look behind its first error shows (spec:
import-export 1.3.3); nothing is told that the mended row would not have."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.transfer.models import Job
from catalog.categories.scope import KIND
from catalog.products.models import Product
from catalog.urls.models import Url
from tests import make
from tests.transfer.conftest import errors, imported, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
PRODUCT, VARIANT = "product_abstract", "product_concrete"
REF = ("tax_set_name", "unknown_ref")


@pytest.fixture
def shop(db: None) -> None:
    make.store("DE", locales=("de_DE", "en_US"))
    make.category("tools")


def run(folder: Path, name: str, text: str, *, is_apply: bool = False, **options: object) -> Job:
    facts = {"check": not is_apply, "on_error": "skip", **options}
    return imported(written(folder, f"{name}.csv", text), **facts)


def told(folder: Path, name: str, text: str, **options: object) -> dict[int, set[tuple[str, str]]]:
    """``{line: {(column, code)}}`` of the rows in error; none of them is told twice."""
    found: dict[int, set[tuple[str, str]]] = {}
    for line, column, code in errors(run(folder, name, text, **options)):
        assert (column, code) not in found.setdefault(line, set())
        found[line].add((column, code))
    return found


@pytest.mark.parametrize("is_apply", [False, True])
def test_an_unknown_reference_hides_neither_a_missing_column_nor_a_broken_rule(
    shop: None, tmp_path: Path, is_apply: bool
):
    other = make.product("other", variants=1)
    for locale, path in (("en_US", "/en/taken"), ("de_DE", "/de/taken")):
        facts = {"owner_type": "product", "owner_id": other.pk}
        Url.objects.create(path=path, folded=path, locale=locale, **facts)
    head = "abstract_sku,tax_set_name,name.en_US,url.en_US,new_from,new_to\n"
    text = head + (
        "lamp,Nowhere,Lamp,/en/taken,2026-05-02,2026-05-01\n"
        "lamp2,,Lamp,/de/taken,,\n"
        "other-1,Nowhere,Lamp,/en/lamp,,\n"
    )
    taken, needed = ("url.en_US", "taken"), ("category_key", "required")
    assert told(tmp_path, PRODUCT, text, is_apply=is_apply) == {
        2: {REF, needed, ("new_to", "conflict"), taken},
        3: {needed, taken},
        4: {REF, needed, ("abstract_sku", "taken")},
    }


@pytest.mark.parametrize("is_apply", [False, True])
def test_a_known_record_lacks_nothing(shop: None, tmp_path: Path, is_apply: bool):
    make.product("saw")
    text = "abstract_sku,tax_set_name\nsaw,Nowhere\n"
    assert told(tmp_path, PRODUCT, text, is_apply=is_apply) == {2: {REF}}
    assert told(tmp_path, PRODUCT, "abstract_sku,tax_set_name\nnew,Nowhere\n", rows="existing") == {2: {REF}}


@pytest.mark.parametrize("is_apply", [False, True])
def test_what_an_earlier_row_makes_is_not_judged_as_new(shop: None, tmp_path: Path, is_apply: bool):
    head = "abstract_sku,category_key,tax_set_name,name.en_US\n"
    text = head + "lamp,tools,,Lamp\nlamp,,Nowhere,Lamp\nsaw,,Nowhere,\nsaw,tools,,Saw\n"
    found = told(tmp_path, PRODUCT, text, is_apply=is_apply)
    assert found[3] == {REF}
    assert found[4] == {REF, ("category_key", "required"), ("name.en_US", "required")}


def test_a_text_that_cannot_be_read_is_not_called_missing(shop: None, tmp_path: Path):
    head = "abstract_sku,category_key,name.en_US,name.de_DE\n"
    text = head + f"lamp,tools,{'x' * 300},Lampe\nsaw,tools,{'x' * 300},\n"
    assert told(tmp_path, PRODUCT, text) == {
        2: {("name.en_US", "too_long")},
        3: {("name.en_US", "too_long"), ("name.de_DE", "required")},
    }


def test_a_key_that_cannot_be_read_is_not_looked_up(shop: None, tmp_path: Path):
    text = "abstract_sku,tax_set_name,name.en_US\n=1+1,Nowhere,Lamp\nsa w,Nowhere,Saw\nlamp,a,b,c\n"
    found = told(tmp_path, PRODUCT, text)
    assert {code for _column, code in found[2]} == {"formula", "unknown_ref"}
    assert {code for _column, code in found[3]} == {"bad_key", "unknown_ref"}
    assert found[4] == {("", "ragged_row")}


def test_a_similar_key_and_missing_rights_are_told_too(shop: None, tmp_path: Path):
    make.product("Lamp")
    make.product("saw")
    rights = [f"products.{verb}_product" for verb in ("view", "import")]
    user = make.user(roles=[make.role(rights=rights)])
    text = "abstract_sku,category_key,name.en_US,tax_set_name,color_code\n"
    rows = "lamp,tools,Lamp,Nowhere,\nsaw,,,Nowhere,#fff\nsaw,,,Nowhere,\n"
    assert told(tmp_path, PRODUCT, text + "lamp,tools,Lamp,Nowhere,\n") == {
        2: {REF, ("abstract_sku", "similar_key")}
    }
    found = told(tmp_path, PRODUCT, text + rows, user=user)
    assert ("", "no_add") in found[2]
    assert ("", "no_change") in found[3]


def test_of_records_that_the_user_does_not_see_nothing_more_is_told(shop: None, tmp_path: Path):
    clothing = make.category("clothing")
    make.product("jacket", categories=[clothing])
    user = make.user(roles=["Category Manager"])
    scopes.limit(user, KIND, [Product.objects.get().categories.get()])
    limited = User.objects.get(pk=user.pk)
    make.product("saw", categories=[make.category("drills")])
    for row in ("{0},Nowhere,,", "{0},Nowhere,clothing,Mine"):
        head = "abstract_sku,tax_set_name,category_key,name.en_US\n"
        found = [
            told(tmp_path, PRODUCT, head + row.format(sku) + "\n", user=limited) for sku in ("saw", "nothing")
        ]
        assert found[0][2] >= {REF}
        if row.endswith(","):
            assert found[0] == found[1]


@pytest.mark.parametrize("is_apply", [False, True])
def test_the_rooms_tell_what_is_sure_of_a_row_in_error(shop: None, tmp_path: Path, is_apply: bool):
    make.customer("C--1", email="alma@example.com")
    make.merchant(merchant_key="acme", merchant_reference="M-1")
    make.variant("drill-1", gtin="4006381333931", product=make.product("drill"))
    unit, company = make.business_unit("north"), make.company("else")
    make.attribute("colour", values={"red": {}}, is_super=True)
    Product.objects.filter(sku="drill").update(attributes={"": {"colour": "red"}})

    def found(name: str, text: str) -> set[tuple[str, str]]:
        return told(tmp_path, name, text, is_apply=is_apply)[2]

    head = "customer_reference,email,first_name,last_name,date_of_birth\n"
    assert found("customer", head + "C--2,alma@example.com,A,B,soon\n") == {
        ("email", "taken"),
        ("date_of_birth", "bad_date"),
    }
    assert found("customer", head + "C--1,alma@example.com,A,B,soon\n") == {("date_of_birth", "bad_date")}
    head = "merchant_key,merchant_reference,merchant_name,is_active\n"
    assert found("merchant", head + "acme,M-2,Acme,perhaps\n") == {
        ("merchant_key", "taken"),
        ("is_active", "bad_bool"),
    }
    head = "concrete_sku,abstract_sku,name.en_US,gtin\n"
    assert found(VARIANT, head + "saw-1,nowhere,Saw,4006381333931\n") == {
        ("abstract_sku", "unknown_ref"),
        ("gtin", "taken"),
    }
    head = "business_unit_key,company_key,parent_business_unit_key\n"
    assert found("company_business_unit", head + f"north,{company.key},nobody\n") == {
        ("company_key", "conflict"),
        ("parent_business_unit_key", "unknown_ref"),
    }
    assert found("company_business_unit", head + f"north,nowhere,{unit.key}\n") >= {
        ("company_key", "unknown_ref")
    }
    head = "category_key,parent_category_key,name.en_US,is_root,is_active\n"
    assert found("category", head + "top,,Top,1,perhaps\n") == {
        ("is_root", "conflict"),
        ("is_active", "bad_bool"),
    }
    head = "sku_concrete,note.en_US,active_until\n"
    assert found("product_discontinued", head + f"drill-1,{'x' * 20_000},2001-01-01\n") >= {
        ("active_until", "out_of_range")
    }


def test_rows_in_error_cost_a_constant_number_of_queries(shop: None, tmp_path: Path):
    def queries(count: int) -> int:
        rows = "".join(f"lamp{count}-{number},Nowhere,/en/{count}-{number}\n" for number in range(count))
        path = f"{PRODUCT}.csv"
        with CaptureQueriesContext(
            connection,
        ) as found:
            job = imported(
                written(tmp_path, path, f"abstract_sku,tax_set_name,url.en_US\n{rows}"), check=True
            )
        assert job.counts["errors"] == count
        return len(found)

    queries(1)
    assert queries(40) == queries(4)
