"""What the pages of a job tell besides its rows, and where a button leads when nobody is signed in any more."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.accounts.models import User
from backoffice.transfer.models import Job
from tests import make
from tests.transfer.conftest import TYPES
from tests.transfer.test_reading_page import chosen, reread, text_of
from tests.transfer.test_screens import LIST, UPLOAD, page, signed_in

pytestmark = pytest.mark.django_db
TEXT = "name,name.en_US\nbox,Box\nsack,Sack\n"


@pytest.fixture
def manager(db: None) -> User:
    make.store("DE", locales=("de_DE", "en_US"))
    return make.user(roles=["Category Manager"])


@pytest.fixture
def browser(manager: User) -> Client:
    return signed_in(manager)


def taken(browser: Client, text: str = TEXT, *deeds: str, **options: str) -> str:
    file = SimpleUploadedFile(f"{TYPES}.csv", text.encode())
    url = browser.post(UPLOAD, {"files": file, **options})["Location"]
    for deed in deeds:
        browser.post(f"{url}{deed}/")
    return url


def facts(html: str) -> dict[str, str]:
    listed = re.search(r'aria-label="About this job".*?<dl class="bo-dl">(.*?)</dl>', html, re.DOTALL)[1]
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", listed, re.DOTALL)
    return {name: text_of(value).strip() for name, value in found}


def test_a_job_tells_who_ordered_it_with_what_choices_and_when(browser: Client, manager: User):
    url = taken(browser, TEXT, "check", on_error="skip", note="ticket 7")
    told = facts(page(browser, url))
    assert {name: told[name] for name in ("By", "Note", "On errors", "Warnings", "Rows", "Encoding")} == {
        "By": str(manager),
        "Note": "ticket 7",
        "On errors": "Skip bad rows",
        "Warnings": "Accept",
        "Rows": "Create and update",
        "Encoding": "Read as UTF-8, comma, decimal point",
    }
    assert "Stock quantities" not in told
    assert {"Started", "Check began"} <= set(told)
    browser.post(f"{url}apply/")
    assert {"Started", "Check began", "Import began", "Finished"} <= set(facts(page(browser, url)))


def test_the_list_names_the_content_and_groups_the_digits_of_counts(browser: Client):
    taken(browser, TEXT, "check")
    Job.objects.update(counts={"rows": 12_345, "errors": 1_234})
    html = text_of(page(browser, LIST))
    assert "Packaging types" in html
    assert "12,345" in html
    assert "1,234" in html


@pytest.mark.parametrize(
    ("encoding", "name"), [("windows-1252", "Windows-1252"), ("iso-8859-15", "ISO 8859-15")]
)
def test_a_stated_encoding_stands_before_the_one_found_out(browser: Client, encoding: str, name: str):
    url = taken(browser, "name;name.en_US;name.de_DE\nwin;Win;Kübel\n")
    html = reread(browser, url, encoding=encoding)
    assert f"Read as {name}, semicolon" in html
    assert "KÃŒbel" in html or "KÃ¼bel" in html
    assert chosen(html, "encoding") == name
    assert "Read as UTF-8, semicolon" in reread(browser, url, encoding="")


def test_an_encoding_that_cannot_be_is_refused_and_can_be_taken_back(browser: Client):
    url = taken(browser, "name;name.en_US\nwin;Wine\n")
    html = reread(browser, url, encoding="utf-16-le")
    assert "Read as UTF-16 LE" in html
    assert chosen(html, "encoding") == "UTF-16 LE"
    browser.post(f"{url}reading/", {"file": "1", "format": TYPES})
    assert "Read as UTF-8, semicolon" in page(browser, url)


def test_a_file_without_rows_is_told_as_such(browser: Client):
    url = taken(browser, "name,name.en_US\n", "check")
    html = page(browser, url)
    assert "There is no row below the header: nothing was imported." in html
    assert "everything is there already" not in html


def test_running_an_applied_file_again_tells_that_it_was_applied(browser: Client):
    url = taken(browser, TEXT, "check", "apply")
    again = browser.post(f"{url}again/")["Location"]
    assert again != url
    assert "The same content was imported before" in page(browser, again)
    twice = browser.post(f"{again}again/")
    assert page(browser, url).count("The same content was imported before") == 0
    assert twice.status_code == 302


def test_the_refusal_of_an_import_names_the_roles_that_may(db: None):
    html = signed_in(make.user(roles=["Inventory Manager"])).get(UPLOAD)
    if html.status_code == 200:
        html = signed_in(make.user(roles=[make.role(rights=["packaging.view_packagingtype"])])).get(UPLOAD)
    assert html.status_code == 403
    assert re.search(r"Roles with this right: [^.]*Category Manager", text_of(html.content.decode()))


def test_long_results_are_paged_both_ways_with_their_range(browser: Client):
    lines = "".join(f"key{number:03},{'x' * 300}\n" for number in range(119))
    url = taken(browser, f"name,name.en_US\n{lines}", "check")

    def shown(query: str) -> tuple[str, str, str]:
        html = page(browser, f"{url}?{query}")
        first = re.search(r'<span class="bo-mono">(key\d+)', html)[1]
        span = re.search(r"\d+–\d+ of \d+", text_of(html))[0]
        links = " ".join(re.findall(r'rel="(prev|next)"', html))
        return first, span, links

    def link(query: str, rel: str) -> str:
        found = re.search(rf'rel="{rel}" href="\?([^#"]*)', page(browser, f"{url}?{query}"))[1]
        return found.replace("&amp;", "&")

    assert shown("tab=errors") == ("key000", "1–50 of 119", "next")
    second = link("tab=errors", "next")
    assert shown(second) == ("key050", "51–100 of 119", "prev next")
    third = link(second, "next")
    assert shown(third) == ("key100", "101–119 of 119", "prev")
    assert shown(link(third, "prev")) == ("key050", "51–100 of 119", "prev next")
    assert shown(link(link(third, "prev"), "prev")) == ("key000", "1–50 of 119", "next")


# --- when the session ended --------------------------------------------------------------------------


def login_next(answer) -> str:
    from urllib.parse import parse_qs, urlsplit

    assert answer.status_code == 302
    return parse_qs(urlsplit(answer["Location"]).query)["next"][0]


def test_import_pressed_after_the_session_ended_leads_back_to_the_job(browser: Client):
    url = taken(browser, TEXT, "check")
    browser.logout()
    page_of_job = f"http://testserver{url}?file=1&tab=changes"
    answer = browser.post(f"{url}apply/", headers={"referer": page_of_job})
    assert login_next(answer) == f"{url}?file=1&tab=changes"
    assert Job.objects.get().state == "checked"
    for foreign in ("https://elsewhere.example/x", "http://testserver//elsewhere.example/", ""):
        led = login_next(browser.post(f"{url}apply/", headers={"referer": foreign}))
        assert led in ("/", "/elsewhere.example/")


def test_the_note_typed_before_the_session_ended_is_not_lost(
    browser: Client, manager: User, private_root: Path
):
    html = page(browser, UPLOAD)
    who = re.search(r'name="_who" value="([^"]+)"', html)[1]
    browser.logout()
    file = SimpleUploadedFile(f"{TYPES}.csv", TEXT.encode())
    typed = {"files": file, "note": "ticket 9", "on_error": "skip", "_who": who}
    assert login_next(browser.post(UPLOAD, typed)) == UPLOAD
    browser.force_login(manager, backend="backoffice.accounts.backends.RoleBackend")
    html = page(browser, UPLOAD)
    assert 'value="ticket 9"' in html
    assert re.search(r'value="skip"[^>]*checked', html)
    assert f"Choose these files again: {TYPES}.csv." in html
    assert Job.objects.count() == 0
