"""The pages of a job after its upload: check, result, and what it does while it waits or runs."""

import datetime
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from backoffice.accounts.models import SecurityEvent, User
from backoffice.transfer.jobs import keeping, lifecycle, workers
from backoffice.transfer.models import Job, JobFile, JobProgress
from backoffice.transfer.screens.rows import difference, heading_of, key_words
from backoffice.transfer.screens.running import moment_of
from catalog.packaging.models import PackagingType
from tests import make
from tests.transfer.conftest import TYPES, imported, written
from tests.transfer.test_reading_page import text_of
from tests.transfer.test_screens import UPLOAD, page, signed_in

pytestmark = pytest.mark.django_db
TEXT = f"name,name.en_US\nbox,Box\nsack,{'x' * 300}\nroll,Roll\n"


@pytest.fixture
def manager(db: None) -> User:
    make.store("DE", locales=("de_DE", "en_US"))
    return make.user(roles=["Category Manager"])


@pytest.fixture
def browser(manager: User) -> Client:
    return signed_in(manager)


def checked(browser: Client, text: str = TEXT, **options: str) -> str:
    file = SimpleUploadedFile(f"{TYPES}.csv", text.encode())
    url = browser.post(UPLOAD, {"files": file, **options})["Location"]
    browser.post(f"{url}check/")
    return url


def on_its_way(owner: User, state: str, seconds: float = 0, **progress: object) -> Job:
    """A job of 200,000 rows that went into this state so many seconds ago."""
    since = timezone.now() - datetime.timedelta(seconds=seconds)
    job = lifecycle.create(owner, title="types.csv")
    lifecycle.move(job, state)
    Job.objects.filter(pk=job.pk).update(state_at=since, area="catalogue")
    if progress:
        facts = {
            "began_at": since,
            "heartbeat_at": timezone.now(),
            "rows_total": 200_000,
            "file": "types.csv",
        }
        JobProgress.objects.create(job=job, **{**facts, **progress})
    job.refresh_from_db()
    return job


def test_bad_rows_may_be_skipped_right_on_the_check_page(browser: Client):
    url = checked(browser)
    assert "Skip bad rows and import 2 rows" in page(browser, url)
    browser.post(f"{url}apply/")
    assert Job.objects.get().state == "checked"

    browser.post(f"{url}apply/", {"on_error": "skip"})
    job = Job.objects.get()
    assert (job.state, job.options["on_error"]) == ("done_with_errors", "skip")
    assert sorted(
        PackagingType.objects.filter(key__in=["box", "sack", "roll"]).values_list("key", flat=True)
    ) == [
        "box",
        "roll",
    ]


def test_an_import_of_nothing_is_not_offered(browser: Client):
    make.packaging_type({"en_US": "Box"}, key="box")
    html = text_of(page(browser, checked(browser, "name,name.en_US\nbox,Box\n")))

    assert "Nothing had to be written: everything is there already." in html
    assert "Check again" in html
    assert "Import 0 rows" not in html


def test_a_check_beside_a_refused_file_does_not_say_that_rows_were_written(browser: Client):
    files = [
        SimpleUploadedFile(f"{TYPES}.csv", b"name,name.en_US\nbox,Box\n"),
        SimpleUploadedFile("product_packaging_unit_type.xlsx", b"no workbook"),
    ]
    url = browser.post(UPLOAD, {"files": files})["Location"]
    browser.post(f"{url}check/")
    html = text_of(page(browser, url))

    assert Job.objects.get().counts["new"] == 1
    assert "Nothing is imported while a file is refused: the choice was all or nothing." in html
    assert "was written" not in html
    assert "Leave refused files out and import 1 row" in html


@pytest.mark.parametrize("german", ["", "Kiste"])
def test_the_result_shows_lines_and_values_as_the_check_did(browser: Client, german: str):
    make.packaging_type({"en_US": "Carton", "de_DE": "Kiste"}, key="box")
    text = f"name,name.en_US,name.de_DE\nbox,Box,Kiste\nsack,{'x' * 300},\nroll,Roll,{german}\n"
    url = checked(browser, text, on_error="skip")

    def shown() -> str:
        words = text_of(page(browser, f"{url}?tab=changes")).partition("what is wrong")[2]
        return re.search("2 box .* roll New .*? name.en_US Roll", words).group()

    announced = shown()
    assert announced.startswith("2 box Changed name.en_US Carton Box 4 roll New name roll")
    browser.post(f"{url}apply/")
    assert shown() == announced


def test_the_result_tells_what_was_written_not_what_was_announced(browser: Client):
    url = checked(browser, on_error="skip")
    make.packaging_type("Box", key="box")
    browser.post(f"{url}apply/")
    words = text_of(page(browser, f"{url}?tab=changes"))

    assert "4 roll New" in words
    assert "2 box" not in words


def test_rows_are_counted_in_words(browser: Client):
    assert "1 row read, 0 skipped" in page(browser, checked(browser, "name,name.en_US\nbox,Box\n"))
    assert "3 rows read, 0 skipped" in page(browser, checked(browser))


def test_the_bad_rows_file_names_the_column(browser: Client):
    url = checked(browser)
    bad = b"".join(browser.get(f"{url}bad-rows/").streaming_content).decode()

    assert bad.splitlines()[1] == (
        f'sack,{"x" * 300},3,"name.en_US: The text has 300 characters, at most 255 are allowed."'
    )


def test_a_running_job_shows_how_far_it_is(browser: Client, manager: User):
    job = on_its_way(manager, "checking", 20, rows_done=50_000, line=50_001)
    words = text_of(page(browser, f"/transfer/job/{job.token}/"))
    answer = browser.get(f"/transfer/job/{job.token}/progress/").json()

    assert "Checking" in words
    assert re.search(
        r"50,000 of 200,000 rows done types.csv 2,[45]\d\d rows per second, about 6\d seconds left", words
    )
    assert (answer["running"], answer["state"]) == (True, "Checking")
    assert "50,000 of 200,000 rows done" in answer["html"]
    assert re.search(r'max="200000"\s+value="50000"', answer["html"])


def test_a_job_that_reads_its_file_says_so(manager: User):
    job = on_its_way(manager, "checking", 5, rows_total=0, line=12_345)

    assert moment_of(job).words == "Reading the file: line 12,345"


def test_a_job_that_has_just_begun_does_not_show_the_rows_of_its_last_run(manager: User):
    earlier = timezone.now() - datetime.timedelta(minutes=5)
    job = on_its_way(manager, "applying", 1, rows_done=200_000, began_at=earlier, heartbeat_at=earlier)

    assert (moment_of(job).words, moment_of(job).total) == ("The job begins.", 0)


def test_a_waiting_job_says_for_what_it_waits(manager: User):
    waiting = on_its_way(manager, "queued", 1)
    assert moment_of(waiting).words == "The job waits for a worker."

    other = on_its_way(manager, "applying", 1, rows_done=5)
    with workers.living():
        assert moment_of(waiting).words == f"The job waits until import {other.pk} is finished."
        Job.objects.filter(pk=other.pk).update(state="done")
        assert moment_of(waiting).words == "The worker takes the job up within a few seconds."


def test_a_worker_that_is_silent_is_told_before_the_job_counts_as_stalled(manager: User):
    silent = timezone.now() - datetime.timedelta(seconds=30)
    job = on_its_way(manager, "applying", 40, rows_done=5, heartbeat_at=silent)

    assert moment_of(job).words == "The worker has given no sign of life for 30 seconds."
    assert moment_of(job).is_live


@pytest.mark.parametrize("state", ["applying", "stalled"])
def test_a_stalled_job_can_be_run_again_or_cancelled(browser: Client, manager: User, state: str):
    dead = {"rows_done": 5, "heartbeat_at": timezone.now() - datetime.timedelta(seconds=90)}
    job = on_its_way(manager, state, 120, **dead)
    url = f"/transfer/job/{job.token}/"
    html = page(browser, url)

    assert "The worker gave no sign of life for a minute; it probably ended." in html
    assert re.search(r'class="bo-badge is-dot is-bad"\s+data-job-state\s*>\s*Stalled\s*<', html)
    assert "Run again" in html
    assert "You can leave this page" not in html
    assert browser.get(f"{url}progress/").json()["running"] is False

    assert lifecycle.start(job, "check", again=True)
    assert Job.objects.get().state == "refused"

    other = on_its_way(manager, state, 120, **dead)
    browser.post(f"/transfer/job/{other.token}/cancel/")
    other.refresh_from_db()
    assert other.state == "cancelled"


def test_a_job_that_was_lost_between_queue_and_worker_is_stalled(manager: User):
    waiting, lost = (on_its_way(manager, "queued", 90) for _number in range(2))
    lifecycle.run_job.enqueue(waiting.pk, "check")

    assert [moment_of(job).is_live for job in (waiting, lost)] == [True, False]
    assert keeping.call_stalled() == 1
    lost.refresh_from_db()
    assert lost.state == "stalled"


def test_a_living_job_is_not_run_twice(manager: User):
    job = on_its_way(manager, "applying", 120, rows_done=5)

    assert not lifecycle.start(job, "check")
    assert not lifecycle.cancel(job)
    assert JobProgress.objects.get().cancel_requested


def test_a_cancelled_job_says_that_nothing_was_written(browser: Client):
    url = checked(browser, "name,name.en_US\nbox,Box\n")
    browser.post(f"{url}cancel/")
    assert "Nothing was written. The numbers are those of the check." in page(browser, url)

    job = Job.objects.get()
    states = [*job.states[:-1], ["applying", "x"], ["cancelled", "x"]]
    Job.objects.update(states=states, options={**job.options, "on_error": "skip"})
    assert "What it had finished stays written." in page(browser, url)


def test_the_security_log_names_the_owner_of_what_a_worker_imported(browser: Client, manager: User):
    checked(browser, "name,name.en_US\nbox,Box\n")
    lifecycle.apply(Job.objects.get())

    assert SecurityEvent.objects.get(action="import").actor_name == f"{manager} <{manager.email}>"


LONG = "The quick brown fox jumps over the lazy dog while the cat sleeps on the warm stove all day long."


def rows_shown(browser: Client, url: str, query: str) -> str:
    return text_of(page(browser, f"{url}?{query}").partition('id="rows"')[2].partition("</section>")[0])


def test_the_changes_are_narrowed_by_field_and_outcome(browser: Client):
    make.packaging_type({"en_US": "Carton", "de_DE": "Kiste"}, key="box")
    make.packaging_type({"en_US": "Bag", "de_DE": "Tasche"}, key="bag")
    text = "name,name.en_US,name.de_DE\nbox,Box,Schachtel\nbag,Bag,Beutel\nroll,Roll,Rolle\n"
    url = checked(browser, text)

    found = rows_shown(browser, url, "tab=changes&field=name.en_US")
    assert "name.en_US Carton Box and 1 more field" in found
    assert "roll New name.en_US Roll and 2 more fields" in found
    assert "Beutel" not in found
    assert "Schachtel" not in found

    found = rows_shown(browser, url, "tab=changes&field=name.de_DE&outcome=changed")
    assert "Kiste Schachtel" in found
    assert "Tasche Beutel" in found
    assert "roll" not in found
    assert "No row matches these filters" in rows_shown(browser, url, "tab=changes&field=key&outcome=changed")
    assert "roll New" in rows_shown(browser, url, "tab=changes&field=nonsense&outcome=%00&after=x")


def test_the_errors_are_narrowed_by_code_and_column(browser: Client):
    long = "x" * 300
    url = checked(
        browser, f"name,name.en_US,name.de_DE\nbox,{long},\nroll,R,{long}\n=x,X,{long}\nbox,Other,\n"
    )
    assert "box" in rows_shown(browser, url, "tab=errors")

    found = rows_shown(browser, url, "tab=errors&code=too_long&field=name.de_DE")
    assert "3 roll Error" in found
    assert "2 box" not in found
    assert "No row matches these filters" in rows_shown(
        browser, url, "tab=errors&code=formula&field=name.de_DE"
    )
    both = rows_shown(browser, url, "tab=errors&field=name.de_DE&field=name.en_US")
    assert "2 box Error" in both
    assert "3 roll Error" in both


def test_a_row_with_a_warning_only_is_no_other_note(browser: Client):
    url = checked(browser, "name,name.en_US,name.de_DE\nbox,[[clear]],Kiste\n")

    assert "box" in rows_shown(browser, url, "tab=warnings")
    assert "box" not in rows_shown(browser, url, "tab=infos")


def test_pages_keep_the_filter(browser: Client):
    lines = "".join(f"key{number},Box {number}\n" for number in range(60))
    url = checked(browser, f"name,name.en_US\n{lines}")
    html = page(browser, f"{url}?tab=changes&outcome=new")
    following = re.search(r'rel="next" href="\?([^"#]*)', html).group(1).replace("&amp;", "&")
    assert "outcome=new" in following

    found = rows_shown(browser, url, following)
    assert "52 key50 New" in found
    assert "51 key49" not in found


def test_long_texts_are_compared_word_by_word_on_the_check_page(browser: Client):
    make.packaging_type(LONG, key="box")
    html = page(browser, checked(browser, f"name,name.en_US\nbox,{LONG.replace('quick', 'slow')}\n"))

    assert re.search(r"<del\s*>quick</del><ins\s*>slow</ins> brown fox", html)


@pytest.mark.parametrize(
    ("format", "name", "heading"),
    [
        ("product_management_attribute", "name.de_DE", "key_translation.de_DE"),
        ("product_management_attribute", "values", "values"),
        ("product_abstract", "tax_set", "tax_set_name"),
        ("product_abstract", "attributes.brand", "Attributes: brand"),
        ("product_discontinued", "until", "active_until"),
        ("product_discontinued", "created_at", "Created"),
        ("gone", "status", "status"),
    ],
)
def test_a_changed_field_is_called_what_the_file_calls_it(format: str, name: str, heading: str):
    assert heading_of(JobFile(format=format), name) == heading


def test_a_key_leaves_its_empty_parts_out():
    assert key_words("T1001-1 ·  · O5001") == "T1001-1 · O5001"
    assert key_words("box") == "box"


def test_lists_are_shown_as_what_went_and_what_came():
    assert difference("values", ["red", "blue"], ["blue", "green"])[3:6] == ((), ["red"], ["green"])
    assert difference("values", ["red", "blue"], ["blue", "red"])[:6] == (
        "values",
        "red, blue",
        "blue, red",
        (),
        [],
        [],
    )


def test_the_rows_of_a_tab_are_downloaded_as_they_are_narrowed(browser: Client):
    make.packaging_type("Carton", key="box")
    url = checked(browser, "name,name.en_US\nbox,=2+2\nroll,Roll\nsack,Sack\n")

    def lines(query: str) -> list[str]:
        response = browser.get(f"{url}rows/?file=1&{query}")
        assert "attachment" in response["Content-Disposition"]
        return b"".join(response.streaming_content).decode().splitlines()

    assert lines("tab=changes&outcome=changed") == [
        "file,line,key,result,field,before,after",
        f"{TYPES}.csv,2,box,changed,name.en_US,Carton,'=2+2",
    ]
    assert len(lines("tab=changes&field=name.en_US")) == 4
    assert lines("tab=errors") == ["file,line,cell,key,column,value,level,code,message,remedy"]
    assert browser.get(f"{url}rows/?file=7").status_code == 404
    assert signed_in(make.user(roles=["Category Manager"])).get(f"{url}rows/?file=1").status_code == 404


def test_the_rows_of_a_run_without_a_check_are_narrowed_too(browser: Client, manager: User, tmp_path: Path):
    make.packaging_type("Carton", key="box")
    job = imported(written(tmp_path, f"{TYPES}.csv", "name,name.en_US\nbox,Box\nroll,Roll\n"), user=manager)
    url = f"/transfer/job/{job.token}/"
    assert "roll" in rows_shown(browser, url, "tab=changes")

    found = rows_shown(browser, url, "tab=changes&outcome=change")
    assert "name.en_US Carton Box" in found
    assert "roll" not in found.lower()


def test_the_check_page_says_for_which_job_an_import_would_wait(browser: Client, manager: User):
    url = checked(browser, "name,name.en_US\nbox,Box\n")
    assert "writes in the same area" not in page(browser, url)
    other = on_its_way(manager, "applying", 1, rows_done=5)
    words = text_of(page(browser, url))
    assert f"At this moment import {other.pk} writes in the same area. An import waits until" in words

    Job.objects.filter(pk=other.pk).update(area="stock")
    assert "writes in the same area" not in page(browser, url)


def test_a_waiting_import_names_the_job_of_its_area_first(manager: User):
    waiting = on_its_way(manager, "queued", 1)
    on_its_way(manager, "checking", 9, rows_done=5)
    other = on_its_way(manager, "applying", 1, rows_done=5)
    with workers.living():
        assert moment_of(waiting).words == f"The job waits until import {other.pk} is finished."


def test_several_files_without_errors_open_on_the_one_with_a_warning(browser: Client):
    make.category("tools")
    make.store("AT", locales=("en_US",))
    make.attribute("grip", values={"soft": {}, "hard": {}})
    make.product("saw", attributes={"grip": "hard"})
    files = [
        SimpleUploadedFile("product_attribute_key.csv", b"attribute_key\nfresh\n"),
        SimpleUploadedFile("product_management_attribute.csv", b"key,values\ngrip,soft\n"),
    ]
    url = browser.post(UPLOAD, {"files": files})["Location"]
    browser.post(f"{url}check/")
    html = page(browser, url)
    assert re.search(r"<h2>product_management_attribute.csv</h2>", html)
    assert "<h2>product_attribute_key.csv</h2>" not in html


def test_a_finished_import_has_one_main_button_and_a_menu(browser: Client):
    url = checked(browser, on_error="skip")
    browser.post(f"{url}apply/")
    head = re.search(r'<div class="bo-actions">(.*?)</ol>', page(browser, url), re.DOTALL)[1]
    outside, _summary, menu = head.partition("<summary")
    assert re.findall(r"</svg>\s*([^<]+?)\s*</a>", outside) == ["Only the bad rows"]
    assert re.findall(r"</svg>\s*([^<]+?)\s*</(?:a|button)>", menu) == [
        *("Errors and warnings", "Import another file", "Run again", "Undo"),
    ]
    assert "File hash (SHA-256):" in text_of(page(browser, url))


def test_a_finished_import_without_errors_leads_to_the_next_file(browser: Client):
    url = checked(browser, "name,name.en_US\nbox,Box\n")
    browser.post(f"{url}apply/")
    assert re.search(r'class="bo-btn is-main" href="/transfer/job/upload/"', page(browser, url))
