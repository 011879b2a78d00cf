"""Files of a zip that are not imported: they are named, with the reason (spec: import-export 1.11.4)."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.transfer.jobs.keeping import purge
from backoffice.transfer.models import Job
from backoffice.transfer.problems import Problem
from tests import make
from tests.transfer.conftest import TYPES
from tests.transfer.test_job_list import aged
from tests.transfer.test_reading_page import text_of
from tests.transfer.test_screens import UPLOAD, page, signed_in

pytestmark = pytest.mark.django_db
BOX = "name,name.en_US\nbox,Box\n"
PNG = b"\x89PNG\r\n\x1a\n0000"


@pytest.fixture
def browser(db: None) -> Client:
    make.store("DE", locales=("en_US",))
    return signed_in(make.user(roles=["Category Manager"]))


def packed(files: dict[str, str | bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def uploaded(browser: Client, files: dict[str, str | bytes]) -> str:
    file = SimpleUploadedFile("all.zip", packed(files))
    return browser.post(UPLOAD, {"files": file})["Location"]


def reasons() -> dict[str, str]:
    return {
        str(file): Problem.from_json(file.notes[0]).sentence
        for file in Job.objects.latest("pk").files.all()
        if file.is_left_out
    }


def test_each_file_that_is_no_table_of_ours_is_named_with_the_reason(browser: Client):
    files = {
        f"{TYPES}.csv": BOX,
        "photo.png": PNG,
        "DE/scan.JPG": b"\xff\xd8\xff\xe0000",
        "manual.pdf": b"%PDF-1.7",
        "letter.docx": packed({"word/document.xml": "<a/>"}),
        "notes.md": "Hello",
        "blank.txt": "  ",
        "numbers.csv": "a,b\n1,2\n",
        "combined_product.csv": "abstract_sku\nA\n",
        "DE/old/product_price.csv": "abstract_sku\nA\n",
        "DE/old/2024/photo.png": PNG,
        ".DS_Store": "x",
        "__MACOSX/photo.png": PNG,
        "DE/old2/.git/config": "x",
    }
    url = uploaded(browser, files)
    assert reasons() == {
        "photo.png": "This is no table but an image; it is left out.",
        "DE/scan.JPG": "This is no table but an image; it is left out.",
        "manual.pdf": "This is no table but a PDF document; it is left out.",
        "letter.docx": "This is no table but an archive; it is left out.",
        "notes.md": "This is no table of a known kind; it is left out.",
        "blank.txt": "The file is empty; it is left out.",
        "numbers.csv": "The name of the file does not tell what it holds; it is left out.",
        "combined_product.csv": "Files of this kind are recognised and not imported.",
        "DE/old": "Folders inside of folders are not searched: product_price.csv, 2024/photo.png.",
    }
    browser.post(f"{url}check/")
    browser.post(f"{url}apply/")
    assert (Job.objects.get().state, Job.objects.get().counts["new"]) == ("done", 1)


def test_they_are_told_before_the_check_after_it_and_in_the_result(browser: Client):
    url = uploaded(browser, {f"{TYPES}.csv": BOX, "photo.png": PNG})
    reason = "photo.png This is no table but an image; it is left out."
    for deed in ("check", "apply"):
        html = text_of(page(browser, url))
        assert "1 of these files is not imported: photo.png." in html
        assert reason in html
        browser.post(f"{url}{deed}/")
    html = text_of(page(browser, url))
    assert "of these files is not imported" not in html
    assert reason in html
    assert html.count("not imported") == 1


def test_a_zip_of_pictures_alone_says_that_nothing_of_it_is_imported(browser: Client):
    url = uploaded(browser, {f"photo{number}.png": PNG for number in range(7)})
    html = text_of(page(browser, url))
    names = ", ".join(f"photo{number}.png" for number in range(5))
    assert f"None of these files is imported: {names} and 2 more." in html


def test_files_whose_time_is_over_are_not_called_left_out(browser: Client):
    url = uploaded(browser, {f"{TYPES}.csv": BOX, "photo.png": PNG})
    for deed in ("check", "apply"):
        browser.post(f"{url}{deed}/")
    aged(Job.objects.get(), 31)
    assert purge() == 1
    assert text_of(page(browser, url)).count("not imported") == 1
