"""Tax rates and tax sets: rules, screens, effective rates and the file (prices-and-taxes 8, 9.4, 12)."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import escape

from backoffice.history.models import Change, ChangeSet
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.streams import csv_lines
from backoffice.transfer.jobs import intake, lifecycle
from backoffice.transfer.models import Job
from catalog.stores.countries import country_code
from catalog.stores.models import Country
from catalog.taxes import sets
from catalog.taxes.models import TaxRate, TaxSet, TaxSetRate, effective_rate
from tests import make
from tests.transfer.conftest import SAMPLE, counts, errors, imported, problems, written

RATES, SETS = "/taxes/taxrate/", "/taxes/taxset/"
HEADER = "tax_set_name,country_name,tax_rate_name,tax_rate_percent\n"
EXPECTED = json.loads((SAMPLE / "EXPECTED.json").read_text())["entities"]["tax"]


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def client(db) -> Client:
    client = Client()
    client.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    return client


def take(folder: Path, text: str, **options) -> Job:
    return imported(written(folder, "tax.csv", HEADER + text), **options)


def country(code: str) -> int:
    return Country.objects.get(iso2_code=code).pk


def opened(record: TaxRate | TaxSet) -> dict[str, str]:
    return {"_version": str(record.version), "_opened": "{}"}


def rates_of(name: str) -> list[str]:
    return list(TaxSet.objects.get(name=name).rates.order_by("name").values_list("name", flat=True))


# --- rates ---------------------------------------------------------------------------------------


def test_a_rate_without_name_and_country_and_with_888_percent_has_three_errors(client):
    html = client.post(f"{RATES}add/", {"name": "", "country": "", "rate": "888"}).content.decode()

    assert html.count('class="bo-err"') == 3
    assert "A percentage is a number from 0 to 100." in html
    assert TaxRate.objects.count() == 0


def test_the_same_name_and_country_already_exists(client):
    make.tax_rate("Standard", "20", country="AT")
    values = {"name": "Standard", "country": country("AT"), "rate": "10"}
    html = client.post(f"{RATES}add/", values).content.decode()
    assert "A tax rate with this name and country already exists." in html

    assert client.post(f"{RATES}add/", {**values, "country": country("DE")}).status_code == 302
    assert TaxRate.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("19,5", "19.50"), ("19.5", "19.50"), ("7 %", "7.00"), ("0", "0.00"), ("100", "100.00")],
)
def test_a_percentage_is_typed_with_point_or_comma(client, typed: str, stored: str):
    client.post(f"{RATES}add/", {"name": "Standard", "country": country("AT"), "rate": typed})
    assert str(TaxRate.objects.get().rate) == stored


@pytest.mark.parametrize("typed", ["2.125", "abc", "-1", "100.01", "1e1"])
def test_what_is_no_percentage_is_refused(client, typed: str):
    page = client.post(f"{RATES}add/", {"name": "Standard", "country": country("AT"), "rate": typed})
    assert page.status_code == 200
    assert TaxRate.objects.count() == 0


def test_the_message_of_a_creation_contains_the_id(client):
    values = {"name": "Standard", "country": country("AT"), "rate": "20"}
    html = client.post(f"{RATES}add/", values, follow=True).content.decode()
    assert f"Standard (ID {TaxRate.objects.get().pk})</a> was created." in html


def test_rates_are_found_by_the_name_of_their_country(client):
    make.tax_rate("Normal", country="AT")
    make.tax_rate("Other", country="DE")
    html = client.get(RATES, {"q": "austr"}).content.decode()
    assert ("Normal" in html, "Other" in html) == (True, False)


def test_newest_rates_stand_first_and_one_without_country_is_told(client):
    make.tax_rate("Older rate")
    make.tax_rate("Newer rate", country="")
    html = client.get(RATES).content.decode()
    assert html.index("Newer rate") < html.index("Older rate")
    assert "n/a" in html


def test_bulk_paths_cannot_pass_the_rules_of_a_rate(db):
    make.tax_rate("Standard", country="AT")
    at = Country.objects.get(iso2_code="AT")
    for wrong in (
        TaxRate(name="Standard", country=at, rate=5),
        TaxRate(name=" ", country=at, rate=5),
        TaxRate(name="Much", country=at, rate=Decimal("100.01")),
        TaxRate(name="Little", country=at, rate=-1),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            TaxRate.objects.bulk_create([wrong])
    TaxRate.objects.create(name="World", rate=5)
    with pytest.raises(IntegrityError), transaction.atomic():
        TaxRate.objects.create(name="World", rate=6)


def test_deleting_a_rate_names_the_sets_that_lose_it(client):
    austria, germany = make.tax_rate("Austria 20", country="AT"), make.tax_rate("Germany 19")
    standard = make.tax_set("Standard", austria, germany)
    page = f"{RATES}{germany.pk}/delete/"
    html = client.get(page).content.decode()
    assert f'<a href="{SETS}{standard.pk}/">Standard</a>' in html
    assert "loses this rate" in html

    client.post(page, {"_version": str(germany.version)})
    assert rates_of("Standard") == ["Austria 20"]
    assert TaxSet.objects.get().version == standard.version + 1


def test_the_last_rate_of_a_set_is_not_deleted(client):
    rate = make.tax_rate("Germany 19")
    make.tax_set("Standard", rate)
    page = f"{RATES}{rate.pk}/delete/"
    assert "It is the last rate of: Standard." in client.get(page).content.decode()

    client.post(page, {"_version": str(rate.version)})
    assert TaxRate.objects.count() == 1


# --- sets ----------------------------------------------------------------------------------------


def test_a_set_needs_a_free_name_and_a_rate(client):
    make.tax_set("Standard")
    html = client.post(f"{SETS}add/", {"name": "Standard"}).content.decode()
    assert "A tax set with this name already exists." in html
    assert "Tick at least one rate." in html
    assert TaxSet.objects.count() == 1


def test_two_rates_for_one_country_are_a_warning(client):
    rates = [make.tax_rate("Low", "7"), make.tax_rate("High", "19")]
    values = {"name": "Both", "rates": [rate.pk for rate in rates]}
    html = client.post(f"{SETS}add/", values, follow=True).content.decode()
    assert "The set has several rates for one country: Germany. The highest counts." in html
    assert rates_of("Both") == ["High", "Low"]


def test_rates_of_a_set_are_exchanged_and_the_history_tells_it_as_part_of_the_set(client):
    kept, gone, fresh = (make.tax_rate(name) for name in ("Kept", "Gone", "Fresh"))
    tax_set = make.tax_set("Standard", kept, gone)
    link = TaxSetRate.objects.get(rate=kept).pk
    client.post(
        f"{SETS}{tax_set.pk}/change/", {"name": "Standard", "rates": [kept.pk, fresh.pk], **opened(tax_set)}
    )

    assert rates_of("Standard") == ["Fresh", "Kept"]
    assert TaxSetRate.objects.get(rate=kept).pk == link
    changes = Change.objects.filter(parent_type="taxes.taxset", parent_id=tax_set.pk)
    assert sorted(changes.values_list("action", "label")) == [
        ("add", "Fresh Standard"),
        ("delete", "Gone Standard"),
    ]


def test_an_undone_exchange_brings_the_rates_back(client):
    gone, fresh = make.tax_rate("Gone"), make.tax_rate("Fresh")
    tax_set = make.tax_set("Standard", gone)
    client.post(f"{SETS}{tax_set.pk}/change/", {"name": "Common", "rates": [fresh.pk], **opened(tax_set)})
    assert rates_of("Common") == ["Fresh"]

    client.post(f"/history/changeset/{ChangeSet.objects.latest('pk').pk}/undo/")
    assert rates_of("Standard") == ["Gone"]


def test_a_deleted_set_comes_back_with_its_rates(client):
    tax_set = make.tax_set("Standard", make.tax_rate("Germany 19"))
    client.post(f"{SETS}{tax_set.pk}/delete/", {"_version": str(tax_set.version)})
    assert TaxSet.objects.count() == 0

    client.post(f"/history/changeset/{ChangeSet.objects.latest('pk').pk}/undo/")
    assert TaxSet.objects.get().pk == tax_set.pk
    assert rates_of("Standard") == ["Germany 19"]


def test_a_set_in_use_is_not_deleted_and_the_list_counts_the_products(client):
    tax_set = make.tax_set("Standard")
    make.product(tax_set=tax_set)
    html = client.get(SETS).content.decode()
    assert "Products 1" in html

    page = f"{SETS}{tax_set.pk}/delete/"
    assert "forbid the deletion" in client.get(page).content.decode()
    client.post(page, {"_version": str(tax_set.version)})
    assert TaxSet.objects.count() == 1


def test_a_changed_rate_says_to_how_many_products_it_applies(client):
    rate = make.tax_rate("Germany 19")
    make.product(tax_set=make.tax_set("Standard", rate))
    values = {"name": "Germany 19", "country": country("DE"), "rate": "20", **opened(rate)}
    html = client.post(f"{RATES}{rate.pk}/change/", values, follow=True).content.decode()
    assert "The change applies at once to: Products 1." in html


def test_the_category_manager_looks_and_the_inventory_manager_does_not(db):
    make.tax_set("Standard")
    client = Client()
    for role, expected in (("Category Manager", 200), ("Inventory Manager", 403)):
        client.force_login(make.user(roles=[role]), backend="backoffice.accounts.backends.RoleBackend")
        assert [client.get(url).status_code for url in (SETS, RATES)] == [expected, expected]
        assert client.post(f"{RATES}add/", {"name": "X"}).status_code == 403


# --- the effective rate --------------------------------------------------------------------------


def test_the_effective_rate_follows_the_destination(db):
    tax_set = make.tax_set("Standard", make.tax_rate("A", "20", country="AT"), make.tax_rate("G", "19"))
    assert effective_rate(tax_set, "AT") == 20
    assert effective_rate(tax_set, "FR") == 0
    assert effective_rate(None, "AT") == 0


def test_the_highest_rate_counts_and_one_without_country_stands_for_the_others(db, settings):
    rates = [make.tax_rate("low", "7"), make.tax_rate("high", "19"), make.tax_rate("world", "3", country="")]
    tax_set = make.tax_set("Standard", *rates)
    assert (effective_rate(tax_set, "DE"), effective_rate(tax_set.pk, "FR")) == (19, 3)
    settings.DEFAULT_TAX_RATE = "5.5"
    assert effective_rate(make.tax_set("Other", make.tax_rate("x", "1")), "FR") == Decimal("5.5")


def test_many_sets_are_asked_in_one_query(db, django_assert_num_queries):
    for number in range(5):
        make.tax_set(f"Set {number}", make.tax_rate(f"Rate {number}", number))
    with django_assert_num_queries(1):
        found = list(TaxSet.objects.order_by("name").with_effective_rate("DE"))
    assert [each.effective_rate for each in found] == [0, 1, 2, 3, 4]


def test_sets_left_without_a_rate_are_named(db):
    shared, only = make.tax_rate("Shared"), make.tax_rate("Only")
    make.tax_set("One", only)
    make.tax_set("Two", only, shared)
    assert [each.name for each in sets.only_rate_of(only)] == ["One"]


# --- the file ------------------------------------------------------------------------------------


def test_the_sample_folder_brings_its_taxes(db):
    job = lifecycle.create(None, title="sample")
    intake.take_path(job, SAMPLE, only=["store", "tax"])
    lifecycle.apply(job)

    assert counts(job) == (10, 0, 0, 0, 0)
    assert TaxSet.objects.count() == EXPECTED["sets"]
    assert TaxRate.objects.count() == EXPECTED["rates"]
    assert TaxSetRate.objects.count() == EXPECTED["links"]
    assert rates_of("Standard rate") == ["Austria standard", "Germany standard", "United States untaxed"]


def test_a_row_without_a_set_makes_the_rate_alone(db, tmp_path: Path):
    job = take(tmp_path, ",Switzerland,Reduced,2.6\n")
    assert counts(job) == (1, 0, 0, 0, 0)
    assert (TaxRate.objects.get().rate, TaxSet.objects.count()) == (Decimal("2.60"), 0)


def test_check_and_apply_count_the_same_and_a_second_run_changes_nothing(db, tmp_path: Path):
    text = "Std,Germany,G,19\nStd,Austria,A,20\nZero,Germany,G,19\n,Germany,G,19\nStd,Germany,G,19.0\n"
    wanted = (3, 0, 2, 0, 0)
    checked = take(tmp_path, text, check=True)
    assert (counts(checked), TaxRate.objects.count()) == (wanted, 0)
    assert counts(take(tmp_path, text)) == wanted
    assert (rates_of("Std"), rates_of("Zero")) == (["A", "G"], ["G"])

    before = ChangeSet.objects.count()
    assert counts(take(tmp_path, text)) == (0, 0, 5, 0, 0)
    assert ChangeSet.objects.count() == before


def test_rows_over_several_batches_end_the_same(db, tmp_path: Path, settings):
    settings.TRANSFER_BATCH = 2
    text = "".join(f"Set {n % 3},Germany,Rate {n // 3},19\n" for n in range(9)) + ",Germany,Rate 0,19\n"
    assert counts(take(tmp_path, text, check=True)) == (9, 0, 1, 0, 0)
    assert counts(take(tmp_path, text)) == (9, 0, 1, 0, 0)
    assert (TaxRate.objects.count(), TaxSetRate.objects.count()) == (3, 9)


def test_the_same_rate_with_two_percentages_is_a_conflict(db, tmp_path: Path):
    text = "Std,Germany,G,19\nZero,Germany,G,7\n"
    job = take(tmp_path, text)
    assert errors(job) == [(3, "tax_rate_percent", "conflict")]
    assert TaxRate.objects.count() == 0
    [problem] = [p for r in job.files.get().results.all() for p in r.problems or []]
    assert problem["params"]["line"] == "2"


def test_bad_cells_of_a_rate_are_named(db, tmp_path: Path):
    text = "Std,Germny,G,19\nStd,Austria,A,101\nStd,Austria,B,2.125\nStd,Atlantis,C,1\nStd,Austria,D,x\n"
    job = take(tmp_path, text)
    assert errors(job) == [
        (2, "country_name", "unknown_ref"),
        (3, "tax_rate_percent", "out_of_range"),
        (4, "tax_rate_percent", "bad_decimal"),
        (5, "country_name", "unknown_ref"),
        (6, "tax_rate_percent", "bad_decimal"),
    ]
    assert (TaxRate.objects.count(), TaxSet.objects.count()) == (0, 0)


def test_countries_are_read_by_name_older_name_and_code():
    written_as = [
        "Germany",
        "germany",
        "DE",
        "Czech Republic",
        "Czechia",
        "Turkey",
        "Bosnia and Herzegovina",
        "Mars",
    ]
    assert [country_code(name) for name in written_as] == ["DE", "DE", "DE", "CZ", "CZ", "TR", "BA", ""]


def test_a_changed_percentage_is_a_change_with_history(db, tmp_path: Path):
    take(tmp_path, "Std,Germany,G,19\n")
    job = take(tmp_path, "Std,Germany,G,20\n")
    assert counts(job) == (0, 1, 0, 0, 0)
    change = Change.objects.get(change_set=job.change_set)
    assert change.fields == {"rate": {"before": "19.00", "after": "20.00"}}
    assert TaxRate.objects.get().version == 2


def test_a_new_link_of_a_known_rate_is_new_and_tells_the_set(db, tmp_path: Path):
    rate, tax_set = make.tax_rate("G"), make.tax_set("Std")
    job = take(tmp_path, "Std,Germany,G,19\n")
    assert counts(job) == (1, 0, 0, 0, 0)
    assert "G" in rates_of("Std")
    assert (TaxSet.objects.get().version, TaxRate.objects.get(pk=rate.pk).version) == (tax_set.version + 1, 1)


def test_a_set_that_differs_from_a_known_one_by_letter_case_is_refused(db, tmp_path: Path):
    make.tax_set("Standard rate")
    job = take(tmp_path, "standard Rate,Germany,G,19\n")
    assert errors(job) == [(2, "tax_set_name", "similar_key")]
    assert counts(take(tmp_path, "standard Rate,Germany,G,19\n", similar_keys="allow")) == (1, 0, 0, 0, 0)


def test_only_existing_rows_leave_sets_alone(db, tmp_path: Path):
    make.tax_rate("G", "19")
    job = take(tmp_path, "Std,Germany,G,20\nStd,Austria,A,20\n,Germany,G,20\n", rows="existing")
    assert counts(job) == (0, 0, 1, 2, 0)
    assert (TaxSet.objects.count(), TaxRate.objects.get().rate) == (0, 19)


def test_an_import_is_undone_with_rates_sets_and_links(client, tmp_path: Path):
    make.tax_set("Kept", make.tax_rate("Old"))
    job = take(tmp_path, "Std,Germany,G,19\nKept,Germany,G,19\n")
    client.post(f"/history/changeset/{job.change_set}/undo/")
    assert list(TaxSet.objects.values_list("name", flat=True)) == ["Kept"]
    assert rates_of("Kept") == ["Old"]
    assert TaxRate.objects.count() == 1


def test_a_user_without_the_right_to_add_changes_rates_only(db, tmp_path: Path):
    user = make.user(roles=[make.role(rights=[f"taxes.{x}_taxset" for x in ("view", "import", "change")])])
    make.tax_set("Std", make.tax_rate("G", "19"))
    job = take(tmp_path, "Std,Germany,G,20\nNew,Germany,G,20\nStd,Austria,A,20\n", user=user, on_error="skip")
    assert [(line, code) for line, _column, code in errors(job)] == [(3, "no_add"), (4, "no_add")]
    assert (TaxRate.objects.get().rate, TaxSet.objects.count()) == (20, 1)


def test_an_export_names_countries_in_english_and_imports_to_no_change(db, tmp_path: Path):
    make.tax_set("Std", make.tax_rate("A", "20", country="AT"), make.tax_rate("B", "2.5", country="DE"))
    make.tax_rate("Alone", "0", country="CH")
    make.tax_rate("World", "1", country="")
    text = "".join(csv_lines(resource_of("tax")))
    assert text == HEADER + "Std,Austria,A,20\nStd,Germany,B,2.5\n,Switzerland,Alone,0\n"
    assert counts(imported(written(tmp_path, "tax.csv", text))) == (0, 0, 3, 0, 0)


def test_identical_rows_are_noted(db, tmp_path: Path):
    job = take(tmp_path, "Std,Germany,G,19\nStd,DE,G,19\n")
    assert problems(job) == [(3, "tax_rate_name", "info", "identical_row")]


def test_a_name_is_shown_as_it_is(client):
    make.tax_set("{{ 7*7 }} <b>")
    assert escape("{{ 7*7 }} <b>") in client.get(SETS).content.decode()


def test_a_rule_names_its_column_and_code(db):
    with pytest.raises(ValidationError) as problem:
        TaxRate(name="", rate=Decimal("101")).full_clean()
    assert {c: [e.code for e in es] for c, es in problem.value.error_dict.items()} == {
        "name": ["blank"],
        "rate": ["out_of_range"],
    }
