"""Signing in and out, sessions, the remembered page (users-and-roles 8, 13)."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from backoffice.accounts.middleware import SEEN_AT, SIGNED_IN_AT
from backoffice.accounts.models import SecurityEvent, User
from tests import make

pytestmark = pytest.mark.django_db

FAILED = "Log-in failed. Check the e-mail and the password."


def sign_in(client: Client, email: str, password: str = make.PASSWORD, **more):
    return client.post("/login/", {"username": email, "password": password, **more})


def session_of(client: Client):
    return client.session


def test_every_failure_gives_the_same_page_and_keeps_the_email(client):
    make.user("mia@example.org")
    make.user("gone@example.org", status="deleted")
    make.user("off@example.org", status="deactivated")
    pages = {}
    for email in ("mia@example.org", "nobody@example.org", "gone@example.org", "off@example.org"):
        password = "wrong wrong wrong" if email == "mia@example.org" else make.PASSWORD
        response = sign_in(client, email, password)
        text = response.content.decode()
        assert response.status_code == 200
        assert FAILED in text
        assert f'value="{email}"' in text
        assert make.PASSWORD not in text
        token = response.context["csrf_token"]
        pages[email] = text.replace(email, "").replace(str(token), "")
    assert len(set(pages.values())) == 1


def test_every_failure_costs_one_password_hash(client, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    make.user("mia@example.org")
    make.user("off@example.org", status="deactivated")
    hashed = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda *args, **kwargs: hashed.append(1) or encode(*args, **kwargs)
    )
    costs = []
    for email in ("mia@example.org", "off@example.org", "nobody@example.org"):
        hashed.clear()
        sign_in(client, email, "wrong wrong wrong")
        costs.append(len(hashed))
    assert costs == [1, 1, 1]


def test_letter_case_of_the_email_does_not_matter(client):
    make.user("mia@example.org")
    assert sign_in(client, "Mia@Example.ORG").status_code == 302


def test_a_new_session_id_is_given_at_sign_in_and_the_last_login_is_noted(client):
    user = make.user("mia@example.org")
    client.get("/login/")
    session = client.session
    session["something"] = 1
    session.save()
    client.cookies["bo_session"] = session.session_key
    before = session.session_key
    response = sign_in(client, user.email)
    assert response.url == "/"
    assert client.session.session_key != before
    user.refresh_from_db()
    assert timezone.now() - user.last_login < timedelta(minutes=1)
    event = SecurityEvent.objects.get(action="sign_in")
    assert (event.actor, event.object, event.result) == (user, "mia@example.org", "ok")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    make.user("mia@example.org")
    sign_in(client, "mia@example.org")
    cookie = client.cookies["bo_session"]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


def test_sign_in_leads_back_to_the_remembered_page(client):
    admin = make.superuser("root@example.org")
    response = client.get("/accounts/user/?status=all")
    assert response.url == "/login/?next=/accounts/user/%3Fstatus%3Dall"
    response = sign_in(client, admin.email, next="/accounts/user/?status=all")
    assert response.url == "/accounts/user/?status=all"


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example/",
        "\\\\evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "http:///evil.example",
        "/login/",
        "/logout/",
        "/look/",
        "/no-such-page/",
        "accounts/user/",
    ],
)
def test_other_addresses_lead_to_the_start_page(client, address):
    make.superuser("root@example.org")
    assert sign_in(client, "root@example.org", next=address).url == "/"


def test_the_page_of_an_ended_session_is_not_shown_to_somebody_else(client):
    mine, other = make.superuser("mine@example.org"), make.superuser("other@example.org")
    client.force_login(mine)
    stale(client, SEEN_AT, timedelta(hours=9))
    assert client.get("/accounts/role/").url == "/login/?next=/accounts/role/"
    assert sign_in(client, other.email, next="/accounts/role/").url == "/"

    client.logout()
    client.force_login(mine)
    stale(client, SEEN_AT, timedelta(hours=9))
    client.get("/accounts/role/")
    assert sign_in(client, mine.email, next="/accounts/role/").url == "/accounts/role/"


def test_log_out_is_a_post_and_ends_the_session(client):
    user = make.user("mia@example.org")
    client.force_login(user)
    assert client.get("/logout/").status_code == 405
    assert client.get("/profile/").status_code == 200
    key = client.session.session_key
    assert client.post("/logout/").url == "/login/"
    assert not Session.objects.filter(session_key=key).exists()
    assert client.get("/profile/").status_code == 302
    assert SecurityEvent.objects.get(action="sign_out").object == "mia@example.org"
    assert "You are logged out." in client.get("/login/").content.decode()


def test_pages_of_signed_in_users_are_not_kept_by_browsers(client):
    client.force_login(make.user())
    response = client.get("/profile/")
    assert "no-store" in response["Cache-Control"]


def stale(client: Client, name: str, age: timedelta) -> None:
    session = client.session
    now = timezone.now().timestamp()
    session[SIGNED_IN_AT] = session[SEEN_AT] = now
    session[name] = now - age.total_seconds()
    session.save()


@pytest.mark.parametrize(
    ("name", "age", "status"),
    [
        (SEEN_AT, timedelta(hours=7, minutes=59), 200),
        (SEEN_AT, timedelta(hours=8, minutes=1), 302),
        (SIGNED_IN_AT, timedelta(days=6, hours=23), 200),
        (SIGNED_IN_AT, timedelta(days=7, minutes=1), 302),
    ],
)
def test_a_session_ends_after_eight_idle_hours_and_after_seven_days(client, name, age, status):
    client.force_login(make.user())
    client.get("/profile/")
    stale(client, name, age)
    assert client.get("/profile/").status_code == status


def test_most_requests_do_not_write_the_session(client, django_assert_max_num_queries):
    client.force_login(make.user())
    client.get("/profile/")
    with django_assert_max_num_queries(20) as queries:
        client.get("/profile/")
    assert [q["sql"] for q in queries if "UPDATE" in q["sql"] and "session" in q["sql"]] == []


@pytest.mark.parametrize("change", ["deactivate", "password", "email", "epoch"])
def test_all_sessions_end_with_status_password_and_email(client, change):
    from backoffice.accounts import passwords, people

    make.superuser()
    user = make.user("mia@example.org")
    client.force_login(user)
    assert client.get("/profile/").status_code == 200
    if change == "deactivate":
        people.deactivate(user)
    elif change == "password":
        passwords.set_password(user, "another long password")
    elif change == "email":
        User.objects.filter(pk=user.pk).update(email="mia2@example.org")
    else:
        people.log_out_everywhere(user)
    assert client.get("/profile/").status_code == 302


def test_a_session_does_not_come_back_with_reactivation(client):
    from backoffice.accounts import people

    make.superuser()
    user = make.user()
    client.force_login(user)
    people.deactivate(user)
    people.activate(user)
    assert client.get("/profile/").status_code == 302


def test_the_login_page_speaks_the_language_of_the_browser(client):
    text = client.get("/login/", headers={"accept-language": "de-AT,de;q=0.9"}).content.decode()
    assert '<html lang="de"' in text


def test_pages_speak_the_language_of_the_user(client):
    client.force_login(make.user(ui_language="de"))
    response = client.get("/profile/", headers={"accept-language": "en"})
    assert '<html lang="de"' in response.content.decode()
    assert response["Content-Language"] == "de"


def test_times_are_in_the_zone_of_the_user_and_zones_do_not_leak(client):
    user = make.user("mia@example.org", time_zone="Asia/Tokyo")
    client.force_login(user)
    from backoffice.accounts import security

    security.log("sign_in", object=user.email)
    assert "JST" in client.get("/profile/logins/").content.decode()
    assert timezone.get_current_timezone_name() == "UTC"


def test_nothing_else_opens_until_a_given_password_is_changed(client):
    user = make.superuser("mia@example.org", must_change_password=True)
    sign_in(client, user.email)
    assert client.get("/").url == "/profile/password/"
    assert client.get("/accounts/user/").url == "/profile/password/"
    page = client.get("/profile/password/").content.decode()
    assert "Choose your own password" in page
    response = client.post(
        "/profile/password/",
        {
            "old_password": make.PASSWORD,
            "new_password1": "a password of my own",
            "new_password2": "a password of my own",
        },
    )
    assert response.url == "/"
    assert client.get("/accounts/user/").status_code == 200
    user.refresh_from_db()
    assert user.must_change_password is False


def test_without_any_role_the_start_page_says_so(client):
    client.force_login(make.user())
    assert "No access yet" in client.get("/").content.decode()
    assert client.get("/packaging/packagingtype/").status_code == 403
