"""``manage.py import_catalog``: exit codes, report, bad rows."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.jobs import folders
from backoffice.transfer.models import Job
from backoffice.transfer.problems import Problem
from catalog.categories.models import Category
from catalog.packaging.models import PackagingType
from catalog.stores.models import Store, StoreLocale
from tests import make
from tests.transfer.conftest import BAD, SAMPLE, TYPES, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    make.store("DE", locales=("de_DE", "en_US"))


def run(path: Path, **options: Any) -> tuple[int, str, str]:
    """Exit code, what it said, what it complained about."""
    out, complaints = StringIO(), StringIO()
    try:
        call_command("import_catalog", str(path), stdout=out, stderr=complaints, **options)
    except SystemExit as ended:
        return ended.code, out.getvalue(), complaints.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), complaints.getvalue()


def good(folder: Path) -> Path:
    return written(folder, f"{TYPES}.csv", "name,name.en_US\nbox,Box\n")


def mixed(folder: Path) -> Path:
    return written(folder, f"{TYPES}.csv", f"name,name.en_US\nbox,Box\nsack,{'x' * 300}\n")


def test_a_sound_file_ends_with_0_and_its_counts(tmp_path: Path):
    code, said, _complaints = run(good(tmp_path), note="by hand")

    assert code == 0
    assert f"{TYPES}.csv: 1 rows, 1 new, 0 changed, 0 unchanged, 0 skipped, 0 errors, 0 warnings" in said
    assert (Job.objects.get().note, Job.objects.get().owner) == ("by hand", None)


def test_a_row_in_error_ends_with_1_and_writes_nothing_or_the_others(tmp_path: Path):
    assert run(mixed(tmp_path))[0] == 1
    assert not PackagingType.objects.filter(key="box").exists()

    assert run(mixed(tmp_path), on_error="skip")[0] == 1
    assert PackagingType.objects.filter(key="box").exists()


def test_the_check_writes_nothing(tmp_path: Path):
    assert run(good(tmp_path), check=True)[0] == 0
    assert (Job.objects.get().state, PackagingType.objects.filter(key="box").exists()) == ("checked", False)


@pytest.mark.parametrize(
    "name", ["product_stock__html_page.csv", "folder__path_traversal.zip", "product_stock__zero_bytes.csv"]
)
def test_a_refused_file_ends_with_2_and_says_why(tmp_path: Path, name: str):
    data = (BAD / name).read_bytes()
    path = tmp_path / (name if name.endswith("zip") else f"{TYPES}.csv")
    path.write_bytes(data)
    code, _said, complaints = run(path)

    assert code == 2
    assert complaints.strip()
    assert Job.objects.get().state == "refused"


def test_wrong_usage_ends_with_2(tmp_path: Path):
    assert run(tmp_path / "missing.csv")[0] == 2
    assert run(good(tmp_path), user="nobody@example.com")[0] == 2


def test_the_rights_of_the_named_user_count(tmp_path: Path):
    user = make.user(roles=["Inventory Manager"])

    assert run(good(tmp_path), user=user.email)[0] == 2
    assert not PackagingType.objects.filter(key="box").exists()


def test_the_report_holds_counts_and_every_error_with_its_place(tmp_path: Path):
    target = tmp_path / "report.json"
    run(mixed(tmp_path), on_error="skip", report=target)
    [file] = json.loads(target.read_text())["files"]

    counts = {
        name: file[name] for name in ("rows", "new", "changed", "unchanged", "skipped", "errors", "warnings")
    }
    assert counts == {
        "rows": 2, "new": 1, "changed": 0, "unchanged": 0, "skipped": 0, "errors": 1, "warnings": 0,
    }  # fmt: skip
    assert file["details"]["errors"] == [
        {
            "line": 3,
            "key": "sack",
            "column": "name.en_US",
            "value": "x" * 79 + "…",
            "code": "too_long",
            "message": "The text has 300 characters, at most 255 are allowed.",
            "remedy": "Shorten it; texts are never cut.",
        }
    ]


def test_the_report_of_a_refusal_names_its_code(tmp_path: Path):
    target = tmp_path / "report.json"
    run(BAD / "folder__path_traversal.zip", report=target)

    assert json.loads(target.read_text())["refusal"]["code"] == "unsafe_archive"


def test_the_bad_rows_are_written_into_a_folder(tmp_path: Path):
    run(mixed(tmp_path), on_error="skip", bad_rows=tmp_path / "bad")

    lines = (tmp_path / "bad" / f"{TYPES}.csv").read_text().splitlines()
    assert lines[0] == "name,name.en_US,__line,__errors"
    assert lines[1].startswith("sack,xxx")


def test_only_some_formats_of_a_folder(tmp_path: Path):
    run(SAMPLE, formats="glossary,currency")

    assert set(Job.objects.get().files.values_list("format", flat=True)) == {"glossary", "currency"}


def test_a_zip_with_one_wrapping_folder_is_a_folder(tmp_path: Path):
    import zipfile

    path = tmp_path / "catalogue.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(SAMPLE.rglob("*.csv")):
            archive.write(file, f"wrapped/{file.relative_to(SAMPLE)}")
    code, _said, complaints = run(path)

    assert (code, complaints) == (0, "")
    read = [name for path in SAMPLE.rglob("*.csv") if resource_of(name := formats.by_name(path.name))]
    assert Job.objects.get().files.exclude(stored="").count() == len(read) >= 22


def test_a_row_in_the_folder_of_another_store_counts_for_the_store_it_names(tmp_path: Path):
    folder = tmp_path / "folder"
    (folder / "AT").mkdir(parents=True)
    written(folder / "AT", "locale_store.csv", "locale_name,store_name\nfr_FR,DE\n")

    assert run(folder)[0] == 0
    [warning] = json.loads(_report(folder, tmp_path))["files"][0]["details"]["warnings"]
    assert (warning["code"], warning["line"]) == ("store_differs_from_folder", 2)


def _report(folder: Path, tmp_path: Path) -> str:
    target = tmp_path / "again.json"
    run(folder, check=True, report=target)
    return target.read_text()


# --- stores


def test_store_folders_come_in_the_order_of_the_stores(tmp_path: Path):
    folder = tmp_path / "all"
    for name in ("AT", "DE", "ZZ", "common", "EU", "CH"):
        (folder / name).mkdir(parents=True)
        written(folder / name, "country_store.csv", "store_name,country\n")
    written(folder, "country_store.csv", "store_name,country\n")
    written(folder / "EU", "store.csv", "name\nZZ\nDE\n")
    written(folder / "CH", "store.csv", "\ufeffid;name\n1;CH\n", "utf-8")

    found = [(f.format, f.folder) for f in folders.collect(folder)]
    assert found == [
        ("store", "CH"),
        ("store", "EU"),
        *(("country_store", name) for name in ("", "common", "CH", "ZZ", "DE", "AT", "EU")),
    ]


def test_what_is_no_file_of_the_catalogue_is_listed_and_does_not_fail_the_run(tmp_path: Path):
    folder = tmp_path / "folder"
    for name in ("__MACOSX", ".git", "deep/deeper"):
        (folder / name).mkdir(parents=True)
        written(folder / name, "store.csv", "name\nXX\n")
    for name in ("README.md", "numbers.csv", ".DS_Store", "Thumbs.db", "combined_product.csv"):
        written(folder, name, "a,b\n1,2\n")
    written(folder, "store.csv", "name\nAT\n")

    code, said, _complaints = run(folder)

    assert (code, sorted(Store.objects.values_list("name", flat=True))) == (0, ["AT", "DE"])
    left_out = ["README.md", "combined_product.csv", "numbers.csv"]
    assert [name for name in left_out if f"{name}: not imported" in said] == left_out
    files = Job.objects.get().files
    assert sorted(map(str, files.all())) == sorted([*left_out, "deep/deeper", "store.csv"])
    assert "deep/deeper: not imported. Folders inside of folders are not searched: store.csv." in said
    notes = files.get(name="README.md").notes
    assert [Problem.from_json(each).sentence for each in notes] == [
        "This is no table of a known kind; it is left out."
    ]


def test_who_may_not_import_a_file_of_a_folder_imports_the_others_only_if_he_leaves_it_out(tmp_path: Path):
    make.category("catalog")
    make.user("mara@example.com", roles=["Category Manager"])
    folder = tmp_path / "folder"
    folder.mkdir()
    written(folder, "store.csv", "name\nAT\n")
    written(folder, "category.csv", "category_key,parent_category_key,name.en_US\ntools,catalog,Tools\n")

    for options, made in (({}, 0), ({"on_error": "skip"}, 1)):
        assert run(folder, user="mara@example.com", **options)[0] == 2
        job = Job.objects.latest("pk")
        assert [f.refusal["code"] for f in job.files.filter(refusal__isnull=False)] == ["no_permission"]
        assert Category.objects.filter(key="tools").count() == made
    assert not Store.objects.filter(name="AT").exists()


def test_only_the_named_stores_are_imported(tmp_path: Path):
    code, _said, _complaints = run(SAMPLE, stores="DE, AT")
    job = Job.objects.get()

    assert code == 0
    assert set(Store.objects.values_list("name", flat=True)) == {"DE", "AT"}
    assert not job.files.filter(folder="US").exclude(format="store").exists()
    assert job.files.get(folder="US", format="store").skipped == 1
    assert set(StoreLocale.objects.values_list("store__name", flat=True)) == {"DE", "AT"}


def test_rows_of_other_stores_are_skipped_even_when_they_are_wrong(tmp_path: Path):
    make.store("AT", locales=("de_DE",))
    path = written(
        tmp_path, "currency_store.csv", "currency_code,store_name,is_default\nCHF,DE,0\nXYZ,AT,?\n"
    )
    code, said, _complaints = run(path, stores="DE")

    assert (code, "2 rows, 1 new, 0 changed, 0 unchanged, 1 skipped, 0 errors" in said) == (0, True)


def test_choices_that_only_some_formats_know_are_taken_by_the_command(tmp_path: Path):
    run(good(tmp_path), lists="replace", stock="add")

    assert {name: Job.objects.get().options[name] for name in ("lists", "stock")} == {
        "lists": "replace",
        "stock": "add",
    }
