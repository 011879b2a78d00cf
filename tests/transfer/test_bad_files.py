"""Every broken file that concerns the rooms at hand, through the check and through both error policies."""

from pathlib import Path

import pytest

from backoffice.history.models import ChangeSet
from backoffice.transfer.exporting.reports import problems_of
from backoffice.transfer.jobs import intake, lifecycle
from backoffice.transfer.models import Job
from backoffice.transfer.problems import FileRefused, Problem
from backoffice.transfer.reading.archives import judge
from catalog.attributes.models import Attribute
from catalog.categories.models import Category
from catalog.packaging.models import PackagingType
from catalog.products.models import Variant
from catalog.stores.models import Store
from catalog.taxes.models import TaxSet
from catalog.urls.models import Url
from tests import make
from tests.transfer.conftest import BAD, TYPES, counts, imported, notes, problems, refusals, written

pytestmark = pytest.mark.django_db

ROW_FILES = {
    "key_other_case": ((0, 0, 1, 0, 1), [(2, "name", "error", "similar_key")]),
    "name_too_long": ((1, 0, 0, 0, 1), [(2, "name.en_US", "error", "too_long")]),
    "unknown_locale_column": ((1, 0, 1, 0, 0), [(2, "name", "info", "text_missing")]),
}


def bad(name: str) -> Path:
    return BAD / f"{TYPES}__{name}.csv"


@pytest.mark.parametrize("name", ROW_FILES)
def test_the_check_counts_and_names_what_the_readme_says(sample: Job, name: str):
    job = imported(bad(name), check=True)

    assert (counts(job), problems(job)) == ROW_FILES[name]
    assert ChangeSet.objects.filter(job=job.pk).count() == 0


@pytest.mark.parametrize("name", ROW_FILES)
def test_skipping_bad_rows_writes_what_the_check_counted(sample: Job, name: str):
    before = PackagingType.objects.count()

    job = imported(bad(name), on_error="skip")

    assert (counts(job), problems(job)) == ROW_FILES[name]
    assert PackagingType.objects.count() - before == ROW_FILES[name][0][0]


@pytest.mark.parametrize("name", ROW_FILES)
def test_all_or_nothing_writes_nothing_when_a_row_is_in_error(sample: Job, name: str):
    new, *_others, errors = ROW_FILES[name][0]
    before = PackagingType.objects.count()

    job = imported(bad(name))

    assert (counts(job), problems(job)) == ROW_FILES[name]
    assert PackagingType.objects.count() - before == (0 if errors else new)
    assert (job.change_set is None) == (bool(errors) or not new)


def test_the_text_that_is_too_long_is_not_cut(sample: Job):
    imported(bad("name_too_long"), on_error="skip")

    assert list(PackagingType.objects.filter(key__contains="pallet")) == []
    assert PackagingType.objects.get(key="packaging_unit_type.sack.name").name == {
        "en_US": "Sack",
        "de_DE": "Sack",
    }


def test_the_similar_key_is_told_with_the_known_one(sample: Job):
    job = imported(bad("key_other_case"), check=True)

    problem = job.files.get().results.get(outcome="error").problems[0]
    assert problem["params"] == {"hint": "packaging_unit_type.carton.name"}


def test_a_locale_that_no_store_uses_is_noted(sample: Job):
    assert notes(imported(bad("unknown_locale_column"), check=True)) == ["unknown_locale_column"]


# --- the reading layer: files of rooms that do not exist yet are read as packaging types ---------

REFUSED = {
    "category__mixed_encoding.csv": ("mixed_encoding", {"line": "3"}),
    "product_abstract__unclosed_quote.csv": ("unclosed_quote", {"line": "3"}),
    "product_stock__duplicate_column.csv": ("duplicate_column", {"column": "quantity"}),
    "product_stock__html_page.csv": ("not_a_table", {}),
    "product_stock__zero_bytes.csv": ("empty_file", {}),
    "product_price__missing_column.csv": ("missing_column", {"columns": "name"}),
}


def as_types(name: str, folder: Path) -> Path:
    """The file under the name of a format that has a room; where needed with its key column."""
    data = (BAD / name).read_bytes()
    path = folder / f"{TYPES}__{name}"
    path.write_bytes(
        data.replace(b"abstract_sku", b"name", 1) if name.startswith("product_abstract") else data
    )
    return path


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_sound_table_is_refused_whole(db: None, tmp_path: Path, name: str):
    path = as_types(name, tmp_path)
    code, params = REFUSED[name]

    for options in ({}, {"on_error": "skip"}):
        job = imported(path, **options)
        assert refusals(job) == [code]
        found = job.files.get().refusal.get("params", {})
        assert {key: found[key] for key in params} == params
        assert ChangeSet.objects.filter(job=job.pk).count() == 0


def test_a_mixed_encoding_is_told_by_line_and_byte(db: None, tmp_path: Path):
    path = as_types("category__mixed_encoding.csv", tmp_path)
    data = path.read_bytes()
    third = data.index(b"\n", data.index(b"\n") + 1) + 1
    bad_byte = next(i for i in range(third, len(data)) if data[i] >= 0x80)

    job = imported(path)

    assert job.files.get().refusal["params"] == {"line": "3", "byte": str(bad_byte + 1)}


def test_an_archive_that_leaves_its_folder_is_refused_before_it_is_unpacked(db: None, private_root: Path):
    job = lifecycle.create(None)

    with pytest.raises(FileRefused) as refused:
        intake.take_path(job, BAD / "folder__path_traversal.zip")

    assert refused.value.problem.code == "unsafe_archive"
    assert not private_root.exists() or list(private_root.rglob("*.csv")) == []


def test_an_archive_that_swells_is_refused(tmp_path: Path):
    import zipfile

    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("store.csv", b"0" * 20_000_000)

    with pytest.raises(FileRefused) as refused:
        judge(path)
    assert refused.value.problem.code == "too_large"


def test_windows_letters_are_a_guess_that_waits_for_confirmation(db: None, tmp_path: Path):
    path = written(tmp_path, f"{TYPES}.csv", "name,name.en_US\nbuero,Büro\n", "windows-1252")

    assert refusals(imported(path)) == ["guessed_encoding"]

    job = imported(path, encoding="windows-1252")
    assert (refusals(job), notes(job), job.counts["new"]) == ([], ["guessed_encoding"], 1)
    assert PackagingType.objects.get(key="buero").name == {"en_US": "Büro"}


@pytest.mark.parametrize(
    ("encoding", "separator", "shown"),
    [("utf-8-sig", ";", "utf-8-sig"), ("utf-16", "\t", "utf-16"), ("utf-8", "|", "utf-8")],
)
def test_marks_and_separators_are_found_out(
    db: None, tmp_path: Path, encoding: str, separator: str, shown: str
):
    text = "name,name.en_US\r\nbuero,Büro\r\n".replace(",", separator)
    job = imported(written(tmp_path, f"{TYPES}.csv", text, encoding))

    reading = job.files.get().reading
    assert (reading["encoding"], reading["separator"], job.counts["new"]) == (shown, separator, 1)


def test_a_header_without_rows_is_noted(db: None, tmp_path: Path):
    job = imported(written(tmp_path, f"{TYPES}.csv", "name\n"))

    assert (notes(job), job.state, job.counts["rows"]) == (["header_only"], "done", 0)


def test_ragged_rows_blank_lines_and_control_characters(db: None, tmp_path: Path):
    text = "name,name.en_US\nshort\n\nlong,x,y\nfine,x,,\nnu\0l,x\n"

    job = imported(written(tmp_path, f"{TYPES}.csv", text), check=True)

    assert counts(job) == (1, 0, 0, 0, 3)
    assert [p for p in problems(job) if p[2] == "error"] == [
        (2, "", "error", "ragged_row"),
        (4, "", "error", "ragged_row"),
        (6, "name", "error", "control_char"),
    ]


# --- products, categories and attributes: the table of the README -------------------------------------

CATALOGUE = {
    "category__cycle": ((0, 0, 1, 0, 1), [(2, "parent_category_key", "error", "cycle")]),
    "product_abstract__duplicate_key": ((0, 1, 1, 0, 1), [(4, "abstract_sku", "error", "duplicate_row")]),
    "product_abstract__unknown_tax_set": ((0, 0, 1, 0, 1), [(2, "tax_set_name", "error", "unknown_ref")]),
    "product_abstract__url_taken": ((0, 0, 1, 0, 1), [(2, "url.en_US", "error", "taken")]),
    "product_abstract_store__unknown_store": ((1, 0, 0, 0, 1), [(2, "store_name", "error", "unknown_ref")]),
    "product_concrete__bundle_contains_itself": (
        (0, 0, 0, 0, 1),
        [(2, "bundled", "error", "self_reference")],
    ),
    "product_concrete__nested_bundle": ((0, 0, 0, 0, 1), [(2, "bundled", "error", "nested_bundle")]),
    "product_concrete__same_attributes_as_sibling": (
        (0, 0, 0, 0, 1),
        [(2, "value_1", "error", "same_variant")],
    ),
    "product_concrete__scientific_notation_ean": (
        (0, 0, 1, 0, 1),
        [(2, "value_1", "error", "sci_notation")],
    ),
    "product_image__unsafe_address": (
        (1, 0, 0, 0, 3),
        [(line, "external_url_large", "error", "bad_url") for line in (2, 3, 4)],
    ),
    "product_management_attribute__value_count_mismatch": (
        (0, 0, 0, 0, 1),
        [(2, "value_translations.de_DE", "error", "bad_list")],
    ),
}


@pytest.fixture
def taken_address(sample: Job) -> None:
    """The address of a set, which the room of sets would claim."""
    Url.objects.create(path="/en/set-first-day", locale="en_US", owner_type="category", owner_id=1)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_file_of_the_catalogue_does_what_the_readme_says(taken_address: None, name: str):
    path, (found, told) = BAD / f"{name}.csv", CATALOGUE[name]
    sets = ChangeSet.objects.count()

    checked = imported(path, check=True)
    assert (counts(checked), problems(checked)) == (found, told)
    stopped = imported(path)
    assert (counts(stopped), problems(stopped), stopped.change_set) == (found, told, None)
    assert ChangeSet.objects.count() == sets

    skipping = imported(path, on_error="skip")
    assert (counts(skipping), problems(skipping)) == (found, told)
    assert ChangeSet.objects.count() - sets == (1 if any(found[:2]) else 0)
    again = imported(path, on_error="skip")
    assert counts(again) == (0, 0, sum(found[:3]), 0, found[4])


NAMED = {
    "category__cycle": "the record would lie below itself",
    "product_abstract__duplicate_key": "The same key stands on line 2 with other values.",
    "product_abstract__unknown_tax_set": "does not exist.",
    "product_abstract__url_taken": "belongs to category “",
    "product_abstract_store__unknown_store": "“FR” does not exist.",
    "product_concrete__bundle_contains_itself": "A bundle cannot contain itself.",
    "product_concrete__nested_bundle": "“000302” is a bundle itself.",
    "product_concrete__same_attributes_as_sibling": "The variant O5002-BLU of the same product has exactly these",
    "product_concrete__scientific_notation_ean": "a number that a spreadsheet has shortened",
    "product_image__unsafe_address": "is no address that is accepted here.",
    "product_management_attribute__value_count_mismatch": "The numbers differ: values 3, translations 2.",
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_is_wrong_is_said_with_what_is_in_the_way_and_a_remedy(taken_address: None, name: str):
    owner = Category.objects.order_by("pk").first()
    Url.objects.filter(path="/en/set-first-day").update(owner_id=owner.pk)
    records = [TaxSet.objects.count(), Store.objects.count(), Attribute.objects.count()]
    ean = dict(Variant.objects.filter(attributes__has_key="ean").values_list("sku", "attributes__ean"))

    for strict in ("accept", "error"):
        job = imported(BAD / f"{name}.csv", on_error="skip", warnings=strict)
        found = [problem for _row, problem in problems_of(job.files.get())]
        assert all(NAMED[name] in problem.sentence for problem in found), [p.sentence for p in found]
        assert all(problem.repair for problem in found)

    assert records == [TaxSet.objects.count(), Store.objects.count(), Attribute.objects.count()]
    after = dict(Variant.objects.filter(attributes__has_key="ean").values_list("sku", "attributes__ean"))
    assert after == ean


@pytest.mark.parametrize(
    ("name", "code", "place"),
    [
        ("category__mixed_encoding", "mixed_encoding", "line 3"),
        ("product_abstract__unclosed_quote", "unclosed_quote", "line 3"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(sample: Job, name: str, code: str, place: str):
    job = imported(BAD / f"{name}.csv", on_error="skip")

    assert (refusals(job), job.change_set) == ([code], None)
    [refused] = job.files.all()
    assert place in Problem.from_json(refused.refusal).sentence.lower()


def test_a_guessed_encoding_is_used_when_somebody_says_so(sample: Job):
    path = BAD / "category__windows_1252.csv"
    assert imported(path).state == Job.State.REFUSED

    job = imported(path, encoding="windows-1252")
    assert (counts(job), problems(job)) == ((0, 1, 1, 0, 0), [])
    assert Category.objects.get(key="furniture").name["de_DE"] == "Möbel & Stühle"
    assert Category.objects.get(key="office").name["de_DE"] == "Büro"


@pytest.mark.parametrize(
    ("name", "head", "row", "column", "said"),
    [
        (
            "customer",
            "customer_reference,email,first_name,last_name",
            "KD-abc,a@example.com,Mia,Rau",
            "customer_reference",
            ("A customer reference ends in digits, such as DE--101.", "Correct the key."),
        ),
        (
            "product_abstract",
            "abstract_sku,category_key,name.en_US,url.en_US",
            "saw,tools,Saw,https://shop.example/lamps",
            "url.en_US",
            (
                "“https://shop.example/lamps” is no path of a page.",
                "Write what follows the host, from the first / on, without blanks, ? and #, such as /en/lamps.",
            ),
        ),
        (
            "product_abstract",
            "abstract_sku,category_key,name.en_US",
            "a b,tools,Saw",
            "abstract_sku",
            ("Use letters, digits, dot, dash and underscore only.", "Correct the key."),
        ),
        (
            "product_image",
            "image_set_name,external_url_large,external_url_small,abstract_sku,product_image_key",
            "default,file:///x.jpg,/s.jpg,drill,k",
            "external_url_large",
            (
                "“file:///x.jpg” is no address that is accepted here.",
                "Write https://…, //host/… or /path.",
            ),
        ),
    ],
)
def test_a_remedy_fits_what_is_wrong(db: None, tmp_path: Path, name, head, row, column, said):
    make.store("DE", locales=("en_US",))
    make.product("drill", categories=[make.category("tools")])
    job = imported(written(tmp_path, f"{name}.csv", f"{head}\n{row}\n"), check=True)
    [(place, *found)] = [(p.column, p.sentence, p.repair) for _row, p in problems_of(job.files.get())]
    assert (place, *found) == (column, *said)


def test_a_bomb_is_not_told_to_be_split(tmp_path: Path):
    import zipfile

    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("store.csv", b"0" * 20_000_000)
    with pytest.raises(FileRefused) as refused:
        judge(path)
    problem = refused.value.problem
    assert (problem.sentence, problem.repair) == (
        "The file is packed more tightly than 100 to 1, as files are that are meant to do harm.",
        "Upload the tables themselves, or save the workbook anew.",
    )
