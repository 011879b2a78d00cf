"""Undo of a change set: what is unchanged goes back, what changed since stays and is named (working-day 7.5)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording, snapshot
from backoffice.history.screens.access import gate_for
from catalog.packaging.models import PackagingType
from catalog.stores import linking
from catalog.stores.models import StoreCurrency, StoreLocale
from tests import make

pytestmark = pytest.mark.django_db


def rename(*records: PackagingType, by=None, kind: str = "save", **texts: str) -> ChangeSet:
    """One change set that gives each record these texts."""
    with acting(by), recording(kind, screen="packaging.packagingtype") as recorder:
        for record in records:
            record.refresh_from_db()
            before = snapshot(record)
            record.name = {**record.name, **texts}
            record.version += 1
            record.save()
            recorder.changed(record, before)
        return recorder.change_set


def add(*names: str, by=None, kind: str = "save", compact: bool = False) -> tuple[ChangeSet, list]:
    """One change set that adds types; ``compact`` as a first load records it, without fields."""
    with acting(by), recording(kind, screen="packaging.packagingtype") as recorder:
        made = [make.packaging_type(name) for name in names]
        for record in made:
            recorder.added(record)
        if compact:
            for change in recorder._changes:
                change.fields = None
        return recorder.change_set, made


def delete(record: PackagingType, by=None) -> ChangeSet:
    with acting(by), recording("action", screen="packaging.packagingtype") as recorder:
        recorder.deleted(record)
        record.delete()
        return recorder.change_set


def undo(change_set: ChangeSet, user=None) -> tuple[undoing.Report, ChangeSet | None]:
    user = user or make.superuser()
    with acting(user):
        return undoing.undo(change_set, gate_for(change_set, user))


def drift(report: undoing.Report) -> list[tuple]:
    return [(line.change.label, *field[:3]) for line in report.lines["left"] for field in line.fields]


def test_a_field_that_is_still_as_it_was_saved_goes_back():
    carton = make.packaging_type("Carton")
    report, undone = undo(rename(carton, en_US="Box"))
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Carton"}
    assert carton.search == "packaging_unit_type.carton.name carton"
    assert carton.version == 3
    assert dict(report.counts) == {"hidden": 0, "restored": 1}
    assert undone.changes.get().fields == {"name.en_US": {"before": "Box", "after": "Carton"}}


def test_a_field_that_somebody_changed_since_stays_and_is_named():
    carton, ben = make.packaging_type("Carton"), make.user()
    first = rename(carton, en_US="Box", de_DE="Schachtel")
    later = rename(carton, by=ben, en_US="Case")
    report, _undone = undo(first)
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Case"}
    assert drift(report) == [(carton.key, "name.en_US", "Box", "Case")]
    assert report.lines["left"][0].fields[0].by == later


def test_what_is_back_already_is_no_drift():
    carton = make.packaging_type("Carton")
    first = rename(carton, en_US="Box")
    rename(carton, en_US="Carton")
    report, undone = undo(first)
    assert (report.lines["left"], undone) == ([], None)


def test_an_added_record_goes_when_it_is_unchanged():
    change_set, (carton,) = add("Carton")
    _report, undone = undo(change_set)
    assert not PackagingType.objects.filter(pk=carton.pk).exists()
    assert undone.changes.get().fields["key"] == {"before": carton.key, "after": None}


@pytest.mark.parametrize("compact", [False, True], ids=["with fields", "as a first load"])
def test_an_added_record_that_was_changed_since_stays(compact):
    change_set, (carton, _case) = add("Carton", "Case", compact=compact)
    rename(carton, de_DE="Karton")
    report, _undone = undo(change_set)
    assert list(PackagingType.objects.exclude(key__contains="item")) == [carton]
    assert drift(report) == [(carton.key, "name.de_DE", None, "Karton")]
    assert report.counts["restored"] == 1


def test_an_added_record_whose_change_was_taken_back_goes():
    change_set, (carton,) = add("Carton", compact=True)
    undo(rename(carton, de_DE="Karton"))
    report, _undone = undo(change_set)
    assert report.counts["restored"] == 1


def test_an_added_record_that_others_refer_to_stays():
    with recording("save") as recorder:
        dollar = make.currency("USD")
        recorder.added(dollar)
        change_set = recorder.change_set
    make.store("US", currencies=("USD",))
    report, undone = undo(change_set)
    assert undone is None
    assert [line.reason for line in report.lines["cannot"]] == [
        "Other records refer to it: Currency of a store."
    ]


def test_a_deleted_record_comes_back_with_its_id():
    carton = make.packaging_type({"en_US": "Carton", "de_DE": "Karton"})
    pk, state = carton.pk, snapshot(carton)
    undo(delete(carton))
    assert snapshot(PackagingType.objects.get(pk=pk)) == state
    assert "karton" in PackagingType.objects.get(pk=pk).search


def test_a_deleted_record_whose_key_is_taken_cannot_come_back():
    carton = make.packaging_type("Carton")
    change_set = delete(carton)
    make.packaging_type("Carton")
    report, undone = undo(change_set)
    assert undone is None
    assert [line.reason for line in report.lines["cannot"]] == [
        "A packaging type with this key exists. Choose another name."
    ]


def test_one_record_in_the_way_does_not_hold_up_the_others():
    cartons = [make.packaging_type(f"Carton {n}") for n in range(5)]
    with recording("action") as recorder:
        for record in cartons:
            recorder.deleted(record)
            record.delete()
        change_set = recorder.change_set
    make.packaging_type("Carton 3")
    report, _undone = undo(change_set)
    assert (report.counts["restored"], report.counts["cannot"]) == (4, 1)


def test_the_undo_of_an_undo_brings_everything_back():
    change_set, (carton,) = add("Carton")
    _report, undone = undo(change_set)
    _report, again = undo(undone)
    assert PackagingType.objects.get(pk=carton.pk).name == {"en_US": "Carton"}
    assert (again.kind, again.undoes) == ("undo", undone)


def test_a_set_is_undone_once_until_its_undo_is_undone():
    mara, carton = make.user(roles=["Category Manager"]), make.packaging_type("Carton")
    change_set = rename(carton, by=mara, en_US="Box")
    _report, undone = undo(change_set)
    assert "was undone already" in undoing.refusal(change_set, mara, has_right=False).reason
    with pytest.raises(undoing.AlreadyUndone):
        undo(change_set)
    undo(undone)
    assert undoing.refusal(change_set, mara, has_right=False) is None


def test_links_of_a_store_change_places_and_back():
    store = make.store("DE", locales=("de_DE", "en_US"), currencies=("EUR", "USD"))
    with recording("save", screen="stores.store") as recorder:
        linking.link(store, linking.Links(("fr_FR", "en_US"), ("USD",), ()), recorder=recorder)
        change_set = recorder.change_set
    report, _undone = undo(change_set)
    assert report.lines["cannot"] == report.lines["left"] == []
    assert linking.Links.of(store) == linking.Links(("de_DE", "en_US"), ("EUR", "USD"), ())
    assert (StoreLocale.objects.count(), StoreCurrency.objects.count()) == (2, 2)


def test_masked_fields_stay_and_are_named(monkeypatch):
    monkeypatch.setattr(PackagingType, "history_masked", ("name.en_US",), raising=False)
    report, undone = undo(rename(make.packaging_type("Carton"), en_US="Box"))
    assert undone is None
    assert [field.name for field in report.lines["cannot"][0].fields] == ["name.en_US"]


def test_a_rehearsal_says_the_same_and_writes_nothing():
    carton, case = make.packaging_type("Carton"), make.packaging_type("Case")
    change_set = rename(carton, case, en_US="Box")
    rename(case, en_US="Coil")
    gate = gate_for(change_set, make.superuser())
    rehearsed = undoing.rehearse(change_set, gate)
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Box"}
    assert ChangeSet.objects.count() == 2
    assert rehearsed.counts == undo(change_set)[0].counts


def test_a_batch_costs_the_same_whatever_its_size():
    costs = []
    for size in (2, 40):
        change_set = rename(*[make.packaging_type() for _n in range(size)], en_US="Box")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            undo(change_set, make.superuser(f"root{size}@example.com"))
        costs.append(len(asked))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("rights", "reason"),
    [
        (["view"], "You lack the right “change” on packaging types."),
        (["view", "change"], ""),
    ],
)
def test_undo_asks_the_rights_of_the_screen(rights, reason):
    user = make.user(roles=[make.role(rights=[f"packaging.{right}_packagingtype" for right in rights])])
    report, _undone = undo(rename(make.packaging_type("Carton"), en_US="Box", by=user), user)
    assert [line.reason for line in report.lines["cannot"]] == ([reason] if reason else [])


def test_removing_what_an_import_added_asks_for_the_right_of_the_import():
    rights = [f"packaging.{right}_packagingtype" for right in ("view", "add", "import")]
    user = make.user(roles=[make.role(rights=rights)])
    by_hand, _made = add("Carton", by=user)
    by_file, _made = add("Case", by=user, kind="import", compact=True)
    assert undo(by_hand, user)[0].counts["cannot"] == 1
    assert undo(by_file, user)[0].counts["restored"] == 1


def test_records_on_screens_one_may_not_view_stay_unseen():
    user = make.user(roles=[make.role(rights=["stores.view_store"])])
    report, undone = undo(rename(make.packaging_type("Carton"), en_US="Box", by=user), user)
    assert (report.counts["hidden"], undone) == (1, None)
    assert not any(report.lines.values())


def test_people_are_put_right_on_their_own_pages():
    ben = make.user()
    with recording("save", screen="accounts.user") as recorder:
        before = snapshot(ben)
        ben.first_name = "Benjamin"
        ben.save()
        recorder.changed(ben, before)
        change_set = recorder.change_set
    report, undone = undo(change_set)
    assert undone is None
    assert [line.reason for line in report.lines["cannot"]] == [
        "Users and roles are put right on their own pages."
    ]


def test_the_history_of_an_undo_tells_the_whole_state_of_what_went():
    change_set, (carton,) = add("Carton", compact=True)
    _report, undone = undo(change_set)
    assert Change.objects.get(change_set=undone).fields == {
        "key": {"before": carton.key, "after": None},
        "name.en_US": {"before": "Carton", "after": None},
    }
