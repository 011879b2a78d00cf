"""The page of an uploaded file: what was guessed, what may be changed, what is refused before any check."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.transfer.models import Job
from tests import make
from tests.transfer.conftest import TYPES
from tests.transfer.test_screens import UPLOAD, page, signed_in

pytestmark = pytest.mark.django_db
GERMAN = "name;name.en_US;name.de_DE\r\nwin;Win;Kübel Größe\r\n"


@pytest.fixture
def browser(db: None) -> Client:
    make.store("DE", locales=("de_DE", "en_US"))
    return signed_in(make.user(roles=["Category Manager"]))


def uploaded(browser: Client, content: bytes) -> str:
    return browser.post(UPLOAD, {"files": SimpleUploadedFile(f"{TYPES}.csv", content)})["Location"]


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def offers_check(html: str) -> bool:
    """Whether the button that begins the check can be pressed."""
    return "disabled" not in re.search(r"<button([^>]*)>\s*Check file", html).group(1)


def chosen(html: str, name: str) -> str:
    """What a select of the form shows."""
    select = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL).group()
    option = re.search(r"<option[^>]* selected[^>]*>([^<]*)", select) or re.search(
        r"<option[^>]*>([^<]*)", select
    )
    return option.group(1)


def reread(browser: Client, url: str, **fields: str) -> str:
    """The form as the page fills it, with these fields changed."""
    html = page(browser, url)
    values = {"file": "1"}
    for name in ("format", "encoding", "separator", "decimal_sign"):
        select = re.search(rf'<select name="{name}".*?</select>', html, re.DOTALL).group()
        marked = re.search(r'<option value="([^"]*)"[^>]* selected', select)
        values[name] = marked.group(1) if marked else ""
    browser.post(f"{url}reading/", values | fields)
    return page(browser, url)


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Windows-1252"), ("utf-16-le", "UTF-16 LE"), ("utf-16-be", "UTF-16 BE")],
)
def test_a_guessed_encoding_is_the_ground_for_the_other_guesses(browser: Client, encoding: str, name: str):
    url = uploaded(browser, GERMAN.encode(encoding))
    html = page(browser, url)

    assert f"Read as {name}, semicolon, decimal point" in html
    assert f"It looks like {name}." in html
    assert "<td>Kübel Größe</td>" in html
    assert (chosen(html, "encoding"), chosen(html, "separator")) == (name, "As guessed: semicolon")
    assert not offers_check(html)

    html = reread(browser, url)
    assert "It looks like" not in html
    assert f"Read as {name}, semicolon, decimal point" in html
    browser.post(f"{url}check/")
    assert Job.objects.get().counts["new"] == 1
    assert "It looks like" not in page(browser, url)


def test_what_the_user_did_not_choose_is_guessed_again(browser: Client):
    url = uploaded(browser, b"name,name.en_US\nbox,Box\n")
    html = reread(browser, url, separator=";")
    assert "These columns are missing: name." in html
    assert chosen(html, "separator") == "semicolon"

    html = reread(browser, url, separator="")
    assert "Read as UTF-8, comma, decimal point" in html
    assert chosen(html, "separator") == "As guessed: comma"
    assert Job.objects.get().state == "uploaded"


def test_columns_that_the_file_lacks_are_named_with_their_locale(browser: Client):
    words = text_of(page(browser, uploaded(browser, b"name,name.en_US\nbox,Box\n")))

    assert "Known columns name name.en_US Columns that are not in the file name.de_DE" in words


def test_unknown_columns_are_one_list_with_the_nearest_known_name(browser: Client):
    names = [*(f"c{number}" for number in range(40)), "nane.en_US"]
    url = uploaded(browser, f"name,nmae.de_DE,{','.join(names)}\nbox{',' * 42}\n".encode())
    said = "42 columns are not known and are left out: nmae.de_DE (did you mean “name.de_DE”?), c0, c1,"

    assert page(browser, url).count(said) == 1
    assert "c28 and 12 more." in page(browser, url)
    browser.post(f"{url}check/")
    assert page(browser, url).count(said) == 1


def test_columns_in_languages_that_no_store_uses_are_told_apart_from_unknown_ones(browser: Client):
    url = uploaded(browser, b"name,name.fr_FR,nonsense\nbox,,\n")
    for _page in ("reading", "check"):
        html = text_of(page(browser, url))
        assert "No store uses the language of the column “name.fr_FR”; the column is left out." in html
        assert "The column “nonsense” is not known and is left out." in html
        browser.post(f"{url}check/")

    url = uploaded(browser, b"name,name.fr_FR,rest,name.it_IT,other\nbox,,,,\n")
    html = text_of(page(browser, url))
    assert "2 columns are not known and are left out: rest, other." in html
    assert "No store uses the languages of 2 columns; they are left out: name.fr_FR, name.it_IT." in html


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nme,name.en_US\nbox,Box\n", "These columns are missing: name."),
        ("name,NAME\nbox,Box\n", "The column “NAME” is there twice."),
        ('name,name.en_US\nbox,"Box\nsack,Sack\n', "The quote opened on line 2 never closes."),
        (f"name,name.en_US\nbox,{'x' * 1_000_001}\n", "has a cell of more than 1,000,000 characters"),
        (
            f"name,{','.join(f'c{n}' for n in range(1_000))}\nbox\n",
            "The file has 1,001 columns, at most 1,000 are read.",
        ),
        ("<html><body></body></html>", "This is no table: the content is a web page."),
        ("", "The file is empty."),
    ],
)
def test_a_refused_file_says_why_and_offers_no_check(browser: Client, content: str, said: str):
    url = uploaded(browser, content.encode())
    html = page(browser, url)

    assert html.count(said) == 1
    assert not offers_check(html)
    assert Job.objects.get().state == "refused"


def test_a_quote_that_stays_open_far_below_leads_back_to_the_same_page(browser: Client):
    rows = "".join(f"box{number},Box\n" for number in range(100))
    url = uploaded(browser, f'name,name.en_US\n{rows}sack,"Sack\n'.encode())
    assert offers_check(page(browser, url))
    browser.post(f"{url}check/")
    html = page(browser, url)

    assert "The quote opened on line 102 never closes." in html
    assert not offers_check(html)
    assert "Check again" not in html


def test_an_earlier_import_is_told_with_moment_and_name(browser: Client):
    content = b"name,name.en_US\nbox,Box\n"
    url = uploaded(browser, content)
    for step in ("check/", "apply/"):
        browser.post(url + step)
    Job.objects.update(created_at="2026-11-20T11:04:00Z")
    owner = Job.objects.get().owner_name
    said = "The same content was imported before, on 20 Nov 2026, 11:04 by"
    assert f"{said} {owner}." in page(browser, uploaded(browser, content))

    Job.objects.update(owner_name="")
    assert f"{said} System." in page(browser, uploaded(browser, content))
