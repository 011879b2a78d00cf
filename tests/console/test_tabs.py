"""A room above contributes a tab: it is validated with the form, and all or none is saved (architecture 2)."""

import pytest
from django import forms
from django.test import Client

from backoffice.console import tabs
from backoffice.console.forms import BoundTab, Tab
from backoffice.history.models import Change, ChangeSet
from catalog.packaging.models import PackagingType
from catalog.stores.models import GlossaryText
from tests import make
from tests.site.page import compact

LIST = "/packaging/packagingtype/"
CARTON = "packaging_unit_type.carton.name"


class SlogansForm(forms.Form):
    slogan = forms.CharField(max_length=10, required=False, initial="")


class BoundSlogans(BoundTab):
    """A tab that stores its text in another model than the screen's own."""

    def __init__(self, *args):
        super().__init__(*args)
        self.own = SlogansForm(self.request.POST or None)

    @property
    def fields(self):
        return iter(self.own)

    def is_valid(self):
        return self.own.is_valid()

    def has_changed(self):
        return self.own.has_changed()

    def save(self, record, recorder):
        text = GlossaryText.objects.create(
            key=f"slogan.{record.pk}", locale="en_US", translation=self.own.cleaned_data["slogan"]
        )
        recorder.added(text, parent=record)


class Slogans(Tab):
    def is_shown(self, request, record):
        return request.user.has_perm("stores.view_glossarytext")

    def bind(self, request, record, form):
        return BoundSlogans(self, request, record, form)


@pytest.fixture
def carton(db, monkeypatch) -> PackagingType:
    monkeypatch.setitem(tabs._contributed, PackagingType, [Slogans("slogans", "Slogans")])
    return make.packaging_type("Carton", key=CARTON)


def client_of(*rights: str) -> Client:
    client = Client()
    client.force_login(make.user(roles=[make.role(rights=rights)]))
    return client


ALL = ("packaging.view_packagingtype", "packaging.change_packagingtype", "stores.view_glossarytext")


def post(client: Client, carton: PackagingType, **values: str):
    return client.post(
        f"{LIST}{carton.pk}/change/",
        {"name.en_US": "Carton", "_version": "1", "_opened": '{"name.en_US": "Carton"}', **values},
    )


def test_a_contributed_tab_is_saved_in_the_change_set_of_the_form(carton):
    assert post(client_of(*ALL), carton, slogan="Strong", **{"name.en_US": "Box"}).status_code == 302
    assert GlossaryText.objects.get().translation == "Strong"
    assert ChangeSet.objects.count() == 1
    changes = Change.objects.order_by("object_type").values_list("object_type", "parent_type")
    assert list(changes) == [
        ("packaging.packagingtype", ""),
        ("stores.glossarytext", "packaging.packagingtype"),
    ]


def test_an_error_on_a_contributed_tab_saves_nothing_and_marks_the_tab(carton):
    page = post(client_of(*ALL), carton, slogan="far too long a slogan", **{"name.en_US": "Box"})
    html = compact(page)
    assert '<a href="#slogans">Slogans<span class="bo-count is-bad">1' in html
    assert "far too long a slogan" in html
    assert 'value="Box"' in html
    assert PackagingType.objects.get(pk=carton.pk).name == {"en_US": "Carton"}
    assert GlossaryText.objects.count() == 0


def test_an_error_on_the_form_saves_no_contributed_tab(carton):
    post(client_of(*ALL), carton, slogan="Strong", **{"name.en_US": ""})
    assert GlossaryText.objects.count() == 0
    assert ChangeSet.objects.count() == 0


def test_a_tab_without_its_right_is_neither_shown_nor_saved(carton):
    client = client_of(*ALL[:2])
    assert "Slogans" not in client.get(f"{LIST}{carton.pk}/change/").content.decode()
    post(client, carton, slogan="Strong", **{"name.en_US": "Box"})
    assert GlossaryText.objects.count() == 0
    assert PackagingType.objects.get(pk=carton.pk).name == {"en_US": "Box"}
