"""What is written can be read again: 0 changes, byte for byte the same, nothing that runs in a spreadsheet."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from backoffice.spreadsheets import guarded
from backoffice.transfer.exporting import Shape, csv_lines, template_line
from backoffice.transfer.formats import resource_of, resources
from backoffice.transfer.models import Job
from backoffice.transfer.widgets import Text, unguarded
from catalog.packaging.models import PackagingType
from catalog.stores.models import GlossaryText
from tests import make
from tests.transfer.conftest import TYPES, imported, problems, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
NAMES = [resource.file for resource in resources()]


def exported(name: str, **shape: bool) -> str:
    return "".join(csv_lines(resource_of(name), shape=Shape(**shape)))


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_export_imports_to_no_change(sample: Job, tmp_path: Path, name: str, language: str):
    PackagingType.objects.filter(key__contains="coil").update(name={"de_DE": "Rolle", "en_US": "=Coil"})
    with translation.override(language):
        text = exported(name, extra_columns=True)
        assert text == exported(name, extra_columns=True)
        job = imported(written(tmp_path, f"{name}.csv", text))

    assert (job.state, job.counts["new"], job.counts["changed"], job.counts["errors"]) == ("done", 0, 0, 0)
    assert job.counts["rows"] == text.count("\n") - 1 or name == "glossary"
    assert job.change_set is None


def test_the_whole_catalogue_goes_out_and_comes_back(sample: Job, tmp_path: Path):
    call_command("export_catalog", str(tmp_path / "out"), "--extra-columns")

    assert sorted(path.stem for path in (tmp_path / "out").iterdir()) == sorted(NAMES)
    job = imported(tmp_path / "out")
    assert (job.counts["new"], job.counts["changed"], job.counts["errors"]) == (0, 0, 0)


def test_extra_columns_are_written_only_when_asked_for(sample: Job):
    assert exported(TYPES).splitlines()[0] == "name"
    assert exported(TYPES, extra_columns=True).splitlines()[0] == "name,name.de_DE,name.en_US"
    assert template_line(resource_of(TYPES)) == "name,name.de_DE,name.en_US\n"


def test_rows_come_in_the_order_of_the_key_and_columns_are_spelled_as_they_are_read(sample: Job):
    assert exported("currency_store") == (
        "currency_code,store_name,is_default\nCHF,DE,0\nEUR,AT,1\nEUR,DE,1\nUSD,US,1\n"
    )
    assert exported("store_context").splitlines()[1] == (
        'AT,"{""application_contexts"": [{""application"": null, ""timezone"": ""Europe/Vienna""}]}"'
    )


def test_a_mark_in_front_is_a_choice(sample: Job):
    assert exported(TYPES, has_mark=True).startswith("\ufeffname")


DANGEROUS = [
    "=1+1",
    "+cmd",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "'=1",
    "''=1",
    "'plain",
]


def test_texts_a_spreadsheet_would_run_come_back_as_they_were(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    for number, text in enumerate(DANGEROUS):
        GlossaryText.objects.create(key=f"k{number:02}", locale="en_US", translation=text)
    text = exported("glossary")
    GlossaryText.objects.all().delete()
    job = imported(written(tmp_path, "glossary.csv", text))

    assert (job.counts["new"], problems(job)) == (len(DANGEROUS), [])
    stored = list(GlossaryText.objects.order_by("key").values_list("translation", flat=True))
    assert stored == DANGEROUS
    assert "'=1+1" in text and "''=1" in text and ",'plain" in text and "''plain" not in text


def test_line_ends_alone_are_no_change(db: None, tmp_path: Path):
    make.store("DE", locales=("en_US",))
    GlossaryText.objects.create(key="k", locale="en_US", translation="two\r\nlines")
    job = imported(written(tmp_path, "glossary.csv", exported("glossary")))

    assert (job.counts["unchanged"], GlossaryText.objects.get().translation) == (1, "two\r\nlines")


def test_for_another_system_nothing_is_protected(db: None):
    make.store("DE", locales=("en_US",))
    GlossaryText.objects.create(key="k", locale="en_US", translation="=1+1")

    assert exported("glossary", is_guarded=False) == "key,translation,locale\nk,=1+1,en_US\n"


@given(st.text(st.sampled_from("'=+-@\t\r＝ab"), max_size=8))
def test_every_text_survives_the_protection(text: str):
    assert unguarded(guarded(text)) == text
    assert Text().clean(guarded(text)) == text
