"""The sample folder: complete, without complaint, and a second time without a trace."""

import json
from collections import Counter

import pytest

from backoffice.history.models import Change, ChangeSet
from backoffice.transfer.declaring.formats import by_name, resource_of
from backoffice.transfer.models import Job
from catalog.packaging.models import PackagingType
from catalog.stores.models import Currency, GlossaryText, Store, StoreCountry, StoreCurrency, StoreLocale
from tests.transfer.conftest import SAMPLE, imported, problems

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
EXPECTED = json.loads((SAMPLE / "EXPECTED.json").read_text())


def test_the_sample_folder_gives_what_its_expectation_says(sample: Job):
    entities = EXPECTED["entities"]
    defaults = dict(
        StoreCurrency.objects.filter(is_default=True).values_list("store__name", "currency__iso_code")
    )
    locales = dict(StoreLocale.objects.filter(is_default=True).values_list("store__name", "locale"))

    assert Store.objects.count() == entities["stores"]
    assert Currency.objects.count() == entities["currencies"]
    assert StoreCurrency.objects.count() == entities["store_currencies"]
    assert StoreLocale.objects.count() == entities["store_locales"]
    assert StoreCountry.objects.count() == entities["store_countries"]
    assert defaults == entities["default_currency"]
    assert locales == entities["default_locale"]
    assert dict(Store.objects.values_list("name", "time_zone")) == entities["time_zone"]
    assert GlossaryText.objects.values("key").distinct().count() == entities["glossary"]["keys"]
    assert GlossaryText.objects.count() == entities["glossary"]["texts"]
    assert PackagingType.objects.count() == entities["packaging"]["types"]


def test_it_has_no_error_and_no_warning(sample: Job):
    assert (sample.state, sample.counts["errors"], sample.counts["warnings"]) == ("done", 0, 0)
    assert problems(sample) == [(24, "value_4.de_DE", "info", "orphan_value")]
    assert EXPECTED["entities"]["products"]["orphan_values_dropped"] == 1


def test_every_file_has_as_many_rows_as_expected(sample: Job):
    read = {str(file): file.rows for file in sample.files.exclude(stored="")}

    assert read == {name: EXPECTED["rows_per_file"][name] for name in read}
    assert set(read) == {
        name for name in EXPECTED["rows_per_file"] if resource_of(by_name(name.rpartition("/")[2]))
    }


def test_files_without_a_room_are_named_and_not_kept(sample: Job):
    left_out = sample.files.filter(stored="")

    assert {"product_search_attribute.csv", "combined_product.csv"} <= {file.name for file in left_out}
    assert {note["code"] for file in left_out for note in file.notes} == {"not_imported_here"}


def test_a_second_run_writes_nothing(sample: Job):
    before = (ChangeSet.objects.count(), Change.objects.count())
    changed_at = list(Store.objects.values_list("updated_at", "version"))

    again = imported(SAMPLE)

    assert (again.state, again.counts["new"], again.counts["changed"]) == ("done", 0, 0)
    assert again.change_set is None
    assert (ChangeSet.objects.count(), Change.objects.count()) == before
    assert list(Store.objects.values_list("updated_at", "version")) == changed_at


def test_check_and_apply_count_the_same(db: None):
    checked = imported(SAMPLE, check=True)
    per_file = {str(f): [getattr(f, name) for name in f.COUNTS] for f in checked.files.all()}

    assert Store.objects.count() == 0
    assert ChangeSet.objects.filter(job=checked.pk).count() == 0

    applied = imported(SAMPLE)
    assert {str(f): [getattr(f, name) for name in f.COUNTS] for f in applied.files.all()} == per_file


def test_the_run_is_one_change_set_with_a_line_per_record(sample: Job):
    change_set = ChangeSet.objects.get(job=sample.pk)
    entities = EXPECTED["entities"]

    assert (change_set.kind, sample.change_set) == ("import", change_set.pk)
    added = change_set.changes.filter(action="add")
    found = Counter(label.partition(".")[0] for label in added.values_list("object_type", flat=True))
    # Rows there make several records: a rate, a set and the link; a picture, a set, its owner's link and the place.
    assert found.pop("taxes") == sum(entities["tax"].values())
    assert found.pop("images") == sum(entities["images"][name] for name in ("images", "sets", "links"))
    assert found.pop("urls") == entities["categories"]["urls"] + entities["products"]["urls"]
    of_pictures = entities["images"]["product_sets"] + entities["images"]["variant_sets"]
    of_groups = entities["groups"]["groups"]
    several = sum(EXPECTED["rows_per_file"][name] for name in ("tax.csv", "product_image.csv"))
    assert sum(found.values()) - of_pictures - of_groups == sample.counts["new"] - several
    assert set(added.values_list("fields", flat=True)) == {None}
    links = added.filter(
        object_type__in=["stores.storelocale", "stores.storecurrency", "stores.storecountry"]
    )
    stores = [StoreLocale, StoreCurrency, StoreCountry]
    assert set(links.values_list("parent_type", flat=True)) == {"stores.store"}
    assert sorted(links.values_list("parent_id", flat=True)) == sorted(
        pk for model in stores for pk in model.objects.values_list("store", flat=True)
    )
    flags = change_set.changes.filter(
        parent_type="stores.store", object_type="stores.storelocale", action="change"
    )
    assert list(flags.values_list("label", "fields").order_by("label")) == [
        ("de_DE AT", {"is_default": {"before": False, "after": True}}),
        ("de_DE DE", {"is_default": {"before": False, "after": True}}),
        ("en_US US", {"is_default": {"before": False, "after": True}}),
    ]
