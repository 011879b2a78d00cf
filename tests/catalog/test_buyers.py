"""Merchants, companies, units, relations and customers (product-lists 1, 2.4, 2.5, 7; reviews 1.4)."""

import json
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from backoffice.history.models import Change, ChangeSet
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.streams import csv_lines
from backoffice.transfer.jobs import intake, lifecycle
from backoffice.transfer.models import Job
from backoffice.transfer.reading.sources import private_path
from catalog.buyers import anonymising
from catalog.buyers.models import (
    BusinessUnit,
    BuyerRelation,
    BuyerRelationUnit,
    Company,
    Customer,
    Merchant,
    MerchantStore,
)
from tests import make
from tests.transfer.conftest import SAMPLE, counts, errors, imported, problems, written

EXPECTED = json.loads((SAMPLE / "EXPECTED.json").read_text())["entities"]
UNITS, RELATIONS, CUSTOMERS = "/buyers/businessunit/", "/buyers/buyerrelation/", "/buyers/customer/"
MERCHANTS, COMPANIES = "/buyers/merchant/", "/buyers/company/"
UNIT_FILE, RELATION_FILE = "company_business_unit", "merchant_relationship"
UNIT_HEADER = "company_key,business_unit_key,name,parent_business_unit_key\n"
RELATION_HEADER = (
    "merchant_relation_key,merchant_reference,company_business_unit_owner_key,"
    "company_business_unit_assignee_keys\n"
)
FORMATS = (
    "store",
    "merchant",
    "merchant_store",
    "company",
    UNIT_FILE,
    RELATION_FILE,
    "customer",
)


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def client(db) -> Client:
    return signed_in(make.superuser())


@pytest.fixture
def fjord(db) -> Company:
    """Fjord HQ with the hotels in Oslo and Bergen below it."""
    company = make.company("fjord", name="Fjord Hotels")
    hq = make.business_unit("fjord-hq", of=company)
    for city in ("oslo", "bergen"):
        make.business_unit(f"fjord-{city}", under=hq)
    make.merchant("House", merchant_reference="H-1", merchant_key="house")
    return company


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
    return client


def sample(*formats: str) -> Job:
    job = lifecycle.create(None, title="sample")
    intake.take_path(job, SAMPLE, only=formats or FORMATS)
    lifecycle.apply(job)
    return job


def take(folder: Path, name: str, text: str, **options) -> Job:
    return imported(written(folder, f"{name}.csv", text), **options)


def unit(key: str) -> BusinessUnit:
    return BusinessUnit.objects.get(key=key)


def assigned(key: str) -> list[str]:
    found = BuyerRelationUnit.objects.filter(relation__key=key).order_by("unit__key")
    return list(found.values_list("unit__key", flat=True))


def exported(name: str) -> str:
    return "".join(csv_lines(resource_of(name)))


# --- the sample folder ---------------------------------------------------------------------------


def test_the_sample_folder_brings_its_buyers(db):
    job = sample()
    assert (job.state, job.counts["errors"], job.counts["warnings"]) == ("done", 0, 0)
    wanted = EXPECTED["buyer_relations"]
    assert Merchant.objects.count() == wanted["merchants"]
    assert Company.objects.count() == wanted["companies"]
    assert BusinessUnit.objects.count() == wanted["business_units"]
    assert BuyerRelation.objects.count() == wanted["relations"]
    assert BuyerRelationUnit.objects.count() == wanted["assigned_units"]
    assert Customer.objects.count() == EXPECTED["customers"]
    assert MerchantStore.objects.count() == 3
    assert unit("wq-apprentice").parent.parent.key == "wq-hq"
    assert assigned("mr-site") == ["wq-apprentice", "wq-site"]


def test_a_second_run_of_the_sample_folder_changes_nothing(db):
    sample()
    before = ChangeSet.objects.count()
    job = sample()
    assert (job.counts["new"], job.counts["changed"]) == (0, 0)
    assert ChangeSet.objects.count() == before


@pytest.mark.parametrize("name", FORMATS[1:])
def test_an_export_imports_to_no_change(db, tmp_path: Path, name: str):
    sample()
    text = exported(name)
    assert text == exported(name)
    job = take(tmp_path, name, text)
    rows = text.count("\n") - 1
    assert counts(job) == (0, 0, rows, 0, 0)


def test_the_password_column_is_never_kept(db, tmp_path: Path):
    text = "customer_reference,email,first_name,last_name,password\nC--1,a@example.com,A,B,geheim-tulip\n"
    job = take(tmp_path, "customer", text)
    stored = private_path(job.files.get().stored).read_bytes()

    assert counts(job) == (1, 0, 0, 0, 0)
    assert b"tulip" not in stored
    assert "password" not in {field.name for field in Customer._meta.get_fields()}
    assert "password" not in exported("customer")


# --- units ---------------------------------------------------------------------------------------


def test_a_parent_may_stand_further_down_in_the_file(fjord, tmp_path: Path):
    text = UNIT_HEADER + "fjord,leaf,Leaf,twig\nfjord,twig,Twig,branch\nfjord,branch,Branch,\n"
    assert counts(take(tmp_path, UNIT_FILE, text, check=True)) == (3, 0, 0, 0, 0)
    assert counts(take(tmp_path, UNIT_FILE, text)) == (3, 0, 0, 0, 0)
    assert [unit("leaf").parent.key, unit("twig").parent.key, unit("branch").parent] == [
        "twig",
        "branch",
        None,
    ]
    assert counts(take(tmp_path, UNIT_FILE, text)) == (0, 0, 3, 0, 0)


def test_a_parent_of_an_earlier_batch_is_found(fjord, tmp_path: Path, settings):
    settings.TRANSFER_BATCH = 2
    text = UNIT_HEADER + "fjord,a,A,\nfjord,b,B,a\nfjord,c,C,b\nfjord,d,D,a\n"
    assert counts(take(tmp_path, UNIT_FILE, text, check=True)) == (4, 0, 0, 0, 0)
    assert counts(take(tmp_path, UNIT_FILE, text)) == (4, 0, 0, 0, 0)
    assert unit("d").parent.key == "a"


def test_units_of_one_file_may_not_form_a_circle(fjord, tmp_path: Path):
    text = UNIT_HEADER + "fjord,a,A,b\nfjord,b,B,c\nfjord,c,C,a\nfjord,self,S,self\n"
    job = take(tmp_path, UNIT_FILE, text)
    column = "parent_business_unit_key"
    assert errors(job) == [
        (2, column, "cycle"),
        (3, column, "cycle"),
        (4, column, "cycle"),
        (5, column, "self_reference"),
    ]


def test_a_stored_unit_may_not_go_below_its_own_child(fjord, tmp_path: Path):
    text = "business_unit_key,parent_business_unit_key\nfjord-hq,fjord-oslo\n"
    assert errors(take(tmp_path, UNIT_FILE, text)) == [(2, "parent_business_unit_key", "cycle")]
    assert unit("fjord-hq").parent is None


def test_a_parent_of_another_company_is_refused(fjord, tmp_path: Path):
    make.business_unit("stranger")
    text = UNIT_HEADER + "fjord,a,A,stranger\n"
    assert errors(take(tmp_path, UNIT_FILE, text)) == [(2, "parent_business_unit_key", "conflict")]


def test_a_parent_in_error_brings_its_units_down_in_check_and_apply(fjord, tmp_path: Path):
    text = UNIT_HEADER + "fjord,leaf,Leaf,twig\nfjord,twig,Twig,branch\nnobody,branch,Branch,\nfjord,ok,Ok,\n"
    for check in (True, False):
        job = take(tmp_path, UNIT_FILE, text, check=check, on_error="skip")
        assert counts(job) == (1, 0, 0, 0, 3)
        assert {code for _line, _column, code in errors(job)} == {"unknown_ref"}
    assert set(
        BusinessUnit.objects.filter(name__in=["Leaf", "Twig", "Ok"]).values_list("key", flat=True)
    ) == {"ok"}


def test_the_company_of_a_unit_is_fixed(fjord, tmp_path: Path):
    make.company("other")
    text = "company_key,business_unit_key\nother,fjord-hq\n"
    assert errors(take(tmp_path, UNIT_FILE, text)) == [(2, "company_key", "conflict")]


def test_a_unit_is_made_on_the_screen_below_one_of_its_company(client, fjord):
    values = {"company": "fjord", "key": "fjord-bar", "name": "Bar", "parent": "fjord-oslo"}
    assert client.post(f"{UNITS}add/", values).status_code == 302
    assert (unit("fjord-bar").company, unit("fjord-bar").parent) == (fjord, unit("fjord-oslo"))

    stranger = make.business_unit("stranger")
    html = client.post(f"{UNITS}add/", {**values, "key": "x", "parent": stranger.key}).content.decode()
    assert "This is a unit of another company." in html
    assert not BusinessUnit.objects.filter(key="x").exists()


def test_a_unit_cannot_be_put_below_itself_on_the_screen(client, fjord):
    hq = unit("fjord-hq")
    values = {"name": "HQ", "parent": "fjord-oslo", "_version": "1", "_opened": "{}"}
    html = client.post(f"{UNITS}{hq.pk}/change/", values).content.decode()
    assert "the units would form a circle" in html
    assert unit("fjord-hq").parent is None


def test_the_page_of_a_company_shows_its_units_as_a_tree(client, fjord):
    html = client.get(f"{COMPANIES}{fjord.pk}/").content.decode()
    assert html.index("fjord-hq") < html.index("fjord-bergen") < html.index("fjord-oslo")
    assert html.count('<span aria-hidden="true">– </span>') == 2


def test_what_is_referred_to_is_not_deleted_and_its_users_are_named(client, fjord):
    house = Merchant.objects.get()
    relation = make.buyer_relation("R1", owner=unit("fjord-hq"), units=[unit("fjord-oslo")], by=house)
    for page, user in (
        (f"{COMPANIES}{fjord.pk}/delete/", "Fjord Hq (fjord-hq)"),
        (f"{UNITS}{unit('fjord-oslo').pk}/delete/", "House – Fjord Hq (R1)"),
        (f"{MERCHANTS}{house.pk}/delete/", "House – Fjord Hq (R1)"),
    ):
        html = client.get(page).content.decode()
        assert ("This cannot be deleted." in html, user in html) == (True, True)
        client.post(page, {"_version": "1"})
    assert (Company.objects.count(), BusinessUnit.objects.count(), Merchant.objects.count()) == (1, 3, 1)

    client.post(f"{RELATIONS}{relation.pk}/delete/", {"_version": "1"})
    assert (BuyerRelation.objects.count(), BuyerRelationUnit.objects.count()) == (0, 0)


# --- relations -----------------------------------------------------------------------------------


def test_a_relation_is_made_in_two_steps(client, fjord):
    first = client.get(f"{RELATIONS}add/").content.decode()
    assert ("Who agrees with whom?" in first, "Assigned units" in first) == (True, False)

    begun = f"{RELATIONS}add/?merchant=H-1&company=fjord"
    second = client.get(begun).content.decode()
    assert 'value="house-fjord"' in second
    assert "Merchant: House. Company: Fjord Hotels." in second

    make.business_unit("stranger")
    values = {"key": "R1", "owner_unit": unit("fjord-hq").pk, "units": [unit("fjord-oslo").pk]}
    assert client.post(begun, values).status_code == 302
    relation = BuyerRelation.objects.get(key="R1")
    assert (relation.name, assigned("R1")) == ("House – Fjord Hq", ["fjord-oslo"])


def test_a_relation_takes_no_unit_of_another_company(client, fjord):
    stranger = make.business_unit("stranger")
    begun = f"{RELATIONS}add/?merchant=H-1&company=fjord"
    for values in (
        {"key": "R1", "owner_unit": stranger.pk},
        {"key": "R1", "owner_unit": unit("fjord-hq").pk, "units": [stranger.pk]},
    ):
        assert "It does not exist any more." in client.post(begun, values).content.decode()
    assert BuyerRelation.objects.count() == 0


def test_an_unknown_merchant_stays_in_the_first_step(client, fjord):
    html = client.get(f"{RELATIONS}add/?merchant=nobody&company=fjord").content.decode()
    assert ("There is none with this key." in html, "Who agrees with whom?" in html) == (True, True)


def test_a_posted_merchant_or_company_does_not_change_a_relation(client, fjord):
    relation = make.buyer_relation("R1", owner=unit("fjord-hq"), by=Merchant.objects.get())
    other = make.merchant("Other")
    values = {"merchant": other.pk, "owner_unit": unit("fjord-oslo").pk, "_version": "1", "_opened": "{}"}
    client.post(f"{RELATIONS}{relation.pk}/change/", values)
    relation.refresh_from_db()
    assert (relation.merchant.name, relation.owner_unit.key) == ("House", "fjord-oslo")


def test_units_are_exchanged_with_history_and_the_exchange_is_undone(client, fjord):
    hq, oslo, bergen = (unit(f"fjord-{name}") for name in ("hq", "oslo", "bergen"))
    relation = make.buyer_relation("R1", owner=hq, units=[oslo], by=Merchant.objects.get())
    values = {"owner_unit": hq.pk, "units": [bergen.pk, hq.pk], "_version": "1", "_opened": "{}"}
    client.post(f"{RELATIONS}{relation.pk}/change/", values)

    change = Change.objects.get(object_type="buyers.buyerrelation")
    assert change.fields == {"units": {"before": ["fjord-oslo"], "after": ["fjord-bergen", "fjord-hq"]}}
    client.post(f"/history/changeset/{change.change_set_id}/undo/")
    assert assigned("R1") == ["fjord-oslo"]


def test_a_deleted_relation_comes_back_with_its_units(client, fjord):
    relation = make.buyer_relation("R1", owner=unit("fjord-hq"), units=[unit("fjord-oslo")])
    client.post(f"{RELATIONS}{relation.pk}/delete/", {"_version": "1"})
    client.post(f"/history/changeset/{ChangeSet.objects.latest('pk').pk}/undo/")
    assert (BuyerRelation.objects.get().pk, assigned("R1")) == (relation.pk, ["fjord-oslo"])


def test_buyers_are_reached_through_assigned_units_only(fjord):
    hq, oslo = unit("fjord-hq"), unit("fjord-oslo")
    relation = make.buyer_relation("R1", owner=hq, units=[oslo])
    assert list(BuyerRelation.objects.assigned_to(oslo)) == [relation]
    assert list(BuyerRelation.objects.assigned_to(hq)) == []


def test_relations_are_found_by_key_unit_and_merchant(client, fjord):
    make.buyer_relation("R1", owner=unit("fjord-hq"), units=[unit("fjord-oslo")], by=Merchant.objects.get())
    make.buyer_relation("R2")
    for text in ("r1", "oslo", "fjord hq", "HOUSE"):
        html = client.get(RELATIONS, {"q": text}).content.decode()
        assert (">R1<" in html, ">R2<" in html) == (True, False)


def test_assignees_of_a_file_replace_the_units_and_blanks_are_trimmed(fjord, tmp_path: Path):
    make.buyer_relation("R1", owner=unit("fjord-hq"), units=[unit("fjord-hq")], by=Merchant.objects.get())
    text = RELATION_HEADER + "R1,H-1,fjord-hq,fjord-oslo; fjord-bergen;;\n"
    job = take(tmp_path, RELATION_FILE, text)
    assert (counts(job), assigned("R1")) == ((0, 1, 0, 0, 0), ["fjord-bergen", "fjord-oslo"])
    assert counts(take(tmp_path, RELATION_FILE, text)) == (0, 0, 1, 0, 0)
    change = Change.objects.get(change_set=job.change_set)
    assert change.fields == {"units": {"before": ["fjord-hq"], "after": ["fjord-bergen", "fjord-oslo"]}}


def test_an_unknown_unit_refuses_the_row_and_keeps_the_units(fjord, tmp_path: Path):
    make.buyer_relation("R1", owner=unit("fjord-hq"), units=[unit("fjord-hq")], by=Merchant.objects.get())
    job = take(tmp_path, RELATION_FILE, RELATION_HEADER + "R1,H-1,fjord-hq,fjord-oslo;fjord-berge\n")
    assert errors(job) == [(2, "company_business_unit_assignee_keys", "unknown_ref")]
    assert job.files.get().results.get().problems[0]["params"]["hint"] == "fjord-bergen"
    assert assigned("R1") == ["fjord-hq"]


def test_empty_assignees_mean_none_and_an_absent_column_leaves_them(fjord, tmp_path: Path):
    make.buyer_relation("R1", owner=unit("fjord-hq"), units=[unit("fjord-hq")], by=Merchant.objects.get())
    take(tmp_path, RELATION_FILE, "merchant_relation_key,merchant_reference\nR1,H-1\n")
    assert assigned("R1") == ["fjord-hq"]
    take(tmp_path, RELATION_FILE, RELATION_HEADER + "R1,H-1,fjord-hq,\n")
    assert assigned("R1") == []


def test_a_contract_keeps_merchant_and_company(fjord, tmp_path: Path):
    make.buyer_relation("R1", owner=unit("fjord-hq"), by=Merchant.objects.get())
    make.merchant(merchant_reference="H-2")
    stranger = make.business_unit("stranger")
    text = RELATION_HEADER + f"R1,H-2,fjord-hq,\nR2,H-1,fjord-hq,{stranger.key}\n"
    assert errors(take(tmp_path, RELATION_FILE, text)) == [
        (2, "merchant_reference", "conflict"),
        (3, "company_business_unit_assignee_keys", "conflict"),
    ]
    text = RELATION_HEADER + "R1,H-1,stranger,\n"
    assert errors(take(tmp_path, RELATION_FILE, text)) == [(2, "company_business_unit_owner_key", "conflict")]


def test_companies_units_and_relations_come_in_one_run(db, tmp_path: Path):
    folder = tmp_path / "all"
    folder.mkdir()
    written(folder, "merchant.csv", "merchant_key,merchant_reference,merchant_name\nm,M,House\n")
    written(folder, "company.csv", "key,name\nc,Fjord\nd,Other\n")
    written(folder, f"{UNIT_FILE}.csv", UNIT_HEADER + "c,leaf,Leaf,top\nc,top,Top,\nd,else,Else,\n")
    written(folder, f"{RELATION_FILE}.csv", RELATION_HEADER + "R1,M,top,leaf;leaf\n")
    for check in (True, False):
        job = imported(folder, check=check)
        assert counts(job) == (7, 0, 0, 0, 0)
        assert [code for _line, _column, _level, code in problems(job)] == ["duplicate_value_merged"]
    assert assigned("R1") == ["leaf"]

    written(folder, f"{RELATION_FILE}.csv", RELATION_HEADER + "R2,M,top,else\n")
    written(folder, f"{UNIT_FILE}.csv", UNIT_HEADER + "c,top,Top,\nd,else,Else,\nd,fresh,Fresh,\n")
    for check in (True, False):
        job = imported(folder, check=check, on_error="skip")
        assert errors(job)[0][1:] == ("company_business_unit_assignee_keys", "conflict")


def test_an_import_of_relations_is_undone(client, fjord, tmp_path: Path):
    job = take(tmp_path, RELATION_FILE, RELATION_HEADER + "R1,H-1,fjord-hq,fjord-oslo\n")
    client.post(f"/history/changeset/{job.change_set}/undo/")
    assert BuyerRelation.objects.count() == 0


# --- merchants -----------------------------------------------------------------------------------


def test_stores_of_a_merchant_are_ticked_and_their_history_belongs_to_him(client):
    store = make.store("DE")
    values = {
        "merchant_reference": "H-1",
        "merchant_key": "house",
        "name": "House",
        "status": "approved",
        "stores": [store.pk],
        "url.en_US": "/en/house",
    }
    client.post(f"{MERCHANTS}add/", values)
    merchant = Merchant.objects.get()
    assert (list(merchant.stores.all()), merchant.url) == ([store], {"en_US": "/en/house"})
    assert Change.objects.get(object_type="buyers.merchantstore").parent_id == merchant.pk


def test_key_and_reference_of_a_merchant_are_taken_once(client, tmp_path: Path):
    make.merchant(merchant_reference="H-1", merchant_key="house")
    values = {"merchant_reference": "H-1", "merchant_key": "house", "name": "X", "status": "approved"}
    html = client.post(f"{MERCHANTS}add/", values).content.decode()
    assert "Another merchant has this key." in html
    assert "Another merchant has this reference." in html

    text = "merchant_key,merchant_reference,merchant_name\nhouse,H-2,X\nnew,H-3,Y\nnew,H-4,Z\n"
    for check in (True, False):
        found = errors(take(tmp_path, "merchant", text, check=check, on_error="skip"))
        assert [(line, code) for line, _column, code in found] == [(2, "taken"), (4, "taken")]


def test_bulk_paths_cannot_pass_the_rules(db):
    company = make.company("c")
    for wrong in (
        Company(key="c", name="Twice"),
        Company(key="", name="No key"),
        Company(key="d", name=" "),
        Company(key="d", name="D", status="maybe"),
        Merchant(merchant_key="m", merchant_reference="", name="M"),
        Merchant(merchant_key="m", merchant_reference="r", name="M", status="pending"),
        BusinessUnit(pk=5, key="u", name="U", company=company, parent_id=5),
        Customer(customer_reference="no number"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(wrong).objects.bulk_create([wrong])


# --- customers -----------------------------------------------------------------------------------


def test_customers_are_looked_at_and_never_typed(db):
    customer = make.customer("C--1", first_name="Alma", last_name="Birk")
    client = signed_in(make.user(roles=["Customer Service"]))
    assert "Alma Birk" in client.get(CUSTOMERS).content.decode()
    assert client.get(f"{CUSTOMERS}{customer.pk}/").status_code == 200
    assert client.get(f"{CUSTOMERS}add/").status_code == 404
    assert client.get(f"{CUSTOMERS}{customer.pk}/change/").status_code == 404
    assert client.post(f"{CUSTOMERS}{customer.pk}/anonymise/").status_code == 403
    assert signed_in(make.user(roles=["Auditor"])).get(CUSTOMERS).status_code == 403


def test_the_right_to_import_is_enough_for_customers(db, tmp_path: Path):
    user = make.user(roles=[make.role(rights=["buyers.view_customer", "buyers.import_customer"])])
    header = "customer_reference,email,first_name,last_name\n"
    job = take(tmp_path, "customer", header + "C--1,a@example.com,A,B\n", user=user)
    assert counts(job) == (1, 0, 0, 0, 0)
    job = take(tmp_path, "customer", header + "C--1,a@example.com,Anna,B\n", user=user)
    assert counts(job) == (0, 1, 0, 0, 0)


def test_personal_fields_stand_in_no_history(db, tmp_path: Path):
    header = "customer_reference,email,first_name,last_name,registered\n"
    take(tmp_path, "customer", header + "C--1,a@example.com,Anna,Birk,2026-01-01\n")
    take(tmp_path, "customer", header + "C--1,b@example.com,Anna,Holm,2026-01-02\n")
    first, second = Change.objects.filter(object_type="buyers.customer").order_by("pk")
    assert (first.label, first.fields) == ("C--1", None)
    assert second.fields == {
        "email": {"masked": True},
        "last_name": {"masked": True},
        "registered": {"before": "2026-01-01", "after": "2026-01-02"},
    }


def test_an_address_belongs_to_one_customer(db, tmp_path: Path):
    make.customer("C--1", email="a@example.com")
    header = "customer_reference,email,first_name,last_name\n"
    text = (
        header
        + "C--2,a@example.com,A,B\nC--3,c@example.com,A,B\nC--4,c@example.com,A,B\nC--x,d@example.com,A,B\n"
    )
    for check in (True, False):
        found = errors(take(tmp_path, "customer", text, check=check, on_error="skip"))
        assert [(line, code) for line, _column, code in found] == [(2, "taken"), (4, "taken"), (5, "bad_key")]
    assert Customer.objects.filter(customer_reference="C--3").count() == 1


@pytest.mark.parametrize("email", ["mara", "a b@example.com", "a@example", "a@b@example.com", "a@example."])
def test_what_is_no_e_mail_address_is_refused(db, tmp_path: Path, email: str):
    text = f"customer_reference,email,first_name,last_name\nC--1,{email},A,B\n"
    assert errors(take(tmp_path, "customer", text)) == [(2, "email", "bad_email")]
    assert not Customer.objects.exists()


@pytest.mark.parametrize("day", ["31.12.2026", "2026-02-30", "yesterday"])
def test_what_is_no_day_is_refused(db, tmp_path: Path, day: str):
    text = f"customer_reference,email,first_name,last_name,date_of_birth\nC--1,a@example.com,A,B,{day}\n"
    assert errors(take(tmp_path, "customer", text)) == [(2, "date_of_birth", "bad_date")]


def test_anonymising_clears_the_person_for_ever_and_asks_the_rooms_above(client, monkeypatch, tmp_path: Path):
    asked: list[str] = []
    monkeypatch.setattr(anonymising, "_steps", [lambda reference, recorder: asked.append(reference)])
    customer = make.customer("C--1", first_name="Alma", last_name="Birk", phone="1", company="Birch")
    page = f"{CUSTOMERS}{customer.pk}/anonymise/"
    assert "This cannot be undone" in client.get(page).content.decode()
    assert asked == []

    assert client.post(page).status_code == 302
    customer.refresh_from_db()
    assert (customer.full_name, customer.email, customer.phone, customer.company) == ("", "", "", "")
    assert (customer.search, asked) == ("c--1 c1", ["C--1"])
    assert "Birk" not in str(list(Change.objects.values_list("label", "fields")))
    header = "customer_reference,email,first_name,last_name\n"
    assert counts(take(tmp_path, "customer", header + "C--1,a@example.com,Alma,Birk\n")) == (0, 0, 0, 1, 0)


def test_the_seeded_roles_hold_what_the_spec_says(db):
    expected = {
        "Category Manager": (200, 302, 403),
        "Inventory Manager": (403, 403, 403),
        "Customer Service": (200, 403, 403),
    }
    make.company("fjord")
    for role, (view, add, delete) in expected.items():
        client = signed_in(make.user(roles=[role]))
        record = make.business_unit()
        assert client.get(UNITS).status_code == view
        values = {"company": "fjord", "key": f"k-{record.pk}", "name": "Bar"}
        assert client.post(f"{UNITS}add/", values).status_code == add
        assert client.post(f"{UNITS}{record.pk}/delete/", {"_version": "1"}).status_code == delete
