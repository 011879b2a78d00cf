"""The import in a browser's steps, and who sees whose jobs."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.accounts.models import SecurityEvent, User
from backoffice.transfer.models import Job
from catalog.packaging.models import PackagingType
from tests import make
from tests.transfer.conftest import BAD, SAMPLE, TYPES

pytestmark = pytest.mark.django_db
UPLOAD = "/transfer/job/upload/"
LIST = "/transfer/job/"
TEXT = "name;name.en_US\nbox;Box\nsack;" + "x" * 300 + "\n"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="backoffice.accounts.backends.RoleBackend")
    return client


@pytest.fixture
def manager(db: None) -> User:
    make.store("DE", locales=("de_DE", "en_US"))
    return make.user(roles=["Category Manager"])


@pytest.fixture
def browser(manager: User) -> Client:
    return signed_in(manager)


def file_of(text: str, name: str = f"{TYPES}.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


def uploaded(browser: Client, text: str = TEXT, name: str = f"{TYPES}.csv", **options: str) -> str:
    response = browser.post(UPLOAD, {"files": file_of(text, name), **options})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def page(browser: Client, url: str) -> str:
    response = browser.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_the_four_steps(browser: Client, manager: User):
    url = uploaded(browser, on_error="skip", note="ticket 7")
    reading = page(browser, url)
    assert "Read as UTF-8, semicolon, decimal point" in reading
    assert "<td>Box</td>" in reading

    assert browser.post(f"{url}check/")["Location"] == url
    checked = page(browser, url)
    assert "1 row will be written. 1 row with errors is skipped." in checked
    assert "The text has 300 characters, at most 255 are allowed." in checked
    assert "too_long" in checked
    assert not PackagingType.objects.filter(key="box").exists()
    assert "<ins>Box</ins>" in page(browser, f"{url}?tab=changes")

    browser.post(f"{url}apply/")
    done = page(browser, url)
    assert "1 row was written." in done
    assert PackagingType.objects.get(key="box").name == {"en_US": "Box"}

    bad = b"".join(browser.get(f"{url}bad-rows/").streaming_content).decode()
    assert bad.startswith("name,name.en_US,__line,__errors\nsack,xxx")
    job = Job.objects.get()
    assert (job.owner, job.note, job.state) == (manager, "ticket 7", "done_with_errors")


def test_every_step_is_in_the_security_log(browser: Client):
    url = uploaded(browser, on_error="skip")
    for step in ("check/", "apply/"):
        browser.post(url + step)
    browser.get(f"{url}problems/")

    actions = list(SecurityEvent.objects.order_by("pk").values_list("action", "result"))
    assert [
        a for a in actions if a[0] in {"upload", "import_check", "import_apply", "import", "download"}
    ] == [
        ("upload", "ok"),
        ("import_check", "ok"),
        ("import_apply", "ok"),
        ("import", "failed"),
        ("download", "ok"),
    ]


def test_a_reading_can_be_changed(browser: Client):
    url = uploaded(browser, "name,name.en_US\nbox,Box\n")
    browser.post(
        f"{url}reading/", {"file": "1", "separator": ";", "encoding": "", "decimal_sign": "", "format": TYPES}
    )

    html = page(browser, url)
    assert "Read as UTF-8, semicolon, decimal point" in html
    assert "These columns are missing: name." in html


def test_an_encoding_is_confirmed_on_the_page(browser: Client):
    response = browser.post(
        UPLOAD, {"files": SimpleUploadedFile(f"{TYPES}.csv", "name,name.en_US\nb,Büro\n".encode("cp1252"))}
    )
    url = response["Location"]
    html = page(browser, url)
    assert "It looks like Windows-1252" in html
    assert "Büro" in html

    browser.post(f"{url}reading/", {"file": "1", "encoding": "windows-1252", "format": TYPES})
    browser.post(f"{url}check/")
    assert Job.objects.get().counts["new"] == 1


def test_all_or_nothing_offers_no_import_while_rows_are_in_error(browser: Client):
    url = uploaded(browser)
    browser.post(f"{url}check/")

    assert "Nothing is imported while rows are in error" in page(browser, url)
    browser.post(f"{url}apply/")
    assert (Job.objects.get().state, PackagingType.objects.filter(key="box").exists()) == ("checked", False)


def test_an_archive_that_leaves_its_folder_is_refused_with_a_sentence(browser: Client):
    data = (BAD / "folder__path_traversal.zip").read_bytes()
    response = browser.post(UPLOAD, {"files": SimpleUploadedFile("folder.zip", data)})

    assert response.status_code == 422
    assert "The archive is refused" in response.content.decode()
    assert Job.objects.count() == 0


def test_several_files_are_one_job_in_the_right_order(db: None):
    browser = signed_in(make.superuser())
    names = ["glossary.csv", "currency.csv", f"{TYPES}.csv", "customer.csv"]
    files = [SimpleUploadedFile(name, (SAMPLE / name).read_bytes()) for name in names]
    url = browser.post(UPLOAD, {"files": files})["Location"]

    assert list(Job.objects.get().files.values_list("name", flat=True)) == [
        "currency.csv",
        "glossary.csv",
        "customer.csv",
        f"{TYPES}.csv",
    ]
    browser.post(f"{url}check/")
    assert "customer.csv" in page(browser, url)


def test_without_a_file_the_form_says_so(browser: Client):
    response = browser.post(UPLOAD, {"note": "x"})

    assert response.status_code == 422
    assert "Choose a file." in response.content.decode()


def test_jobs_of_others_are_not_found(browser: Client):
    url = uploaded(browser)
    other = signed_in(make.user(roles=["Category Manager"]))

    for path in ("", "bad-rows/", "problems/", "progress/"):
        assert other.get(url + path).status_code == 404
    for path in ("check/", "apply/", "cancel/", "reading/"):
        assert other.post(url + path).status_code == 404
    assert url not in page(other, LIST)
    assert url in page(browser, LIST)
    assert Job.objects.get().state == "uploaded"


def test_the_right_on_jobs_of_others_shows_them_but_does_not_run_them(browser: Client):
    url = uploaded(browser)
    other = signed_in(make.superuser())

    assert other.get(url).status_code == 200
    other.post(f"{url}check/")
    assert Job.objects.get().state == "uploaded"


def test_a_right_that_was_lost_ends_the_import(browser: Client, manager: User):
    url = uploaded(browser)
    manager.groups.clear()

    assert browser.post(f"{url}check/").status_code == 403
    assert browser.get(url).status_code == 403
    assert Job.objects.get().state == "uploaded"


def test_a_download_asks_for_the_right_again_and_ends_with_the_file(browser: Client, manager: User):
    url = uploaded(browser)
    browser.post(f"{url}check/")
    manager.groups.set([make.role(rights=["stores.import_store", "stores.view_store"]).group])
    assert browser.get(f"{url}bad-rows/?file=1").status_code == 404
    assert browser.get(f"{url}problems/").status_code == 404

    manager.groups.set([Group.objects.get(name="Category Manager")])
    assert browser.get(f"{url}bad-rows/?file=1").status_code == 200
    Job.objects.get().files.update(stored="")
    assert browser.get(f"{url}bad-rows/?file=1").status_code == 404


def test_states_change_by_post_only(browser: Client):
    url = uploaded(browser)

    assert [browser.get(url + path).status_code for path in ("check/", "apply/", "cancel/")] == [
        405,
        405,
        405,
    ]
    assert Job.objects.get().state == "uploaded"


def test_every_list_with_files_leads_to_import_and_export(browser: Client):
    html = page(browser, "/packaging/packagingtype/?q=bo")

    assert f"/transfer/job/upload/?format={TYPES}" in html
    assert f"/transfer/job/export/?format={TYPES}&amp;screen=packaging.packagingtype&amp;list=q%3Dbo" in html


def test_the_export_takes_the_filter_of_the_list_along(browser: Client):
    for key in ("box", "sack"):
        make.packaging_type(key.title(), key=key)
    query = {"format": TYPES, "screen": "packaging.packagingtype", "list": "q=box"}
    assert browser.get("/transfer/job/export/", query).status_code == 200
    response = browser.post("/transfer/job/export/", query)

    assert b"".join(response.streaming_content) == b"name\nbox\n"
    assert response["Content-Disposition"] == f'attachment; filename="{TYPES}.csv"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert SecurityEvent.objects.filter(action="export", object=TYPES).count() == 1


def test_formats_without_the_right_are_neither_offered_nor_taken(browser: Client):
    assert "glossary" not in page(browser, UPLOAD)
    url = uploaded(browser, "key,translation,locale\nx,X,en_US\n", "glossary.csv")
    assert "You may not import files of this kind." in page(browser, url)
    browser.post(f"{url}check/")

    assert "You may not import files of this kind." in page(browser, url)


def test_names_of_files_are_only_shown_never_used(browser: Client, private_root: Path):
    uploaded(browser, TEXT, f"{TYPES} '<b>.csv")

    file = Job.objects.get().files.get()
    assert (private_root / "transfer" / file.stored).exists()
    assert not set(file.name) & set("\"'\r\n/\\")


def test_the_pages_say_that_no_worker_runs(browser: Client):
    for url in (UPLOAD, LIST, "/transfer/job/export/"):
        assert "No worker is running. Start one with `manage.py run_jobs`." in page(browser, url)


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_costs_the_same_whatever_its_length(
    browser: Client, manager: User, django_assert_max_num_queries, count: int
):
    for number in range(count):
        Job.objects.create(owner=manager, title=f"file {number}")
    page(browser, LIST)

    with django_assert_max_num_queries(16):
        page(browser, LIST)
