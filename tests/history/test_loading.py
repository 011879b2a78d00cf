"""Records as undo reads them: the same values that Django reads, in batches of one statement."""

import datetime
import decimal

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.history.loading import loaded, streamed
from backoffice.history.models import ChangeSet
from backoffice.history.recording import snapshot
from backoffice.records import UNRECORDED
from catalog.packaging.models import PackagingType
from catalog.taxes.models import TaxRate
from tests import make
from tests.site.rows import MAKERS, row

pytestmark = pytest.mark.django_db


def values(record) -> dict:
    fields = [field for field in record._meta.concrete_fields if field.name not in UNRECORDED]
    return {field.attname: getattr(record, field.attname) for field in fields}


@pytest.mark.parametrize("label", MAKERS)
def test_a_record_has_the_values_that_django_reads(label):
    model = apps.get_model(label)
    pk = row(model).pk
    django_reads = model._base_manager.get(pk=pk)
    (record,) = loaded(model._base_manager.filter(pk=pk))
    assert values(record) == values(django_reads)
    assert snapshot(record) == snapshot(django_reads)
    assert record == django_reads and not record._state.adding


def test_amounts_keep_their_decimals():
    rate = make.tax_rate(rate="7.50")
    (record,) = loaded(TaxRate.objects.filter(pk=rate.pk))
    assert (record.rate, type(record.rate)) == (decimal.Decimal("7.50"), decimal.Decimal)


def test_times_are_read_with_their_zone():
    change_set = ChangeSet.objects.create(kind="save")
    (record,) = loaded(ChangeSet.objects.filter(pk=change_set.pk))
    assert (record.at, record.at.utcoffset()) == (change_set.at, datetime.timedelta())


def test_what_history_leaves_to_the_machine_is_read_when_asked_for():
    carton = make.packaging_type("Carton")
    (record,) = loaded(PackagingType.objects.filter(pk=carton.pk))
    assert record.get_deferred_fields() == UNRECORDED
    assert record.search == "packaging_unit_type.carton.name carton"


def test_any_number_of_records_is_read_with_one_statement():
    made = [make.packaging_type() for _each in range(20)]
    rows = PackagingType.objects.filter(pk__gte=made[0].pk).order_by("pk")
    with CaptureQueriesContext(connection) as queries:
        assert loaded(rows) == made
    assert len(queries) == 1
    assert list(streamed(rows, 7)) == made


def test_texts_with_any_sign_are_read_as_they_are():
    text = 'A "b" \\ c\td\u20ac\U0001f600, [x] {y}'
    record = make.packaging_type({"en_US": text})
    assert loaded(PackagingType.objects.filter(pk=record.pk))[0].name == {"en_US": text}
