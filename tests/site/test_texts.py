"""Every text of the program is there in every language of the interface."""

import pytest
from django.conf import settings

from backoffice.console import translations

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_untranslated(language: str):
    texts = translations.program_texts(settings.BASE_DIR)

    assert list(translations.shortcomings(language, texts)) == []
