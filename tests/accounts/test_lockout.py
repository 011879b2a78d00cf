"""Nine failures of a name or fifty of an address lock for fifteen minutes (users-and-roles 9.1)."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.db.models import F
from django.test import Client

from backoffice.accounts import lockout
from backoffice.accounts.models import SecurityEvent
from tests import make

pytestmark = pytest.mark.django_db


WRONG = "wrong wrong wrong"


def attempt(email: str, typed: str = WRONG, address: str = "192.0.2.1", agent: str = "A"):
    return Client(REMOTE_ADDR=address, headers={"user-agent": agent}).post(
        "/login/", {"username": email, "password": typed}
    )


def fail(times: int, email: str = "mia@example.org", **circumstances) -> list[int]:
    return [attempt(email, **circumstances).status_code for _ in range(times)]


def pass_time(minutes: int) -> None:
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def test_the_ninth_failure_locks_the_name_and_the_right_password_is_refused_too():
    make.user("mia@example.org")
    assert fail(9) == [200] * 8 + [429]
    response = attempt("mia@example.org", make.PASSWORD)
    assert response.status_code == 429
    assert "Try again in 15 minutes" in response.content.decode()
    assert response["Retry-After"] == "900"


def test_a_name_is_locked_from_anywhere_and_in_any_letter_case():
    make.user("mia@example.org")
    for number in range(9):
        attempt(
            "MIA@example.org" if number % 2 else "mia@example.org",
            address=f"192.0.2.{number}",
            agent=str(number),
        )
    assert attempt("Mia@Example.org", make.PASSWORD, address="198.51.100.7").status_code == 429


def test_an_unknown_name_is_locked_like_a_known_one():
    assert fail(9, "nobody@example.org") == [200] * 8 + [429]


def test_eight_failures_and_a_success_clear_the_counter_of_the_account():
    make.user("mia@example.org")
    fail(8)
    assert attempt("mia@example.org", make.PASSWORD).status_code == 302
    assert fail(8) == [200] * 8


def test_fifty_failures_from_one_address_lock_the_address_for_every_name():
    make.user("mia@example.org")
    codes = [attempt(f"person{number}@example.org").status_code for number in range(50)]
    assert codes == [200] * 49 + [429]
    assert attempt("mia@example.org", make.PASSWORD).status_code == 429
    assert attempt("mia@example.org", make.PASSWORD, address="198.51.100.7").status_code == 302


def test_a_success_does_not_clear_the_counter_of_the_address():
    make.user("mia@example.org")
    for number in range(49):
        attempt(f"person{number}@example.org")
    assert attempt("mia@example.org", make.PASSWORD).status_code == 302
    assert attempt("person50@example.org").status_code == 429


def test_the_minutes_left_grow_less_and_the_lock_ends_by_itself():
    make.user("mia@example.org")
    fail(9)
    pass_time(14)
    assert "Try again in 1 minute;" in attempt("mia@example.org").content.decode()
    pass_time(1)
    assert attempt("mia@example.org", make.PASSWORD).status_code == 302


def test_tries_during_a_lock_do_not_make_it_longer():
    fail(9)
    pass_time(10)
    fail(3)
    assert "Try again in 5 minutes" in attempt("mia@example.org").content.decode()


def test_the_address_comes_from_a_forwarded_header_only_behind_a_declared_proxy(settings):
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    Client(REMOTE_ADDR="192.0.2.1", headers=forwarded).post(
        "/login/", {"username": "a@b.cc", "password": "x"}
    )
    assert AccessAttempt.objects.get().ip_address == "192.0.2.1"
    settings.TRUSTED_PROXIES = 1
    Client(REMOTE_ADDR="192.0.2.1", headers=forwarded).post(
        "/login/", {"username": "a@b.cc", "password": "x"}
    )
    assert AccessAttempt.objects.latest("pk").ip_address == "203.0.113.9"


def test_failures_lock_and_release_are_in_the_security_log():
    fail(10)
    lines = list(
        SecurityEvent.objects.filter(address="192.0.2.1")
        .order_by("pk")
        .values_list("action", "object", "result")
    )
    assert lines == [
        *[("sign_in", "mia@example.org", "failed")] * 9,
        ("locked", "mia@example.org", "refused"),
        ("sign_in", "mia@example.org", "refused"),
    ]
    assert SecurityEvent.objects.filter(details__icontains="wrong").count() == 0


def test_a_superuser_releases_a_lock(client):
    admin = make.superuser()
    make.user("mia@example.org")
    fail(9)
    client.force_login(admin)
    assert "mia@example.org" in client.get("/locked-accounts/").content.decode()
    client.post("/locked-accounts/", {"kind": lockout.ACCOUNT, "name": "mia@example.org"})
    assert attempt("mia@example.org", make.PASSWORD).status_code == 302
    event = SecurityEvent.objects.get(action="lock_released")
    assert (event.actor, event.object) == (admin, "mia@example.org")


def test_locks_are_for_superusers_only(client):
    client.force_login(make.user(roles=["Auditor"]))
    assert client.get("/locked-accounts/").status_code == 403
    assert client.post("/locked-accounts/", {"kind": "account", "name": "x"}).status_code == 403
