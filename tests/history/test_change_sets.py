"""Change sets: complete, append-only, and shown to those who may see the record (working-day 7)."""

import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.test import Client

from backoffice.actor import acting
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording, snapshot
from backoffice.history.summary import Summary, summaries
from catalog.packaging.models import PackagingType
from tests import make
from tests.site.page import compact

LIST = "/history/changeset/"


def change_name(record: PackagingType, name: str, by=None, note: str = "") -> ChangeSet:
    with acting(by), recording("save", screen="packaging.packagingtype", note=note) as recorder:
        before = snapshot(record)
        record.name = {"en_US": name}
        record.save()
        recorder.changed(record, before)
        return recorder.change_set


def test_nothing_recorded_means_no_change_set(db):
    with recording("save"):
        pass
    assert ChangeSet.objects.count() == 0


def test_history_and_change_are_written_together_or_not_at_all(db):
    carton = make.packaging_type("Carton")
    with pytest.raises(ZeroDivisionError), recording("save") as recorder:
        recorder.added(carton)
        recorder.flush()
        1 / 0  # noqa: B018
    assert Change.objects.count() == 0


@pytest.mark.parametrize("table", ["history_changeset", "history_change"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
    ids=["update", "delete", "truncate"],
)
def test_no_statement_changes_history(db, table, statement):
    change_name(make.packaging_type("Carton"), "Box")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement.format(table))


def test_the_purge_function_keeps_what_is_young(db):
    change_name(make.packaging_type("Carton"), "Box")
    with connection.cursor() as cursor:
        cursor.execute("SELECT history_purge_change_sets(30)")
        assert cursor.fetchone() == (0,)
    with (
        pytest.raises(DatabaseError, match="at least 30 days"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT history_purge_change_sets(1)")


def test_the_purge_function_removes_expired_sets_with_their_changes(db):
    change_name(make.packaging_type("Carton"), "Box")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO history_changeset (at, user_name, kind, screen, note, request_id, search)"
            " VALUES (now() - interval '40 days', '', 'save', '', 'old', '', '') RETURNING id"
        )
        old = cursor.fetchone()[0]
    Change.objects.create(change_set_id=old, object_type="x.y", object_id=1, label="old", action="add")
    with connection.cursor() as cursor:
        cursor.execute("SELECT history_purge_change_sets(30)")
        assert cursor.fetchone() == (2,)
    assert [c.note for c in ChangeSet.objects.all()] == [""]


def test_everybody_sees_his_own_change_sets_and_an_auditor_sees_all(db):
    mara, ruth = make.user(roles=["Category Manager"]), make.user(roles=["Category Manager"])
    carton = make.packaging_type("Carton")
    hers = change_name(carton, "Box", by=mara, note="by Mara")
    other = change_name(carton, "Case", by=ruth, note="by Ruth")
    client, auditor = Client(), Client()
    client.force_login(mara)
    auditor.force_login(make.user(roles=["Auditor"]))
    html = client.get(LIST).content.decode()
    assert ("by Mara" in html, "by Ruth" in html) == (True, False)
    assert client.get(f"{LIST}{hers.pk}/").status_code == 200
    assert client.get(f"{LIST}{other.pk}/").status_code == 404
    html = auditor.get(LIST).content.decode()
    assert ("by Mara" in html, "by Ruth" in html) == (True, True)


def test_a_change_set_shows_nothing_of_records_on_screens_one_may_not_view(db):
    service = make.user(roles=[make.role(rights=["stores.view_store"])])
    change_set = change_name(make.packaging_type("Carton"), "Secret name", by=service)
    client = Client()
    client.force_login(service)
    html = client.get(f"{LIST}{change_set.pk}/").content.decode()
    assert "Secret name" not in html
    assert "Nothing in this change set belongs to a screen you may view." in html


def test_a_change_set_shows_each_field_before_and_after(db):
    mara = make.user(roles=["Category Manager"])
    change_set = change_name(make.packaging_type("Carton"), "Box", by=mara)
    client = Client()
    client.force_login(mara)
    page = compact(client.get(f"{LIST}{change_set.pk}/"))
    assert "Name (en_US):<del>Carton</del><ins>Box</ins>" in page


def test_references_are_recorded_by_id_and_key(db):
    store = make.store("DE", currencies=("EUR",))
    link = store.currencies.get()
    assert snapshot(link) == {
        "store": {"id": store.pk, "key": "DE"},
        "currency": {"id": link.currency_id, "key": "EUR"},
        "is_default": True,
    }


def test_secrets_are_left_out_and_masked_fields_say_only_that_they_changed(db, monkeypatch):
    monkeypatch.setattr(PackagingType, "history_excluded", ("key",), raising=False)
    monkeypatch.setattr(PackagingType, "history_masked", ("name.en_US",), raising=False)
    change_name(make.packaging_type("Carton"), "Box")
    assert Change.objects.get().fields == {"name.en_US": {"masked": True}}


def test_users_leave_no_password_in_the_history(db):
    state = snapshot(make.user(password="a very long secret"))
    assert not {"password", "previous_password", "session_epoch", "reset_epoch", "last_login"} & set(state)


def test_the_export_holds_the_changes_of_screens_one_may_view(db):
    auditor = make.user(roles=["Auditor"])
    change_name(make.packaging_type("Carton"), "=Box", by=auditor, note="renamed")
    client = Client()
    client.force_login(auditor)
    response = client.get(f"{LIST}export/?as=csv&q=renamed")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0] == "id,at,user,kind,screen,note,record,action,fields"
    assert len(lines) == 2
    assert '""after"": ""=Box""' in lines[1]
    client.force_login(make.user(roles=["Category Manager"]))
    assert client.get(f"{LIST}export/").status_code == 403


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        ({"products.product": 1}, "lamp"),
        ({"products.product": 3}, "lamp and 2 more products"),
        ({"products.product": 2, "products.variant": 1}, "lamp and 2 more"),
        ({"products.product": 1, "products.variant": 12}, "12 variants, 1 product"),
        (
            {"products.product": 30, "products.variant": 60, "stores.store": 3, "gone.model": 4},
            "60 variants, 30 products, 3 stores and currencies and 4 others",
        ),
        (
            {"images.image": 20, "images.imageset": 30, "stores.store": 1},
            "1 store, 30 image sets, 20 pictures",
        ),
        ({"products.product": 900, "products.variant": 101}, "1,000+ records"),
        ({"products.product": 1001}, "1,000+ products"),
    ],
)
def test_a_summary_says_what_was_touched(db, kinds: dict[str, int], words: str):
    assert str(Summary("lamp", "add", kinds)) == words


def test_summaries_count_each_kind_in_one_query(db, django_assert_num_queries):
    carton = make.packaging_type("Carton")
    with recording("save") as recorder:
        for record in (carton, make.packaging_type("Box"), make.store("DE")):
            recorder.added(record)
    with django_assert_num_queries(1):
        found = summaries([recorder.change_set.pk], Q())
    assert found == {
        recorder.change_set.pk: Summary(str(carton), "add", {"packaging.packagingtype": 2, "stores.store": 1})
    }


def test_the_list_leaves_out_what_shows_nothing_to_its_reader(db):
    """One's own profile, which only the list of users tells of, and sets that stayed empty."""
    mia = make.user(roles=["Category Manager"])
    client = Client()
    client.force_login(mia)
    client.post(
        "/profile/",
        {"first_name": "Maria", "last_name": mia.last_name, "ui_language": "en", "time_zone": "UTC"},
    )
    mia.refresh_from_db()
    own = ChangeSet.objects.filter(user=mia, screen="accounts.user").first()
    with acting(mia), recording("import") as recorder:
        empty = recorder.change_set
    shown = change_name(make.packaging_type("Carton"), "Box", by=mia)

    page = client.get(LIST).content.decode()
    assert f"{LIST}{shown.pk}/" in page
    assert f"{LIST}{empty.pk}/" not in page
    assert len(re.findall(rf'href="{LIST}\d+/', page)) == 1
    assert mia.first_name == "Maria"
    assert own is not None
    assert f"{LIST}{own.pk}/" not in page
    reader = Client()
    reader.force_login(make.superuser())
    page = reader.get(LIST).content.decode()
    assert f"{LIST}{own.pk}/" in page
    assert f"{LIST}{empty.pk}/" not in page


def test_sets_are_found_by_the_label_and_the_kind_of_their_records(db):
    mara = make.user(roles=["Category Manager"])
    client = Client()
    client.force_login(mara)
    carton, finish = make.packaging_type("Carton"), make.attribute("finish")
    first = change_name(carton, "Box", by=mara)
    with acting(mara), recording("save", screen="attributes.attribute") as recorder:
        recorder.added(finish)
        second = recorder.change_set
    shown = {
        query: tuple(
            f"{LIST}{each.pk}/" in client.get(f"{LIST}?{query}").content.decode() for each in (first, second)
        )
        for query in ("q=finish", "q=Carton", "object=attributes.attribute", "object=packaging.packagingtype")
    }
    assert shown == {
        "q=finish": (False, True),
        "q=Carton": (True, False),
        "object=attributes.attribute": (False, True),
        "object=packaging.packagingtype": (True, False),
    }


def test_history_leads_to_its_set_and_a_set_to_its_records_and_job(db):
    mara, other = make.user(roles=["Category Manager"]), make.user(roles=["Category Manager"])
    carton = make.packaging_type("Carton")
    change_set = change_name(carton, "Box", by=mara)
    for user, sees in ((mara, True), (other, False)):
        client = Client()
        client.force_login(user)
        page = client.get(f"/packaging/packagingtype/{carton.pk}/history/").content.decode()
        assert (f'href="{LIST}{change_set.pk}/"' in page) is sees
    client.force_login(mara)
    page = client.get(f"{LIST}{change_set.pk}/").content.decode()
    assert f'<a href="/packaging/packagingtype/{carton.pk}/' in page
    carton.delete()
    assert (
        "/packaging/packagingtype/" + str(carton.pk)
        not in client.get(f"{LIST}{change_set.pk}/").content.decode()
    )
