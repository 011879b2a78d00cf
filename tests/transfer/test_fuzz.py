"""Damaged files: always a sentence, never a broken job, never a part of a run.

``HYPOTHESIS_PROFILE=full pytest -o faulthandler_timeout=0`` tries 10,000 of them instead of some hundred.
"""

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from backoffice.history.models import Change
from backoffice.transfer.exporting.reports import bad_rows, problem_lines, report
from backoffice.transfer.jobs import intake, lifecycle
from backoffice.transfer.models import Job, JobFile
from backoffice.transfer.problems import FileRefused
from catalog.stores.models import StoreCurrency
from tests import make
from tests.transfer.conftest import TYPES

pytestmark = pytest.mark.django_db
ENDS = {Job.State.DONE, Job.State.DONE_WITH_ERRORS, Job.State.REFUSED}
VALUES = (
    "key,input_type,allow_input,is_multiple,values,key_translation.en_US,value_translations.de_DE,visibility\n"
    'colour,text,no,no,"red, blue",Colour,"rot, blau",PDP\n'
    "length_mm,number,yes,,,Length,,\n"
    'shade,select,no,yes,"red,red,",Shade,,"Cart,PDP"\n'
)
SEEDS = {
    TYPES: b'name,name.en_US,name.de_DE\nbox,Box,Kiste\nsack,"Sack, big",\n007,,x\n',
    "currency_store": b"currency_code,store_name,is_default\nCHF,DE,1\nEUR,DE,0\n",
    "locale_store": b"locale_name,store_name\nfr_FR,DE\nde_DE,DE\n",
    "store_context": b'store_name,appication_context_collection\nDE,"{""application_contexts"":[]}"\n',
    "glossary": "key,translation,locale\nbox,Büro,en_US\nbox,Crate,en_US\n".encode(),
    "product_attribute_key": b"attribute_key,is_super\ncolour,1\nsize;2,0\nlength_mm,\n",
    "product_management_attribute": VALUES.encode(),
}
BYTES = (
    *(b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n"),
    *(b"=", b"'", b"\xc3\xa4", b"\xe4", b"\xc2\xa0", b"\xe2\x80\x8b", b"\xf0\x9f\x98\x80", b"[[clear]]"),
    *(
        b"{",
        b"}",
        b"[",
        b"__x",
        b"%s",
        b"%(x)s",
        b"1E+9",
        b"-5",
        b"0",
        b"NaN",
        b"\\",
        b"\\N",
        b"",
        b"x" * 300,
    ),
)
Edits = list[tuple[int, int, bytes]]
EDITS = st.lists(
    st.tuples(st.integers(0, 6_000), st.integers(0, 8), st.sampled_from(BYTES)), min_size=1, max_size=5
)
UNFILLED = re.compile(r"%\([a-z]{2,}\)s")
KINDS = ("csv", "utf-16", "cp1252", "xlsx", "zip", "broken zip", "broken xlsx")
EXAMPLES = max(math.ceil(settings.default.max_examples / len(SEEDS) / len(KINDS)), 4)


def damaged(data: bytes, edits: Edits) -> bytes:
    for place, length, piece in edits:
        at = place % (len(data) + 1)
        data = data[:at] + piece + data[at + length :]
    return data


def packed(folder: Path, name: str, kind: str, edits: Edits) -> Path:
    """The seed with its damage, as a file of this kind."""
    data = damaged(SEEDS[name], edits)
    path = folder / f"{name}.{kind.split()[-1] if kind.endswith(('xlsx', 'zip')) else 'csv'}"
    if kind == "xlsx":
        path.write_bytes(workbook(data.decode(errors="replace")))
    elif kind == "broken xlsx":
        path.write_bytes(damaged(workbook(SEEDS[name].decode()), edits))
    elif kind == "zip":
        path.write_bytes(archive(name, data))
    elif kind == "broken zip":
        path.write_bytes(damaged(archive(name, SEEDS[name]), edits))
    elif kind == "csv":
        path.write_bytes(data)
    else:
        path.write_bytes(data.decode(errors="replace").encode(kind, "replace"))
    return path


def workbook(text: str) -> bytes:
    book, stream = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet()
    for line in csv.reader(text.replace("\x00", "").splitlines()):
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in line])
    book.save(stream)
    return stream.getvalue()


def archive(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(f"DE/{name}.csv", data)
    return stream.getvalue()


@pytest.fixture
def browser(db: None) -> Client:
    make.store("DE", locales=("en_US", "de_DE"))
    client = Client()
    client.force_login(make.superuser())
    return client


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def everything() -> dict[str, str]:
    """A digest of each table of the rooms, and of the history."""
    models = [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("catalog.")]
    tables = [model._meta.db_table for model in [*models, Change]]
    digest = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
    with connection.cursor() as cursor:
        each = (f"SELECT '{table}', {digest} FROM {table} t" for table in tables)  # noqa: S608
        cursor.execute(" UNION ALL ".join(each))
        return dict(cursor.fetchall())


def run(path: Path, policy: str, *, check: bool) -> Job | None:
    """None for an archive that is not taken in at all; the upload page says why."""
    job = lifecycle.create(None, options={"on_error": policy}, title=path.name)
    try:
        intake.take_path(job, path)
    except FileRefused as refused:
        says(refused.problem.sentence)
        return None
    (lifecycle.check if check else lifecycle.apply)(job)
    return job


def says(sentence: str) -> None:
    assert len(sentence.split()) > 2
    assert not UNFILLED.search(sentence)


def told(job: Job) -> None:
    """Everything a run found has a sentence, in the report and in the files to mend it with."""
    for file in report(job)["files"]:
        found = [p for problems in file["details"].values() for p in problems]
        for problem in [*found, *file["notes"], *filter(None, [file["refusal"]])]:
            says(problem["message"])
        assert len(file["details"]["errors"]) >= file["errors"]
    assert len(list(problem_lines(job))) > 0
    for file in job.files.filter(errors__gt=0):
        assert len(list(csv.reader(io.StringIO("".join(bad_rows(file)), newline="")))) == file.errors + 1


def numbers(job: Job) -> list[int]:
    return [getattr(file, name) for file in job.files.all() for name in JobFile.COUNTS]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", sorted(SEEDS))
@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=EDITS, policy=st.sampled_from(["stop", "skip"]), is_looked_at=st.sampled_from([False, True, False])
)
def test_a_damaged_file_gives_a_sentence_and_no_part_of_a_run(
    browser: Client, tmp_path: Path, name: str, kind: str, edits: Edits, policy: str, is_looked_at: bool
):
    with undone():
        path = packed(tmp_path, name, kind, edits)
        before = everything()
        checked = run(path, policy, check=True)
        if checked is None:
            return
        assert everything() == before
        told(checked)
        job = run(path, policy, check=False)

        assert job.state in ENDS
        assert numbers(job) == numbers(checked)
        for file in job.files.all():
            assert file.new + file.changed + file.unchanged + file.skipped + file.errors == file.rows
        if not job.change_set:
            assert everything() == before
        if policy == "stop" and job.counts["errors"]:
            assert job.change_set is None
        assert StoreCurrency.objects.filter(is_default=True).count() == 1
        if is_looked_at:
            told(job)
            assert browser.get(f"/transfer/job/{job.token}/").status_code == 200
            again = run(path, policy, check=False)
            assert again.change_set is None
            assert not job.change_set or (again.counts["new"], again.counts["changed"]) == (0, 0)


@pytest.mark.parametrize(("place", "length"), [(4, 2), (33, 1), (60, 9), (1, 60)])
def test_an_archive_that_is_damaged_inside_is_refused(db: None, tmp_path: Path, place: int, length: int):
    """A shifted header, another name than in the directory, other bytes than were packed, a cut beginning."""
    whole = archive("glossary", SEEDS["glossary"])
    path = tmp_path / "texts.zip"
    path.write_bytes(b"PK\x03\x04" + damaged(whole, [(place, length, b"#")])[4:])
    with pytest.raises(FileRefused) as refused:
        intake.take_path(lifecycle.create(None), path)

    assert refused.value.problem.sentence == "This is no table: the content is a damaged archive."


def test_a_workbook_whose_sheet_is_damaged_is_refused_before_anything_is_kept(db: None, tmp_path: Path):
    path = tmp_path / "glossary.xlsx"
    path.write_bytes(damaged(workbook(SEEDS["glossary"].decode()), [(768, 3, b"NaN")]))
    job = run(path, "skip", check=True)

    assert job.state == Job.State.REFUSED
    assert job.files.get().refusal["code"] == "not_a_table"
