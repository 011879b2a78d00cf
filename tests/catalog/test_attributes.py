"""Attributes: keys, declarations, predefined values, translations (spec: attributes 2, 3, 7)."""

import re

import pytest
from django.test import Client

from backoffice.history.models import Change, ChangeSet
from catalog.attributes.models import Attribute, AttributeKey, AttributeValue
from tests import make

LIST = "/attributes/attribute/"
COLOUR = {
    "key_text": "frame_colour",
    "input_type": "text",
    "is_super": "on",
    "visibility": ["PDP"],
    "values": "red\nblue\nsand, light",
}


@pytest.fixture
def client(db) -> Client:
    make.store(locales=("de_DE", "en_US"))
    return client_of("Category Manager")


def client_of(role) -> Client:
    client = Client()
    client.force_login(make.user(roles=[role], content_locale="en_US"))
    return client


def values_of(attribute: Attribute) -> list[str]:
    return [row.value for row in attribute.values.all()]


def change(client: Client, attribute: Attribute, **values):
    values = {"_version": str(attribute.version), "_opened": "{}", **values}
    return client.post(f"{LIST}{attribute.pk}/change/", values)


def test_a_declaration_is_made_with_its_values_in_order_and_leads_to_the_translations(client):
    answer = client.post(f"{LIST}add/", COLOUR | {"_save": "1"})
    made = Attribute.objects.get(key__key="frame_colour")
    assert answer.headers["Location"] == f"{LIST}{made.pk}/translations/"
    assert values_of(made) == ["red", "blue", "sand, light"]
    assert (made.key.is_super, made.allow_input, made.visibility) == (True, False, ["PDP"])


def test_a_super_attribute_with_free_input_is_refused_however_it_is_posted(client):
    html = client.post(f"{LIST}add/", COLOUR | {"allow_input": "on"}).content.decode()
    assert "it cannot allow others" in html
    assert Attribute.objects.count() == 0


def test_only_a_file_brings_a_super_attribute_with_free_input_and_once_unticked_it_stays_so(client):
    size = make.attribute("size", values={"S": {}}, is_super=True, allow_input=True)
    notice = "A file brought this super attribute with other values allowed."
    assert notice in client.get(f"{LIST}{size.pk}/").content.decode()
    assert notice in client.get(f"{LIST}{size.pk}/change/").content.decode()

    change(client, size, values="S\nM", allow_input="on")
    size.refresh_from_db()
    assert (size.allow_input, values_of(size)) == (True, ["S", "M"])
    change(client, size, values="S\nM")
    size.refresh_from_db()
    assert size.allow_input is False
    refused = change(client, size, values="S\nM\nL", allow_input="on")
    size.refresh_from_db()
    assert "it cannot allow others" in refused.content.decode()
    assert (size.allow_input, values_of(size)) == (False, ["S", "M"])
    assert notice not in client.get(f"{LIST}{size.pk}/").content.decode()


def test_keys_that_came_by_file_are_offered_while_one_types(client):
    for key in ("grip_type", "Soft Grip", "declared_grip"):
        AttributeKey.objects.create(key=key)
    make.product("tent-2p", attributes={"grip_type": "soft"})
    Attribute.objects.create(key=AttributeKey.objects.get(key="declared_grip"), input_type="text")

    answer = client.get(f"{LIST}suggest/?q=GRIP")

    assert answer.json() == {"offered": [["Soft Grip", ""], ["grip_type", "1 product"]]}
    assert client.get(f"{LIST}suggest/?q=").json() == {"offered": []}
    assert f'data-suggest="{LIST}suggest/"' in client.get(f"{LIST}add/").content.decode()


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ({"key_text": ""}, "Key: This field is required."),
        ({"key_text": "x" * 256}, "Key: Ensure this value has at most 255 characters (it has 256)."),
        ({"input_type": ""}, "Type: This field is required."),
    ],
)
def test_what_a_declaration_lacks_is_told(client, typed, problem):
    page = client.post(f"{LIST}add/", COLOUR | typed)
    assert [sentence for _anchor, sentence in page.context["page"].problems] == [problem]
    assert Attribute.objects.count() == 0


def test_key_type_and_super_flag_are_fixed(client):
    colour = make.attribute("colour", values={"red": {}})
    change(client, colour, values="red", key_text="other", input_type="number", is_super="on")
    colour.refresh_from_db()
    assert (colour.key.key, colour.key.is_super, colour.input_type) == ("colour", False, "select")


def test_the_fixed_super_flag_is_shown_and_a_forged_tick_is_refused(client):
    size = make.attribute("size", values={"S": {}}, is_super=True)
    page = client.get(f"{LIST}{size.pk}/change/").content.decode()
    assert re.search(r"Super attribute</span>\s*<div class=\"bo-mono\">Yes</div>", page)

    answer = change(client, size, values="S", visibility=["PDP"], allow_input="on")
    assert (answer.status_code, "it cannot allow others" in answer.content.decode()) == (200, True)
    size.refresh_from_db()
    assert (size.allow_input, size.version) == (False, 1)


def test_values_stand_in_frames_so_that_their_commas_are_theirs(client):
    sand = make.attribute("sand", values={"sand, light": {}, "red": {}})
    make.product("saw", attributes={"sand": "red"})
    html = client.get(f"{LIST}{sand.pk}/").content.decode()
    assert (
        '<span class="bo-tag is-text">sand, light</span> <span class="bo-tag is-text">red</span> (1 product)'
        in html
    )


def test_a_key_is_declared_once(client):
    client.post(f"{LIST}add/", COLOUR)
    html = client.post(f"{LIST}add/", COLOUR).content.decode()
    assert "This key is declared already." in html
    assert Attribute.objects.count() == 1


def test_the_screen_takes_plain_keys_only(client):
    html = client.post(f"{LIST}add/", COLOUR | {"key_text": "Frame Colour"}).content.decode()
    assert "Use small letters a–z, digits, dash, underscore and colon only." in html
    assert 'value="Frame Colour"' in html


def test_predefined_values_are_needed_unless_other_values_are_allowed(client):
    html = client.post(f"{LIST}add/", COLOUR | {"values": "", "is_super": ""}).content.decode()
    assert "Type at least one predefined value, or allow other values." in html
    free = {"key_text": "torque", "input_type": "number", "allow_input": "on", "values": ""}
    assert client.post(f"{LIST}add/", free).status_code == 302


def test_pasted_lines_become_values_without_repetitions(client):
    client.post(f"{LIST}add/", COLOUR | {"values": " red \r\n\r\nblue\nred"})
    assert values_of(Attribute.objects.get()) == ["red", "blue"]


def test_a_key_that_came_by_file_waits_under_undeclared_keys_until_it_is_declared(client):
    AttributeKey.objects.create(key="grip_type", is_super=True)
    undeclared = client.get("/attributes/attributekey/").content.decode()
    assert "grip_type" in undeclared
    assert f"{LIST}add/?key=grip_type" in undeclared
    assert 'value="grip_type"' in client.get(f"{LIST}add/?key=grip_type").content.decode()
    client.post(
        f"{LIST}add/",
        {"key_text": "grip_type", "input_type": "select", "values": "soft\nhard", "is_super": "on"},
    )
    client.get(LIST)
    assert "grip_type" not in client.get("/attributes/attributekey/").content.decode()
    assert AttributeKey.objects.count() == 1


@pytest.mark.parametrize(
    ("places", "found"), [("none", ["a_none"]), ("Cart", ["a_all"]), ("PDP", ["a_pdp", "a_all"])]
)
def test_the_filter_display_at_finds_an_attribute_under_each_place(client, places, found):
    make.attribute("a_none", visibility=[])
    make.attribute("a_pdp", visibility=["PDP"])
    make.attribute("a_all", visibility=["PDP", "PLP", "Cart"])
    html = client.get(f"{LIST}?place={places}").content.decode()
    assert [key for key in ("a_none", "a_pdp", "a_all") if f">{key}<" in html] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("input_type=number", ["torque"]),
        ("super=1", ["size"]),
        ("allow_input=1", ["torque", "note"]),
        ("no_values=1", ["torque", "note"]),
        ("no_values=0", ["size"]),
        ("missing=de_DE", ["torque", "note"]),
        ("missing=de_DE&super=1", []),
        ("allow_input=1&q=torq", ["torque"]),
        ("q=NUMBER", ["torque"]),
        ("q=gr%C3%B6s", ["size"]),
        ("o=-key", ["torque", "size", "note"]),
        ("o=input_type", ["torque", "size", "note"]),
    ],
)
def test_attributes_are_found_and_sorted_by(client, query, found):
    make.attribute("torque", input_type="number", allow_input=True)
    make.attribute("size", values={"S": {}}, is_super=True, name={"de_DE": "Größe"})
    make.attribute("note", input_type="text", allow_input=True)
    page = client.get(f"{LIST}?{query}")
    assert [row.key.key for row in page.context["list"].page.rows] == found


def test_changing_values_keeps_the_ids_and_translations_of_those_that_stay(client):
    colour = make.attribute("colour", values={"red": {"de_DE": "rot"}, "blue": {}, "green": {}})
    ids = dict(AttributeValue.objects.values_list("value", "pk"))
    change(client, colour, values="green\nred\nblack", visibility=["PDP"])
    assert values_of(colour) == ["green", "red", "black"]
    kept = AttributeValue.objects.get(value="red")
    assert (kept.pk, kept.translations) == (ids["red"], {"de_DE": "rot"})
    recorded = Change.objects.get(action="change")
    assert recorded.fields["values"] == {
        "before": ["red", "blue", "green"],
        "after": ["green", "red", "black"],
    }


def test_saving_unchanged_translations_of_23_values_keeps_all_46_texts(client):
    values = {f"v{n}": {"de_DE": f"de {n}", "en_US": f"en {n}"} for n in range(23)}
    many = make.attribute("many", values=values, name={"de_DE": "Viele", "en_US": "Many"})
    page = client.get(f"{LIST}{many.pk}/translations/").content.decode()
    typed = {
        f"t.{row.pk}.{code}": text for row in many.values.all() for code, text in row.translations.items()
    }
    assert all(f'name="{name}"' in page for name in typed)
    names = {"name.de_DE": "Viele", "name.en_US": "Many", "translate_values": "1", "_version": "1"}
    client.post(f"{LIST}{many.pk}/translations/", names | typed | {"_opened": "{}"})
    assert sum(len(row.translations) for row in many.values.all()) == 46
    assert ChangeSet.objects.count() == 0


def test_every_translation_is_required_once_values_are_translated(client):
    colour = make.attribute(
        "colour", values={"red": {}, "blue": {}}, name={"de_DE": "Farbe", "en_US": "Colour"}
    )
    red, blue = colour.values.all()
    typed = {f"t.{red.pk}.de_DE": "rot", f"t.{red.pk}.en_US": "red", f"t.{blue.pk}.de_DE": "blau"}
    names = {"name.de_DE": "Farbe", "name.en_US": "Colour", "translate_values": "1", "_version": "1"}
    html = client.post(f"{LIST}{colour.pk}/translations/", names | typed).content.decode()
    assert "blue: type a translation for en_US." in html
    assert 'value="blau"' in html
    assert AttributeValue.objects.get(pk=red.pk).translations == {}


def test_missing_translations_are_told_once_per_language(client):
    values = {f"v{number}": {} for number in range(41)}
    many = make.attribute("many", values=values, name={"de_DE": "Viele", "en_US": "Many"})
    typed = {f"t.{row.pk}.en_US": "" for row in many.values.all()[:1]}
    names = {"name.de_DE": "Viele", "name.en_US": "Many", "translate_values": "1", "_version": "1"}
    html = client.post(f"{LIST}{many.pk}/translations/", names | typed).content.decode()
    for code in ("de_DE", "en_US"):
        assert html.count(f"{code}: 41 values need a translation, the first is “v0”.") == 1
    assert (html.count("data-go-field"), html.count('aria-invalid="true"')) == (2, 82)


@pytest.mark.parametrize("name", ["Colour", "Farbton"])
def test_saving_translations_leads_to_the_page_of_the_attribute(client, name):
    colour = make.attribute("colour", name={"de_DE": "Farbe", "en_US": "Colour"})
    opened = '{"name.de_DE": "Farbe", "name.en_US": "Colour"}'
    names = {"name.de_DE": "Farbe", "name.en_US": name, "_version": "1", "_opened": opened, "_save": "1"}
    answer = client.post(f"{LIST}{colour.pk}/translations/", names)
    assert answer.headers["Location"] == f"{LIST}{colour.pk}/"


def test_without_the_tick_all_translations_of_values_go_once_that_is_confirmed(client):
    colour = make.attribute(
        "colour", values={"red": {"de_DE": "rot"}}, name={"de_DE": "Farbe", "en_US": "Colour"}
    )
    page, red = f"{LIST}{colour.pk}/translations/", colour.values.get()
    names = {"name.de_DE": "Farbe", "name.en_US": "Colour", "_version": "1", "_opened": "{}"}
    untick = names | {f"t.{red.pk}.de_DE": "rot", f"t.{red.pk}.en_US": ""}

    asked = client.post(page, untick)

    assert "1 translation of the values would be removed." in asked.content.decode()
    assert 'name="drop_translations"' in asked.content.decode()
    assert AttributeValue.objects.get().translations == {"de_DE": "rot"}
    client.post(page, untick | {"drop_translations": "1"})
    assert AttributeValue.objects.get().translations == {}


def test_translating_needs_its_own_right_only(db):
    make.store(locales=("de_DE",))
    colour = make.attribute("colour", values={"red": {}}, name={"de_DE": "Farbe"})
    translator = client_of(make.role(rights=["attributes.view_attribute", "attributes.translate_attribute"]))
    assert translator.get(f"{LIST}{colour.pk}/change/").status_code == 403
    values = {"name.de_DE": "Farbton", "_version": "1", "_opened": '{"name.de_DE": "Farbe"}'}
    assert translator.post(f"{LIST}{colour.pk}/translations/", values).status_code == 302
    colour.refresh_from_db()
    assert colour.name == {"de_DE": "Farbton"}


def test_a_name_falls_back_to_the_glossary_of_its_key(client):
    make.glossary_text("product.attribute.torque", "Torque")
    torque = make.attribute("torque", name={})
    assert torque.name_in("en_US") == "Torque"
    assert "Torque" in client.get(f"{LIST}?q=torque").content.decode()
    assert make.attribute("plain", name={}).name_in("en_US") == "plain"


def test_the_page_of_an_attribute_shows_each_value_with_its_translations(client):
    grip = make.attribute("grip", values={"soft": {"de_DE": "weich", "en_US": "soft touch"}, "hard": {}})
    html = client.get(f"{LIST}{grip.pk}/").content.decode()
    shown = [html.index(f"<dt>{value}</dt>") for value in ("Predefined values", "soft", "hard")]
    assert shown == sorted(shown)
    assert shown[1] < html.index(">weich<") < html.index(">soft touch<") < shown[2]
    plain = make.attribute("plain", values={"a": {}})
    assert "<dt>a</dt>" not in client.get(f"{LIST}{plain.pk}/").content.decode()


def test_deleting_takes_declaration_values_and_key(client):
    colour = make.attribute("colour", values={"red": {}})
    client.post(f"{LIST}{colour.pk}/delete/", {"_version": "1"})
    assert (Attribute.objects.count(), AttributeKey.objects.count(), AttributeValue.objects.count()) == (
        0,
        0,
        0,
    )
    gone = Change.objects.get(object_type="attributes.attribute", action="delete")
    assert gone.fields["values"] == {"before": ["red"], "after": None}


def test_customer_service_is_refused_and_sees_no_menu_item(db):
    client = client_of("Customer Service")
    assert client.get(LIST).status_code == 403
    assert LIST not in client.get("/").content.decode()


def row_links(client: Client) -> list[str]:
    page = client.get(LIST).content.decode()
    cell = re.search(r'<td class="bo-c bo-act">.*?</td>', page, re.S)[0]
    return [re.sub(r"<[^>]+>", "", each).strip() for each in re.findall(r"<a\b.*?</a>", cell, re.S)]


def test_a_row_of_the_list_leads_to_view_and_translations(db):
    make.attribute("colour")
    assert row_links(client_of("Category Manager")) == ["View", "Edit", "Translations", "Delete"]
    role = make.role(rights=["attributes.view_attribute", "attributes.translate_attribute"])
    assert row_links(client_of(role)) == ["View", "Translations"]
    assert row_links(client_of(make.role(rights=["attributes.view_attribute"]))) == ["View"]
