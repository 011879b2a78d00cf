"""What becomes of a row: new, changed, unchanged, skipped, in error; and what is written for it."""

import csv
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import timezone

from backoffice.history.models import Change, ChangeSet
from backoffice.transfer.exporting.reports import bad_rows
from backoffice.transfer.jobs import lifecycle
from catalog.packaging.models import PackagingType
from catalog.products.models import Product
from catalog.stores.models import Store
from tests import make
from tests.transfer.conftest import TYPES, counts, errors, imported, problems, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
ROW = "packaging.{}_packagingtype"


@pytest.fixture
def shop(db: None) -> Store:
    return make.store("DE", locales=("de_DE", "en_US"))


def types_file(folder: Path, text: str) -> Path:
    return written(folder, f"{TYPES}.csv", text)


# --- new, changed, unchanged -------------------------------------------------------------------------


def test_a_changed_row_is_one_change_with_before_and_after_per_language(shop: Store, tmp_path: Path):
    box = make.packaging_type({"en_US": "Box", "de_DE": "Kiste"}, key="box")
    job = imported(types_file(tmp_path, "name,name.en_US\nbox,Crate\n"), note="ticket 7")

    box.refresh_from_db()
    assert (counts(job), box.name, box.version) == ((0, 1, 0, 0, 0), {"en_US": "Crate", "de_DE": "Kiste"}, 2)
    assert box.search == "box kiste crate"
    change_set = ChangeSet.objects.get(pk=job.change_set)
    assert (change_set.note, change_set.job, change_set.screen) == (
        "ticket 7",
        job.pk,
        "packaging.packagingtype",
    )
    change = change_set.changes.get()
    assert (change.object_id, change.label, change.action) == (box.pk, "box", "change")
    assert change.fields == {"name.en_US": {"before": "Box", "after": "Crate"}}


def test_an_empty_cell_takes_the_text_away_and_an_absent_column_leaves_it(shop: Store, tmp_path: Path):
    box = make.packaging_type({"en_US": "Box", "de_DE": "Kiste"}, key="box")
    imported(types_file(tmp_path, "name,name.en_US\nbox,\n"))

    box.refresh_from_db()
    assert box.name == {"de_DE": "Kiste"}


def test_with_keep_an_empty_cell_changes_nothing_and_the_token_empties(shop: Store, tmp_path: Path):
    box = make.packaging_type({"en_US": "Box", "de_DE": "Kiste"}, key="box")
    job = imported(types_file(tmp_path, "name,name.en_US,name.de_DE\nbox,,[[clear]]\n"), empty_cells="keep")

    box.refresh_from_db()
    assert (counts(job), box.name) == ((0, 1, 0, 0, 0), {"en_US": "Box"})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_token_without_keep_is_a_text_and_told(shop: Store, tmp_path: Path, encoding: str):
    text = "name,name.en_US\nbox,[[clear]]\nsack,Sack\n"
    path = written(tmp_path, f"{TYPES}.csv", text, encoding)

    told = [found for found in problems(imported(path, check=True)) if found[2] == "warning"]
    assert told == [(2, "name.en_US", "warning", "clear_not_kept")]
    kept = problems(imported(path, check=True, empty_cells="keep"))
    assert "clear_not_kept" not in [code for *_place, code in kept]


def test_with_keep_each_row_keeps_its_values_whichever_cells_are_empty(shop: Store, tmp_path: Path):
    names = {"en_US": "Thing", "de_DE": "Ding"}
    box, bag = make.packaging_type(names, key="box"), make.packaging_type(names, key="bag")
    text = "name,name.en_US,name.de_DE\nbox,Box,\nbag,,Beutel\n"
    assert counts(imported(types_file(tmp_path, text), empty_cells="keep")) == (0, 2, 0, 0, 0)

    box.refresh_from_db()
    bag.refresh_from_db()
    assert box.name == {"en_US": "Box", "de_DE": "Ding"}
    assert bag.name == {"en_US": "Thing", "de_DE": "Beutel"}


def test_the_same_file_twice_writes_nothing(shop: Store, tmp_path: Path):
    path = types_file(tmp_path, "name,name.en_US\nbox,Box\nsack,Sack\n")
    imported(path)
    before = list(PackagingType.objects.order_by("pk").values())
    again = imported(path)

    assert (counts(again), again.change_set) == ((0, 0, 2, 0, 0), None)
    assert list(PackagingType.objects.order_by("pk").values()) == before
    assert ChangeSet.objects.filter(job=again.pk).count() == 0
    assert [note["code"] for note in again.files.get().notes] == ["already_applied"]


def test_an_unchanged_row_with_a_bad_value_is_an_error(shop: Store, tmp_path: Path):
    make.packaging_type("Box", key="box")
    text = f"name,name.en_US,name.de_DE\nbox,Box,{'x' * 256}\n"

    assert errors(imported(types_file(tmp_path, text), check=True)) == [(2, "name.de_DE", "too_long")]


@pytest.mark.parametrize(("rows", "expected"), [("new", (1, 0, 0, 1, 0)), ("existing", (0, 1, 0, 1, 0))])
def test_only_new_or_only_existing_records(shop: Store, tmp_path: Path, rows: str, expected: tuple):
    make.packaging_type("Box", key="box")
    job = imported(types_file(tmp_path, "name,name.en_US\nbox,Crate\nsack,Sack\n"), rows=rows)

    assert counts(job) == expected
    assert PackagingType.objects.filter(key="sack").exists() == (rows == "new")
    assert PackagingType.objects.get(key="box").name["en_US"] == ("Box" if rows == "new" else "Crate")


# --- keys --------------------------------------------------------------------------------------------


def test_a_key_twice_with_other_values_is_an_error_on_the_second_naming_the_first(
    shop: Store, tmp_path: Path
):
    job = imported(types_file(tmp_path, "name,name.en_US\nbox,Box\nsack,Sack\nbox,Crate\n"), on_error="skip")

    assert (counts(job), errors(job)) == ((2, 0, 0, 0, 1), [(4, "name", "duplicate_row")])
    assert job.files.get().results.get(outcome="error").problems[0]["params"] == {"line": "2"}
    assert PackagingType.objects.get(key="box").name == {"en_US": "Box"}


def test_an_equal_row_is_only_noted(shop: Store, tmp_path: Path):
    job = imported(types_file(tmp_path, "name,name.en_US,name.de_DE\nbox,Box,Kiste\n box ,Box,Kiste\n"))

    assert (counts(job), problems(job)) == ((1, 0, 1, 0, 0), [(3, "name", "info", "identical_row")])


def test_keys_that_differ_by_letter_case_or_zeros_within_a_file(shop: Store, tmp_path: Path):
    job = imported(types_file(tmp_path, "name\nBox\nbox\n007\n7\n"), check=True)

    assert errors(job) == [(3, "name", "similar_key"), (5, "name", "similar_key")]
    allowed = imported(types_file(tmp_path, "name\nBox\nbox\n007\n7\n"), check=True, similar_keys="allow")
    assert counts(allowed) == (4, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("cell", "code"),
    [('"=""000417"""', "formula"), ("9.521E+12", "sci_notation"), ("", "required"), ("a\u200bb", "bad_key")],
)
def test_what_spreadsheets_do_to_keys_is_refused(shop: Store, tmp_path: Path, cell: str, code: str):
    assert errors(imported(types_file(tmp_path, f"name,name.en_US\n{cell},Box\n"), check=True)) == [
        (2, "name", code)
    ]


def test_invisible_blanks_around_a_key_are_removed_and_told(shop: Store, tmp_path: Path):
    job = imported(types_file(tmp_path, "name,name.en_US,name.de_DE\n\u00a0box\u200b,Box,Kiste\n"))

    assert (counts(job), problems(job)) == ((1, 0, 0, 0, 0), [(2, "name", "info", "blank_removed")])
    assert PackagingType.objects.filter(key="box").exists()


# --- errors and policies -----------------------------------------------------------------------------


def test_an_error_far_down_writes_nothing_or_all_the_others(shop: Store, tmp_path: Path, settings):
    settings.TRANSFER_BATCH = 100
    lines = [f"key{i},Box {i}" if i != 900 else f"key{i},{'x' * 300}" for i in range(1, 1001)]
    path = types_file(tmp_path, "name,name.en_US\n" + "\n".join(lines) + "\n")

    stopped = imported(path)
    assert (stopped.state, PackagingType.objects.filter(key__startswith="key").count()) == (
        "done_with_errors",
        0,
    )
    assert counts(stopped) == (999, 0, 0, 0, 1)

    skipped = imported(path, on_error="skip")
    assert (counts(skipped), errors(skipped)) == ((999, 0, 0, 0, 1), [(901, "name.en_US", "too_long")])
    assert Change.objects.filter(change_set=skipped.change_set).count() == 999


def test_the_bad_rows_can_be_mended_and_imported_as_they_are(shop: Store, tmp_path: Path):
    text = 'name;name.en_US\nbox;Box\n"sa;ck";"long ""quoted"" ' + "x" * 300 + '"\nlong;a;b\n'
    job = imported(types_file(tmp_path, text), on_error="skip")
    lines = list(bad_rows(job.files.get()))

    assert lines[0] == "name,name.en_US,__line,__errors\n"
    assert [line.split(",")[0] for line in lines[1:]] == ["sa;ck", "long"]
    long = next(csv.DictReader([lines[0], lines[-1]]))
    assert (long["name.en_US"], long["__line"], long[None]) == ("a", "4", ["b"])
    assert errors(imported(types_file(tmp_path, lines[0] + lines[-1]))) == [(2, "", "ragged_row")]

    mended = "".join([*lines[:-1], lines[-1].removesuffix(",b\n") + ",\n"]).replace("x" * 300, "text")
    again = imported(types_file(tmp_path, mended))
    assert (counts(again), errors(again)) == ((2, 0, 0, 0, 0), [])
    assert PackagingType.objects.get(key="sa;ck").name == {"en_US": 'long "quoted" text'}


def test_rows_of_empty_cells_are_skipped_like_blank_lines(shop: Store, tmp_path: Path):
    text = "name,name.en_US\n,\nbox,Box\n,,,,\n , \nsack,Sack\n,Crate\n,\n"
    job = imported(types_file(tmp_path, text), on_error="skip")

    assert (counts(job), errors(job)) == ((2, 0, 0, 0, 1), [(7, "name", "required")])


def test_all_errors_of_a_row_are_told(shop: Store, tmp_path: Path):
    text = f"name,name.en_US,name.de_DE\n=box,{'x' * 256},{'y' * 256}\n"

    assert errors(imported(types_file(tmp_path, text), check=True)) == [
        (2, "name", "formula"),
        (2, "name.de_DE", "too_long"),
        (2, "name.en_US", "too_long"),
    ]


def test_warnings_can_be_treated_as_errors(shop: Store, tmp_path: Path):
    path = written(tmp_path, "glossary.csv", "key,translation,locale\nbox,Box,en_US\nbox,Crate,en_US\n")

    assert counts(imported(path, check=True)) == (1, 0, 0, 1, 0)
    assert counts(imported(path, check=True, warnings="error")) == (1, 0, 0, 0, 1)


def test_a_record_saved_since_the_check_is_not_overwritten(shop: Store, tmp_path: Path):
    box = make.packaging_type("Box", key="box")
    job = imported(
        types_file(tmp_path, "name,name.en_US\nbox,Crate\nsack,Sack\n"), check=True, on_error="skip"
    )
    PackagingType.objects.filter(pk=box.pk).update(
        name={"en_US": "Chest"}, version=2, updated_at=timezone.now()
    )
    lifecycle.apply(job)

    box.refresh_from_db()
    assert (errors(job), box.name) == ([(2, "name", "stale")], {"en_US": "Chest"})
    assert PackagingType.objects.filter(key="sack").exists()


# --- rights ------------------------------------------------------------------------------------------


def test_who_may_add_but_not_change_gets_his_new_rows(shop: Store, tmp_path: Path):
    make.packaging_type("Box", key="box")
    same = make.packaging_type("Same", key="same")
    user = make.user(roles=[make.role(rights=[ROW.format("import"), ROW.format("add"), ROW.format("view")])])
    text = "name,name.en_US\nbox,Crate\nsack,Sack\nsame,Same\n"
    job = imported(types_file(tmp_path, text), user=user, on_error="skip")

    assert (counts(job), errors(job)) == ((1, 0, 1, 0, 1), [(2, "", "no_change")])
    same.refresh_from_db()
    assert same.version == 1


def test_who_may_change_but_not_add_gets_his_changed_rows(shop: Store, tmp_path: Path):
    make.packaging_type("Box", key="box")
    user = make.user(
        roles=[make.role(rights=[ROW.format("import"), ROW.format("change"), ROW.format("view")])]
    )
    job = imported(
        types_file(tmp_path, "name,name.en_US\nbox,Crate\nsack,Sack\n"), user=user, on_error="skip"
    )

    assert (counts(job), errors(job)) == ((0, 1, 0, 0, 1), [(3, "", "no_add")])
    assert ChangeSet.objects.get(pk=job.change_set).user_id == user.pk


def test_without_the_right_to_import_the_file_is_refused(shop: Store, tmp_path: Path):
    user = make.user(roles=[make.role(rights=[ROW.format("change"), ROW.format("add")])])
    job = imported(types_file(tmp_path, "name\nsack\n"), user=user)

    assert (job.state, job.files.get().refusal["code"]) == ("refused", "no_permission")
    assert not PackagingType.objects.filter(key="sack").exists()


# --- texts that a record may not be without ------------------------------------------------------


@pytest.fixture
def named(db: None) -> None:
    make.store("DE", locales=("en_US", "de_DE"))
    tools = make.category("tools", name={"en_US": "Tools", "de_DE": "Werkzeug"})
    product = make.product(
        "saw", name={"en_US": "Saw", "de_DE": "Säge"}, categories=[tools], meta_title={"en_US": "Best saw"}
    )
    make.variant("saw-1", product=product, name={"en_US": "Saw one", "de_DE": "Säge eins"})


@pytest.mark.parametrize(
    ("file", "key", "model", "name"),
    [
        ("product_abstract", "abstract_sku", "products.Product", "saw"),
        ("product_concrete", "concrete_sku", "products.Variant", "saw-1"),
        ("category", "category_key", "categories.Category", "tools"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"empty_cells": "keep"}])
def test_an_empty_cell_takes_no_needed_name_away(named, tmp_path: Path, file, key, model, name, options):
    cell = "[[clear]]" if options else ""
    text = f"{key},name.en_US,name.de_DE\n{name},Changed,{cell}\n"
    for check in (True, False):
        job = imported(written(tmp_path, f"{file}.csv", text), check=check, **options)
        assert errors(job) == [(2, "name.de_DE", "required")]
    field = {"sku": name} if "sku" in key else {"key": name}
    assert apps.get_model(model).objects.get(**field).name["de_DE"].startswith(("Säge", "Werkzeug"))


def test_a_name_that_was_never_there_may_stay_away(named, tmp_path: Path):
    """What an export writes of it is imported again."""
    Product.objects.update(name={"en_US": "Saw"})
    text = "abstract_sku,name.en_US,name.de_DE\nsaw,Saw,\n"
    assert counts(imported(written(tmp_path, "product_abstract.csv", text))) == (0, 0, 1, 0, 0)


def test_a_new_record_needs_its_name_in_every_language_of_the_file(named, tmp_path: Path):
    text = "abstract_sku,category_key,name.en_US,name.de_DE\naxe,tools,Axe,\n"
    assert errors(imported(written(tmp_path, "product_abstract.csv", text))) == [
        (2, "name.de_DE", "required")
    ]
    text = "abstract_sku,category_key,name.en_US\naxe,tools,Axe\n"
    assert counts(imported(written(tmp_path, "product_abstract.csv", text))) == (1, 0, 0, 0, 0)


def test_a_text_that_is_optional_is_emptied(named, tmp_path: Path):
    text = "abstract_sku,meta_title.en_US\nsaw,\n"
    assert counts(imported(written(tmp_path, "product_abstract.csv", text))) == (0, 1, 0, 0, 0)
    assert Product.objects.get().meta_title == {}


# --- all errors of a row -----------------------------------------------------------------------------


@pytest.mark.parametrize("is_apply", [False, True])
def test_all_that_is_wrong_with_a_row_is_told_at_once(shop: Store, tmp_path: Path, is_apply: bool):
    make.product("saw")
    head = "abstract_sku,color_code,tax_set_name,new_from,new_to"
    bad = "notacolor,Nowhere,2026-05-02,2026-05-01"
    text = f"{head}\nsaw,{bad}\nlamp,{bad}\nsaw2,navy,Nowhere,bad,2026-05-01\n"
    job = imported(written(tmp_path, "product_abstract.csv", text), check=not is_apply, on_error="skip")

    told = {(line, column, code) for line, column, code in errors(job)}
    wrong = {("color_code", "bad_choice"), ("tax_set_name", "unknown_ref"), ("new_to", "conflict")}
    assert {(column, code) for line, column, code in told if line == 2} == wrong
    needed = {("category_key", "required"), ("name", "required")}
    assert {(column, code) for line, column, code in told if line == 3} == wrong | needed
    assert {(column, code) for line, column, code in told if line == 4} == needed | {
        ("tax_set_name", "unknown_ref"),
        ("new_from", "bad_date"),
    }
