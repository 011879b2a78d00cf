"""How large a file may be: refused at once, with what is too large (import-export 1.2.2, T43, T44)."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from backoffice.transfer.jobs import intake
from backoffice.transfer.problems import FileRefused, Problem
from backoffice.transfer.reading.archives import judge
from tests.transfer.conftest import TYPES, imported, refusals, written

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("limit", "most", "text", "what"),
    [
        ("ROWS", 2, "name\na\nb\nc\n", "more than 2 rows"),
        ("COLUMNS", 3, "name,a,b,c\nx,,,\n", "The file has 4 columns, at most 3 are read."),
        ("HEADER_BYTES", 40, f"name,{'x' * 40}\na,\n", "the header is longer than 64 KB"),
        (
            "CELL_CHARACTERS",
            50,
            f"name,name.en_US\na,{'x' * 51}\n",
            "Line 2 has a cell of more than 50 characters.",
        ),
        ("LINE_CHARACTERS", 60, f"name\n{'x' * 61}\n", "a line is longer than any table's"),
    ],
)
def test_a_table_beyond_a_limit_is_refused(
    tmp_path: Path, settings, limit: str, most: int, text: str, what: str
):
    setattr(settings, f"TRANSFER_{limit}", most)
    job = imported(written(tmp_path, f"{TYPES}.csv", text))
    assert refusals(job) == ["too_large"]
    assert what in Problem.from_json(job.files.get().refusal).sentence
    assert job.change_set is None


def test_a_file_beyond_its_bytes_is_refused_and_not_kept(tmp_path: Path, settings, private_root: Path):
    settings.TRANSFER_CSV_BYTES = 1024 * 1024
    job = imported(written(tmp_path, f"{TYPES}.csv", "name\n" + "x\n" * 600_000))
    assert refusals(job) == ["too_large"]
    assert [path for path in private_root.rglob("*") if path.is_file()] == []


def archive(folder: Path, *entries: zipfile.ZipInfo) -> Path:
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w") as target:
        for entry in entries:
            target.writestr(entry, "name\nAT\n")
    return path


def entry(name: str, *, mode: int = 0) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.external_attr = mode << 16
    return found


@pytest.mark.parametrize(
    "name",
    ["../store.csv", "DE/../../store.csv", "/etc/store.csv", "C:\\store.csv", "..\\store.csv", "inner.zip"],
)
def test_an_archive_with_such_an_entry_is_refused_unopened(tmp_path: Path, name: str):
    with pytest.raises(FileRefused) as refused:
        judge(archive(tmp_path, entry("store.csv"), entry(name)))
    assert refused.value.problem.code == "unsafe_archive"


def test_an_archive_with_a_link_is_refused(tmp_path: Path):
    with pytest.raises(FileRefused) as refused:
        judge(archive(tmp_path, entry("store.csv", mode=stat.S_IFLNK | 0o777)))
    assert refused.value.problem.code == "unsafe_archive"


def test_an_encrypted_archive_is_refused(tmp_path: Path):
    path = archive(tmp_path, entry("store.csv"))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(FileRefused) as refused:
        judge(path)
    assert refused.value.problem.code == "unsafe_archive"


def test_an_archive_of_too_many_entries_is_refused(tmp_path: Path, settings):
    settings.TRANSFER_ZIP_ENTRIES = 2
    with pytest.raises(FileRefused) as refused:
        judge(archive(tmp_path, *(entry(f"{n}.csv") for n in range(3))))
    assert refused.value.problem.code == "too_large"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\files\\a.csv", "a.csv"),
        ("a\"b\r\nc'.csv", "abc.csv"),
        ("x" * 300, "x" * 150),
        ("/", "file"),
    ],
)
def test_the_name_of_a_file_is_for_display_only(name: str, shown: str):
    assert intake.shown_name(name) == shown


def test_a_stored_file_has_a_name_that_tells_nothing(tmp_path: Path):
    first, size, digest = intake.store(io.BytesIO(b"name\nAT\n"))
    second, *rest = intake.store(io.BytesIO(b"name\nAT\n"))
    assert first != second
    assert (size, digest) == tuple(rest)
