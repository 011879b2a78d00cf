"""Undo of imports: as large as they come, by a worker, as one change set (import-export 1.5.4)."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.accounts.models import SecurityEvent
from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import snapshot
from backoffice.history.screens.access import gate_for
from backoffice.transfer.jobs import lifecycle, undo
from backoffice.transfer.models import Job
from catalog.packaging.models import PackagingType
from tests import make
from tests.site.page import compact
from tests.transfer.conftest import TYPES, imported, written

pytestmark = pytest.mark.django_db
ROWS = 600


def types(folder, rows: int = ROWS, word: str = "Box"):
    lines = "".join(f"key{number},{word} {number}\n" for number in range(rows))
    return written(folder, f"{TYPES}.csv", f"name,name.en_US\n{lines}")


def made() -> int:
    return PackagingType.objects.filter(key__startswith="key").count()


@pytest.fixture
def mara():
    make.store("US")
    return make.user(roles=["Category Manager"])


def test_the_undo_of_an_import_takes_back_what_is_unchanged(mara, tmp_path):
    job = imported(types(tmp_path, 5), user=mara)
    kept = PackagingType.objects.get(key="key3")
    kept.name = {"en_US": "Changed by hand"}
    with acting(mara):
        from backoffice.history.recording import recording

        with recording("save") as recorder:
            before = {**snapshot(kept), "name.en_US": "Box 3"}
            kept.save()
            recorder.changed(kept, before)
    page = compact(client_of(mara).get(address(job)))
    assert "Delete 4 records" in page
    client_of(mara).post(address(job))
    assert list(PackagingType.objects.filter(key__startswith="key")) == [kept]
    undone = Job.objects.get(kind="undo")
    set_page = client_of(mara).get(f"/history/changeset/{job.change_set}/").content.decode()
    assert f'<a href="/transfer/job/{job.token}/">{job.pk}</a>' in set_page
    assert "It was changed since and stays." in compact(client_of(mara).get(f"/transfer/job/{undone.token}/"))
    page = compact(client_of(mara).get(f"/transfer/job/{job.token}/"))
    assert "This run was undone, but some of what it wrote was left as it is." in page


def test_changed_rows_of_an_import_go_back_to_what_they_were(mara, tmp_path):
    imported(types(tmp_path, 5), user=mara)
    before = {t.key: snapshot(t) for t in PackagingType.objects.all()}
    job = imported(types(tmp_path, 5, "Case"), user=mara)
    client_of(mara).post(address(job))
    assert {t.key: snapshot(t) for t in PackagingType.objects.all()} == before


def test_a_large_undo_waits_for_a_worker_and_says_so(mara, tmp_path):
    job = imported(types(tmp_path), user=mara)
    client = client_of(mara)
    assert "no worker is running" in compact(client.get(address(job)))
    response = client.post(address(job), {"_note": "wrong file"})
    queued = Job.objects.get(kind="undo")
    assert response.url == f"/transfer/job/{queued.token}/"
    assert (queued.state, queued.owner, queued.note, made()) == ("queued", mara, "wrong file", ROWS)
    assert client.get(response.url).status_code == 200
    assert client.post(address(job)).url == response.url
    lifecycle.run_job.call(queued.pk, "undo")
    queued.refresh_from_db()
    undone = ChangeSet.objects.get(kind="undo")
    assert (queued.state, queued.change_set, made()) == ("done", undone.pk, 0)
    assert queued.counts == {"rows": ROWS, "changed": ROWS, "skipped": 0, "deeds": {"delete": ROWS}}
    assert (undone.job, undone.note, undone.user) == (queued.pk, "wrong file", mara)
    assert Job.objects.get(pk=job.pk).state == "undone"
    assert client.get(response.url).status_code == 200


def test_the_undo_of_a_large_undo_brings_the_ids_back(mara, tmp_path):
    job = imported(types(tmp_path), user=mara)
    before = sorted(PackagingType.objects.values_list("pk", "key"))
    for _time in range(2):
        change_set = ChangeSet.objects.order_by("-pk").first()
        undo.start(change_set, mara)
        lifecycle.run_job.call(Job.objects.filter(kind="undo").latest("pk").pk, "undo")
    assert sorted(PackagingType.objects.values_list("pk", "key")) == before
    assert job.change_set


def test_a_large_undo_whose_right_went_meanwhile_fails_and_changes_nothing(mara, tmp_path):
    job = imported(types(tmp_path), user=make.superuser())
    undo.start(ChangeSet.objects.get(pk=job.change_set), mara)
    queued = Job.objects.get(kind="undo")
    lifecycle.run_job.call(queued.pk, "undo")
    queued.refresh_from_db()
    assert (queued.state, made()) == ("failed", ROWS)


def test_ten_batches_cost_ten_times_a_batch(mara, tmp_path, monkeypatch):
    monkeypatch.setattr(undoing, "BATCH", 10)
    costs = []
    for rows in (100, 200):
        job = imported(types(tmp_path, rows, f"Box{rows}"), user=mara)
        change_set = ChangeSet.objects.get(pk=job.change_set)
        user = make.superuser()
        with acting(user), CaptureQueriesContext(connection) as asked:
            undoing.undo(change_set, gate_for(change_set, user))
        costs.append(len(asked))
    assert Change.objects.filter(change_set__kind="undo").count() == 300
    assert costs[1] - costs[0] == (costs[1] - costs[0]) // 10 * 10
    assert costs[1] < 2 * costs[0]


def test_the_result_page_of_an_import_offers_its_undo(mara, tmp_path):
    job = imported(types(tmp_path, 5), user=mara)
    client = client_of(mara)
    assert f'href="{address(job)}"' in client.get(f"/transfer/job/{job.token}/").content.decode()
    client.post(address(job))
    assert f'href="{address(job)}"' not in client.get(f"/transfer/job/{job.token}/").content.decode()


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(job: Job) -> str:
    return f"/history/changeset/{job.change_set}/undo/"


def state(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def test_a_job_tells_whether_its_change_set_holds(mara, tmp_path):
    """Undone in the request, the undo undone, and that undone again."""
    job = imported(types(tmp_path, 5), user=mara)
    finished = Job.objects.get(pk=job.pk).finished_at
    client, states = client_of(mara), []
    for _time in range(3):
        client.post(f"/history/changeset/{ChangeSet.objects.latest('pk').pk}/undo/")
        states.append((state(job), made()))

    assert states == [("undone", 0), ("done", 5), ("undone", 0)]
    job.refresh_from_db()
    assert job.finished_at == finished
    assert [name for name, _at in job.states][-4:] == ["done", "undone", "done", "undone"]


def test_jobs_that_undo_jobs_tell_it_too(mara, tmp_path):
    job = imported(types(tmp_path), user=mara)
    jobs = [job]
    for _time in range(3):
        undo.start(ChangeSet.objects.latest("pk"), mara)
        jobs.append(Job.objects.filter(kind="undo").latest("pk"))
        lifecycle.run_job.call(jobs[-1].pk, "undo")

    assert [state(each) for each in jobs] == ["undone", "done", "undone", "done"]


def test_an_undo_in_the_request_is_a_job_like_any_other(mara, tmp_path):
    job = imported(types(tmp_path, 5), user=mara)
    client = client_of(mara)
    response = client.post(address(job), {"_note": "wrong file"})
    back = Job.objects.get(kind="undo")
    undone = ChangeSet.objects.get(kind="undo")
    assert response["Location"] == f"/history/changeset/{undone.pk}/"
    assert (back.state, back.owner, back.note, back.title) == ("done", mara, "wrong file", job.title)
    assert (back.change_set, undone.job, back.undoes) == (undone.pk, back.pk, job)
    assert back.counts == {"rows": 5, "changed": 5, "skipped": 0, "deeds": {"delete": 5}}
    assert SecurityEvent.objects.filter(action="undo").count() == 1
    assert "Undo product_packaging_unit_type.csv" in compact(client.get(f"/transfer/job/{back.token}/"))
    assert f"/transfer/job/{back.token}/" in client.get("/transfer/job/").content.decode()

    client.post(f"/history/changeset/{undone.pk}/undo/")
    assert [j.state for j in Job.objects.order_by("pk")] == ["done", "undone", "done"]
    assert made() == 5


def test_an_undo_that_restores_nothing_leaves_no_job(mara, tmp_path):
    job = imported(types(tmp_path, 2), user=mara)
    PackagingType.objects.filter(key__startswith="key").delete()
    client_of(mara).post(address(job))
    assert Job.objects.filter(kind="undo").count() == 0
    assert ChangeSet.objects.filter(kind="undo").count() == 0
