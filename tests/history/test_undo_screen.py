"""The page that undoes: it shows before it acts, asks the rights, and refuses twice (working-day 7.5)."""

import csv
import datetime
import io

import pytest
from django.test import Client
from django.utils import timezone

from backoffice.accounts.models import SecurityEvent
from backoffice.actor import acting
from backoffice.history.models import ChangeSet
from backoffice.history.recording import recording
from catalog.attributes import declaring
from catalog.attributes.models import Attribute, PredefinedValue
from tests import make
from tests.history.test_undo import add, delete, rename
from tests.site.page import compact

pytestmark = pytest.mark.django_db


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(change_set: ChangeSet) -> str:
    return f"/history/changeset/{change_set.pk}/undo/"


@pytest.fixture
def mara():
    return make.user(roles=["Category Manager"])


def test_the_page_shows_what_is_restored_and_what_stays_before_anything_happens(mara):
    carton, case = make.packaging_type("Carton"), make.packaging_type("Case")
    change_set = rename(carton, case, by=mara, en_US="Box")
    rename(case, by=make.user(last_name="Ott", first_name="Ben"), en_US="Coil")
    page = compact(client_of(mara).get(address(change_set)))
    assert "<del>Box</del><ins>Carton</ins>" in page
    assert "Changed since, left alone" in page
    assert "recorded</span><span>Box</span>" in page
    assert "<b>Coil</b>" in page
    assert "Ben Ott" in page
    assert "Change back 1 record" in page
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Box"}


def test_the_button_restores_and_leads_to_the_undo(mara):
    carton = make.packaging_type("Carton")
    change_set = rename(carton, by=mara, en_US="Box")
    client = client_of(mara)
    response = client.post(address(change_set), {"_note": "ticket 7"}, follow=True)
    carton.refresh_from_db()
    undone = ChangeSet.objects.get(kind="undo")
    assert carton.name == {"en_US": "Carton"}
    assert (undone.note, undone.undoes, undone.user) == ("ticket 7", change_set, mara)
    assert response.redirect_chain == [(f"/history/changeset/{undone.pk}/", 302)]
    page = compact(response)
    assert f'1 record was changed back.<a href="{address(undone)}">Undo</a>' in page
    assert "Undoes" in page


def test_a_second_undo_is_refused_and_changes_nothing(mara):
    carton = make.packaging_type("Carton")
    change_set = rename(carton, by=mara, en_US="Box")
    client = client_of(mara)
    client.post(address(change_set))
    rename(carton, by=mara, en_US="Box")
    page = compact(client.post(address(change_set), follow=True))
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Box"}
    assert "This change set was undone already" in page
    assert ChangeSet.objects.filter(kind="undo").count() == 1


def test_the_sets_of_others_need_the_right(mara):
    ruth = make.user(roles=["Category Manager"])
    rights = ["history.view_changeset", "packaging.view_packagingtype", "packaging.change_packagingtype"]
    sees = make.user(roles=[make.role(rights=rights)])
    undoes = make.user(roles=[make.role(rights=[*rights, "history.undo_changeset"])])
    carton = make.packaging_type("Carton")
    change_set = rename(carton, by=mara, en_US="Box")
    assert client_of(ruth).post(address(change_set)).status_code == 404
    assert client_of(sees).get(address(change_set)).status_code == 403
    assert client_of(sees).post(address(change_set)).status_code == 403
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Box"}
    assert client_of(undoes).post(address(change_set)).status_code == 302
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Carton"}


def test_own_sets_can_be_undone_for_a_while(mara, settings, monkeypatch):
    change_set = rename(make.packaging_type("Carton"), by=mara, en_US="Box")
    later = timezone.now() + datetime.timedelta(days=settings.UNDO_DAYS, minutes=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    client = client_of(mara)
    assert client.get(address(change_set)).status_code == 403
    assert "undo-2" not in client.get(f"/history/changeset/{change_set.pk}/").content.decode()


def test_a_change_set_offers_its_undo(mara):
    change_set = rename(make.packaging_type("Carton"), by=mara, en_US="Box")
    page = client_of(mara).get(f"/history/changeset/{change_set.pk}/").content.decode()
    assert f'href="{address(change_set)}"' in page


def test_the_message_after_a_save_carries_undo(mara):
    carton = make.packaging_type("Carton")
    client = client_of(mara)
    url = f"/packaging/packagingtype/{carton.pk}/change/"
    opened = client.get(url).context["page"]
    data = {"_version": opened.version, "_opened": opened.opened_json, "name.en_US": "Box", "_save": ""}
    response = client.post(url, data, follow=True)
    change_set = ChangeSet.objects.get()
    assert f'href="{address(change_set)}">Undo</a>' in compact(response)


def test_the_message_after_a_deletion_carries_undo(mara):
    carton = make.packaging_type("Carton")
    response = client_of(mara).post(
        f"/packaging/packagingtype/{carton.pk}/delete/", {"_version": carton.version}, follow=True
    )
    assert f'href="{address(ChangeSet.objects.get())}">Undo</a>' in compact(response)


def test_what_cannot_come_back_says_why(mara):
    carton = make.packaging_type("Carton")
    change_set = delete(carton, by=mara)
    make.packaging_type("Carton")
    page = compact(client_of(mara).get(address(change_set)))
    assert "Cannot be restored" in page
    assert "A packaging type with this key exists." in page
    response = client_of(mara).post(address(change_set), follow=True)
    assert "Nothing could be restored, nothing was changed." in compact(response)
    assert not ChangeSet.objects.filter(kind="undo").exists()


def test_an_addition_is_undone_by_deletion(mara):
    change_set, _made = add("Carton", by=mara)
    page = compact(client_of(mara).get(address(change_set)))
    assert "is deleted" in page


def test_what_stays_is_downloaded_in_full_and_is_safe_to_open(mara):
    made = [make.packaging_type(f"Carton {number}") for number in range(205)]
    change_set = rename(*made, by=mara, en_US="Box")
    rename(*made[:203], by=make.user(last_name="Ott", first_name="Ben"), en_US="=1+1")
    delete(made[203])
    client = client_of(mara)
    page = client.get(address(change_set)).content.decode()
    assert f'href="{address(change_set)}drift/"' in page

    response = client.get(f"{address(change_set)}drift/")
    lines = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert (response["Content-Type"], len(lines)) == ("text/csv; charset=utf-8", 204)
    first = lines[0]
    assert {name: first[name] for name in first if name != "at"} == {
        "outcome": "left",
        "type": "packaging.packagingtype",
        "record": made[0].key,
        "field": "name.en_US",
        "recorded": "Box",
        "current": "'=1+1",
        "by": "Ben Ott",
        "reason": "",
    }
    assert first["at"].startswith("20")
    assert (lines[203]["record"], lines[203]["reason"]) == (made[203].key, "It was deleted since.")
    made[204].refresh_from_db()
    assert made[204].name == {"en_US": "Box"}


def test_the_report_asks_what_the_undo_asks(mara):
    carton = make.packaging_type("Carton")
    change_set = rename(carton, by=mara, en_US="Box")
    sees = make.user(roles=[make.role(rights=["history.view_changeset", "packaging.view_packagingtype"])])
    assert client_of(sees).get(f"{address(change_set)}drift/").status_code == 403
    assert (
        client_of(make.user(roles=["Category Manager"])).get(f"{address(change_set)}drift/").status_code
        == 404
    )
    response = client_of(mara).get(f"{address(change_set)}drift/")
    assert response.content.decode().startswith("outcome,type,record,field,")
    assert "drift/" not in client_of(mara).get(address(change_set)).content.decode()


def test_after_the_undo_the_file_lists_only_what_was_left_alone(mara):
    """Not the records that went back."""
    carton, case, gone = (make.packaging_type(name) for name in ("Carton", "Case", "Gone"))
    change_set = rename(carton, case, gone, by=mara, en_US="Box", de_DE="Kiste")
    rename(case, by=make.user(last_name="Ott", first_name="Ben"), en_US="Coil")
    delete(gone)
    client = client_of(mara)
    client.post(address(change_set))
    rename(carton, en_US="Later")

    lines = csv.DictReader(io.StringIO(client.get(f"{address(change_set)}drift/").content.decode()))
    found = [(each["record"], each["field"], each["current"], each["by"]) for each in lines]
    assert [each[:3] for each in found] == [(case.key, "name.en_US", "Coil"), (gone.key, "", "")]
    page = compact(client.get(address(change_set)))
    assert "Later" not in page
    assert "<b>Coil</b>" in page


def test_an_undone_import_leaves_nothing_in_the_file(mara):
    change_set, _made = add("Carton", "Case", by=mara, kind="import")
    client = client_of(mara)
    client.post(address(change_set))
    text = client.get(f"{address(change_set)}drift/").content.decode()
    assert len(text.splitlines()) == 1


def test_an_undo_is_told_in_the_security_log(mara):
    change_set = rename(make.packaging_type("Carton"), by=mara, en_US="Box")
    client_of(mara).post(address(change_set))
    event = SecurityEvent.objects.get(action="undo")
    assert (event.object, event.actor_id) == (f"#{change_set.pk}", mara.pk)


def test_the_undo_keeps_what_it_left_and_why_whatever_happens_later(mara):
    carton, case, gone = (make.packaging_type(name) for name in ("Carton", "Case", "Gone"))
    change_set = rename(carton, case, gone, by=mara, en_US="Box")
    rename(case, by=make.user(last_name="Ott", first_name="Ben"), en_US="Coil")
    delete(gone)
    client = client_of(mara)
    client.post(address(change_set))
    rename(case, by=mara, en_US="Later")

    undone = ChangeSet.objects.get(kind="undo")
    for page in (f"/history/changeset/{undone.pk}/", address(change_set)):
        shown = compact(client.get(page))
        assert "<b>Coil</b>" in shown
        assert "Ben Ott" in shown
        assert "It was deleted since." in shown
        assert "Later" not in shown.partition('id="left"')[2]
    text = client.get(f"/history/changeset/{undone.pk}/left/").getvalue().decode()
    lines = [(each["record"], each["field"], each["current"]) for each in csv.DictReader(io.StringIO(text))]
    assert lines == [(case.key, "name.en_US", "Coil"), (gone.key, "", "")]


def test_lists_show_what_goes_and_what_comes(mara):
    colour = make.attribute("colour", values={"red": {}, "blue": {}})
    with acting(mara), recording("save", screen="attributes.attribute") as recorder:
        before = declaring.state(colour)
        values = [PredefinedValue(value, {}) for value in ("red", "blue", "solar")]
        declaring.set_values(colour, values)
        recorder.changed(colour, before, declaring.state(Attribute.objects.get(pk=colour.pk)))
        change_set = recorder.change_set
    make.product("T1001", attributes={"colour": "solar"})
    client = client_of(mara)
    sentence = "“solar” is used by 1 product."
    page = compact(client.get(address(change_set)))
    assert "<del>solar</del>" in page
    assert "blue" not in page.partition('id="restored"')[2].partition("</table>")[0]
    assert sentence in page
    assert sentence in compact(client.post(address(change_set), follow=True))


def test_records_that_stay_as_a_whole_are_named_without_their_fields():
    user = make.superuser()
    with acting(user), recording("import", screen="stores.currency") as recorder:
        recorder.added(make.currency("USD"))
        change_set = recorder.change_set
    make.store("US", currencies=("USD",))
    page = compact(client_of(user).get(address(change_set)))
    assert "Other records refer to it" in page
    assert "at present" not in page


def test_of_fields_that_stay_together_only_the_changed_ones_are_told(mara):
    colour = make.attribute("colour", values={"red": {"de_DE": "rot"}})
    with acting(mara), recording("save", screen="attributes.attribute") as recorder:
        before = declaring.state(colour)
        texts = {"de_DE": "blau"}
        declaring.set_values(
            colour, [PredefinedValue("red", {"de_DE": "rot"}), PredefinedValue("blue", texts)]
        )
        middle = declaring.state(Attribute.objects.get(pk=colour.pk))
        recorder.changed(colour, before, middle)
        change_set = recorder.change_set
    with recording("save", screen="attributes.attribute") as recorder:
        declaring.set_values(
            colour, [PredefinedValue("red", {"de_DE": "rot"}), PredefinedValue("blue", {"de_DE": "Azur"})]
        )
        recorder.changed(colour, middle, declaring.state(Attribute.objects.get(pk=colour.pk)))
    page = compact(client_of(mara).get(address(change_set)))
    left = page.partition('id="left"')[2].partition("</table>")[0]
    assert "<b>rot, Azur</b>" in left
    assert "red, blue" not in left
