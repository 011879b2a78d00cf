"""Rules of passwords, changing them, and the link of a forgotten one (users-and-roles 8.4, 8.5)."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from backoffice.accounts import people
from backoffice.accounts.models import SecurityEvent
from backoffice.accounts.passwords import set_password
from backoffice.accounts.tokens import reset_tokens
from tests import make

pytestmark = pytest.mark.django_db

FRESH = "fresh horse staple battery"


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "password_too_short"),
        ("123456789012345", "password_entirely_numeric"),
        ("mia@example.org", "password_too_similar"),
        ("passwordpassword", "password_too_common"),
        (make.PASSWORD, "previous"),
        ("demo-backoffice", "known"),
    ],
)
def test_weak_passwords_are_refused(password, code):
    user = make.user("mia@example.org")
    if code == "password_too_common":
        password = "qwertyuiop123"
    with pytest.raises(ValidationError) as caught:
        validate_password(password, user)
    assert code in {error.code for error in caught.value.error_list}


def test_the_password_before_the_last_is_refused_once_more():
    user = make.user()
    set_password(user, FRESH)
    for password in (make.PASSWORD, FRESH):
        with pytest.raises(ValidationError):
            validate_password(password, user)


def test_any_characters_are_allowed():
    validate_password("пароль 密码 \u00a0 🐎🐎", make.user())


def change(client: Client, old: str, new: str, again: str):
    return client.post(
        "/profile/password/", {"old_password": old, "new_password1": new, "new_password2": again}
    )


def test_changing_the_own_password_ends_the_other_sessions_only(client):
    user = make.user()
    elsewhere = Client()
    client.force_login(user)
    elsewhere.force_login(user)
    assert change(client, make.PASSWORD, FRESH, FRESH).url == "/profile/"
    assert client.get("/profile/").status_code == 200
    assert elsewhere.get("/profile/").status_code == 302
    event = SecurityEvent.objects.get(action="password")
    assert (event.object, event.details) == (user.email, {"how": "changed"})


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("wrong", FRESH, FRESH, "old_password"),
        (make.PASSWORD, FRESH, "another one entirely", "new_password2"),
        (make.PASSWORD, "short", "short", "new_password1"),
        (make.PASSWORD, make.PASSWORD, make.PASSWORD, "new_password1"),
    ],
)
def test_a_mistake_is_told_at_its_box_and_the_boxes_are_empty(client, old, new, again, field):
    user = make.user()
    client.force_login(user)
    response = change(client, old, new, again)
    assert list(response.context["form"].errors) == [field]
    assert FRESH not in response.content.decode()
    user.refresh_from_db()
    assert user.check_password(make.PASSWORD)


def ask(email: str) -> str:
    """Ask for a link; gives the page after it."""
    response = Client().post("/password-reset/", {"email": email}, follow=True)
    return re.sub(r'value="[^"]{60,}"', "", response.content.decode())


def link() -> str:
    return re.search(r"https?://testserver(/\S+)", mail.outbox[-1].body).group(1)


def use(address: str, password: str = FRESH):
    """Open the link and send the form behind it."""
    client = Client()
    form = client.get(address, follow=True)
    if not form.context["validlink"]:
        return form
    return client.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def test_the_answer_is_the_same_for_known_and_unknown_addresses():
    make.user("mia@example.org")
    make.user("off@example.org", status="deactivated")
    answers = {ask(email) for email in ("mia@example.org", "nobody@example.org", "off@example.org")}
    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [["mia@example.org"]]


def test_the_link_works_once_and_asks_for_a_log_in():
    user = make.user("mia@example.org")
    ask("MIA@example.org")
    response = use(link())
    assert response.url == "/login/"
    user.refresh_from_db()
    assert user.check_password(FRESH)
    assert use(link(), "yet another password").status_code == 200
    user.refresh_from_db()
    assert user.check_password(FRESH)


@pytest.mark.parametrize("event", ["hour", "password", "deactivated", "reactivated", "newer"])
def test_the_link_dies_with_time_password_deactivation_and_a_newer_request(event, monkeypatch):
    make.superuser()
    user = make.user("mia@example.org")
    ask("mia@example.org")
    address = link()
    if event == "hour":
        real = reset_tokens._now
        monkeypatch.setattr(reset_tokens, "_now", lambda: real() + timedelta(minutes=61))
    elif event == "password":
        set_password(user, "changed in between")
    elif event == "newer":
        ask("mia@example.org")
    else:
        user.refresh_from_db()
        people.deactivate(user)
        if event == "reactivated":
            people.activate(user)
    assert "This link is not valid" in use(address).content.decode()


def test_a_link_is_good_for_an_hour(monkeypatch):
    user = make.user("mia@example.org")
    ask("mia@example.org")
    real = reset_tokens._now
    monkeypatch.setattr(reset_tokens, "_now", lambda: real() + timedelta(minutes=59))
    use(link())
    user.refresh_from_db()
    assert user.check_password(FRESH)


def test_a_broken_link_is_no_error():
    for address in ("/password-reset/zz/x/", "/password-reset/MQ/a-b/", "/password-reset/%F0%9F/%00-x/"):
        assert Client().get(address).status_code in {200, 404}


def test_a_reset_ends_all_sessions(client):
    user = make.user("mia@example.org")
    client.force_login(user)
    ask("mia@example.org")
    use(link())
    assert client.get("/profile/").status_code == 302


def test_more_than_five_mails_an_hour_are_not_sent():
    make.user("mia@example.org")
    answers = {ask("mia@example.org") for _ in range(7)}
    assert len(answers) == 1
    assert len(mail.outbox) == 5


def test_neither_log_nor_mail_headers_hold_the_token():
    make.user("mia@example.org")
    ask("mia@example.org")
    token = link().rstrip("/").rsplit("/", 1)[1]
    assert token not in mail.outbox[0].subject
    assert SecurityEvent.objects.filter(details__icontains=token).count() == 0
    assert SecurityEvent.objects.filter(object__icontains=token).count() == 0
