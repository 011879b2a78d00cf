"""Two people at the pictures of one product: what both changed is asked, and nothing is lost (working-day 6.1)."""

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from catalog.images.models import Image, ImageSet
from catalog.products.models import Product
from tests import make
from tests.catalog.test_media_tab import Form, client, fill, media, owner, png, stored  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben() -> Client:
    ben = Client()
    ben.force_login(
        make.user("ben@example.com", first_name="Ben", last_name="Roth", roles=["Category Manager"])
    )
    return ben


def rows(form: Form, number: str) -> list[str]:
    """The rows of a set that hold a picture."""
    return [row for row in form.values[f"img-{number}"] if f"img-{number}-{row}-id" in form.values]


def box(form: Form, name: str, place: int = 0, set_name: str = "default", locale: str = "en_US") -> str:
    number = form.numbers[locale, set_name]
    return f"img-{number}-{rows(form, number)[place]}-{name}"


def asked(form: Form) -> list[tuple[str, str, str, str]]:
    return [(c.label, c.opened, c.theirs, c.mine) for c in form.response.context["page"].conflicts]


def choose(form: Form, choice: str) -> None:
    for conflict in form.response.context["page"].conflicts:
        form[f"_keep.{conflict.name}"] = choice


@pytest.fixture
def texts(client: Client, ben: Client, owner: Product) -> Form:  # noqa: F811
    """The form of whoever saves second; both changed the text of the picture."""
    fill(owner, "a.png", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    name = box(theirs, "alt_small.en_US")
    theirs[name], mine[name] = "Theirs", "Mine"
    assert theirs.save().status_code == 302
    assert mine.save().status_code == 409
    return mine


def test_a_text_that_both_changed_is_asked_with_who_changed_it(texts):
    assert asked(texts) == [
        (
            "Media: Image set default (en_US), a.png, Alternative text, small (en_US)",
            "",
            "Theirs",
            "Mine",
        )
    ]
    (conflict,) = texts.response.context["page"].conflicts
    assert (conflict.change.change_set.user_name, conflict.choice) == ("Ben Roth", "")
    assert texts[box(texts, "alt_small.en_US")] == "Mine"
    assert texts.page.problems() == []


def test_saving_again_without_an_answer_saves_nothing(texts):
    for _press in range(2):
        assert texts.save().status_code == 409
        assert Image.objects.get().alt_small == {"en_US": "Theirs"}
        assert texts.response.context["page"].is_unanswered


@pytest.mark.parametrize(("choice", "text"), [("theirs", "Theirs"), ("mine", "Mine")])
def test_the_text_is_the_one_that_was_chosen(texts, choice, text):
    choose(texts, choice)
    assert texts.save().status_code == 302
    assert Image.objects.get().alt_small == {"en_US": text}


def test_what_somebody_saves_after_the_answer_is_asked_again(texts, ben, owner):  # noqa: F811
    choose(texts, "mine")
    later = Form(ben, owner)
    later[box(later, "alt_small.en_US")] = "Later"
    later.save()
    assert texts.save().status_code == 409
    (conflict,) = texts.response.context["page"].conflicts
    assert (conflict.theirs, conflict.choice) == ("Later", "")


def test_an_error_elsewhere_does_not_forget_the_question(client, ben, owner):  # noqa: F811
    fill(owner, "a", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    name = box(theirs, "alt_small.en_US")
    theirs[name], mine[name] = "Theirs", "Mine"
    theirs.save()
    mine["name.en_US"] = ""
    mine[box(mine, "order")] = "first"
    assert mine.save().status_code == 200
    mine["name.en_US"], mine[box(mine, "order")] = "Hammer", "0"
    assert mine.save().status_code == 409
    assert [c[1:] for c in asked(mine)] == [("", "Theirs", "Mine")]


def test_fields_and_pictures_are_asked_on_one_page_and_saved_together(client, ben, owner):  # noqa: F811
    fill(owner, "a", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    for form, word in ((theirs, "Theirs"), (mine, "Mine")):
        form[box(form, "alt_small.en_US")] = form["name.en_US"] = word
    theirs.save()
    assert mine.save().status_code == 409
    assert [c[1:] for c in asked(mine)] == [("Hammer", "Theirs", "Mine"), ("", "Theirs", "Mine")]
    mine["_keep.name.en_US"] = "mine"
    assert mine.save().status_code == 409
    assert [c.choice for c in mine.response.context["page"].conflicts] == ["mine", ""]
    choose(mine, "mine")
    assert mine.save().status_code == 302
    owner.refresh_from_db()
    assert (owner.name["en_US"], Image.objects.get().alt_small) == ("Mine", {"en_US": "Mine"})


def test_different_values_are_both_kept_and_that_is_told(client, ben, owner):  # noqa: F811
    fill(owner, "a", "b", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    theirs[box(theirs, "alt_small.en_US")] = "Front"
    mine[box(mine, "alt_small.en_US", 1)] = "Back"
    theirs.save()
    assert mine.save().status_code == 302
    assert [i.alt_small for i in Image.objects.order_by("url_large")] == [
        {"en_US": "Front"},
        {"en_US": "Back"},
    ]
    told = " ".join(client.get(mine.url).content.decode().split())
    assert "“Front” (Ben Roth," in told


def test_what_somebody_else_added_stays_when_an_older_form_is_saved(client, ben, owner):  # noqa: F811
    fill(owner, "a", "b")
    mine, theirs = Form(client, owner), Form(ben, owner)
    number = theirs.numbers["", "default"]
    blank = theirs.values[f"img-{number}"][-1]
    theirs[f"img-{number}-{blank}-url_large"] = theirs[f"img-{number}-{blank}-url_small"] = "/l/new"
    theirs.save()
    mine[box(mine, "order", locale="")] = "9"
    assert mine.save().status_code == 302
    assert stored(owner) == [
        ("", "default", "/l/b", 1),
        ("", "default", "/l/new", 2),
        ("", "default", "/l/a", 9),
    ]


def test_a_deleted_picture_that_nobody_touched_does_not_come_back(client, ben, owner):  # noqa: F811
    fill(owner, "a", "b")
    mine, theirs = Form(client, owner), Form(ben, owner)
    theirs[box(theirs, "delete", locale="")] = "on"
    theirs.save()
    mine[box(mine, "order", 1, locale="")] = "5"
    assert mine.save().status_code == 302
    assert stored(owner) == [("", "default", "/l/b", 5)]


@pytest.mark.parametrize(
    ("choice", "left"), [("theirs", ["/l/b"]), ("mine", ["/l/a", "/l/b"])], ids=["theirs", "mine"]
)
def test_a_deleted_picture_that_was_typed_into_is_asked_about(client, ben, owner, choice, left):  # noqa: F811
    fill(owner, "a", "b", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    theirs[box(theirs, "delete")] = "on"
    theirs.save()
    mine[box(mine, "alt_small.en_US")] = "Front"
    assert mine.save().status_code == 409
    label = "Media: Image set default (en_US), a"
    text = "Alternative text, small (en_US)"
    assert asked(mine) == [(label, f"{text}: –", "Deleted", f"{text}: Front")]
    assert mine.save().status_code == 409
    choose(mine, choice)
    assert mine.save().status_code == 302
    assert [large for *_set, large, _order in stored(owner)] == left


def test_an_upload_that_was_deleted_comes_back_with_its_file(
    client,  # noqa: F811
    ben,
    owner,  # noqa: F811
    django_capture_on_commit_callbacks,
):
    form = Form(client, owner)
    form[f"img-{form.numbers['en_US', '']}-files"] = [png("front.png")]
    form.save()
    file = Image.objects.get().file
    mine, theirs = Form(client, owner), Form(ben, owner)
    theirs[box(theirs, "delete")] = "on"
    with django_capture_on_commit_callbacks(execute=True):
        theirs.save()
    assert not default_storage.exists(file)
    mine[box(mine, "alt_small.en_US")] = "Front"
    assert mine.save().status_code == 409
    choose(mine, "mine")
    with django_capture_on_commit_callbacks(execute=True):
        assert mine.save().status_code == 302
    image = Image.objects.get()
    assert (image.file, image.file_name, image.alt_small) == (file, "front.png", {"en_US": "Front"})
    assert default_storage.exists(file)


@pytest.mark.parametrize(("choice", "left"), [("theirs", [("/l/a", "Theirs")]), ("mine", [])])
def test_a_picture_that_i_delete_and_somebody_changed_is_asked_about(client, ben, owner, choice, left):  # noqa: F811
    fill(owner, "a", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    theirs[box(theirs, "alt_small.en_US")] = "Theirs"
    theirs.save()
    mine[box(mine, "delete")] = "on"
    text = "Alternative text, small (en_US)"
    for _press in range(2):
        assert mine.save().status_code == 409
        assert [told[1:] for told in asked(mine)] == [(f"{text}: –", f"{text}: Theirs", "Deleted")]
    choose(mine, choice)
    assert mine.save().status_code == 302
    assert [(i.url_large, i.alt_small["en_US"]) for i in Image.objects.all()] == left


def test_taking_the_tick_off_again_keeps_what_somebody_saved(client, ben, owner):  # noqa: F811
    fill(owner, "a", "b", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    theirs[box(theirs, "alt_small.en_US")] = "Theirs"
    theirs.save()
    mine[box(mine, "delete")] = "on"
    assert mine.save().status_code == 409
    del mine.values[box(mine, "delete")]
    assert mine.save().status_code == 302
    assert [i.alt_small for i in Image.objects.order_by("url_large")] == [{"en_US": "Theirs"}, {}]


@pytest.mark.parametrize(("choice", "left"), [("theirs", ["/l/a", "/l/new"]), ("mine", [])])
def test_a_set_that_i_delete_and_somebody_filled_is_asked_about(client, ben, owner, choice, left):  # noqa: F811
    fill(owner, "a", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    number = theirs.numbers["en_US", "default"]
    blank = theirs.values[f"img-{number}"][-1]
    theirs[f"img-{number}-{blank}-url_large"] = theirs[f"img-{number}-{blank}-url_small"] = "/l/new"
    theirs.save()
    mine[f"img-{number}-delete"] = "on"
    assert mine.save().status_code == 409
    told = ("Media: Image set default (en_US)", "default, 1 picture", "default, 2 pictures", "Deleted")
    assert asked(mine) == [told]
    (conflict,) = mine.response.context["page"].conflicts
    assert conflict.change.change_set.user_name == "Ben Roth"
    assert mine.save().status_code == 409
    choose(mine, choice)
    assert mine.save().status_code == 302
    assert [large for *_set, large, _order in stored(owner)] == left


@pytest.mark.parametrize(("choice", "left"), [("theirs", []), ("mine", ["/l/a", "/l/new"])])
def test_a_deleted_set_to_which_i_add_is_asked_about(client, ben, owner, choice, left):  # noqa: F811
    fill(owner, "a", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    number = theirs.numbers["en_US", "default"]
    theirs[f"img-{number}-delete"] = "on"
    theirs.save()
    blank = mine.values[f"img-{number}"][-1]
    mine[f"img-{number}-{blank}-url_large"] = mine[f"img-{number}-{blank}-url_small"] = "/l/new"
    assert mine.save().status_code == 409
    told = ("Media: Image set default (en_US)", "default, 1 picture", "Deleted", "default, 2 pictures")
    assert asked(mine) == [told]
    (conflict,) = mine.response.context["page"].conflicts
    assert conflict.change.change_set.user_name == "Ben Roth"
    assert mine.save().status_code == 409
    choose(mine, choice)
    assert mine.save().status_code == 302
    assert sorted(large for *_set, large, _order in stored(owner)) == left


def test_a_set_that_both_rename_is_asked_about_and_a_name_used_twice_is_told(client, ben, owner):  # noqa: F811
    fill(owner, "a", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    number = theirs.numbers["en_US", "default"]
    theirs[f"img-{number}-name"], mine[f"img-{number}-name"] = "front", "back"
    theirs.save()
    assert mine.save().status_code == 409
    label = "Media: Image set front (en_US), Name of the set"
    assert asked(mine) == [(label, "default", "front", "back")]
    choose(mine, "theirs")
    blank = next(n for n in mine.values["img"] if f"img-{n}-id" not in mine.values and n != number)
    mine[f"img-{blank}-locale"], mine[f"img-{blank}-name"] = "en_US", "front"
    row = mine[f"img-{blank}"]
    mine[f"img-{blank}-{row}-url_large"] = mine[f"img-{blank}-{row}-url_small"] = "/l/new"
    assert mine.save().status_code == 200
    assert mine.errors() == ["Two image sets of one language have this name."]
    assert [each.name for each in ImageSet.objects.all()] == ["front"]


def test_a_set_that_both_take_away_is_no_question(client, ben, owner):  # noqa: F811
    fill(owner, "a", locale="en_US")
    mine, theirs = Form(client, owner), Form(ben, owner)
    theirs[f"img-{theirs.numbers['en_US', 'default']}-delete"] = "on"
    theirs.save()
    mine[box(mine, "delete")] = "on"
    assert mine.save().status_code == 302
    assert stored(owner) == []
