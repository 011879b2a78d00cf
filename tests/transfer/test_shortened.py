"""A code that looks like a shortened number is refused, unless exactly that key is stored."""

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.streams import csv_lines
from catalog.attributes.models import AttributeKey
from catalog.packaging.models import PackagingType
from tests import make
from tests.transfer.conftest import TYPES, errors, imported, written

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(db: None) -> None:
    make.store("DE", locales=("en_US",))


def test_a_stored_key_of_that_look_is_updated_and_any_other_refused(tmp_path: Path):
    make.packaging_type("Old", key="9.521E+12")
    text = "name,name.en_US\n 9.521E+12 ,New\n9.521e+12,Other\n1E+5,Third\nbox,Box\n"
    job = imported(written(tmp_path, f"{TYPES}.csv", text), on_error="skip")

    assert errors(job) == [(3, "name", "sci_notation"), (4, "name", "sci_notation")]
    assert PackagingType.objects.get(key="9.521E+12").name == {"en_US": "New"}
    assert (job.counts["new"], job.counts["changed"]) == (1, 1)


def test_a_reference_to_a_stored_key_of_that_look_is_found(tmp_path: Path):
    AttributeKey.objects.create(key="2E+3")
    text = "key,input_type\n2E+3,text\n3E+3,text\n"
    job = imported(written(tmp_path, "product_management_attribute.csv", text), on_error="skip")

    assert (errors(job), job.counts["new"]) == ([(3, "key", "sci_notation")], 1)


def test_such_a_key_goes_out_and_comes_back(tmp_path: Path):
    make.packaging_type("Old", key="1E+5")
    job = imported(written(tmp_path, f"{TYPES}.csv", "".join(csv_lines(resource_of(TYPES)))))

    assert (errors(job), job.counts["unchanged"]) == ([], PackagingType.objects.count())


def test_looking_for_them_costs_one_query_per_column(tmp_path: Path):
    lines = "".join(f"{number}E+5,x\n" for number in range(1, 10))
    path = written(tmp_path, f"{TYPES}.csv", f"name,name.en_US\n{lines}")
    with CaptureQueriesContext(connection) as asked:
        imported(path, on_error="skip")
    assert sum("[eE]" in query["sql"] for query in asked) == 1
