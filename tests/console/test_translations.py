from pathlib import Path

import pytest

from backoffice.console import translations

TEMPLATE = """{% load i18n %}
<p title="{% translate "It's (fine)" %}">{% translate "100% sure" %}
{% blocktranslate count n=n trimmed %}
   One <b>row</b> of {{ total }}
{% plural %}
   {{ n }} rows of "{{ total }}"
{% endblocktranslate %}
{{ _("constant") }} {% include "x" with a=_("in a tag") %} {% translate "May" context "month" %}
"""
MODULE = """
from django.utils.translation import gettext_lazy as _, ngettext
greeting = _("Hello %(name)s.")
rows = ngettext("%(n)d row", "%(n)d rows", 3)
"""


@pytest.fixture
def program(tmp_path: Path, settings) -> Path:
    package = tmp_path / "room"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "models.py").write_text(MODULE)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(TEMPLATE)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    return tmp_path


def test_texts_of_modules_and_templates_are_found_with_plural_and_context(program: Path):
    found = {(message.id, message.context) for message in translations.program_texts(program) if message.id}

    assert found == {
        ("Hello %(name)s.", None),
        (("%(n)d row", "%(n)d rows"), None),
        ("It's (fine)", None),
        ("100%% sure", None),
        (("One <b>row</b> of %(total)s", '%(n)s rows of "%(total)s"'), None),
        ("constant", None),
        ("in a tag", None),
        ("May", "month"),
    }


def test_gathering_twice_writes_once_and_keeps_translations(program: Path):
    texts = translations.program_texts(program)
    assert translations.update("de", texts) is True
    path = translations.catalogue_path("de")
    path.write_text(
        path.read_text().replace('msgid "constant"\nmsgstr ""', 'msgid "constant"\nmsgstr "fest"')
    )

    assert translations.update("de", texts) is False
    assert 'msgstr "fest"' in path.read_text()


def test_a_missing_an_uncertain_and_a_wrong_translation_are_named(program: Path):
    (program / "templates" / "page.html").unlink()
    texts = translations.program_texts(program)
    assert list(translations.shortcomings("de", texts)) == [
        "room/models.py: 'Hello %(name)s.' is not in the catalogue",
        "room/models.py: '%(n)d row' is not in the catalogue",
    ]

    translations.update("de", texts)
    path = translations.catalogue_path("de")
    rows = 'msgid_plural "%(n)d rows"\nmsgstr[0] "{}"\nmsgstr[1] "{}"'
    whole = path.read_text().replace('s."\nmsgstr ""', 's."\nmsgstr "Hallo %(vorname)s."')
    path.write_text(whole.replace(rows.format("", ""), rows.format("%(n)d Zeile", "")))

    sentences = list(translations.shortcomings("de", texts))
    assert [sentence.split(":")[0] for sentence in sentences] == ["room/models.py", "room/models.py"]
    assert "vorname" in sentences[0]
    assert sentences[1] == "room/models.py: '%(n)d row' has no translation"
