"""Revert of one record: a tick per field, the same rules as a save, what cannot come back stays (working-day 7.4)."""

import pytest
from django.test import Client

from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from catalog.attributes import declaring
from catalog.stores import linking
from catalog.stores.models import GlossaryText
from tests import make
from tests.catalog.test_attributes_undone import set_values
from tests.catalog.test_attributes_undone import values as values_of
from tests.history.test_undo import add, rename
from tests.site.page import compact

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara():
    return make.user(roles=["Category Manager"])


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(change_set: ChangeSet, to: str = "before", **of) -> str:
    change = change_set.changes.filter(**of).first()
    return f"/history/changeset/{change_set.pk}/revert/?change={change.pk}&to={to}"


def pick(record, *names: str) -> dict:
    label = record._meta.label_lower
    record.refresh_from_db()
    keys = [f"{label}:{record.pk}:{name}" for name in names]
    return {"pick": keys, "_version": str(record.version), "_note": "as last week"}


def test_the_page_compares_then_with_today_and_changes_nothing(mara):
    carton = make.packaging_type("Carton")
    first = rename(carton, en_US="Box", de_DE="Schachtel")
    rename(carton, en_US="Case")
    page = compact(client_of(mara).get(address(first)))
    assert "Name (en_US)" in page and "Case" in page and "Carton" in page
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Case", "de_DE": "Schachtel"}


def test_the_ticked_fields_go_back_the_others_stay(mara):
    carton = make.packaging_type("Carton")
    first = rename(carton, en_US="Box", de_DE="Schachtel")
    rename(carton, en_US="Case")
    response = client_of(mara).post(address(first), pick(carton, "name.en_US"), follow=True)
    version = carton.version
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Carton", "de_DE": "Schachtel"}
    assert carton.version == version + 1
    reverted = ChangeSet.objects.get(kind="revert")
    assert (reverted.note, reverted.user) == ("as last week", mara)
    assert reverted.changes.get().fields == {"name.en_US": {"before": "Case", "after": "Carton"}}
    assert "was set back." in compact(response)


def test_the_state_after_an_entry_keeps_what_the_entry_did(mara):
    carton = make.packaging_type("Carton")
    first = rename(carton, en_US="Box")
    rename(carton, en_US="Case")
    client_of(mara).post(address(first, "after"), pick(carton, "name.en_US"))
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Box"}


def test_nothing_ticked_changes_nothing(mara):
    carton = make.packaging_type("Carton")
    first = rename(carton, en_US="Box")
    response = client_of(mara).post(address(first), pick(carton), follow=True)
    assert "Nothing changed." in compact(response)
    assert not ChangeSet.objects.filter(kind="revert").exists()


def test_a_page_that_is_older_than_the_record_asks_again(mara):
    carton = make.packaging_type("Carton")
    first, data = rename(carton, en_US="Box"), pick(carton, "name.en_US")
    rename(carton, en_US="Case")
    assert client_of(mara).post(address(first), data).status_code == 409
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Case"}


def test_what_a_save_by_hand_would_refuse_cannot_come_back(mara):
    make.store("US")
    carton = make.packaging_type({"de_DE": "Karton"})
    first = rename(carton, en_US="Box")
    page = compact(client_of(mara).get(address(first)))
    assert "Cannot come back:" in page and "Type a text for EN." in page
    assert client_of(mara).post(address(first), pick(carton, "name.en_US")).status_code == 422
    carton.refresh_from_db()
    assert carton.name == {"de_DE": "Karton", "en_US": "Box"}


def test_a_key_that_is_taken_meanwhile_cannot_come_back():
    text = make.glossary_text("old.key", "Text")
    with recording("save", screen="stores.glossarytext") as recorder:
        from backoffice.history.recording import snapshot

        before = snapshot(text)
        text.key, text.translation = "new.key", "Other"
        text.save()
        recorder.changed(text, before)
        change_set = recorder.change_set
    make.glossary_text("old.key", "Taken")
    client = client_of(make.superuser())
    assert "Cannot come back:" in compact(client.get(address(change_set)))
    client.post(address(change_set), pick(text, "translation"))
    text.refresh_from_db()
    assert (text.key, text.translation) == ("new.key", "Text")
    assert GlossaryText.objects.count() == 2


def test_revert_asks_the_right_to_change_and_sight_of_the_record(mara):
    sees = make.user(roles=[make.role(rights=["packaging.view_packagingtype"])])
    blind = make.user(roles=[make.role(rights=["stores.view_store"])])
    carton = make.packaging_type("Carton")
    first = rename(carton, en_US="Box")
    assert "You lack the right “change”" in compact(client_of(sees).get(address(first)))
    assert client_of(sees).post(address(first), pick(carton, "name.en_US")).status_code == 422
    assert client_of(blind).get(address(first)).status_code == 403
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Box"}


def test_links_of_a_store_come_back_with_it(mara):
    store = make.store("DE", locales=("de_DE", "en_US"))
    with recording("save", screen="stores.store") as recorder:
        linking.link(store, linking.Links(("en_US", "fr_FR"), ("EUR",), ()), recorder=recorder)
        change_set = recorder.change_set
    client = client_of(make.superuser())
    url = address(change_set, parent_type="stores.store")
    keys = [row.key for row in client.get(url).context["rows"]]
    client.post(url, {"pick": keys, "_version": store.version})
    assert linking.Links.of(store) == linking.Links(("de_DE", "en_US"), ("EUR",), ())


def test_values_of_an_attribute_come_back_together(mara):
    colour = make.attribute("colour", values={"red": {"de_DE": "rot"}, "blue": {"de_DE": "blau"}})
    before = values_of(colour)
    change_set = set_values(colour, green={"de_DE": "grün"})
    client_of(mara).post(address(change_set), pick(colour, "values"))
    assert values_of(colour) == before


def test_the_history_of_a_record_offers_its_states(mara):
    change_set, (carton,) = add("Carton")
    rename(carton, en_US="Box")
    page = client_of(mara).get(f"/packaging/packagingtype/{carton.pk}/history/").content.decode()
    assert page.count("before this") == 1
    assert page.count("after this") == 2
    sees = make.user(roles=[make.role(rights=["packaging.view_packagingtype"])])
    page = client_of(sees).get(f"/packaging/packagingtype/{carton.pk}/history/").content.decode()
    assert "after this" not in page
    assert change_set


def test_people_are_not_set_back_here():
    ben = make.user()
    with recording("save", screen="accounts.user") as recorder:
        recorder.added(ben)
        change_set = recorder.change_set
    assert client_of(make.superuser()).get(address(change_set)).status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("field=name", 2),
        ("field=key", 0),
        ("user=ott", 1),
        ("note=ticket", 1),
        ("change_set__at_from=2000-01-01", 2),
        ("change_set__at_to=2000-01-01", 0),
        ("field=nonsense&user=%00&change_set__at_from=x", 2),
    ],
)
def test_the_history_of_a_record_is_narrowed(query, found, mara):
    carton = make.packaging_type("Carton")
    rename(carton, en_US="Box", by=make.user(last_name="Ott"))
    with recording("save", note="Ticket 4137") as recorder:
        before = {"name.en_US": "Box"}
        recorder.changed(carton, before, {"name.en_US": "Case"})
    page = client_of(mara).get(f"/packaging/packagingtype/{carton.pk}/history/?{query}").content.decode()
    assert page.count('<li class="is-edit">') == found


def test_long_texts_are_compared_word_by_word(mara):
    text = "The quick brown fox jumps over the lazy dog while the cat is asleep on the warm stove. "
    carton = make.packaging_type(text)
    rename(carton, en_US=text.replace("quick", "slow"))
    page = compact(client_of(mara).get(f"/packaging/packagingtype/{carton.pk}/history/"))
    assert "<del>quick</del><ins>slow</ins>" in page
    assert Change.objects.count() == 1


def edit(attribute, **fields) -> ChangeSet:
    """Somebody saves other values of an attribute."""
    with recording("save", screen="attributes.attribute") as recorder:
        before = declaring.state(attribute)
        for name, value in fields.items():
            setattr(attribute, name, value)
        attribute.version += 1
        attribute.save()
        recorder.changed(attribute, before, declaring.state(attribute))
        return recorder.change_set


@pytest.fixture
def translator():
    make.store("DE", locales=("en_US", "de_DE"))
    return make.user(
        roles=[make.role(rights=["attributes.view_attribute", "attributes.translate_attribute"])]
    )


def test_who_may_only_translate_sets_names_back(translator):
    colour = make.attribute("colour", name={"en_US": "Colour", "de_DE": "Farbe"}, values={"red": {}})
    named = edit(colour, name={"en_US": "Hue", "de_DE": "Ton"}, allow_input=True)
    shown = edit(colour, visibility=["Cart"])
    client = client_of(translator)
    history = client.get(f"/attributes/attribute/{colour.pk}/history/").content.decode()
    assert f"/history/changeset/{named.pk}/revert/" in history
    assert f"/history/changeset/{shown.pk}/revert/" not in history

    page = compact(client.get(address(named)))
    assert page.count("You lack the right “change”") == 2
    assert client.post(address(named), pick(colour, "allow_input")).status_code == 422
    assert client.post(address(named), pick(colour, "name.de_DE")).status_code == 302
    colour.refresh_from_db()
    assert (colour.name, colour.allow_input) == ({"en_US": "Hue", "de_DE": "Farbe"}, True)


def test_a_name_that_the_translations_page_asks_for_does_not_go(translator):
    colour = make.attribute("colour", name={"en_US": "Colour"}, values={"red": {}})
    named = edit(colour, name={"en_US": "Colour", "de_DE": "Farbe"})
    client = client_of(translator)
    page = compact(client.get(address(named)))
    assert "Cannot come back:" in page and "Type a text for DE." in page
    assert client.post(address(named), pick(colour, "name.de_DE")).status_code == 422
    colour.refresh_from_db()
    assert colour.name == {"en_US": "Colour", "de_DE": "Farbe"}
