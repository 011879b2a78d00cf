"""The page *Rows* of roles and users: which rows of a kind they may use (users-and-roles 4.7, 5.1)."""

import pytest
from django.test import Client

from backoffice.accounts import scopes
from backoffice.accounts.models import SecurityEvent
from tests import make
from tests.scoped.models import Hall

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in(make.superuser())


@pytest.fixture
def kind() -> scopes.ScopeKind:
    return next(kind for kind in scopes.kinds() if kind.key == "hall")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(record) -> str:
    return f"/accounts/{record._meta.model_name}/{record.pk}/rows/"


def save(client: Client, record, **values):
    given = {"limit.hall": "only"} | {name.replace("_hall", ".hall"): value for name, value in values.items()}
    return client.post(f"{page(record)}save/", given)


def test_rows_are_added_by_name_kept_and_taken_away(client, kind):
    north, south = Hall.objects.create(name="North"), Hall.objects.create(name="South")
    role = make.role()
    save(client, role, add_hall=["North", " South ", ""])
    assert scopes.described(role.group, kind) == ["North", "South"]
    html = client.get(page(role)).content.decode()
    assert f'value="{north.pk}"' in html
    save(client, role, keep_hall=[str(south.pk)])
    assert scopes.described(role.group, kind) == ["South"]
    save(client, role)
    assert scopes.described(role.group, kind) == []


def test_all_rows_takes_the_limit_away_and_each_change_is_logged_once(client, kind):
    hall, person = Hall.objects.create(name="North"), make.user()
    for _again in range(2):
        save(client, person, add_hall=["North"], keep_hall=[str(hall.pk)])
    assert scopes.is_limited(person, kind)
    save(client, person, limit_hall="all")
    assert not scopes.is_limited(person, kind)
    assert SecurityEvent.objects.filter(action="scope_changed").count() == 2


def test_a_name_of_nothing_is_told_and_nothing_is_saved(client, kind):
    role = make.role()
    Hall.objects.create(name="North")
    html = save(client, role, add_hall=["North", "Nowhere"]).content.decode()
    assert "Nothing has the name Nowhere." in html
    assert "Keep North" in html
    assert not scopes.is_limited(role.group, kind)


def test_saving_what_is_stored_says_so(client, kind):
    role = make.role()
    answer = save(client, role, limit_hall="all")
    assert "Nothing changed." in client.get(answer.headers["Location"]).content.decode()


def test_who_may_view_users_reads_their_rows_and_only_superusers_set_them(client, kind):
    reader = make.user(roles=[make.role(rights=["accounts.view_user", "accounts.change_user"])])
    person = make.user()
    scopes.limit(person, kind, [Hall.objects.create(name="North")])
    html = signed_in(reader).get(page(person)).content.decode()
    assert "North" in html
    assert "Save rows" not in html
    assert save(signed_in(reader), person).status_code == 403
    assert scopes.described(person, kind) == ["North"]
