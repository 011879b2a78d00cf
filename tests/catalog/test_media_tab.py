"""The Media tab on the form of an owner: what is typed and sent, what comes back, what others saved (products 17.2)."""

import io
import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image as Picture

from backoffice.history.models import Change, ChangeSet
from catalog.images import files, uploading
from catalog.images.models import Image, ImageInSet, ImageSet, Upload
from catalog.images.saving import Links, WantedImage, WantedSet, save
from catalog.products.models import Product, ProductImageSet
from tests import make
from tests.site.page import Page

LINKS = Links(ProductImageSet, "product")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def owner() -> Product:
    make.store(locales=["en_US", "de_DE"])
    return make.product(name={"en_US": "Hammer", "de_DE": "Hammer"}, tax_set=make.tax_set())


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make.superuser(), backend="backoffice.accounts.backends.RoleBackend")
    return client


def png(name: str = "front.png") -> SimpleUploadedFile:
    out = io.BytesIO()
    Picture.new("RGB", (40, 30)).save(out, "PNG")
    return SimpleUploadedFile(name, out.getvalue())


class Form:
    """The form as a browser without scripts fills it in."""

    def __init__(self, client: Client, owner: Product) -> None:
        self.client, self.url = client, f"/products/product/{owner.pk}/change/"
        self.read(client.get(self.url))

    def read(self, response: Any) -> None:
        self.response, self.page = response, Page(response.content.decode())
        self.values: dict[str, list[Any]] = {}
        for tag in self.page.all("input", "textarea", "select"):
            attrs, name = tag["attrs"], tag["attrs"].get("name")
            inert = any(outer["tag"] == "template" for outer in tag["within"])
            kind = attrs.get("type")
            if not name or inert or kind in {"file", "submit"}:
                continue
            if kind in {"checkbox", "radio"} and "checked" not in attrs:
                continue
            text = attrs.get("value") or "" if tag["tag"] == "input" else tag["text"]
            if tag["tag"] == "select":
                text = next(
                    (
                        o["attrs"]["value"]
                        for o in self.page.all("option")
                        if tag in o["within"] and "selected" in o["attrs"]
                    ),
                    "",
                )
            self.values.setdefault(name, []).append(text)

    def set(self, **values: Any) -> "Form":
        """``img_0_name="x"`` sets ``img-0-name``; a list of files sends them."""
        for name, value in values.items():
            self[name.replace("_", "-", name.count("_"))] = value
        return self

    def __setitem__(self, name: str, value: Any) -> None:
        self.values[name] = value if isinstance(value, list) else [value]

    def __getitem__(self, name: str) -> str:
        return self.values[name][0]

    def save(self) -> Any:
        response = self.client.post(self.url, {**self.values, "_stay": "1"})
        if response.status_code != 302:
            self.read(response)
        return response

    @property
    def numbers(self) -> dict[tuple[str, str], str]:
        """The number of each set by locale and name; empty sets are there to be filled."""
        return {
            (self[f"img-{n}-locale"], "" if f"img-{n}-id" not in self.values else self[f"img-{n}-name"]): n
            for n in self.values["img"]
        }

    def errors(self) -> list[str]:
        return [
            re.sub(r"\s+", " ", t["text"]).strip()
            for t in self.page.all("p")
            if t["attrs"].get("class") == "bo-err"
        ]


def fill(owner: Product, *names: str, locale: str = "", set_name: str = "default") -> ImageSet:
    images = [
        WantedImage(url_large=f"/l/{n}", url_small=f"/s/{n}", sort_order=i) for i, n in enumerate(names)
    ]
    return save(LINKS, {owner.pk: [WantedSet(set_name, locale, images)]}, None, replaces_sets=False).sets[0]


def stored(owner: Product) -> list[tuple]:
    rows = ImageInSet.objects.filter(image_set__product_link__product=owner)
    rows = rows.order_by("image_set__locale", "image_set__name", "sort_order", "pk").select_related(
        "image", "image_set"
    )
    return [(r.image_set.locale, r.image_set.name, r.image.address_large, r.sort_order) for r in rows]


def test_the_page_is_sound_and_offers_a_set_per_locale(client, owner):
    fill(owner, "a", "b")
    form = Form(client, owner)
    assert form.page.problems() == []
    assert sorted(form.numbers) == [("", ""), ("", "default"), ("de_DE", ""), ("en_US", "")]
    assert 'src="/static/backoffice/images.js"' in form.response.content.decode()


def test_an_unchanged_form_changes_nothing(client, owner):
    fill(owner, "a", "b")
    before = ChangeSet.objects.count()
    assert Form(client, owner).save().status_code == 302
    assert ChangeSet.objects.count() == before


def test_several_files_and_an_address_become_a_set_without_scripts(client, owner):
    form = Form(client, owner)
    n = form.numbers["en_US", ""]
    form[f"img-{n}-files"] = [png("front.png"), png("back.png")]
    row = form[f"img-{n}"]
    form[f"img-{n}-{row}-url_large"] = "https://cdn.example.org/a b.jpg"
    form[f"img-{n}-{row}-url_small"] = "//cdn.example.org/a.jpg"
    assert form.save().status_code == 302
    found = stored(owner)
    assert [(locale, name, order) for locale, name, _address, order in found] == [
        ("en_US", "default", 0),
        ("en_US", "default", 1),
        ("en_US", "default", 2),
    ]
    assert found[0][2] == "https://cdn.example.org/a b.jpg"
    assert Image.objects.exclude(file="").count() == 2
    assert Upload.objects.count() == 0
    assert {c.parent_type for c in Change.objects.filter(object_type__startswith="images.")} == {
        "products.product"
    }


def test_what_was_typed_and_sent_survives_an_error_on_another_tab(client, owner):
    form = Form(client, owner)
    n = form.numbers["de_DE", ""]
    form[f"img-{n}-files"] = [png("vorne.png")]
    form[f"img-{n}-name"] = "bilder"
    form["name.en_US"] = "x" * 256
    assert form.save().status_code == 200
    assert stored(owner) == []
    held = Upload.objects.get()
    rows = form.values[f"img-{n}"]
    row = next(r for r in rows if form.values.get(f"img-{n}-{r}-token") == [held.token])
    assert form[f"img-{n}-name"] == "bilder"
    assert "vorne.png" in form.response.content.decode()
    assert form.page.problems() == []
    form["name.en_US"] = "Hammer"
    form[f"img-{n}-{row}-alt_small.de_DE"] = "Von vorne"
    assert form.save().status_code == 302
    assert stored(owner) == [("de_DE", "bilder", files.address(held.file), 0)]
    assert Image.objects.get().alt_small == {"de_DE": "Von vorne"}


def test_a_file_of_another_user_is_not_taken(client, owner):
    foreign = uploading.receive(png(), make.user())
    form = Form(client, owner)
    n = form.numbers["", ""]
    form.values[f"img-{n}"].append("9")
    form[f"img-{n}-9-token"] = foreign.token
    assert form.save().status_code == 200
    assert form.errors() == ["? is no longer there. Send it again."]
    assert Image.objects.count() == 0


def test_the_summary_names_box_and_picture_and_never_the_wrong_text_itself(client, owner):
    fill(owner, "a", locale="en_US")
    form = Form(client, owner)
    n = form.numbers["en_US", "default"]
    row = next(r for r in form.values[f"img-{n}"] if f"img-{n}-{r}-id" in form.values)
    form[f"img-{n}-{row}-alt_large.en_US"] = "x" * 256
    form[f"img-{n}-{row}-url_small"] = ""
    assert form.save().status_code == 200
    assert sorted(sentence for _anchor, sentence in form.response.context["page"].problems) == [
        "Alternative text, large (en_US) of a: At most 255 characters, this text has 256.",
        "Small address of a: Type an address.",
    ]
    form[f"img-{n}-{row}-alt_large.en_US"] = ""
    form[f"img-{n}-{row}-url_large"] = "javascript:alert(1)"
    form.save()
    told = [sentence for _anchor, sentence in form.response.context["page"].problems]
    assert "Small address of picture 1: Type an address." in told


def test_the_limits_are_told_before_a_file_is_chosen(client, owner, settings):
    settings.IMAGE_MAX_BYTES = 3 * 2**20
    html = " ".join(Form(client, owner).response.content.decode().split())
    assert "each at most 3 MB and 50 megapixels. Drop up to 100 at once." in html


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("url_small", "", "Type an address."),
        ("url_large", "", "Type an address."),
        (
            "url_large",
            "javascript:alert(1)",
            "“javascript:alert(1)” is no address of a picture. Write https://…, //host/… or /path.",
        ),
        ("url_large", "/" + "a" * 2048, "An address has at most 2048 characters, this one has 2049."),
        ("order", "-1", "Type a whole number from 0 to 2,147,483,647."),
        ("order", "2147483648", "Type a whole number from 0 to 2,147,483,647."),
        ("alt_large.en_US", "a" * 256, "At most 255 characters, this text has 256."),
    ],
)
def test_a_bad_value_is_told_at_its_box(client, owner, field, value, sentence):
    fill(owner, "a", locale="en_US")
    form = Form(client, owner)
    n = form.numbers["en_US", "default"]
    row = next(r for r in form.values[f"img-{n}"] if f"img-{n}-{r}-id" in form.values)
    form[f"img-{n}-{row}-{field}"] = value
    assert form.save().status_code == 200
    assert form.errors() == [sentence]
    assert form[f"img-{n}-{row}-{field}"] == value
    assert form.page.problems() == []
    assert stored(owner) == [("en_US", "default", "/l/a", 0)]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("two words", "Name an image set with letters, digits, - and _ only, without blanks."),
        ("", "Name an image set with letters, digits, - and _ only, without blanks."),
        ("default", "Two image sets of one language have this name."),
    ],
)
def test_the_name_of_a_set_has_no_blanks_and_is_used_once(client, owner, name, sentence):
    fill(owner, "a")
    fill(owner, "b", set_name="other")
    form = Form(client, owner)
    form[f"img-{form.numbers['', 'other']}-name"] = name
    assert form.save().status_code == 200
    assert form.errors() == [sentence]


def test_an_imported_name_with_blanks_stays_as_long_as_it_is_not_touched(client, owner):
    fill(owner, "a", set_name="two words")
    form = Form(client, owner)
    n = form.numbers["", "two words"]
    row = next(r for r in form.values[f"img-{n}"] if f"img-{n}-{r}-id" in form.values)
    form[f"img-{n}-{row}-order"] = "7"
    assert form.save().status_code == 302
    assert stored(owner) == [("", "two words", "/l/a", 7)]


def test_pictures_and_sets_are_deleted_by_a_tick(client, owner):
    fill(owner, "a", "b")
    fill(owner, "c", set_name="other")
    form = Form(client, owner)
    n = form.numbers["", "default"]
    form[f"img-{n}-{form.values[f'img-{n}'][0]}-delete"] = "on"
    form[f"img-{form.numbers['', 'other']}-delete"] = "on"
    assert form.save().status_code == 302
    assert stored(owner) == [("", "default", "/l/b", 1)]
    assert Image.objects.count() == 1


def test_a_set_that_lost_its_last_picture_is_not_kept_and_that_is_told(client, owner):
    fill(owner, "a", set_name="other")
    form = Form(client, owner)
    n = form.numbers["", "other"]
    form[f"img-{n}-{form.values[f'img-{n}'][0]}-delete"] = "on"
    form.save()
    assert ImageSet.objects.count() == 0
    page = client.get(form.url).content.decode()
    assert "The image set other has no picture and was not kept." in page


def test_alternative_texts_of_other_locales_stay(client, owner):
    fill(owner, "a", locale="en_US")
    Image.objects.update(alt_small={"en_US": "Old", "fr_FR": "Marteau"})
    form = Form(client, owner)
    n = form.numbers["en_US", "default"]
    form[f"img-{n}-{form.values[f'img-{n}'][0]}-alt_small.en_US"] = "New"
    form.save()
    assert Image.objects.get().alt_small == {"en_US": "New", "fr_FR": "Marteau"}


def test_a_picture_from_another_host_is_its_address(client, owner):
    fill(owner, "a")
    Image.objects.update(
        url_small="https://elsewhere.example.org/a.jpg", url_large="https://elsewhere.example.org/b.jpg"
    )
    page = Form(client, owner).page
    assert "https://elsewhere.example.org/a.jpg" not in [i["attrs"]["src"] for i in page.all("img")]
    assert any("https://elsewhere.example.org/a.jpg" in t["text"] for t in page.all("span"))


def test_the_form_carries_what_it_was_opened_with(client, owner):
    held = fill(owner, "a")
    place = held.places.get()
    opened = json.loads(Form(client, owner)["img-opened"])
    picture = {"order": "0", "url_large": "/l/a", "url_small": "/s/a"}
    assert opened == {str(held.pk): {"name": "default", "rows": {str(place.pk): picture}}}


def titles(form: Form) -> list[str]:
    return [
        t["attrs"]["title"]
        for t in form.page.all("span")
        if "data-title" in t["attrs"] and t["attrs"]["title"]
    ]


def test_a_picture_is_called_by_its_file_until_it_has_words(client, owner):
    form = Form(client, owner)
    number = form.numbers["", ""]
    form[f"img-{number}-files"] = png("front view.png")
    assert form.save().status_code == 302
    image = Image.objects.get()
    assert (image.file_name, str(image)) == ("front view.png", "front view.png")
    form = Form(client, owner)
    assert titles(form) == ["front view.png"]
    form["img-0-0-alt_small.en_US"] = "The front"
    assert form.save().status_code == 302
    assert titles(Form(client, owner)) == ["The front"]


def test_an_address_that_may_stay_empty_has_no_star(client, owner):
    fill(owner, "a.png")
    form = Form(client, owner)
    starred = {
        t["attrs"]["for"]
        for t in form.page.all("label")
        if "url_large" in t["attrs"].get("for", "") and "*" in t["text"]
    }
    assert starred == {"img-0-0-url_large"}
