"""The file of pictures (spec: import-export 4.5.4, products 22.10)."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.accounts import scopes
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.streams import csv_lines
from backoffice.transfer.jobs.exports import Wanted
from backoffice.transfer.models import RowResult
from catalog.categories.scope import KIND
from catalog.images.models import Image, ImageInSet, ImageSet
from catalog.products.models import (
    Product,
    ProductImageSet,
    VariantImageSet,
)
from tests import make
from tests.catalog.taking import (
    IMAGES,
    exported,
    open_shop,
    said,
    take,
    warnings,
)
from tests.transfer.conftest import counts, errors, notes, problems

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def shop(db: None) -> dict:
    return open_shop()


def places() -> list[tuple]:
    found = ImageInSet.objects.order_by("image_set__name", "image_set__locale", "sort_order", "pk")
    return list(found.values_list("image_set__name", "image_set__locale", "image__key", "sort_order"))


@pytest.fixture
def saw(shop) -> Product:
    return make.product("saw", variants=1)


def test_one_row_is_one_picture_in_one_set(saw, tmp_path: Path):
    text = IMAGES + (
        "default,/l/1.jpg,/s/1.jpg,,saw,,5,a,\n"
        "default,/l/2.jpg,/s/2.jpg,,saw,,,b,\n"
        "default,/l/1.jpg,/s/1.jpg,en_US,,saw-1,1,a,\n"
        "spare,https://img.example.com/a b.jpg,//img.example.com/s.jpg,,,,0,c,shelf\n"
    )
    checked = take(tmp_path, "product_image", text, check=True)
    job = take(tmp_path, "product_image", text)
    assert (counts(checked), counts(job), problems(job)) == ((4, 0, 0, 0, 0), (4, 0, 0, 0, 0), [])
    assert places() == [
        ("default", "", "b", 0),
        ("default", "", "a", 5),
        ("default", "en_US", "a", 1),
        ("spare", "", "c", 0),
    ]
    assert ImageSet.objects.get(key="shelf").name == "spare"
    assert [link.product for link in ProductImageSet.objects.all()] == [saw]
    assert counts(take(tmp_path, "product_image", text)) == (0, 0, 4, 0, 0)
    assert counts(take(tmp_path, "product_image", exported("product_image"))) == (0, 0, 4, 0, 0)
    job = take(tmp_path, "product_image", "image_set_name,product_image_key,abstract_sku\ndefault,b,saw\n")
    assert counts(job) == (0, 0, 1, 0, 0)


def test_the_check_shows_sets_and_places(saw, tmp_path: Path):
    text = IMAGES + "default,/l.jpg,/s.jpg,en_US,saw,,0,a,\n"
    take(tmp_path, "product_image", text)
    checked = take(tmp_path, "product_image", text.replace(",0,a,", ",7,a,shelf"), check=True)
    [changes] = RowResult.objects.filter(file__job=checked).values_list("changes", flat=True)
    assert changes == {
        "sort_order": {"before": 0, "after": 7},
        "product_image_set_key": {"before": None, "after": "shelf"},
    }
    checked = take(tmp_path, "product_image", text.replace("default", "more"), check=True)
    [changes] = RowResult.objects.filter(file__job=checked).values_list("changes", flat=True)
    assert changes == {
        "image_set_name": {"before": None, "after": "more en_US saw"},
        "sort_order": {"before": None, "after": 0},
    }


@pytest.mark.parametrize("size", [1, 2, 100])
def test_check_and_apply_agree_on_pictures_in_several_sets(saw, tmp_path: Path, settings, size):
    settings.TRANSFER_BATCH = size
    head = IMAGES.strip() + ",alt_text_small.en_US,alt_text_small.de_DE\n"
    first = head + (
        "default,/l.jpg,/s.jpg,en_US,saw,,0,a,,Saw,ignored\n"
        "default,/l.jpg,/s.jpg,de_DE,saw,,0,a,,,Säge\n"
        "default,/l.jpg,/s.jpg,en_US,,saw-1,0,a,,,\n"
    )
    checked, job = (take(tmp_path, "product_image", first, check=check) for check in (True, False))
    assert counts(checked) == counts(job) == (3, 0, 0, 0, 0)
    assert Image.objects.get().alt_small == {"en_US": "Saw", "de_DE": "Säge"}
    assert counts(take(tmp_path, "product_image", first)) == (0, 0, 3, 0, 0)

    before = Image.objects.get().version
    second = first.replace("/l.jpg", "/new.jpg").replace("Saw,ignored", ",")
    checked, job = (take(tmp_path, "product_image", second, check=check) for check in (True, False))
    assert counts(checked) == counts(job) == (0, 1, 2, 0, 0)
    assert warnings(checked) == warnings(job) == [(2, "external_url_large", "key_url_changed")]
    [sentence] = said(job)
    assert all(name in sentence for name in ("default (en_US) saw", "default (de_DE) saw", "saw-1"))
    image = Image.objects.get()
    assert (image.url_large, image.alt_small) == ("/new.jpg", {"de_DE": "Säge"})
    assert image.version == before + 1


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["default,/l.jpg,/s.jpg,,,,0,a,"], [(2, "abstract_sku", "one_of")]),
        (["default,file:///l.jpg,/s.jpg,,saw,,0,a,"], [(2, "external_url_large", "bad_url")]),
        (["default,/l.jpg,http://127.0.0.1/s.jpg,,saw,,0,a,"], [(2, "external_url_small", "bad_url")]),
        (["default,,/s.jpg,,saw,,0,a,"], [(2, "external_url_large", "required")]),
        (["default,/l.jpg,/s.jpg,,saw,,-1,a,"], [(2, "sort_order", "out_of_range")]),
        ([f"default,/l.jpg,/s.jpg,,saw,,0,{'k' * 33},"], [(2, "product_image_key", "too_long")]),
        (["default,/l.jpg,/s.jpg,,nope,,0,a,"], [(2, "abstract_sku", "unknown_ref")]),
        (
            ["default,/l.jpg,/s.jpg,,saw,,0,a,", "other,/x.jpg,/s.jpg,,saw,,0,a,"],
            [(3, "external_url_large", "conflict")],
        ),
        (
            ["default,/l.jpg,/s.jpg,,saw,,0,a,", "default,/l.jpg,/s.jpg,,saw,,1,a,"],
            [(3, "image_set_name", "duplicate_row")],
        ),
        (
            ["default,/l.jpg,/s.jpg,,saw,,0,a,x", "other,/m.jpg,/s.jpg,,saw,,1,b,x"],
            [(3, "product_image_set_key", "conflict")],
        ),
        (
            ["default,/l.jpg,/s.jpg,,saw,,0,a,x", "default,/m.jpg,/s.jpg,,saw,,1,b,y"],
            [(3, "product_image_set_key", "conflict")],
        ),
        (["default,/l.jpg,/s.jpg,,saw,,0,a,held"], [(2, "product_image_set_key", "conflict")]),
    ],
)
def test_what_a_picture_cannot_be(saw, tmp_path: Path, rows, found):
    ImageSet.objects.create(name="shelf", key="held")
    for check in (True, False):
        job = take(tmp_path, "product_image", IMAGES + "\n".join(rows) + "\n", check=check)
        assert errors(job) == found
    assert Image.objects.count() == 0
    job = take(tmp_path, "product_image", IMAGES + "\n".join(rows) + "\n", on_error="skip")
    assert (errors(job), Image.objects.count()) == (found, len(rows) - 1)


def test_of_two_skus_the_variant_counts_and_odd_names_are_told(saw, tmp_path: Path):
    job = take(tmp_path, "product_image", IMAGES + "my set,/l.jpg,/s.jpg,,saw,saw-1,0,a,\n")
    assert problems(job) == [
        (2, "abstract_sku", "warning", "both_skus"),
        (2, "image_set_name", "info", "unusual_key"),
    ]
    assert said(job)[0] == "The row names a product and a variant; “saw-1” counts."
    assert (VariantImageSet.objects.count(), ProductImageSet.objects.count()) == (1, 0)


def test_a_language_that_no_store_uses_is_left_out(saw, tmp_path: Path):
    text = IMAGES + "default,/l.jpg,/s.jpg,fr_FR,saw,,0,a,\ndefault,/x.jpg,/s.jpg,en_US,saw,,0,a,\n"
    job = take(tmp_path, "product_image", text)
    assert (counts(job), notes(job), errors(job)) == (
        (1, 0, 0, 1, 0),
        ["missing_locale_column"] * 2 + ["unknown_locale_column"],
        [],
    )
    assert Image.objects.get().url_large == "/x.jpg"


def test_the_first_row_in_error_decides_nothing(saw, tmp_path: Path):
    rows = "default,/wrong.jpg,/s.jpg,,nope,,0,a,\ndefault,/l.jpg,/s.jpg,,saw,,0,a,\n"
    job = take(tmp_path, "product_image", IMAGES + rows, on_error="skip")
    assert (counts(job), Image.objects.get().url_large) == ((1, 0, 0, 0, 1), "/l.jpg")


def test_a_set_is_named_by_its_key_alone(saw, tmp_path: Path):
    take(tmp_path, "product_image", IMAGES + "default,/l.jpg,/s.jpg,,saw,,0,a,shelf\n")
    job = take(tmp_path, "product_image", IMAGES + "default,/m.jpg,/s.jpg,,,,1,b,shelf\n")
    assert (counts(job), ImageSet.objects.count()) == ((1, 0, 0, 0, 0), 1)
    assert places() == [("default", "", "a", 0), ("default", "", "b", 1)]


def test_rights_are_asked_for_what_a_row_makes(saw, tmp_path: Path):
    reader = make.user(roles=[make.role(rights=["products.view_product", "products.import_product"])])
    text = IMAGES + "default,/l.jpg,/s.jpg,,saw,,0,a,\n"
    job = take(tmp_path, "product_image", text, user=reader)
    assert [code for _line, _column, code in errors(job)] == ["no_add"]
    take(tmp_path, "product_image", text)
    assert counts(take(tmp_path, "product_image", text, user=reader)) == (0, 0, 1, 0, 0)
    job = take(tmp_path, "product_image", text.replace(",0,a", ",4,a"), user=reader)
    assert [code for _line, _column, code in errors(job)] == ["no_change"]


def test_who_is_limited_changes_no_picture_of_others(shop, tmp_path: Path):
    make.product("drill", categories=[shop["drills"]])
    make.product("jacket", categories=[shop["clothing"]])
    rows = "default,/l.jpg,/s.jpg,,drill,,0,a,\ndefault,/l.jpg,/s.jpg,,jacket,,0,a,\n"
    take(tmp_path, "product_image", IMAGES + rows)
    user = make.user(roles=["Category Manager"])
    scopes.limit(user, KIND, [shop["tools"]])
    text = IMAGES + "default,{},/s.jpg,,drill,,3,a,\n"
    job = take(tmp_path, "product_image", text.format("/x.jpg"), user=user)
    assert (errors(job), warnings(job)) == ([(2, "product_image_key", "taken")], [])
    assert counts(take(tmp_path, "product_image", text.format("/l.jpg"), user=user)) == (0, 1, 0, 0, 0)
    assert Image.objects.get().url_large == "/l.jpg"


@pytest.mark.parametrize(
    "name",
    ["product_abstract", "product_concrete", "product_abstract_store", "product_image", "product_group"],
)
def test_who_is_limited_exports_what_hangs_on_seen_products(shop, tmp_path: Path, name):
    for sku, category in (("drill", "drills"), ("jacket", "clothing")):
        product = make.product(sku, categories=[shop[category]], stores=[shop["store"]], variants=1)
        make.product_group(products=[product])
    rows = "default,/{0}.jpg,/s.jpg,,{0},,0,{0},\nmore,/{0}-1.jpg,/s.jpg,,,{0}-1,0,{0}-1,\n"
    take(tmp_path, "product_image", IMAGES + rows.format("drill") + rows.format("jacket"))
    user = make.user(roles=["Category Manager"])
    scopes.limit(user, KIND, [shop["tools"]])

    resource = resource_of(name)
    for asked, has_jacket in ((user, False), (make.superuser(), True), (None, True)):
        text = "".join(csv_lines(resource, Wanted(name).rows(resource, asked)))
        assert ("drill" in text, "jacket" in text) == (True, has_jacket)
    listed = Wanted(name, screen="products.product", query="q=drill")
    text = "".join(csv_lines(resource, listed.rows(resource, make.superuser())))
    assert ("drill" in text, "jacket" in text) == (True, False)


def test_many_changed_pictures_are_written_with_the_queries_of_a_few(saw, tmp_path: Path):
    def written(number: int, folder: str) -> int:
        rows = "".join(f"default,/{folder}/{n}.jpg,/s.jpg,,saw,,{n},key-{n},\n" for n in range(number))
        with CaptureQueriesContext(connection) as queries:
            assert "error" not in {
                level
                for _line, _column, level, _code in problems(take(tmp_path, "product_image", IMAGES + rows))
            }
        return len(queries)

    written(40, "one")
    assert written(3, "two") == written(40, "three")
    large = dict(Image.objects.values_list("key", "url_large"))
    assert large == {f"key-{n}": f"/three/{n}.jpg" for n in range(40)}
    assert list(Image.objects.order_by("pk").values_list("version", flat=True)) == [3] * 3 + [2] * 37
