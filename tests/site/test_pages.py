"""Every page is one document: one heading, labelled controls, nothing inline, and the security headers."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from backoffice import urls
from backoffice.console import errors
from tests.site.addresses import ADDRESSES, NAMES, Address
from tests.site.conftest import NO_ROLE, person
from tests.site.page import Page
from tests.site.rows import row

pytestmark = pytest.mark.django_db
HEADERS = {
    "Content-Security-Policy": {
        "default-src 'self'",
        "img-src 'self' data:",
        "base-uri 'self'",
        "form-action 'self'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    },
    "X-Content-Type-Options": {"nosniff"},
    "Referrer-Policy": {"same-origin"},
    "X-Frame-Options": {"DENY"},
}


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("secret detail")


urlpatterns = [path("broken/", broken), *urls.urlpatterns]
handler403, handler404, handler500 = errors.refused, errors.missing, errors.fault


def assert_headers(response: HttpResponse, *names: str) -> None:
    for name in names:
        assert {part.strip() for part in response.headers.get(name, "").split(";")} == HEADERS[name], name


def assert_sound(response: HttpResponse) -> None:
    assert_headers(response, *HEADERS)
    if response.headers.get("Content-Type", "").startswith("text/html") and response.content:
        assert Page(response.content.decode()).problems() == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("address", ADDRESSES, ids=NAMES)
def test_a_page_is_sound(address: Address, language: str, signed_in: Callable[..., Client]):
    user = person("superuser")
    type(user).objects.filter(pk=user.pk).update(ui_language=language)
    response = signed_in(user).get(address.url_of_row(user))

    assert_sound(response)


@pytest.mark.parametrize("address", ADDRESSES, ids=NAMES)
def test_what_a_stranger_sees_is_sound(address: Address, client: Client):
    assert_sound(client.get(address.url_of_row(None), follow=True))


@pytest.mark.parametrize(
    "address", [a for a in ADDRESSES if a.model], ids=[a.name for a in ADDRESSES if a.model]
)
def test_a_refusal_is_sound(address: Address, signed_in: Callable[..., Client]):
    response = signed_in(person(NO_ROLE)).get(
        address.url_of_missing_row() if address.has_row else address.url()
    )

    assert response.status_code == 403
    assert_sound(response)


def test_a_missing_page_is_sound(signed_in: Callable[..., Client]):
    for client in (Client(), signed_in(person("superuser"))):
        response = client.get("/no/such/page/")
        assert response.status_code == 404
        assert_sound(response)


def test_a_fault_shows_a_number_and_no_detail(signed_in: Callable[..., Client], settings):
    settings.ROOT_URLCONF = "tests.site.test_pages"
    client = signed_in(person("superuser"))
    client.raise_request_exception = False
    response = client.get("/broken/")

    assert response.status_code == 500
    assert_sound(response)
    assert b"secret detail" not in response.content
    assert b"Traceback" not in response.content


def test_a_form_without_its_token_is_refused_with_the_values(signed_in: Callable[..., Client]):
    user = person("superuser")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
    store = row(next(a.model for a in ADDRESSES if a.name == "packaging_packagingtype_add"))
    response = client.post(f"/packaging/packagingtype/{store.pk}/change/", {"name.en_US": "Typed text"})

    assert response.status_code == 403
    assert b"Typed text" in response.content
    assert_sound(response)


def test_static_files_carry_the_policy(client: Client):
    response = client.get("/static/backoffice/admin.css")
    response.close()

    assert response.status_code == 200
    assert_headers(response, "Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")


def test_the_headings_of_lists_are_written_in_one_template():
    pages = settings.BASE_DIR.glob("templates/**/*.html")
    assert [each.name for each in pages if "aria-sort" in each.read_text()] == ["headings.html"]


def test_what_every_page_loads_stays_small():
    """DESIGN: the style below 45,000 bytes, the script of all pages below 15,000."""
    folder = settings.BASE_DIR / "static" / "backoffice"
    assert (folder / "admin.css").stat().st_size < 45_000
    assert (folder / "app.js").stat().st_size < 15_000
