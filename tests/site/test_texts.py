"""Every text of the program is there in every language of the interface."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from backoffice.console import translations
from tests import make
from tests.site.page import Page

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_untranslated(language: str):
    texts = translations.program_texts(settings.BASE_DIR)

    assert list(translations.shortcomings(language, texts)) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "titles"),
    [("en", ["Packaging types", "Users", "Roles"]), ("de", ["Verpackungsarten", "Benutzer", "Rollen"])],
)
def test_a_list_is_titled_in_the_users_language(
    language: str, titles: list[str], signed_in: Callable[..., Client]
):
    client = signed_in(make.superuser(ui_language=language))
    found = []
    for url in ("/packaging/packagingtype/", "/accounts/user/", "/accounts/role/"):
        page = Page(client.get(url).content.decode())
        found.append((page.all("h1")[0]["text"].strip(), page.all("caption")[0]["text"].strip()))

    assert found == [(title, title) for title in titles]
