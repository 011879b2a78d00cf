"""The files of stores, currencies, locales and the glossary; references between files of one run."""

from pathlib import Path

import pytest

from backoffice.history.models import Change
from backoffice.transfer.declaring.references import one_letter_apart
from catalog.stores.models import Currency, GlossaryText, Store, StoreCurrency, StoreLocale
from tests import make
from tests.transfer.conftest import counts, errors, imported, problems, written

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def shop(db: None) -> Store:
    return make.store("DE", locales=("de_DE", "en_US"))


def test_the_last_text_of_the_glossary_wins_and_a_second_run_changes_nothing(shop: Store, tmp_path: Path):
    text = "key,translation,locale\nbox,Box,en_US\nbox,Crate,en_US\nbox,Caisse,fr_FR\n"
    path = written(tmp_path, "glossary.csv", text)
    job = imported(path)

    assert (counts(job), problems(job)) == ((1, 0, 0, 2, 0), [(2, "key", "warning", "repeated_row")])
    assert list(GlossaryText.objects.values_list("key", "locale", "translation")) == [
        ("box", "en_US", "Crate")
    ]
    assert counts(imported(path)) == (0, 0, 1, 2, 0)


def test_a_default_currency_takes_the_flag_from_the_former_one(shop: Store, tmp_path: Path):
    euro = StoreCurrency.objects.get()
    path = written(tmp_path, "currency_store.csv", "currency_code,store_name,is_default\nCHF,DE,1\n")
    job = imported(path)

    euro.refresh_from_db()
    assert (counts(job), euro.is_default, euro.version) == ((1, 0, 0, 0, 0), False, 2)
    assert StoreCurrency.objects.get(is_default=True).currency.iso_code == "CHF"
    labels = Change.objects.filter(change_set=job.change_set).values_list("label", "action")
    assert sorted(labels) == [("CHF", "add"), ("CHF DE", "add"), ("EUR DE", "change")]
    assert counts(imported(path)) == (0, 0, 1, 0, 0)


def test_two_rows_swap_the_default(shop: Store, tmp_path: Path):
    text = "currency_code,store_name,is_default\nCHF,DE,1\nEUR,DE,0\n"
    job = imported(written(tmp_path, "currency_store.csv", text))

    assert (counts(job), errors(job)) == ((1, 1, 0, 0, 0), [])
    assert StoreCurrency.objects.get(is_default=True).currency.iso_code == "CHF"


def test_two_defaults_for_one_store_in_a_run_are_a_conflict(shop: Store, tmp_path: Path):
    text = "currency_code,store_name,is_default\nCHF,DE,1\nUSD,DE,1\n"

    job = imported(written(tmp_path, "currency_store.csv", text), check=True)
    assert (counts(job), errors(job)) == ((1, 0, 0, 0, 1), [(3, "currency_code", "conflict")])

    text = "locale_name,store_name\nde_DE,DE\nen_US,DE\n"
    job = imported(written(tmp_path, "default_locale_store.csv", text), check=True)
    assert errors(job) == [(3, "store_name", "conflict")]


def test_the_last_default_cannot_be_taken_away(shop: Store, tmp_path: Path):
    text = "currency_code,store_name,is_default\nEUR,DE,0\n"

    job = imported(written(tmp_path, "currency_store.csv", text))
    assert (errors(job), StoreCurrency.objects.get().is_default) == ([(2, "is_default", "conflict")], True)


def test_a_row_in_error_gives_the_flag_to_nobody(shop: Store, tmp_path: Path):
    text = "currency_code,store_name,is_default\nXXY,DE,1\nEUR,DE,0\n"
    job = imported(written(tmp_path, "currency_store.csv", text), on_error="skip")

    assert errors(job) == [(2, "currency_code", "unknown_ref"), (3, "is_default", "conflict")]
    assert StoreCurrency.objects.get(is_default=True).currency.iso_code == "EUR"


def test_the_default_locale_must_be_one_of_the_store(shop: Store, tmp_path: Path):
    text = "locale_name,store_name\nfr_FR,DE\n"
    assert errors(imported(written(tmp_path, "default_locale_store.csv", text))) == [
        (2, "locale_name", "conflict")
    ]

    job = imported(written(tmp_path, "default_locale_store.csv", "locale_name,store_name\nen_US,DE\n"))
    assert counts(job) == (0, 1, 0, 0, 0)
    assert list(StoreLocale.objects.filter(is_default=True).values_list("locale", flat=True)) == ["en_US"]


def test_an_unknown_store_is_told_with_the_one_that_is_meant(shop: Store, tmp_path: Path):
    text = "locale_name,store_name\nfr_FR,FR\nfr_FR,de\n"
    job = imported(written(tmp_path, "locale_store.csv", text), check=True)

    assert errors(job) == [(2, "store_name", "unknown_ref"), (3, "store_name", "unknown_ref")]
    second = job.files.get().results.get(line=3).problems[0]
    assert second["params"] == {"hint": "DE"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Outlet", "Outlet", False), ("Outlet", "Outlett", True), ("Outlet", "Otlet", True),
        ("Outlet", "Outlat", True), ("Outlet", "Outalt", False), ("Outlet", "utle", False),
    ],
)  # fmt: skip
def test_one_letter_is_replaced_left_out_or_put_in(one: str, other: str, expected: bool):
    assert one_letter_apart(one, other) is expected
    assert one_letter_apart(other, one) is expected


def test_a_slip_of_one_letter_is_told_with_the_known_key(shop: Store, tmp_path: Path):
    make.store("Outlet")
    job = imported(
        written(tmp_path, "locale_store.csv", "locale_name,store_name\nfr_FR,Outlat\n"), check=True
    )

    problem = job.files.get().results.get().problems[0]
    assert (problem["code"], problem["params"]) == ("unknown_ref", {"hint": "Outlet"})


@pytest.mark.parametrize(
    ("context", "code"),
    [
        ('"{""application_contexts"":[{""timezone"":""Europe/Wien""}]}"', "bad_choice"),
        ('"{broken"', "bad_json"),
        ("[]", "bad_json"),
    ],
)
def test_a_time_zone_that_does_not_exist_is_refused(shop: Store, tmp_path: Path, context: str, code: str):
    text = f"store_name,appication_context_collection\nDE,{context}\n"

    job = imported(written(tmp_path, "store_context.csv", text))
    assert errors(job) == [(2, "appication_context_collection", code)]


def test_the_right_spelling_of_the_context_column_is_read_too(shop: Store, tmp_path: Path):
    contexts = '"{""application_contexts"":[{""timezone"":""Asia/Tokyo""}]}"'
    text = f"store_name,application_context_collection\nDE,{contexts}\n"
    imported(written(tmp_path, "store_context.csv", text))

    shop.refresh_from_db()
    assert shop.time_zone == "Asia/Tokyo"


def test_a_currency_has_the_digits_of_iso(shop: Store, tmp_path: Path):
    text = "iso_code,currency_symbol,name\nJPY,¥,Yen\nXXQ,?,Nothing\neur,e,Euro\n"
    job = imported(written(tmp_path, "currency.csv", text), on_error="skip")

    assert errors(job) == [(3, "iso_code", "bad_choice"), (4, "iso_code", "bad_key")]
    assert Currency.objects.get(iso_code="JPY").fraction_digits == 0


def test_a_new_record_needs_its_columns_and_an_update_does_not(shop: Store, tmp_path: Path):
    text = "iso_code,name\nEUR,Euro!\nJPY,Yen\n"
    job = imported(written(tmp_path, "currency.csv", text), on_error="skip")

    assert (counts(job), errors(job)) == ((0, 1, 0, 0, 1), [(3, "currency_symbol", "required")])


def test_a_row_that_refers_to_a_bad_row_is_told_where(db: None, tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    written(folder, "store.csv", "name\nD E\nAT\n")
    written(folder, "locale_store.csv", "locale_name,store_name\nde_DE,D E\nde_DE,AT\n")
    job = imported(folder, on_error="skip")

    assert errors(job) == [(2, "name", "bad_key"), (2, "store_name", "unknown_ref")]
    assert counts(job) == (2, 0, 0, 0, 2)
    assert StoreLocale.objects.count() == 1


def test_a_format_can_be_told_by_its_header(shop: Store, tmp_path: Path):
    job = imported(written(tmp_path, "export.csv", "locale_name,store_name\nde_DE,DE\n"), check=True)
    assert job.files.get().refusal["code"] == "unknown_format"

    job = imported(written(tmp_path, "texts.csv", "key,translation,locale\nbox,Box,en_US\n"), check=True)
    assert job.files.get().format == "glossary"


def test_a_refused_file_beside_a_sound_one_stops_all_or_nothing(db: None, tmp_path: Path):
    folder = tmp_path / "folder"
    folder.mkdir()
    written(folder, "store.csv", "name\nAT\n")
    written(folder, "glossary.csv", "nothing\n1\n")
    job = imported(folder)

    assert Store.objects.count() == 0
    assert job.state in {"done_with_errors", "refused"}
