"""Deeds over more products than a request changes: previewed and run by a job, undone as a whole (working-day 4.3)."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.accounts.models import SecurityEvent
from backoffice.console.bulk import pages
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.screens.access import gate_for
from backoffice.transfer.jobs import deeds, lifecycle, workers
from backoffice.transfer.models import Job
from backoffice.transfer.progress import Progress
from backoffice.transfer.screens import rows
from catalog.products.models import Product, Variant
from tests import make
from tests.catalog.test_product_list import LIST, figures, hidden, post, run
from tests.site.page import compact

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three rows are many; a job does two at a time."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    monkeypatch.setattr(pages, "AT_ONCE", 3)
    monkeypatch.setattr(pages, "PREVIEWED", 4)
    monkeypatch.setattr(deeds, "AT_ONCE", 2)


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.user(roles=["Category Manager"]))
    return client


def lamps(number: int) -> list[Product]:
    return [make.product(f"lamp-{each}", variants=1) for each in range(number)]


def worked(job: Job, deed: str) -> Job:
    lifecycle.run_job.call(job.pk, deed)
    job.refresh_from_db()
    return job


def active() -> set[str]:
    return set(Variant.objects.filter(is_active=True).values_list("product__sku", flat=True))


def sent(client: Client, deed: str, **data: Any) -> Job:
    response = client.post(f"{LIST}bulk/{deed}/", data)
    job = Job.objects.get()
    assert response.url == f"/transfer/job/{job.token}/"
    return job


def test_more_rows_than_a_request_previews_are_previewed_by_a_job(manager: Client):
    lamps(5)
    job = sent(manager, "activate", all="1")
    assert (job.kind, job.state, job.title) == ("bulk", "queued", "Products: Activate variants")
    assert "The job waits for a worker." in manager.get(f"/transfer/job/{job.token}/").content.decode()

    worked(job, deeds.CHECK)

    assert (job.state, job.counts) == (
        "checked",
        {"rows": 5, "changed": 5, "unchanged": 0, "errors": 0, "skipped": 0},
    )
    assert active() == set()
    assert not ChangeSet.objects.exists()
    page = compact(manager.get(f"/transfer/job/{job.token}/"))
    assert "5 rows were chosen." in page
    assert "lamp-4" in page


def test_a_previewed_deed_is_one_change_set_that_is_undone_as_a_whole(manager: Client):
    lamps(5)
    job = worked(sent(manager, "activate", all="1"), deeds.CHECK)
    make.product("late", variants=1)

    manager.post(f"/transfer/job/{job.token}/deed/")
    worked(job, deeds.RUN)

    made = ChangeSet.objects.get()
    assert (job.state, job.change_set, active()) == ("done", made.pk, {f"lamp-{n}" for n in range(5)})
    assert (made.kind, made.screen, made.job) == ("bulk_edit", "products.product", job.pk)
    assert made.changes.filter(object_type="products.variant").count() == 5
    assert SecurityEvent.objects.get(action="bulk_edit").details["rows"] == 5
    page = compact(manager.get(f"/transfer/job/{job.token}/"))
    assert "Activate variants: 5 records changed." in page
    assert f"/history/changeset/{made.pk}/undo/" in page
    undoing.undo(made, gate_for(made, job.owner))
    assert active() == set()
    job.refresh_from_db()
    assert job.state == "undone"


def test_rows_changed_since_they_were_chosen_and_refused_ones_are_told(manager: Client):
    first, *rest = lamps(4)
    kit = make.bundle("kit", components={make.variant("dead"): 1})
    chosen = [first.pk, *(each.pk for each in rest), kit.product_id]
    job = worked(sent(manager, "activate", pick=chosen), deeds.CHECK)
    assert job.counts["errors"] == 1
    Product.objects.filter(pk=first.pk).update(version=9)

    deeds.confirm(job)
    worked(job, deeds.RUN)

    assert job.counts == {"rows": 5, "changed": 3, "unchanged": 0, "errors": 1, "skipped": 1}
    assert (job.state, active()) == ("done_with_errors", {"lamp-1", "lamp-2", "lamp-3"})
    page = manager.get(f"/transfer/job/{job.token}/").content.decode()
    assert "Its component dead is not live. Activate that first." in page
    assert "Somebody changed this record after it was chosen." in page
    lines = b"".join(manager.get(f"/transfer/job/{job.token}/problems/").streaming_content).decode()
    assert "kit" in lines


def kits(number: int) -> list[Product]:
    """Bundles that cannot be switched on."""
    dead = make.variant("dead")
    return [make.bundle(f"kit-{each:02}", components={dead: 1}).product for each in range(number)]


def shown(client: Client, job: Job, query: str = "") -> dict[str, list[str]]:
    """The records that each part of the page of a job lists."""
    page = client.get(f"/transfer/job/{job.token}/{query}").content.decode()
    parts = re.findall(r'<section class="bo-card" id="(\w+)">(.*?)</section>', page, re.DOTALL)
    return {name: re.findall(r'<span class="bo-mono">([^<]*)</span></th>', text) for name, text in parts}


def test_all_that_is_refused_is_paged(manager: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rows, "PER_PAGE", 3)
    chosen = [*lamps(5), *kits(8)]
    job = worked(sent(manager, "activate", pick=[each.pk for each in chosen]), deeds.CHECK)
    first = {"changes": ["lamp-0", "lamp-1", "lamp-2"], "errors": ["kit-00", "kit-01", "kit-02"]}
    assert shown(manager, job) == first
    page = compact(manager.get(f"/transfer/job/{job.token}/"))
    assert "1–3 of<b>5</b>" in page
    assert "1–3 of<b>8</b>" in page

    following = re.findall(r'rel="next"href="([^"#]*)#errors"', page.replace('" href', '"href'))[0]
    second = {**first, "errors": ["kit-03", "kit-04", "kit-05"]}
    assert shown(manager, job, following.replace("&amp;", "&")) == second
    page = compact(manager.get(f"/transfer/job/{job.token}/{following.replace('&amp;', '&')}"))
    assert "4–6 of<b>8</b>" in page
    assert "1–3 of<b>5</b>" in page
    for nonsense in ("?tab=errors&after=x", "?tab=nothing&after=3", "?tab=errors&before=-1"):
        assert shown(manager, job, nonsense) == first
    assert shown(manager, job, "?tab=errors&after=999999") == first


def test_all_that_is_refused_is_taken_away_by_the_owner_alone(manager: Client):
    chosen = [*lamps(1), *kits(4)]
    job = worked(sent(manager, "activate", pick=[each.pk for each in chosen]), deeds.CHECK)
    url = f"/transfer/job/{job.token}/rows/"
    assert f'href="{url}?tab=errors"' in manager.get(f"/transfer/job/{job.token}/").content.decode()

    response = manager.get(f"{url}?tab=errors")
    reason = "Its component dead is not live. Activate that first."
    assert b"".join(response.streaming_content).decode().splitlines() == [
        "record,reason",
        *(f"kit-{each:02},{reason}" for each in range(4)),
    ]
    assert response["Content-Disposition"] == f'attachment; filename="job-{job.pk}-refused.csv"'
    assert manager.get(f"{url}?tab=changes").status_code == 404
    other = Client()
    other.force_login(make.superuser())
    assert other.get(f"{url}?tab=errors").status_code == 404


def test_what_is_refused_leaves_room_for_what_changes(manager: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(deeds, "SHOWN", 2)
    chosen = [each.pk for each in (*kits(4), *lamps(4))]
    job = worked(sent(manager, "activate", pick=chosen), deeds.CHECK)
    assert shown(manager, job)["changes"] == ["lamp-0", "lamp-1"]
    page = compact(manager.get(f"/transfer/job/{job.token}/"))
    assert "The changes of the first rows are listed; all of them will be in the history." in page


def test_the_page_of_a_deed_costs_the_same_however_many_rows_it_has(
    manager: Client,
):
    def queries(number: int) -> int:
        Job.objects.all().delete()
        chosen = Product.objects.values_list("pk", flat=True)[:number]
        job = worked(sent(manager, "activate", pick=list(chosen)), deeds.CHECK)
        with CaptureQueriesContext(connection) as found:
            manager.get(f"/transfer/job/{job.token}/")
        return len(found)

    kits(40)
    lamps(40)
    queries(6)
    assert queries(80) == queries(6)


def test_a_preview_counts_on_what_an_earlier_part_has_done(manager: Client):
    dead = make.variant("dead")
    lamps(3)
    make.bundle("kit", components={dead: 1})
    job = worked(sent(manager, "activate", all="1"), deeds.CHECK)
    assert (job.counts["changed"], job.counts["errors"]) == (5, 0)
    deeds.confirm(job)
    assert worked(job, deeds.RUN).counts["changed"] == 5


class Watching(Progress):
    """Looks, after each part of a preview, how many variants are switched on."""

    def __init__(self, job: Job) -> None:
        self.seen: list[int] = []
        super().__init__(job)

    @property
    def is_cancelled(self) -> bool:
        self.seen.append(len(active()))
        return False

    @is_cancelled.setter
    def is_cancelled(self, value: bool) -> None:
        """Nobody cancels it."""


def test_a_preview_gives_back_each_part_where_no_row_depends_on_another(manager: Client):
    lamps(5)
    job = sent(manager, "activate", all="1")
    lifecycle.move(job, Job.State.CHECKING)
    progress = Watching(job)
    deeds.check(job, progress)
    job.refresh_from_db()
    assert (job.state, job.counts["changed"], active()) == ("checked", 5, set())
    assert list(dict.fromkeys(progress.seen)) == [2, 1]


def test_a_preview_with_a_bundle_holds_its_parts_to_the_end(manager: Client):
    dead = make.variant("dead")
    lamps(3)
    make.bundle("kit", components={dead: 1})
    job = sent(manager, "activate", all="1")
    lifecycle.move(job, Job.State.CHECKING)
    progress = Watching(job)
    deeds.check(job, progress)
    assert (list(dict.fromkeys(progress.seen)), active()) == ([2, 4, 5], set())


def test_the_run_of_many_previewed_rows_waits_for_the_worker(manager: Client):
    made = lamps(4)
    with workers.living():
        preview = post(manager, "activate", all="1")
        assert figures(preview) == [4, 0, 0]
        assert "So many rows are changed in the background" in preview
        response = run(manager, "activate", preview, _note="ticket 4137")

    job = Job.objects.get()
    assert response.redirect_chain[0][0] == f"/transfer/job/{job.token}/"
    worked(job, deeds.RUN)
    assert (job.state, job.note, len(active())) == ("done", "ticket 4137", len(made))


def test_without_a_worker_as_many_rows_are_changed_in_the_page(manager: Client):
    lamps(4)
    preview = post(manager, "activate", all="1")
    assert "in the background" not in preview
    page = run(manager, "activate", preview).content.decode()

    assert "Activate variants: 4 records changed." in page
    assert not Job.objects.exists()


def test_what_was_answered_goes_along(manager: Client):
    lamps(5)
    tax = make.tax_set()
    asked = post(manager, "tax_set", all="1")
    job = sent(manager, "tax_set", step="preview", rows=hidden(asked, "rows"), tax_set=tax.pk)
    worked(job, deeds.CHECK)
    deeds.confirm(job)
    worked(job, deeds.RUN)

    assert Product.objects.filter(tax_set=tax).count() == 5


def test_a_cancelled_run_keeps_what_it_had_finished(manager: Client, monkeypatch: pytest.MonkeyPatch):
    lamps(5)
    job = worked(sent(manager, "activate", all="1"), deeds.CHECK)
    deeds.confirm(job)
    lifecycle.move(job, Job.State.APPLYING)
    progress = Progress(job)
    progress.is_cancelled = True

    deeds.run(job, progress)

    job.refresh_from_db()
    assert (job.state, len(active()), job.change_set) == ("cancelled", 2, ChangeSet.objects.get().pk)
    assert (
        "What it had finished stays written." in manager.get(f"/transfer/job/{job.token}/").content.decode()
    )


def test_who_lost_the_right_meanwhile_changes_nothing(manager: Client):
    lamps(5)
    job = worked(sent(manager, "activate", all="1"), deeds.CHECK)
    deeds.confirm(job)
    job.owner.groups.clear()
    worked(job, deeds.RUN)

    assert (job.state, job.message, active()) == ("failed", "You may not do this any more.", set())


def test_only_the_owner_runs_and_reads_what_was_previewed(manager: Client, client: Client):
    lamps(5)
    job = worked(sent(manager, "activate", all="1"), deeds.CHECK)
    other = Client()
    other.force_login(make.user(roles=["Category Manager"]))

    assert other.post(f"/transfer/job/{job.token}/deed/").status_code == 404
    root = Client()
    root.force_login(make.superuser())
    assert "Run" not in root.get(f"/transfer/job/{job.token}/").content.decode().split("<h1", 1)[0]
    root.post(f"/transfer/job/{job.token}/deed/")
    job.refresh_from_db()
    assert job.state == "checked"
