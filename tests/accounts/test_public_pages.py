"""Headers, tokens and methods of the pages that everybody may open (users-and-roles 11)."""

import pytest
from django.test import Client

from tests import make

pytestmark = pytest.mark.django_db

PAGES = ["/login/", "/password-reset/", "/password-reset/done/", "/password-reset/MQ/x-y/"]
POLICY = {
    "default-src 'self'",
    "img-src 'self' data:",
    "base-uri 'self'",
    "form-action 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
}


def headers_are_strict(response) -> bool:
    policy = {part.strip() for part in response["Content-Security-Policy"].split(";")}
    return (
        policy == POLICY
        and response["X-Content-Type-Options"] == "nosniff"
        and response["X-Frame-Options"] == "DENY"
        and response["Referrer-Policy"] == "same-origin"
    )


@pytest.mark.parametrize("page", PAGES)
def test_public_pages_send_strict_headers(client, page):
    response = client.get(page)
    assert response.status_code == 200
    assert headers_are_strict(response)


def test_refusals_and_locks_send_them_too(client):
    for _ in range(9):
        locked = client.post("/login/", {"username": "mia@example.org", "password": "wrong"})
    assert locked.status_code == 429
    assert headers_are_strict(locked)
    client.force_login(make.user())
    refused = client.get("/accounts/user/")
    assert refused.status_code == 403
    assert headers_are_strict(refused)


@pytest.mark.parametrize(
    "page", ["/login/", "/logout/", "/password-reset/", "/profile/", "/profile/password/"]
)
def test_a_post_without_a_token_is_refused_and_shows_what_was_typed_but_no_password(page):
    user = make.user()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    typed = {"username": "mia@example.org", "email": "mia@example.org", "password": "s3cret words here"}
    response = client.post(page, {**typed, "new_password1": "s3cret words here"})
    assert response.status_code == 403
    text = response.content.decode()
    assert "mia@example.org" in text
    assert "s3cret" not in text
    user.refresh_from_db()
    assert user.check_password(make.PASSWORD)


def test_a_post_from_another_site_is_refused():
    client = Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"})
    token = client.get("/login/").context["csrf_token"]
    response = client.post("/login/", {"csrfmiddlewaretoken": str(token), "username": "a", "password": "b"})
    assert response.status_code == 403


@pytest.mark.parametrize(
    "page",
    ["/profile/language/", "/profile/log-out-everywhere/", "/logout/", "/accounts/role/{}/members/add/"],
)
def test_reading_never_changes_anything(client, page):
    client.force_login(make.superuser())
    assert client.get(page.format(make.role().pk)).status_code == 405


def test_user_text_is_printed_as_it_is(client):
    name = "{{ 7*7 }} %(x)s <script>alert(1)</script>"
    user = make.superuser(first_name=name)
    client.force_login(user)
    text = client.get("/profile/").content.decode()
    assert "{{ 7*7 }} %(x)s &lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in client.get(f"/accounts/user/{user.pk}/").content.decode()
    response = client.post(f"/accounts/user/{make.user(first_name=name).pk}/deactivate/", follow=True)
    assert "<script>alert" not in response.content.decode()
    assert "{{ 7*7 }} %(x)s" in response.content.decode()
