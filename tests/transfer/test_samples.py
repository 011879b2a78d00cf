"""Templates, samples and column guides: what every format offers to somebody who has no file yet."""

import io
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from openpyxl import load_workbook

from backoffice.transfer.declaring import formats
from backoffice.transfer.exporting import guides, templates
from backoffice.transfer.models import Job
from catalog.attributes.models import Attribute
from tests import make
from tests.site.page import compact
from tests.transfer.conftest import TYPES, imported, problems

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
NAMES = [resource.file for resource in formats.resources()]
TEMPLATE, GUIDE, UPLOAD = "/transfer/job/template/", "/transfer/job/guide/", "/transfer/job/upload/"


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
    return client


@pytest.fixture
def browser(db: None) -> Client:
    return signed_in(make.superuser())


def content(browser: Client, name: str, what: str, kind: str) -> bytes:
    response = browser.get(TEMPLATE, {"format": name, "what": what, "kind": kind})
    assert response.status_code == 200
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("name", NAMES)
def test_every_sample_imports_without_a_complaint(
    sample: Job, browser: Client, tmp_path: Path, name: str, kind: str
):
    path = tmp_path / f"{name}.{kind}"
    path.write_bytes(content(browser, name, "sample", kind))
    connection.check_constraints()  # an index of a locale is made between transactions
    job = imported(path)

    assert problems(job) == []
    assert (job.state, job.counts["rows"], job.counts["skipped"]) == ("done", 3, 0)
    assert job.files.get().notes == []


@pytest.mark.parametrize("name", NAMES)
def test_every_template_is_the_header_of_the_sample(sample: Job, browser: Client, name: str):
    header = content(browser, name, "template", "csv").decode()
    book = load_workbook(io.BytesIO(content(browser, name, "template", "xlsx")))
    [row] = book.worksheets[0].values

    assert header == content(browser, name, "sample", "csv").decode().splitlines()[0] + "\n"
    assert ",".join(row) + "\n" == header
    assert book.sheetnames == [name[:31], "Columns"]


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_explained(sample: Job, browser: Client, name: str):
    resource = formats.resource_of(name)
    explained = list(guides.explain(resource))
    page = compact(browser.get(GUIDE, {"format": name}))

    names = [*(column.column_name for column in resource.columns), *resource._meta.unkept]
    assert [each.name.partition(".<")[0] for each in explained] == names
    for each in explained:
        assert each.meaning and each.spelling and each.empty
        assert each.name.replace("<", "&lt;").replace(">", "&gt;") in page
    assert all(each.example for each in explained if each.required != "Optional")


def test_a_column_is_said_in_words(sample: Job):
    found = {each.name: each for each in guides.explain(formats.resource_of("product_management_attribute"))}

    assert found["key"] == guides.Explained(
        "key",
        "Key",
        "The attribute key that is declared.",
        "Key of a known record: attribute key",
        "power_source",
        "Not allowed",
        "product_attribute_key",
    )
    assert found["allow_input"].spelling == "yes or no"
    assert (found["allow_input"].empty, found["values"].empty) == ("Sets no", "Empties the field")
    assert found["key_translation.<locale>"].empty == "Empties this language"
    assert found["key_translation.<locale>"].example == "Antrieb"


def test_codes_typed_into_the_template_stay_texts(db: None, browser: Client):
    make.store("DE", locales=("en_US",))
    page = load_workbook(io.BytesIO(content(browser, TYPES, "template", "xlsx"))).worksheets[0]

    assert {page.column_dimensions[letter].number_format for letter in "AB"} == {"@"}


def test_the_guide_is_a_file_too(sample: Job, browser: Client):
    text = content(browser, TYPES, "guide", "csv").decode()
    page = load_workbook(io.BytesIO(content(browser, TYPES, "guide", "xlsx"))).worksheets[0]

    assert text.splitlines()[0] == "Column,Required,Meaning,Spelling,Example,An empty cell,Refers to"
    assert [row[0] for row in page.values] == ["Column", "name", "name.<locale>"]


def test_the_upload_page_leads_to_them(db: None):
    browser = signed_in(make.user(roles=["Category Manager"]))

    assert f'href="{GUIDE}"' in browser.get(UPLOAD).content.decode()
    html = browser.get(UPLOAD, {"format": TYPES}).content.decode()
    assert f'href="{GUIDE}?format={TYPES}"' in html
    for what in ("template", "sample", "guide"):
        assert f"{TEMPLATE}?format={TYPES}&amp;what={what}&amp;kind=xlsx" in html
    index = browser.get(GUIDE).content.decode()
    assert f'href="{GUIDE}?format={TYPES}"' in index and f"what={templates.SAMPLE}" in index


def test_only_formats_that_one_may_import_are_offered(db: None):
    browser = signed_in(make.user(roles=["Category Manager"]))

    assert ">store.csv<" not in browser.get(GUIDE).content.decode()
    assert "Columns of store.csv" not in browser.get(GUIDE, {"format": "store"}).content.decode()
    assert browser.get(TEMPLATE, {"format": "store"})["Location"] == UPLOAD
    assert "Column guide" not in browser.get(UPLOAD, {"format": "store"}).content.decode()


def test_a_sample_names_its_records_in_every_language_of_the_shop(db: None):
    make.store("FR", locales=("fr_FR", "de_DE"))
    head, *rows = templates.sample(formats.resource_of("product_abstract"))
    names = [[row[head.index(f"name.{code}")] for code in ("de_DE", "fr_FR")] for row in rows]
    assert names[0] == ["Musterhammer", "Sample hammer"]
    assert all(all(each) for each in names)


def test_the_guide_says_how_dates_paths_and_addresses_are_spelled():
    for name, column, said in (
        ("product_discontinued", "active_until", "Date, such as 2026-12-31"),
        ("product_abstract", "new_from", "Date, or date and time, such as 2026-12-31 08:30:00"),
        ("product_abstract", "url.<locale>", "Path of a page"),
        ("product_image", "external_url_large", "Address of a picture"),
        ("tax", "tax_rate_percent", "Number with a point, from 0 to 100"),
    ):
        found = {each.name: each.spelling for each in guides.explain(formats.resource_of(name))}
        assert found[column].startswith(said)


def test_a_number_attribute_is_not_called_whole():
    """It takes 12.5 as well (attributes 4.5)."""
    assert Attribute.InputType.NUMBER.label == "Number"


STATED = {
    "category_store",
    "default_locale_store",
    "merchant_store",
    "product_abstract_approval_status",
    "product_abstract_store",
    "product_management_attribute",
    "store_context",
}
"""Formats whose rows belong to records that another file makes: their samples say what is stored already."""


@pytest.mark.parametrize("name", NAMES)
def test_no_sample_changes_a_record_of_the_sample_data(
    sample: Job, browser: Client, tmp_path: Path, name: str
):
    path = tmp_path / f"{name}.csv"
    path.write_bytes(content(browser, name, "sample", "csv"))
    connection.check_constraints()
    found = imported(path).counts

    if name in STATED:
        assert (found["new"], found["changed"], found["unchanged"]) == (0, 0, 3)
    else:
        assert (found["new"], found["changed"], found["unchanged"]) == (3, 0, 0)
