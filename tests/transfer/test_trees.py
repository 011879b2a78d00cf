"""Files of a tree: rows refer to rows of the same file, wherever these stand (import-export 1.3.2, 4.3.1)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.transfer.declaring import formats
from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.declaring.widgets import Code
from backoffice.transfer.jobs import lifecycle
from backoffice.transfer.staging import trees
from backoffice.transfer.staging.trees import in_circles
from catalog.buyers.models import BusinessUnit, Company
from tests.transfer.conftest import counts, errors, imported, problems, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
FILE = "company_business_unit"
PARENT = "parent_business_unit_key"


class UnitTree(FileResource):
    """The file of units with nothing but its columns."""

    company = Column("company", "company_key", Ref(Company, "key"), required=CREATE)
    key = Column("key", "business_unit_key", Code(255), required=KEY)
    name = Column("name", required=CREATE)
    parent = Column("parent", PARENT, Ref(BusinessUnit, "key", file=FILE))

    class Meta:
        model = BusinessUnit
        file = FILE
        parent_column = PARENT


@pytest.fixture(autouse=True)
def resource(monkeypatch) -> Iterator[None]:
    monkeypatch.setitem(formats._resources, FILE, UnitTree())
    Company.objects.create(key="acme", name="Acme")


def units(folder: Path, **parents: str) -> Path:
    """Each unit and its parent, in this order."""
    lines = "".join(f"acme,{key},{key.title()},{parent}\n" for key, parent in parents.items())
    return written(folder, f"{FILE}.csv", f"company_key,business_unit_key,name,{PARENT}\n{lines}")


def tree() -> dict[str, str | None]:
    return dict(BusinessUnit.objects.order_by("key").values_list("key", "parent__key"))


def test_parents_may_stand_below_their_children(tmp_path: Path):
    path = units(tmp_path, shop="yard", yard="north", south="", north="")
    checked = imported(path, check=True)
    job = imported(path)

    assert counts(checked) == counts(job) == (4, 0, 0, 0, 0)
    assert tree() == {"north": None, "shop": "yard", "south": None, "yard": "north"}
    assert counts(imported(path)) == (0, 0, 4, 0, 0)


def test_a_tree_is_written_level_by_level_whatever_the_batch(tmp_path: Path, settings):
    settings.TRANSFER_BATCH = 2
    parents = {f"u{number}": f"u{number + 3}" if number < 20 else "" for number in range(24)}
    path = units(tmp_path, **parents)
    job = imported(path, check=True)
    lifecycle.apply(job)
    assert counts(job) == (24, 0, 0, 0, 0)
    assert tree() == {key: parent or None for key, parent in parents.items()}
    assert job.files.get().results.filter(outcome="new").count() == 24


def test_a_row_below_a_bad_row_is_told_its_line(tmp_path: Path):
    path = units(tmp_path, shop="yard", yard="nowhere", north="")
    for job in (imported(path, check=True), imported(path, on_error="skip")):
        assert errors(job) == [(2, PARENT, "unknown_ref"), (3, PARENT, "unknown_ref")]
    assert tree() == {"north": None}


def test_rows_in_a_circle_are_errors_and_so_are_those_below(tmp_path: Path):
    path = units(tmp_path, own="own", shop="yard", yard="north", north="yard", south="")
    for job in (imported(path, check=True), imported(path, on_error="skip")):
        assert errors(job) == [
            (2, PARENT, "self_reference"),
            (3, PARENT, "unknown_ref"),
            (4, PARENT, "cycle"),
            (5, PARENT, "cycle"),
        ]
    assert tree() == {"south": None}


def test_a_circle_through_stored_records_is_found(tmp_path: Path):
    imported(units(tmp_path, north="", yard="north", shop="yard"))
    job = imported(units(tmp_path, north="shop"), on_error="skip")

    assert errors(job) == [(2, PARENT, "cycle")]
    assert tree() == {"north": None, "shop": "yard", "yard": "north"}


def test_a_branch_may_be_turned_round_in_one_file(tmp_path: Path):
    imported(units(tmp_path, north="", yard="north", shop="yard"))
    job = imported(units(tmp_path, north="yard", yard=""))

    assert (counts(job), problems(job)) == ((0, 2, 0, 0, 0), [])
    assert tree() == {"north": "yard", "shop": "yard", "yard": None}


def test_a_tree_deeper_than_any_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(trees, "LEVELS", 3)
    job = imported(units(tmp_path, d="c", c="b", b="a", a=""), on_error="skip")

    assert errors(job) == [(2, PARENT, "conflict")]
    assert sorted(tree()) == ["a", "b", "c"]


def test_without_the_column_the_file_is_no_tree(tmp_path: Path):
    text = "company_key,business_unit_key,name\nacme,north,North\n"
    assert counts(imported(written(tmp_path, f"{FILE}.csv", text))) == (1, 0, 0, 0, 0)


def test_the_keys_that_lead_back_to_themselves():
    parents = {"a": "b", "b": "c", "c": "b", "d": "a", "e": "e", "f": "x"}
    assert in_circles(parents) == {"b", "c", "e"}
