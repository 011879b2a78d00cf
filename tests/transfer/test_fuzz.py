"""Damaged files: always a sentence, never a broken job, never a part of a run."""

from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.transfer.models import Job
from catalog.packaging.models import PackagingType
from catalog.stores.models import StoreCurrency
from tests import make
from tests.transfer.conftest import TYPES, imported

pytestmark = pytest.mark.django_db
ENDS = {Job.State.DONE, Job.State.DONE_WITH_ERRORS, Job.State.REFUSED}
SEEDS = {
    TYPES: b'name,name.en_US,name.de_DE\nbox,Box,Kiste\nsack,"Sack, big",\n007,,x\n',
    "currency_store": b"currency_code,store_name,is_default\nCHF,DE,1\nEUR,DE,0\n",
    "store_context": b'store_name,appication_context_collection\nDE,"{""application_contexts"":[]}"\n',
    "glossary": "key,translation,locale\nbox,Büro,en_US\nbox,Crate,en_US\n".encode(),
}
PIECES = [
    *(
        b"\x00",
        b"\xff",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b'"',
        b'""',
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"=",
        b"'",
    ),
    *(
        b"\xc3\xa4",
        b"\xe4",
        b"\xc2\xa0",
        b"\xe2\x80\x8b",
        b"\xf0\x9f\x98\x80",
        b"[[clear]]",
        b"{",
        b"__x",
        b"%s",
    ),
    *(b"1E+9", b"\\", b""),
]
EDITS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 8), st.sampled_from(PIECES)), min_size=1, max_size=5
)


def damaged(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for place, length, piece in edits:
        at = place % (len(data) + 1)
        data = data[:at] + piece + data[at + length :]
    return data


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SEEDS)), edits=EDITS, policy=st.sampled_from(["stop", "skip"]))
def test_a_damaged_file_gives_a_sentence_and_no_part_of_a_run(
    db: None, tmp_path: Path, name: str, edits: list[tuple[int, int, bytes]], policy: str
):
    with transaction.atomic():
        make.store("DE", locales=("en_US", "de_DE"))
        path = tmp_path / f"{name}.csv"
        path.write_bytes(damaged(SEEDS[name], edits))
        before = PackagingType.objects.count()
        job = imported(path, on_error=policy)

        assert job.state in ENDS
        file = job.files.get()
        outcomes = file.new + file.changed + file.unchanged + file.skipped + file.errors
        assert outcomes == file.rows
        if policy == "stop" and file.errors:
            assert PackagingType.objects.count() == before
        assert StoreCurrency.objects.filter(is_default=True).count() == 1
        transaction.set_rollback(True)
