"""The files of attribute keys and declarations (spec: import-export 4.4.1, attributes 6 and 7)."""

import json
from pathlib import Path

import pytest

from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.screens.access import gate_for
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.reports import problems_of
from backoffice.transfer.exporting.streams import Shape, csv_lines
from backoffice.transfer.jobs import intake, lifecycle
from backoffice.transfer.models import Job
from catalog.attributes.models import Attribute, AttributeKey, AttributeValue
from catalog.products.models import Product
from tests import make
from tests.transfer.conftest import BAD, SAMPLE, counts, errors, imported, problems, written

pytestmark = pytest.mark.django_db
KEYS = "product_attribute_key"
FILE = "product_management_attribute"
EXPECTED = json.loads((SAMPLE / "EXPECTED.json").read_text())["entities"]


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def shop(db: None) -> None:
    make.store("DE", locales=("en_US", "de_DE"))


def take(folder: Path, text: str, name: str = FILE, **options) -> Job:
    return imported(written(folder, f"{name}.csv", text), **options)


def held(key: str) -> list[tuple[str, dict[str, str]]]:
    rows = AttributeValue.objects.filter(attribute__key__key=key)
    return list(rows.values_list("value", "translations"))


def exported(name: str, **shape: bool) -> str:
    return "".join(csv_lines(resource_of(name), shape=Shape(**shape)))


def test_the_sample_folder_declares_its_attributes(db: None):
    imported(SAMPLE)

    keys, wanted = EXPECTED["attribute_keys"], EXPECTED["management_attributes"]
    types = list(Attribute.objects.values_list("input_type", flat=True))
    assert AttributeKey.objects.count() == keys["all"]
    assert AttributeKey.objects.filter(is_super=True).count() == keys["super"]
    assert {name: types.count(name) for name in types} == wanted["by_input_type"]
    assert len(types) == wanted["all"]
    assert Attribute.objects.filter(values__isnull=False).distinct().count() == wanted["with_values"]
    assert AttributeValue.objects.count() == wanted["values"]
    assert sum(len(v.translations) for v in AttributeValue.objects.all()) == wanted["value_translations"]


def test_a_file_of_declarations_needs_their_keys(shop: None, tmp_path: Path):
    job = take(tmp_path, "key,input_type\nflash_point,number\n")

    assert errors(job) == [(2, "key", "unknown_ref")]
    problem = job.files.get().results.get().problems[0]
    assert problem["remedy"] == "Import product_attribute_key.csv first."


def test_keys_and_declarations_come_in_one_run(shop: None, tmp_path: Path):
    folder = tmp_path / "both"
    folder.mkdir()
    written(folder, f"{KEYS}.csv", "attribute_key,is_super\nframe_colour,1\nLoud Key,\n")
    text = 'key,input_type,allow_input,values\nframe_colour,text,yes,"red, ""sand, light"""\nLoud Key,select,no,\n'
    written(folder, f"{FILE}.csv", text)

    for job in (imported(folder, check=True), imported(folder)):
        assert counts(job) == (4, 0, 0, 0, 0)
        assert [p for p in problems(job) if p[3] != "text_missing"] == [
            (3, "attribute_key", "info", "unusual_key"),
            (2, "allow_input", "info", "free_input_on_super"),
        ]
    made = Attribute.objects.get(key__key="frame_colour")
    assert (made.allow_input, made.visibility, made.search) == (True, ["PDP"], "frame_colour text")
    assert held("frame_colour") == [("red", {}), ("sand, light", {})]
    assert held("Loud Key") == []


def test_values_are_the_whole_list_and_kept_ones_keep_their_id(shop: None, tmp_path: Path):
    colour = make.attribute(
        "colour", values={"red": {"de_DE": "rot", "fr_FR": "rouge"}, "blue": {"de_DE": "blau"}, "old": {}}
    )
    ids = dict(colour.values.values_list("value", "pk"))
    text = 'key,values,value_translations.de_DE\ncolour,"blue,red,green","Blau,rot,"\n'

    job = take(tmp_path, text)

    assert counts(job) == (0, 1, 0, 0, 0)
    assert held("colour") == [
        ("blue", {"de_DE": "Blau"}),
        ("red", {"de_DE": "rot", "fr_FR": "rouge"}),
        ("green", {}),
    ]
    after = dict(colour.values.values_list("value", "pk"))
    assert (after["red"], after["blue"]) == (ids["red"], ids["blue"])
    change = Change.objects.get(change_set=job.change_set)
    assert (change.object_type, change.label) == ("attributes.attribute", "colour")
    assert change.fields == {
        "values": {"before": ["red", "blue", "old"], "after": ["blue", "red", "green"]},
        "value_translations.de_DE": {"before": ["rot", "blau"], "after": ["Blau", "rot"]},
        "value_translations.fr_FR": {"before": ["rouge"], "after": ["", "rouge"]},
    }
    again = take(tmp_path, text)
    assert (counts(again), again.change_set) == ((0, 0, 1, 0, 0), None)


def test_the_check_shows_what_an_apply_would_do_to_the_values(shop: None, tmp_path: Path):
    make.attribute("colour", values={"red": {}})

    job = take(tmp_path, 'key,values\ncolour,"red,blue"\n', check=True)

    assert job.files.get().results.get().changes == {"values": {"before": ["red"], "after": ["red", "blue"]}}
    assert held("colour") == [("red", {})]


def test_only_locales_whose_column_is_there_are_touched(shop: None, tmp_path: Path):
    make.attribute("colour", values={"red": {"de_DE": "rot", "en_US": "Red"}, "blue": {"de_DE": "blau"}})

    take(tmp_path, 'key,value_translations.en_US\ncolour,"red,blue"\n')
    assert held("colour") == [
        ("red", {"de_DE": "rot", "en_US": "red"}),
        ("blue", {"de_DE": "blau", "en_US": "blue"}),
    ]

    take(tmp_path, "key,value_translations.de_DE\ncolour,\n")
    assert held("colour") == [("red", {"en_US": "red"}), ("blue", {"en_US": "blue"})]


def test_a_file_without_values_leaves_them_alone(shop: None, tmp_path: Path):
    make.attribute("colour", values={"red": {"de_DE": "rot"}})

    job = take(tmp_path, "key,key_translation.en_US\ncolour,Colour!\n")

    assert counts(job) == (0, 1, 0, 0, 0)
    assert held("colour") == [("red", {"de_DE": "rot"})]


def test_blank_and_repeated_items_are_merged_with_a_notice(shop: None, tmp_path: Path):
    make.attribute("size")
    text = 'key,values,value_translations.de_DE\nsize,"AA,,AAA,AA, ","eins,,zwei,drei,"\n'

    job = take(tmp_path, text)

    assert problems(job) == [
        (2, "values", "info", "duplicate_value_merged"),
        (2, "values", "info", "blank_removed"),
    ]
    assert held("size") == [("AA", {"de_DE": "drei"}), ("AAA", {"de_DE": "zwei"})]
    assert counts(take(tmp_path, text)) == (0, 0, 1, 0, 0)
    assert counts(take(tmp_path, "key,values\nsize,\n")) == (0, 1, 0, 0, 0)
    assert held("size") == []


def test_items_of_invisible_signs_only_are_blank(shop: None, tmp_path: Path):
    make.attribute("size")

    job = take(tmp_path, 'key,values\nsize,"S,\u2003,\u00a0M\u200b, "\n')

    assert ([p[3] for p in problems(job)], held("size")) == (["blank_removed"], [("S", {}), ("M", {})])


def test_new_changed_and_unchanged_declarations_mix_in_a_file(shop: None, tmp_path: Path):
    make.attribute("same", values={"a": {}})
    make.attribute("other", values={"a": {}})
    AttributeKey.objects.create(key="fresh")

    job = take(tmp_path, "key,input_type,values\nsame,select,a\nother,select,b\nfresh,select,c\n")

    assert counts(job) == (1, 1, 1, 0, 0)
    assert [held(key) for key in ("same", "other", "fresh")] == [[("a", {})], [("b", {})], [("c", {})]]
    changes = Change.objects.filter(change_set=job.change_set).order_by("label")
    assert list(changes.values_list("label", "action", "fields")) == [
        ("fresh", "add", None),
        ("other", "change", {"values": {"before": ["a"], "after": ["b"]}}),
    ]


def test_lists_of_different_lengths_are_told_with_both_numbers(shop: None, tmp_path: Path):
    make.attribute("grip", values={"soft": {}})

    job = take(tmp_path, 'key,values,value_translations.de_DE\ngrip,"soft, hard","weich"\n', on_error="skip")

    assert errors(job) == [(2, "value_translations.de_DE", "bad_list")]
    assert job.files.get().results.get().problems[0]["params"] == {"expected": "2", "found": "1"}
    assert held("grip") == [("soft", {})]


@pytest.mark.parametrize("options", [{"check": True}, {}, {"on_error": "skip"}])
def test_the_bad_file_gives_what_its_table_says(db: None, options: dict):
    imported(SAMPLE)
    before = ChangeSet.objects.count()

    job = imported(BAD / f"{FILE}__value_count_mismatch.csv", **options)

    assert counts(job) == (0, 0, 0, 0, 1)
    assert errors(job) == [(2, "value_translations.de_DE", "bad_list")]
    assert ChangeSet.objects.count() == before


@pytest.mark.parametrize(
    ("cell", "stored"), [("plp, PDP", ["PDP", "PLP"]), ("cart", ["Cart"]), ("", []), (" ,", [])]
)
def test_places_are_read_in_any_case_and_kept_in_order(shop: None, tmp_path: Path, cell: str, stored: list):
    make.attribute("colour")

    job = take(tmp_path, f'key,visibility\ncolour,"{cell}"\n')

    assert (job.counts["changed"], Attribute.objects.get().visibility) == (1, stored)


def test_another_type_of_a_used_attribute_is_a_warning(shop: None, tmp_path: Path):
    make.attribute("grip", values={"soft": {}}), make.attribute("free", values={"x": {}})
    make.product("saw", attributes={"grip": "soft"})
    text = "key,input_type\ngrip,text\nfree,text\n"

    for check in (True, False):
        job = take(tmp_path, text, check=check)
        assert problems(job) == [(2, "input_type", "warning", "type_changed")]
        assert counts(job) == (0, 2, 0, 0, 0)
    [told] = problems_of(job.files.get())
    assert told[1].sentence == "The type was “select”; values of 1 product stay as they are."
    assert problems(take(tmp_path, text)) == []
    assert errors(take(tmp_path, "key,input_type\ngrip,number\n", warnings="error")) == [
        (2, "input_type", "type_changed")
    ]


def test_the_check_lists_removed_values_with_those_that_use_them(shop: None, tmp_path: Path):
    make.attribute("grip", values={"soft": {}, "hard": {}, "odd": {}})
    make.attribute("tags", values={"Alpine": {}, "Coast": {}})
    make.product("saw", attributes={"grip": "hard"}, attributes_localized={"de_DE": {"tags": ["Coast"]}})
    make.variant("saw-1", attributes={"grip": "hard", "tags": "Alpine"})
    text = "key,values\ngrip,soft\ntags,Alpine\n"

    job = take(tmp_path, text, check=True)

    code = "value_not_listed"
    assert problems(job) == [(2, "values", "warning", code), (3, "values", "warning", code)]
    assert [problem.sentence for _row, problem in problems_of(job.files.get())] == [
        "“hard” leaves the list; it stays as text in 1 product and 1 variant.",
        "“Coast” leaves the list; it stays as text in 1 product.",
    ]
    strict = take(tmp_path, text, warnings="error")
    assert (errors(strict), strict.change_set) == ([(2, "values", code), (3, "values", code)], None)
    applied = take(tmp_path, text)
    assert (counts(applied), problems(applied)) == ((0, 2, 0, 0, 0), problems(job))
    assert Product.objects.get(sku="saw").attributes == {"grip": "hard"}


def test_an_unknown_place_is_refused(shop: None, tmp_path: Path):
    make.attribute("colour")

    assert errors(take(tmp_path, "key,visibility\ncolour,Footer\n")) == [(2, "visibility", "bad_choice")]
    assert errors(take(tmp_path, "key,input_type\ncolour,fancy\n")) == [(2, "input_type", "bad_choice")]


def test_a_declaration_needs_a_type(shop: None, tmp_path: Path):
    AttributeKey.objects.create(key="finish")

    assert errors(take(tmp_path, "key,allow_input\nfinish,yes\n")) == [(2, "input_type", "required")]


def test_the_export_spells_what_the_import_reads(shop: None, tmp_path: Path):
    make.attribute(
        "colour",
        values={"red": {"de_DE": "rot"}, "sand, light": {"de_DE": "Sand, hell"}, '4" pipe': {}},
        is_multiple=False,
        visibility=["PDP", "Cart"],
        name={"en_US": "Colour"},
    )
    make.attribute("weight", input_type="number", allow_input=True, visibility=[])

    text = exported(FILE, extra_columns=True)

    assert text == (
        "key,input_type,allow_input,is_multiple,values,key_translation.en_US,key_translation.de_DE,"
        "value_translations.en_US,value_translations.de_DE,visibility\n"
        'colour,select,no,no,"red,""sand, light"",""4""""" pipe""",Colour,,,'
        '"rot,""Sand, hell"",","PDP,Cart"\n'
        "weight,number,yes,,,Weight,,,,\n"
    ).replace('""4""""" pipe"""', '""4"""" pipe"""')
    job = take(tmp_path, text)
    assert (counts(job), problems(job), job.change_set) == ((0, 0, 2, 0, 0), [], None)
    assert exported(KEYS) == "attribute_key,is_super\ncolour,0\nweight,0\n"


def test_a_batch_of_declarations_costs_as_many_statements_as_one(
    shop: None, tmp_path: Path, django_assert_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(number: int, place: int) -> int:
        keys = [f"k{place}_{i}" for i in range(number)]
        take(tmp_path, "attribute_key\n" + "".join(f"{key}\n" for key in keys), KEYS)
        taken = 0
        for values in ("a,b", "b,c"):
            text = "key,input_type,values\n" + "".join(f'{key},select,"{values}"\n' for key in keys)
            job = lifecycle.create(None)
            intake.take_path(job, written(tmp_path, f"{FILE}.csv", text))
            with CaptureQueriesContext(
                connection,
            ) as captured:
                lifecycle.apply(job)
            taken += len(captured)
        return taken

    assert statements(1, 1) == statements(200, 2)


def test_a_value_that_comes_without_translations_changes_none(shop: None, tmp_path: Path):
    make.attribute("colour", values={"red": {"de_DE": "rot"}, "blue": {"de_DE": "blau"}})
    take(tmp_path, 'key,values\ncolour,"red,blue,solar"\n')
    assert held("colour") == [("red", {"de_DE": "rot"}), ("blue", {"de_DE": "blau"}), ("solar", {})]
    [change] = Change.objects.filter(object_type="attributes.attribute")
    assert [*change.fields] == ["values"]
    user = make.superuser()
    with acting(user):
        undoing.undo(change.change_set, gate_for(change.change_set, user))
    assert held("colour") == [("red", {"de_DE": "rot"}), ("blue", {"de_DE": "blau"})]
