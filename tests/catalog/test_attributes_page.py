"""Managing the attributes of products and variants (spec: attributes 2.5, 4, 5.6, 7.5; products 11, 26.19, 26.20)."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice import reactions
from backoffice.history.models import Change
from backoffice.history.recording import recording
from catalog.products import assigning, facts
from catalog.products.assigning import Maps
from catalog.products.models import Product, Variant
from tests import make
from tests.catalog.boxes import boxes, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(client: Client) -> Client:
    make.store("DE", locales=("en_US", "de_DE"))
    client.force_login(make.superuser(content_locale="en_US"))
    return client


@pytest.fixture
def pack(manager: Client) -> Product:
    """Acceptance example 5 of the attributes, with some more attributes declared."""
    make.attribute("volume", input_type="text", allow_input=True, name={"de_DE": "Volumen"})
    make.attribute(
        "color", name={"de_DE": "Farbe"}, values={"red": {"de_DE": "rot"}, "blue": {}}, is_super=True
    )
    make.attribute("grip", values={"soft": {"de_DE": "weich"}, "hard": {}})
    make.attribute("tags", input_type="multiselect", values={"Alpine": {}, "Coast": {}, "sand, light": {}})
    for kind in ("number", "float", "date", "time", "datetime", "textarea"):
        make.attribute(f"a_{kind}", input_type=kind, allow_input=True)
    return make.product(
        "TP-30",
        name="Trail Pack",
        attributes={"volume": "30 l"},
        attributes_localized={"de_DE": {"volume": "30 Liter"}},
    )


def page_of(record: Product | Variant) -> str:
    return f"/products/{record._meta.model_name}/{record.pk}/attributes/"


def cell(page: HttpResponse, key: str, locale: str = "default") -> str:
    """The name of the box of a key."""
    rows = dict(text.split(":", 1)[::-1] for text in boxes(page)["attr-row"])
    return f"attr-{rows[key]}-{locale}"


def maps(record: Product | Variant) -> tuple[dict, dict]:
    record.refresh_from_db()
    return record.attributes, record.attributes_localized


def added(client: Client, record: Product | Variant, *keys: str) -> HttpResponse:
    page = client.get(page_of(record))
    for key in keys:
        page = send(client, page, "attr-go", "add", **{"attr-q": key})
    return page


def texts(page: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


# --- what is effective ---------------------------------------------------------------------------


def test_a_variants_default_beats_the_products_localised_value(pack: Product):
    variant = make.variant("TP-30-B", product=pack, attributes={"volume": "32 l"})
    assert assigning.effective_of(variant, "de_DE") == {"volume": "32 l"}
    assert assigning.effective_of(make.variant("TP-30-R", product=pack), "de_DE") == {"volume": "30 Liter"}
    assert assigning.effective_of(make.variant("TP-30-X", product=pack), "fr_FR") == {"volume": "30 l"}


def test_available_values_are_those_that_exist_in_combination(jacket: Product):
    make.variant("jacket-red-S", product=jacket, attributes={"color": "red", "size": "S"})
    assert assigning.available_values(jacket, {}) == {"color": ["red", "blue"], "size": ["S", "XL"]}
    assert assigning.available_values(jacket, {"color": "red"}) == {"size": ["S", "XL"]}
    assert assigning.available_values(jacket, {"color": "blue"}) == {"size": ["S"]}
    assert assigning.available_values(jacket, {"color": "green"}) == {"size": []}


# --- the grid ------------------------------------------------------------------------------------


def test_values_are_typed_per_locale_and_history_tells_of_each(manager: Client, pack: Product):
    page = manager.get(page_of(pack))
    assert boxes(page)[cell(page, "volume")] == ["30 l"]

    saved = send(manager, page, **{cell(page, "volume"): "31 l", cell(page, "volume", "en_US"): "31 litres"})

    assert saved.status_code == 302
    assert maps(pack) == (
        {"volume": "31 l"},
        {"de_DE": {"volume": "30 Liter"}, "en_US": {"volume": "31 litres"}},
    )
    assert Change.objects.get().fields == {
        "attributes.volume": {"before": "30 l", "after": "31 l"},
        "attributes_localized.en_US.volume": {"before": None, "after": "31 litres"},
    }
    assert pack.version == 2


def test_saving_an_untouched_grid_changes_nothing(manager: Client, pack: Product):
    send(manager, manager.get(page_of(pack)))
    assert not Change.objects.exists()
    pack.refresh_from_db()
    assert pack.version == 1


def test_an_empty_cell_drops_the_value_and_a_removed_row_all_of_them(manager: Client, pack: Product):
    page = manager.get(page_of(pack))
    page = manager.get(page_of(pack)) if send(manager, page, **{cell(page, "volume"): ""}) else page
    assert maps(pack) == ({}, {"de_DE": {"volume": "30 Liter"}})
    number = cell(page, "volume").split("-")[1]
    send(manager, page, **{"attr-drop": number})
    assert maps(pack) == ({}, {})


def test_a_removed_row_goes_in_locales_that_are_not_shown_too(manager: Client, pack: Product):
    pack.attributes_localized = {"fr_FR": {"volume": "30 litres", "grip": "doux"}}
    pack.save()
    page = manager.get(page_of(pack))
    send(manager, page, **{"attr-drop": cell(page, "volume").split("-")[1]})
    assert maps(pack) == ({}, {"fr_FR": {"grip": "doux"}})


def test_values_of_hidden_locales_stay(manager: Client, pack: Product):
    pack.attributes_localized = {"fr_FR": {"volume": "30 litres"}}
    pack.save()
    page = manager.get(page_of(pack))
    send(manager, page, **{cell(page, "volume"): "33 l"})
    assert maps(pack) == ({"volume": "33 l"}, {"fr_FR": {"volume": "30 litres"}})


def test_an_attribute_is_added_by_its_key(manager: Client, pack: Product):
    page = added(manager, pack, "grip", "a_number")
    assert maps(pack)[0] == {"volume": "30 l"}
    send(manager, page, **{cell(page, "grip"): "soft", cell(page, "a_number"): "0042"})
    assert maps(pack)[0] == {"volume": "30 l", "grip": "soft", "a_number": "0042"}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Choose an attribute to add."),
        ("volume", "volume is in the table already."),
        ("nope", "There is no declared attribute “nope”."),
        ("color", "color is a super attribute: it tells variants apart and is not added here."),
        ("Farbe", "color is a super attribute: it tells variants apart and is not added here."),
        ("Volumen", "“Volumen” is volume, which is in the table already."),
        ("volu", "“volu” is volume, which is in the table already."),
        ("legacy", "There is no declared attribute “legacy”."),
    ],
)
def test_what_cannot_be_added_is_told(manager: Client, pack: Product, typed: str, told: str):
    assert told in texts(added(manager, pack, typed))


def test_the_search_offers_ten_attributes_with_a_hint_and_none_twice(manager: Client, pack: Product):
    for n in range(12):
        make.attribute(f"fact_{n:02}", input_type="text", allow_input=True)
    page = send(manager, manager.get(page_of(pack)), "attr-go", "find", **{"attr-q": "fact"})
    offered = re.findall(r'value="key:([^"]+)"', page.content.decode())
    assert offered == [f"fact_{n:02}" for n in range(10)]
    assert "There are more. Type more of the key or name." in page.content.decode()
    page = send(manager, page, "attr-go", "key:fact_03")
    assert cell(page, "fact_03")
    page = send(manager, page, "attr-go", "find", **{"attr-q": "fact_0"})
    assert "key:fact_03" not in page.content.decode()


def test_what_is_typed_survives_adding(manager: Client, pack: Product):
    page = manager.get(page_of(pack))
    page = send(manager, page, "attr-go", "add", **{"attr-q": "grip", cell(page, "volume"): "99 l"})
    assert boxes(page)[cell(page, "volume")] == ["99 l"]


# --- rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "typed", "told"),
    [
        ("grip", "rough", "“rough” is not one of the predefined values."),
        ("tags", "Alpine, Desert", "“Desert” is not one of the predefined values."),
        ("a_number", "12 kg", "“12 kg” is not a number."),
        ("a_float", "1.2.3", "“1.2.3” is not a number."),
        ("a_date", "31.01.2031", "“31.01.2031” is not a day."),
        ("a_date", "2031-02-30", "“2031-02-30” is not a day."),
        ("a_time", "25:00", "“25:00” is not a time."),
        ("a_datetime", "yesterday", "“yesterday” is no day with a time."),
        ("volume", "30\x07", "The text holds a control character."),
    ],
)
def test_a_wrong_value_is_refused_on_the_server(
    manager: Client, pack: Product, key: str, typed: str, told: str
):
    page = added(manager, pack, *([] if key == "volume" else [key]))
    refused = send(manager, page, **{cell(page, key, "de_DE"): typed})
    assert f"{key}, de_DE: {told}" in texts(refused)
    assert boxes(refused)["attr-opened"] == boxes(page)["attr-opened"]
    assert maps(pack) == ({"volume": "30 l"}, {"de_DE": {"volume": "30 Liter"}})


@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("tags", 'Coast, Alpine,, "sand, light"', ["Coast", "Alpine", "sand, light"]),
        ("tags", "Alpine", ["Alpine"]),
        ("a_number", "007", "007"),
        ("a_float", "-1.5", "-1.5"),
        ("a_date", "2031-01-31", "2031-01-31"),
        ("a_time", "14:30", "14:30"),
        ("a_datetime", "2031-01-31T14:30", "2031-01-31T14:30"),
        ("a_textarea", "two\r\nlines", "two\nlines"),
        ("grip", "hard", "hard"),
    ],
)
def test_values_are_stored_as_text_or_as_a_list_of_texts(
    manager: Client, pack: Product, key: str, typed: str, stored: object
):
    page = added(manager, pack, key)
    send(manager, page, **{cell(page, key): typed})
    assert maps(pack)[0][key] == stored
    page = manager.get(page_of(pack))
    send(manager, page, **{cell(page, "volume"): "31 l"})
    assert maps(pack)[0][key] == stored


def test_an_old_invalid_value_is_marked_and_never_blocks(manager: Client, pack: Product):
    pack.attributes = {"grip": "medium", "volume": "30 l"}
    pack.save()
    page = manager.get(page_of(pack))
    assert "“medium” is not one of the predefined values." in texts(page)
    send(manager, page, **{cell(page, "volume"): "31 l"})
    assert maps(pack)[0] == {"grip": "medium", "volume": "31 l"}


def test_undeclared_keys_and_super_values_are_read_only_and_survive(manager: Client, pack: Product):
    variant = make.variant(
        "TP-30-R", product=pack, attributes={"color": "red", "legacy_code": "x9", "grip": "soft"}
    )
    page = manager.get(page_of(variant))
    assert "legacy_code undeclared" in texts(page)
    assert "color super" in texts(page)
    assert cell(page, "color") not in boxes(page)
    assert cell(page, "color", "de_DE") in boxes(page)
    assert cell(page, "legacy_code") not in boxes(page)
    forged = {cell(page, "color"): "blue", cell(page, "legacy_code"): "y", cell(page, "grip"): "hard"}
    drops = [cell(page, key).split("-")[1] for key in ("color", "legacy_code")]
    send(manager, page, **{**forged, "attr-drop": drops})
    assert maps(variant)[0] == {"color": "red", "legacy_code": "x9", "grip": "hard"}


def test_markup_is_stored_as_typed_and_escaped(manager: Client, pack: Product):
    page = manager.get(page_of(pack))
    send(manager, page, **{cell(page, "volume"): "<b>30</b>"})
    assert maps(pack)[0] == {"volume": "<b>30</b>"}
    assert "<b>30</b>" not in manager.get(page_of(pack)).content.decode()


def test_values_are_offered_in_the_words_of_the_reader_and_stored_raw(manager: Client, pack: Product):
    manager.force_login(make.superuser(content_locale="de_DE"))
    page = added(manager, pack, "grip", "tags")
    html = page.content.decode()
    assert '<option value="soft">weich</option>' in " ".join(html.split())
    assert ">hard</option>" in html
    assert "commas" in html
    send(manager, page, **{cell(page, "grip"): "soft", cell(page, "grip", "de_DE"): "hard"})
    assert maps(pack)[0]["grip"] == "soft"


# --- inheritance ---------------------------------------------------------------------------------


def test_a_variant_shows_what_it_inherits_and_overrides_it_by_typing(manager: Client, pack: Product):
    variant = make.variant("TP-30-B", product=pack)
    page = manager.get(page_of(variant))
    box = re.search(rf'<input[^>]*name="{cell(page, "volume", "de_DE")}"[^>]*>', page.content.decode())[0]
    assert 'value=""' in box
    assert 'placeholder="30 Liter"' in box
    assert "attr-drop" not in page.content.decode()
    send(manager, page, **{cell(page, "volume"): "32 l"})
    assert maps(variant) == ({"volume": "32 l"}, {})
    assert maps(pack)[0] == {"volume": "30 l"}
    page = manager.get(page_of(variant))
    box = re.search(rf'<input[^>]*name="{cell(page, "volume", "de_DE")}"[^>]*>', page.content.decode())[0]
    assert 'placeholder="32 l"' in box
    send(manager, page, **{cell(page, "volume"): ""})
    assert maps(variant) == ({}, {})


# --- several people, rights ----------------------------------------------------------------------


def test_two_people_change_different_cells_and_both_stay(manager: Client, pack: Product):
    opened = manager.get(page_of(pack))
    send(manager, manager.get(page_of(pack)), **{cell(opened, "volume", "en_US"): "30 litres"})
    send(manager, opened, **{cell(opened, "volume"): "31 l"})
    assert maps(pack) == (
        {"volume": "31 l"},
        {"de_DE": {"volume": "30 Liter"}, "en_US": {"volume": "30 litres"}},
    )


@pytest.mark.parametrize(("choice", "left"), [("theirs", "29 l"), ("mine", "31 l")])
def test_one_cell_changed_by_two_people_is_asked_about(
    manager: Client, pack: Product, choice: str, left: str
):
    opened = manager.get(page_of(pack))
    send(manager, manager.get(page_of(pack)), **{cell(opened, "volume"): "29 l"})
    asked = send(manager, opened, **{cell(opened, "volume"): "31 l"})
    for _press in range(2):
        assert asked.status_code == 409
        (told,) = asked.context["page"].conflicts
        assert (told.label, told.opened, told.theirs, told.mine) == (
            "volume, Default",
            "30 l",
            "29 l",
            "31 l",
        )
        assert (told.change.fields["attributes.volume"]["after"], told.choice) == ("29 l", "")
        assert boxes(asked)[cell(asked, "volume")] == ["31 l"]
        assert maps(pack)[0] == {"volume": "29 l"}
        asked = send(manager, asked)
    assert send(manager, asked, **{f"_keep.{told.name}": choice}).status_code == 302
    assert maps(pack)[0] == {"volume": left}


def test_what_somebody_else_changed_stays_while_another_cell_is_asked_about(manager: Client, pack: Product):
    opened = manager.get(page_of(pack))
    theirs = added(manager, pack, "grip")
    typed = {cell(theirs, "volume"): "29 l", cell(theirs, "volume", "de_DE"): "29 Liter"}
    send(manager, theirs, **typed, **{cell(theirs, "grip"): "soft"})
    asked = send(manager, opened, **{cell(opened, "volume"): "31 l"})
    (told,) = asked.context["page"].conflicts
    send(manager, asked, **{f"_keep.{told.name}": "mine"})
    assert maps(pack) == ({"volume": "31 l", "grip": "soft"}, {"de_DE": {"volume": "29 Liter"}})


def test_only_who_may_change_products_manages_attributes(pack: Product):
    client = Client()
    client.force_login(make.user(roles=["Customer Service"]))
    assert client.get(page_of(pack)).status_code == 403
    assert client.post(page_of(pack)).status_code == 403


def test_scripts_get_the_grid_alone(manager: Client, pack: Product):
    page = manager.get(page_of(pack))
    part = manager.post(page_of(pack) + "?part=1", {**boxes(page), "attr-go": "add", "attr-q": "grip"})
    assert b"<html" not in part.content
    assert b"data-picker" not in part.content.split(b"<section")[0]
    assert b"data-focus" in part.content
    assert not Change.objects.exists()


# --- the verb ------------------------------------------------------------------------------------


def test_many_records_are_written_at_once_and_told_once(
    pack: Product, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries
):
    variants = [make.variant(f"TP-{n}", product=pack) for n in range(30)]
    variants[0].attributes = {"grip": "soft"}
    variants[0].save()
    told: list[set[int]] = []
    monkeypatch.setitem(reactions._reactions, facts.ATTRIBUTES, [lambda ids: told.append(ids)])

    with django_assert_max_num_queries(7), recording("save") as recorder:
        wanted = {each.pk: Maps({"grip": "soft"}, {}) for each in variants}
        done = assigning.assign(Variant, wanted, recorder=recorder)

    assert (len(done.changed), done.unchanged) == (29, {variants[0].pk})
    assert told == [{pack.pk}]
    assert Change.objects.count() == 29
    assert set(Change.objects.values_list("parent_id", flat=True)) == {pack.pk}


def test_the_page_costs_the_same_with_one_and_with_many_attributes(manager: Client, pack: Product):
    counts = []
    manager.get(page_of(pack))
    for number in (1, 20):
        for n in range(number):
            make.attribute(f"fact_{number}_{n}", values={"a": {}, "b": {}})
        pack.attributes = {f"fact_{number}_{n}": "a" for n in range(number)}
        pack.save()
        with CaptureQueriesContext(connection) as held:
            manager.get(page_of(pack))
        counts.append(len(held))
    assert counts[0] == counts[1]


def test_what_a_cell_holds_is_escaped(manager: Client, pack: Product):
    text = '"><script>alert(1)</script>'
    pack.attributes, pack.attributes_localized = {"volume": text, text: text}, {"de_DE": {"grip": text}}
    pack.save()
    page = manager.get(page_of(pack))
    assert "<script>alert" not in page.content.decode()
    assert boxes(page)[cell(page, "volume")] == [text]
    assert boxes(page)[cell(page, "grip", "de_DE")] == [text]
