"""Runs of several files: what is refused is said, the counts of all and of one (spec: import-export 1.3.4, 1.8.3)."""

import io
import zipfile
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.accounts.models import User
from backoffice.transfer.exporting.reports import problems_of
from backoffice.transfer.models import Job
from catalog.packaging.models import PackagingType
from catalog.stores.models import GlossaryText
from tests import make
from tests.transfer.conftest import TYPES, imported, written
from tests.transfer.test_reading_page import text_of
from tests.transfer.test_screens import UPLOAD, page, signed_in

pytestmark = pytest.mark.django_db
CARTONS = "name,name.en_US\nbox,Box\nsack,Sack\n"
TEXTS = "key,locale,translation\na,en_US,A\n"


@pytest.fixture
def manager(db: None) -> User:
    make.store("DE", locales=("en_US",))
    return make.user(roles=["Category Manager"])


def uploaded(browser: Client, files: dict[str, str]) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    file = SimpleUploadedFile("all.zip", packed.getvalue())
    return browser.post(UPLOAD, {"files": file})["Location"]


def test_a_zip_says_which_of_its_files_may_not_be_imported(manager: User):
    browser = signed_in(manager)
    url = uploaded(browser, {f"{TYPES}.csv": CARTONS, "glossary.csv": TEXTS})
    said = "1 of these files is refused: glossary.csv. The others are imported only if you leave the refused"
    for _page in ("reading", "check"):
        html = text_of(page(browser, url))
        assert said in html
        assert "You may not import files of this kind." in html
        browser.post(f"{url}check/")
    assert "Leave refused files out and import 2 rows" in html

    browser.post(f"{url}apply/")
    assert Job.objects.get().state == "checked"
    browser.post(f"{url}apply/", {"on_error": "skip"})
    assert PackagingType.objects.filter(key__in=["box", "sack"]).count() == 2
    assert GlossaryText.objects.count() == 0


def test_a_zip_without_anything_one_may_import_is_refused(manager: User):
    browser = signed_in(manager)
    url = uploaded(browser, {"store.csv": "name\nAT\n", "glossary.csv": TEXTS})
    assert Job.objects.get().state == "refused"
    assert "None of these files can be imported: store.csv, glossary.csv." in text_of(page(browser, url))


def test_a_right_that_was_given_meanwhile_lets_the_file_in(manager: User):
    browser = signed_in(manager)
    url = uploaded(browser, {f"{TYPES}.csv": CARTONS, "glossary.csv": TEXTS})
    rights = [f"stores.{verb}_glossarytext" for verb in ("import", "add", "change", "view")]
    manager.groups.add(make.role(rights=rights).group)
    browser.post(f"{url}check/")
    browser.post(f"{url}apply/")
    assert (Job.objects.get().state, GlossaryText.objects.count()) == ("done", 1)
    manager.groups.set([Group.objects.get(name="Category Manager")])


def test_the_tiles_count_all_files_and_the_chosen_one_is_counted_by_itself(manager: User):
    browser = signed_in(make.superuser())
    url = uploaded(browser, {f"{TYPES}.csv": CARTONS, "glossary.csv": TEXTS + "b,en_US,B\nc,en_US,C\n"})
    browser.post(f"{url}check/")
    html = text_of(page(browser, url))
    assert "New 5 Changed 0 Unchanged 0 Errors 0 All files together: 5 rows read" in html
    for name, rows in (("glossary.csv", 3), (f"{TYPES}.csv", 2)):
        position = Job.objects.get().files.get(name=name).position
        html = text_of(page(browser, f"{url}?file={position}"))
        assert "New 5 Changed 0 Unchanged 0 Errors 0 All files together" in html
        assert f"{name} New {rows} Changed 0 Unchanged 0 Errors 0 {rows} rows read" in html


def said(job: Job) -> list[tuple[str, int, str]]:
    """File, line and sentence of all that is told of rows."""
    return [
        (str(file), result.line, problem.sentence)
        for file in job.files.order_by("position")
        for result, problem in problems_of(file)
    ]


def test_a_line_of_another_file_is_told_with_its_name(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    keys, more, attributes = (
        ("product_attribute_key.csv", "attribute_key,is_super\nm_new,0\nm_bad,maybe\nm_twin,0\nm_twin,1\n"),
        ("product_attribute_key (2).csv", "attribute_key,is_super\nm_new,1\nm_same,0\nm_same,0\n"),
        ("product_management_attribute.csv", "key,input_type,allow_input\nm_new,text,no\nm_bad,text,no\n"),
    )
    for name, text in (keys, more, attributes):
        written(tmp_path, name, text)
    job = imported(tmp_path, check=True)

    assert said(job) == [
        (more[0], 4, "The same row stands on line 3."),
        (keys[0], 2, f"The same key stands on line 2 of “{more[0]}” with other values."),
        (keys[0], 3, "“maybe” is neither yes nor no."),
        (keys[0], 5, "The same key stands on line 4 with other values."),
        (attributes[0], 3, f"“m_bad” is itself in error: see line 3 of “{keys[0]}”."),
    ]


def test_a_spelling_in_another_file_is_told_with_its_name(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    written(tmp_path, f"{TYPES}.csv", "name,name.en_US\nbox,Box\n")
    written(tmp_path, f"{TYPES}.more.csv", "name,name.en_US\nsack,Sack\nBOX,Box\n")
    job = imported(tmp_path, check=True)

    sentence = "“BOX” differs from the key on line 2 of “{}.csv” only by letter case or zeros."
    assert said(job) == [(f"{TYPES}.more.csv", 3, sentence.format(TYPES))]
