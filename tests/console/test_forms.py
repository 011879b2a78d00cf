"""Forms: nothing typed is lost, nobody is overwritten, one save is one change set (working-day 5 and 6)."""

import json
import re

import pytest
from django.test import Client
from django.utils.translation import override

from backoffice.history.models import Change, ChangeSet
from catalog.packaging.models import PackagingType
from catalog.products.forms import ProductForm
from tests import make
from tests.site.page import compact

LIST = "/packaging/packagingtype/"


@pytest.fixture
def ana(db) -> Client:
    return signed_in("ana@example.com", "Ana", "Silva")


@pytest.fixture
def ben(db) -> Client:
    return signed_in("ben@example.com", "Ben", "Okoro")


def signed_in(email: str, first_name: str, last_name: str) -> Client:
    client = Client()
    client.force_login(
        make.user(email, first_name=first_name, last_name=last_name, roles=["Category Manager"])
    )
    return client


@pytest.fixture
def carton(db) -> PackagingType:
    make.store(locales=("de_DE", "en_US"))
    return make.packaging_type({"de_DE": "Karton", "en_US": "Carton"}, key="packaging_unit_type.carton.name")


def opened(client: Client, record: PackagingType) -> dict[str, str]:
    """The values of the form as a browser would send them back untouched."""
    html = compact(client.get(f"{LIST}{record.pk}/change/"))
    form = html[html.index("<form", html.index("data-guard") - 200) :]
    names = re.findall(r'<input type="(?:hidden|text)"[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', form)
    return {name: value.replace("&quot;", '"') for name, value in names}


def test_saving_keeps_the_list_one_came_from(ana, carton):
    values = opened(ana, carton) | {"name.en_US": "Cardboard box"}
    answer = ana.post(f"{LIST}{carton.pk}/change/?list=q%3Dcart%26o%3D-key", values)
    assert answer.headers["Location"] == f"{LIST}?q=cart&o=-key#row-{carton.pk}"
    carton.refresh_from_db()
    assert carton.name == {"de_DE": "Karton", "en_US": "Cardboard box"}
    assert carton.search == "packaging_unit_type.carton.name karton cardboard box"


def test_save_and_next_opens_the_next_row_of_the_list(ana, carton):
    coil = make.packaging_type({"de_DE": "Rolle", "en_US": "Coil"}, key="packaging_unit_type.coil.name")
    values = opened(ana, carton) | {"name.en_US": "Box", "_next": "1"}
    answer = ana.post(f"{LIST}{carton.pk}/change/?list=o%3Dkey", values)
    assert answer.headers["Location"] == f"{LIST}{coil.pk}/change/?list=o%3Dkey"


def test_a_save_is_one_change_set_with_before_and_after(ana, carton):
    ana.post(
        f"{LIST}{carton.pk}/change/",
        opened(ana, carton) | {"name.de_DE": "Schachtel", "_note": "ticket 4137"},
    )
    change_set = ChangeSet.objects.get()
    assert (change_set.kind, change_set.user_name, change_set.note) == ("save", "Ana Silva", "ticket 4137")
    change = Change.objects.get()
    assert (change.object_type, change.object_id) == ("packaging.packagingtype", carton.pk)
    assert change.fields == {"name.de_DE": {"before": "Karton", "after": "Schachtel"}}
    history = compact(ana.get(f"{LIST}{carton.pk}/history/"))
    assert "<del>Karton</del><ins>Schachtel</ins>" in history
    assert "ticket 4137" in history


def test_a_save_without_changes_writes_nothing_and_says_so(ana, carton):
    answer = ana.post(f"{LIST}{carton.pk}/change/", opened(ana, carton), follow=True)
    assert "Nothing changed." in answer.content.decode()
    assert ChangeSet.objects.count() == 0
    assert PackagingType.objects.get(pk=carton.pk).version == 1


def test_two_people_change_different_fields_and_both_are_kept(ana, ben, carton):
    anas, bens = opened(ana, carton), opened(ben, carton)
    ana.post(f"{LIST}{carton.pk}/change/", anas | {"name.en_US": "Box"})
    answer = ben.post(f"{LIST}{carton.pk}/change/", bens | {"name.de_DE": "Schachtel"}, follow=True)
    carton.refresh_from_db()
    assert carton.name == {"de_DE": "Schachtel", "en_US": "Box"}
    html = answer.content.decode()
    assert "Kept as they saved it: Name (en_US): “Box” (Ana Silva, <time" in html


def test_two_people_change_the_same_field_and_the_second_chooses(ana, ben, carton):
    anas, bens = opened(ana, carton), opened(ben, carton)
    ana.post(f"{LIST}{carton.pk}/change/", anas | {"name.en_US": "Box"})
    page = ben.post(f"{LIST}{carton.pk}/change/", bens | {"name.en_US": "Case"})
    html = compact(page)
    assert page.status_code == 409
    assert PackagingType.objects.get(pk=carton.pk).name["en_US"] == "Box"
    assert [text in html for text in ("Carton", "Box", "Case", "Ana Silva")] == [True] * 4
    assert 'name="name.en_US" id="id_name_en_US" value="Case"' in html
    again = {"name.de_DE": "Karton", "name.en_US": "Case", **hidden(html), "_keep.name.en_US": "mine"}
    ben.post(f"{LIST}{carton.pk}/change/", again)
    assert PackagingType.objects.get(pk=carton.pk).name["en_US"] == "Case"


def test_the_second_saver_may_choose_the_other_text(ana, ben, carton):
    anas, bens = opened(ana, carton), opened(ben, carton)
    ana.post(f"{LIST}{carton.pk}/change/", anas | {"name.en_US": "Box"})
    typed = {"name.en_US": "Case", "name.de_DE": "Schachtel"}
    html = ben.post(f"{LIST}{carton.pk}/change/", bens | typed).content.decode()
    ben.post(f"{LIST}{carton.pk}/change/", typed | hidden(html) | {"_keep.name.en_US": "theirs"})
    assert PackagingType.objects.get(pk=carton.pk).name == {"de_DE": "Schachtel", "en_US": "Box"}


def test_a_conflict_is_saved_only_when_each_field_is_chosen(ana, ben, carton):
    anas, bens = opened(ana, carton), opened(ben, carton)
    ana.post(f"{LIST}{carton.pk}/change/", anas | {"name.en_US": "Box"})
    typed = {"name.en_US": "Case", "name.de_DE": "Karton"}
    html = ben.post(f"{LIST}{carton.pk}/change/", bens | typed).content.decode()
    assert re.findall(r'name="_keep\.name\.en_US" value="(\w+)">', html) == ["theirs", "mine"]

    again = ben.post(f"{LIST}{carton.pk}/change/", typed | hidden(html))
    assert again.status_code == 409
    (asked,) = again.context["page"].conflicts
    assert (asked.opened, asked.theirs, asked.mine, asked.choice) == ("Carton", "Box", "Case", "")
    assert "until then nothing is saved" in again.content.decode()
    assert PackagingType.objects.get(pk=carton.pk).name["en_US"] == "Box"

    chosen = typed | hidden(again.content.decode()) | {"_keep.name.en_US": "mine"}
    assert ben.post(f"{LIST}{carton.pk}/change/", chosen).status_code == 302
    assert PackagingType.objects.get(pk=carton.pk).name["en_US"] == "Case"


def test_a_stale_form_with_an_error_still_asks_about_the_conflict(ana, ben, carton):
    anas, bens = opened(ana, carton), opened(ben, carton)
    ana.post(f"{LIST}{carton.pk}/change/", anas | {"name.en_US": "Box"})
    wrong = ben.post(f"{LIST}{carton.pk}/change/", bens | {"name.en_US": "Case", "name.de_DE": ""})
    typed = {"name.en_US": "Case", "name.de_DE": "Karton"}
    asked = ben.post(f"{LIST}{carton.pk}/change/", typed | hidden(wrong.content.decode()))
    assert asked.status_code == 409

    choice = {"_keep.name.en_US": "theirs"}
    html = ben.post(
        f"{LIST}{carton.pk}/change/", typed | hidden(asked.content.decode()) | choice | {"name.de_DE": ""}
    )
    assert [each.choice for each in html.context["page"].conflicts] == ["theirs"]
    ben.post(f"{LIST}{carton.pk}/change/", typed | hidden(html.content.decode()) | choice)
    assert PackagingType.objects.get(pk=carton.pk).name == {"de_DE": "Karton", "en_US": "Box"}


def hidden(html: str) -> dict[str, str]:
    form = html[html.index("data-guard") :]
    return {
        name: value.replace("&quot;", '"')
        for name, value in re.findall(
            r'<input type="hidden" name="(_version|_opened|_asked[^"]*)" value="([^"]*)"', form
        )
    }


def test_a_form_of_a_record_deleted_meanwhile_offers_to_create_it_again(ana, ben, carton):
    bens = opened(ben, carton)
    assert ana.post(f"{LIST}{carton.pk}/delete/", {"_version": "1"}).status_code == 302
    html = ben.post(f"{LIST}{carton.pk}/change/", bens | {"name.en_US": "Case"}).content.decode()
    assert "Ana Silva deleted this record" in html
    assert 'value="Case"' in html
    assert f'action="{LIST}add/"' in html


def test_a_failed_save_keeps_what_was_typed_and_names_the_field(ana, carton):
    values = opened(ana, carton) | {"name.en_US": "x" * 300, "name.de_DE": "Schachtel"}
    html = ana.post(f"{LIST}{carton.pk}/change/", values).content.decode()
    assert "en_US: at most 255 characters, this text has 300." in html
    assert "x" * 300 in html
    assert 'value="Schachtel"' in html
    assert PackagingType.objects.get(pk=carton.pk).name["de_DE"] == "Karton"


def test_creating_twice_with_one_form_shows_the_first_result(ana, carton):
    values = {"name.en_US": "Sack", "name.de_DE": "Sack", "_once": "same-form"}
    ana.post(f"{LIST}add/", values)
    made = PackagingType.objects.get(key="packaging_unit_type.sack.name")
    answer = ana.post(f"{LIST}add/", values)
    assert answer.headers["Location"] == f"{LIST}{made.pk}/"
    assert ChangeSet.objects.count() == 1


def test_fields_that_the_form_does_not_offer_are_ignored(ana, carton):
    ana.post(
        f"{LIST}{carton.pk}/change/",
        opened(ana, carton) | {"name.en_US": "Box", "key": "stolen", "version": "99"},
    )
    carton.refresh_from_db()
    assert (carton.key, carton.version) == ("packaging_unit_type.carton.name", 2)


def test_texts_of_a_locale_that_no_store_uses_any_more_are_kept(ana, carton):
    carton.name["fr_FR"] = "Carton"
    carton.save()
    ana.post(f"{LIST}{carton.pk}/change/", opened(ana, carton) | {"name.en_US": "Box"})
    carton.refresh_from_db()
    assert carton.name == {"de_DE": "Karton", "en_US": "Box", "fr_FR": "Carton"}


def test_an_expired_session_brings_the_form_back_unsaved_after_sign_in(ana, carton):
    values = opened(ana, carton) | {"name.en_US": "Box typed late"}
    ana.cookies.pop("bo_session")
    answer = ana.post(f"{LIST}{carton.pk}/change/", values)
    assert answer.headers["Location"].startswith("/login/?next=")
    assert PackagingType.objects.get(pk=carton.pk).name["en_US"] == "Carton"
    from backoffice.accounts.models import User

    ana.force_login(User.objects.get(email="ana@example.com"))
    html = ana.get(f"{LIST}{carton.pk}/change/").content.decode()
    assert 'value="Box typed late"' in html
    assert "nothing is saved until you press Save" in html
    assert "Box typed late" not in ana.get(f"{LIST}{carton.pk}/change/").content.decode()


def test_a_rescued_form_is_for_its_own_user_only(ana, ben, carton):
    values = opened(ana, carton) | {"name.en_US": "Secret plan"}
    ana.cookies.pop("bo_session")
    ana.post(f"{LIST}{carton.pk}/change/", values)
    ben.cookies["bo_rescue"] = ana.cookies["bo_rescue"].value
    assert "Secret plan" not in ben.get(f"{LIST}{carton.pk}/change/").content.decode()


def test_a_form_without_token_saves_nothing_and_shows_what_was_typed(carton):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make.user(roles=["Category Manager"]))
    page = client.post(f"{LIST}{carton.pk}/change/", {"name.en_US": "Typed text", "_version": "1"})
    assert page.status_code == 403
    assert "Typed text" in page.content.decode()
    assert PackagingType.objects.get(pk=carton.pk).name["en_US"] == "Carton"


def test_a_form_whose_token_failed_can_be_opened_again_with_its_values(ana, carton):
    values = opened(ana, carton) | {"name.en_US": "Typed text", "csrfmiddlewaretoken": "stale"}
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ana.cookies
    page = strict.post(f"{LIST}{carton.pk}/change/", values)
    assert "Open the form with my values" in page.content.decode()
    assert 'value="Typed text"' in compact(strict.get(f"{LIST}{carton.pk}/change/"))


def test_broken_hidden_values_are_no_fault(ana, carton):
    values = {"name.en_US": "Box", "name.de_DE": "Karton", "_version": "x", "_opened": json.dumps([1])}
    assert ana.post(f"{LIST}{carton.pk}/change/", values).status_code == 409


def test_an_untouched_text_stays_exactly_as_it_was_imported(ana, carton):
    carton.name["de_DE"] = " Zeile 1\nZeile 2"
    carton.save()
    assert "Zeile 1\nZeile 2</textarea>" in ana.get(f"{LIST}{carton.pk}/change/").content.decode()
    values = opened(ana, carton) | {"name.de_DE": " Zeile 1\r\nZeile 2", "name.en_US": "Box"}
    ana.post(f"{LIST}{carton.pk}/change/", values)
    carton.refresh_from_db()
    assert carton.name == {"de_DE": " Zeile 1\nZeile 2", "en_US": "Box"}


def test_the_label_of_a_text_per_locale_follows_the_language_of_the_user():
    label = ProductForm.base_fields["description"].label
    with override("de"):
        assert str(label) == "Beschreibung"
