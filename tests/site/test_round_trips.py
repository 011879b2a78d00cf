"""What a format exports, it imports again without a change."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command

from backoffice.history.models import ChangeSet
from backoffice.transfer.declaring import formats
from catalog.products.models import Product
from tests.snapshots import Snapshot

SAMPLE = Path(project.BASE_DIR) / "fixtures" / "sample-folder"
FORMATS = [resource.file for resource in formats.resources()]
pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(db: None, settings: Any, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"
    _sample.put(settings.PRIVATE_ROOT)
    Product.objects.filter(sku__startswith="T1").update(approval_status="approved")


_sample = Snapshot(lambda: call_command("import_catalog", SAMPLE, verbosity=0, stdout=StringIO()))


def imported(path: Path, report: Path) -> list[dict]:
    call_command("import_catalog", path, report=report, stdout=StringIO())
    return json.loads(report.read_text())["files"]


@pytest.mark.parametrize("extra_columns", [False, True], ids=["plain", "extra columns"])
@pytest.mark.parametrize("name", FORMATS)
def test_an_export_imports_without_a_change(name: str, extra_columns: bool, sample: None, tmp_path: Path):
    folder = tmp_path / "out"
    call_command("export_catalog", folder, formats=name, extra_columns=extra_columns, stdout=StringIO())
    before = ChangeSet.objects.count()
    [file] = imported(folder, tmp_path / "report.json")

    assert file["rows"] > 0
    assert {key: file[key] for key in ("new", "changed", "errors", "warnings", "skipped")} == {
        "new": 0,
        "changed": 0,
        "errors": 0,
        "warnings": 0,
        "skipped": 0,
    }
    assert file["unchanged"] == file["rows"]
    assert ChangeSet.objects.count() == before


def test_the_same_folder_twice_writes_nothing(sample: None, tmp_path: Path):
    before = ChangeSet.objects.count()
    files = imported(SAMPLE, tmp_path / "report.json")

    read = [file for file in files if file["rows"]]
    assert [file["file"] for file in read if file["new"] or file["changed"] or file["errors"]] == []
    assert sum(file["unchanged"] for file in read) == sum(file["rows"] for file in read)
    assert ChangeSet.objects.count() == before
