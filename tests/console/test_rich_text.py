"""Texts with HTML: one allow-list, cleaned on save and on every output (products 0.6, users-and-roles 10.3)."""

import pytest
from django import forms
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from backoffice.console.rich_text import RichText
from backoffice.html import clean, plain_text, what_cleaning_removes

BARE = "x"
HARMLESS = [
    "Plain text",
    "<p>Forged head, <b>without</b> marks.</p>",
    "<h3>Use</h3><ul><li>one</li><li>two</li></ul>",
    '<table><tbody><tr><td colspan="2">1</td></tr></tbody></table>',
    '<img src="/media/a.jpg" alt="A hammer">',
    '<img src="//cdn.example.org/a.jpg" alt="">',
]


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_html_stays_as_it_is(text: str):
    assert clean(text) == text
    assert what_cleaning_removes(text) == []


@pytest.mark.parametrize(
    ("text", "cleaned", "removed"),
    [
        ("<script>alert(1)</script>Hi", "Hi", ["<script>"]),
        ('<p onclick="x()">Hi</p>', "<p>Hi</p>", ["<p onclick>"]),
        ('<p style="color:red" class="x">Hi</p>', "<p>Hi</p>", ["<p style>", "<p class>"]),
        (
            '<a href="javascript:alert(1)">x</a>',
            BARE,
            ["<a href=javascript:alert(1)>"],
        ),
        (
            '<a href=" java\tscript:alert(1)">x</a>',
            BARE,
            ["<a href= java\tscript:alert(1)>"],
        ),
        ('<img src="data:image/svg+xml,x">', "", ["<img src=data:image/svg+xml,x>"]),
        ("<h1>Big</h1>", "Big", ["<h1>"]),
        ("<iframe src='//evil.example'></iframe>Hi", "Hi", ["<iframe>"]),
        ("a<!-- note -->b", "ab", ["<!-- -->"]),
        ("<svg><a href='https://x.example'>x</a></svg>y", "y", ["<svg>", "<a>"]),
    ],
)
def test_cleaning_takes_away_what_the_list_does_not_know_and_names_it(text, cleaned, removed):
    assert clean(text) == cleaned
    assert what_cleaning_removes(text) == removed


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("<p>a<img>b</p>", "<p>ab</p>"),
        ('<p><img alt="a > b">c</p>', "<p>c</p>"),
        ('<a href="javascript:x()"><b>go</b></a> <a href="https://x.example">x</a>', None),
        ('<a name="top">top</a>', "top"),
    ],
)
def test_pictures_without_a_source_and_links_that_lead_nowhere_go(text: str, cleaned: str | None):
    there = '<b>go</b> <a href="https://x.example" rel="noopener noreferrer">x</a>'
    assert clean(text) == (there if cleaned is None else cleaned)
    assert clean(clean(text)) == clean(text)


def test_links_lead_to_pages_and_letters_only():
    kept = '<a href="{}" rel="noopener noreferrer">x</a>'
    for address in ("https://example.org/a", "http://example.org", "mailto:a@example.org"):
        assert clean(f'<a href="{address}">x</a>') == kept.format(address)
        assert what_cleaning_removes(f'<a href="{address}">x</a>') == []
    for address in ("/relative", "//example.org", "ftp://example.org", "vbscript:x", "tel:1"):
        assert "href" not in clean(f'<a href="{address}">x</a>')


def test_broken_html_is_closed_and_nothing_is_called_removed():
    text = "<p>Blade.</p><ul><li>Grip<li>Hole</ul>"
    assert clean(text) == "<p>Blade.</p><ul><li>Grip</li><li>Hole</li></ul>"
    assert what_cleaning_removes(text) == []


@given(st.text(alphabet="<>/ab \"'=&;!-ihrefscpt:onx\n", max_size=80))
def test_cleaning_twice_is_cleaning_once(text: str):
    assert clean(clean(text)) == clean(text)


def test_template_signs_print_as_they_are():
    assert clean("<b>{{ 7*7 }}</b> %(x)s") == "<b>{{ 7*7 }}</b> %(x)s"


def test_a_template_prints_rich_text_cleaned():
    page = Template("{% load console %}{{ text|rich }}")
    assert page.render(Context({"text": "<b>Hi</b><script>x</script>"})) == "<b>Hi</b>"
    assert page.render(Context({"text": None})) == ""


def test_a_text_for_search_engines_has_no_tags_and_no_hard_blanks():
    text = "<p>Forged&nbsp;head,<br>hickory</p><p>handle &amp; grip</p><style>p{}</style>"
    assert plain_text(text) == "Forged head, hickory handle & grip"
    assert plain_text("5 > 3 as it is  ") == "5 > 3 as it is  "


class Form(forms.Form):
    text = RichText(label="Description", required=False)


def cleaned(kept: dict[str, str], **typed: str) -> dict[str, str]:
    form = Form({f"text.{code}": text for code, text in typed.items()})
    form.fields["text"].kept = kept
    assert form.is_valid(), form.errors
    return form.cleaned_data["text"]


@pytest.mark.django_db
def test_a_form_cleans_what_is_typed_and_keeps_what_was_imported():
    imported = "<p onclick='x'>As it came</p>"
    assert cleaned({}, en_US="<p onclick='x'>Typed</p>") == {"en_US": "<p>Typed</p>"}
    assert cleaned({"en_US": imported}, en_US=imported) == {"en_US": imported}
    assert cleaned({"en_US": imported, "fr_FR": imported}, en_US="") == {"fr_FR": imported}


@pytest.mark.django_db
def test_the_box_of_a_rich_text_is_a_labelled_textarea_with_tools_for_its_script():
    html = str(Form()["text"])
    assert "<template data-editor-tools>" in html
    assert "data-editor" in html
    assert 'aria-label="Description, en_US"' in html
    assert str(Form().media) == '<script src="/static/backoffice/editor.js" defer></script>'
