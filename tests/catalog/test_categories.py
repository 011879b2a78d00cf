"""Categories: the tree, its form, order and moves, stores, addresses (spec: products 19)."""

from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.actor import acting
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from catalog.categories import addresses as category_addresses
from catalog.categories import ordering, paths, store_links, tree
from catalog.categories.models import Category, CategoryStore, CategoryTemplate
from catalog.urls.models import Url
from tests import make

LIST = "/categories/category/"


@pytest.fixture
def client(db) -> Client:
    make.store("DE", locales=("en_US", "de_DE"))
    make.store("AT", locales=("de_DE",))
    return client_of("Category Manager")


def client_of(*roles) -> Client:
    client = Client()
    client.force_login(make.user(roles=roles, content_locale="en_US"))
    return client


def text(name: str) -> dict[str, str]:
    return {"name.en_US": name, "name.de_DE": name}


def add(client: Client, key: str, parent: str = "", *, stores=(), **values):
    given = {"key": key, "parent": parent, "stores": [str(store.pk) for store in stores], "is_active": "on"}
    return client.post(f"{LIST}add/", given | text(key.title()) | {"_save": "1"} | values)


def change(client: Client, category: Category, *, stores=None, **values):
    category.refresh_from_db()
    held = category.store_links.values_list("store", flat=True) if stores is None else [s.pk for s in stores]
    names = {f"name.{code}": value for code, value in category.name.items()}
    given = {
        "_version": str(category.version),
        "_opened": "{}",
        "stores": [str(pk) for pk in held],
        "is_active": "on" if category.is_active else "",
        "is_in_menu": "on",
        "is_clickable": "on",
        "is_searchable": "on",
    }
    if category.parent:
        given["parent"] = category.parent.key
    return client.post(f"{LIST}{category.pk}/change/", given | names | values)


def keys(rows) -> list[str]:
    return [row.key for row in rows]


def both(name: str) -> dict[str, str]:
    return {"en_US": name, "de_DE": name}


def garden(*, stores=()) -> dict[str, Category]:
    """catalog > garden > (benches, tables > round), tools"""
    found = {"catalog": make.category("catalog", name=both("Catalogue"), stores=stores)}
    for key, above in (
        ("garden", "catalog"),
        ("tools", "catalog"),
        ("benches", "garden"),
        ("tables", "garden"),
        ("round", "tables"),
    ):
        order = 10 * (1 + Category.objects.filter(parent=found[above]).count())
        found[key] = make.category(key, found[above], name=both(key.title()), node_order=order, stores=stores)
    return found


def stores_of(key: str) -> list[str]:
    return store_links.names_of([Category.objects.get(key=key).pk]).popitem()[1]


def order_page(client: Client, parent: Category, **values):
    children = Category.objects.filter(parent=parent).order_by("path")
    typed = {f"place.{row.pk}": str(place) for place, row in enumerate(children, 1)}
    opened = ",".join(str(row.pk) for row in children)
    return client.post(f"{LIST}{parent.pk}/order/", typed | {"_opened": opened} | values)


# --- the tree ----------------------------------------------------------------------------------------


def test_the_path_is_derived_from_parent_and_order(db):
    found = garden()
    assert keys(Category.objects.all()) == ["catalog", "garden", "benches", "tables", "round", "tools"]
    rows = {row.key: (row.path, row.depth, row.numchild) for row in Category.objects.all()}
    assert rows["catalog"] == ("0001", 1, 2)
    assert rows["round"] == ("0001000100020001", 4, 0)
    assert keys(Category.objects.below(Category.objects.get(key="garden"))) == ["benches", "tables", "round"]
    assert keys(Category.objects.above(found["round"])) == ["catalog", "garden", "tables"]
    assert tree.misplaced() == []


def test_a_path_that_is_off_is_found_and_mended(db):
    garden()
    Category.objects.filter(key="tools").update(path="0009", depth=1)
    assert tree.misplaced() == ["tools"]
    assert tree.arrange() == 1
    assert tree.misplaced() == []
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_the_command_tells_what_is_misplaced_and_mends_it_when_asked(db):
    garden()
    call_command("check_categories", stdout=StringIO())
    Category.objects.filter(key="tools").update(depth=9)
    with pytest.raises(CommandError, match="1 categories are misplaced: tools"):
        call_command("check_categories")
    told = StringIO()
    call_command("check_categories", repair=True, stdout=told)
    assert told.getvalue() == "1 categories were put in place: tools\n"
    assert tree.misplaced() == []


def test_siblings_of_one_number_stand_by_key_and_more_than_36_keep_their_order(db):
    root = make.category("catalog")
    rows = [
        Category(key=f"c{n:02}", parent=root, name={"en_US": str(n)}, search=f"c{n:02}", path=f"x{n}")
        for n in range(40)
    ]
    Category.objects.bulk_create(rows)
    tree.arrange()
    assert keys(Category.objects.filter(parent=root)) == [f"c{n:02}" for n in range(40)]
    assert Category.objects.get(key="c35").path == "00010010"
    assert Category.objects.find_problems() == ([], [], [], [], [])


@pytest.mark.parametrize(
    "fields", [{"is_root": True}, {"parent": None}, {"key": ""}, {"key": "catalog"}], ids=str
)
def test_bulk_writes_cannot_break_the_tree(db, fields):
    garden()
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.filter(key="tools").update(**fields)


def test_a_second_root_is_refused_by_the_database(db):
    garden()
    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.filter(key="tools").update(parent=None, is_root=True)


# --- the list ----------------------------------------------------------------------------------------


def test_the_list_shows_the_tree_indented_with_key_status_and_stores(client):
    garden(stores=[make.Store.objects.get(name="AT")])
    html = client.get(LIST).content.decode()
    assert html.index(">benches<") < html.index(">tables<") < html.index(">round<") < html.index(">tools<")
    assert '<span class="bo-in"></span><span class="bo-in"></span><span class="bo-in"></span>Round' in html
    assert html.count('<span class="bo-tag">AT</span>') == 6


def test_a_search_shows_where_the_hits_lie(client):
    garden()
    html = client.get(f"{LIST}?q=round").content.decode()
    assert "Garden › Tables › " in html
    assert ">tools<" not in html


def test_a_name_that_is_missing_falls_back_to_another_locale_then_to_the_key(client):
    make.category("catalog", name={"de_DE": "Katalog"})
    make.category("bare", name={})
    rows = {row.key: row.shown_name for row in Category.objects.with_name("en_US")}
    assert rows == {"catalog": "Katalog", "bare": "bare"}
    assert ">bare<" in client.get(LIST).content.decode()


# --- the form ----------------------------------------------------------------------------------------


def test_the_first_category_becomes_the_root_and_the_next_ones_need_a_parent(client):
    add(client, "catalog")
    root = Category.objects.get()
    assert (root.is_root, root.parent, root.path) == (True, None, "0001")
    html = add(client, "tools").content.decode()
    assert "Parent: This field is required." in html
    add(client, "tools", "catalog")
    made = Category.objects.get(key="tools")
    assert (made.parent, made.is_root, made.path) == (root, False, "00010001")


def test_a_new_category_comes_last_among_its_siblings(client):
    garden()
    add(client, "zoo", "garden")
    add(client, "apples", "garden")
    assert keys(Category.objects.filter(parent__key="garden")) == ["benches", "tables", "zoo", "apples"]


def test_a_taken_key_is_told(client):
    garden()
    html = add(client, "tools", "catalog").content.decode()
    assert "Another category has this key. Choose a different one." in html
    assert Category.objects.count() == 6


def test_an_unknown_parent_is_told(client):
    garden()
    html = add(client, "new", "nowhere").content.decode()
    assert "There is no category with the key “nowhere”." in html
    assert not Category.objects.filter(key="new").exists()


def test_a_category_cannot_be_moved_below_itself(client):
    found = garden()
    html = change(client, found["garden"], parent="round").content.decode()
    assert "“round” lies below this category. Choose a parent outside of it." in html
    assert Category.objects.get(key="garden").parent == found["catalog"]


def test_a_name_is_needed_in_every_locale(client):
    garden()
    html = add(client, "new", "catalog", **{"name.de_DE": ""}).content.decode()
    assert "Type a text for DE." in html


def test_a_store_needs_the_parent_in_it(client):
    de, at = make.Store.objects.order_by("-name")
    garden(stores=[de])
    html = add(client, "new", "garden", stores=[de, at]).content.decode()
    assert "The parent “garden” is not in AT. Add the store there first." in html
    add(client, "new", "garden", stores=[de])
    assert stores_of("new") == ["DE"]


def test_a_child_form_tells_the_stores_of_its_parent_and_a_root_form_does_not(client):
    found = garden(stores=[make.Store.objects.get(name="AT")])
    hint = "Only stores of the parent"
    assert f"{hint}: AT" in client.get(f"{LIST}{found['garden'].pk}/change/").content.decode()
    assert hint not in client.get(f"{LIST}{found['catalog'].pk}/change/").content.decode()
    html = client.get(f"{LIST}add/?parent=garden").content.decode()
    assert f"{hint}: AT" in html
    assert 'value="garden"' in html


def test_stores_follow_down_the_branch_and_each_category_has_its_history(client):
    de, at = make.Store.objects.order_by("-name")
    found = garden(stores=[de])
    change(client, found["catalog"], stores=[de, at])
    assert stores_of("round") == ["AT", "DE"]
    change(client, found["garden"], stores=[at])
    assert {key: stores_of(key) for key in ("garden", "benches", "round", "tools")} == {
        "garden": ["AT"],
        "benches": ["AT"],
        "round": ["AT"],
        "tools": ["AT", "DE"],
    }
    recorded = ChangeSet.objects.latest("pk").changes.order_by("label")
    assert [each.label for each in recorded] == ["benches", "garden", "round", "tables"]
    assert recorded[0].fields == {"stores": {"before": ["AT", "DE"], "after": ["AT"]}}


def test_saving_an_unchanged_form_writes_nothing(client):
    found = garden(stores=[make.Store.objects.get(name="AT")])
    page = client.get(f"{LIST}{found['garden'].pk}/change/").content.decode()
    assert 'name="parent" value="catalog"' in page
    change(client, found["garden"])
    assert ChangeSet.objects.count() == 0


def test_the_template_is_one_of_the_known_ones_or_the_one_held(client):
    CategoryTemplate.objects.create(name="Listing")
    root = make.category("catalog", name=both("C"), template_name="Old")
    page = client.get(f"{LIST}{root.pk}/change/").content.decode()
    assert [name in page for name in ('value="Listing"', 'value="Old" selected')] == [True, True]
    change(client, root, template_name="Nonsense")
    assert Category.objects.get().template_name == "Old"
    change(client, root, template_name="Listing")
    assert Category.objects.get().template_name == "Listing"


# --- addresses ---------------------------------------------------------------------------------------


def addresses(key: str) -> dict[str, str]:
    pk = Category.objects.get(key=key).pk
    return {url.locale: url.path for url in Url.objects.of("category", [pk])}


def test_an_address_is_made_of_the_names_below_the_root(client):
    add(client, "catalog")
    add(client, "hand", "catalog", **{"name.en_US": "Hand Tools", "name.de_DE": "Handwerkzeuge"})
    add(client, "saws", "hand", **{"name.en_US": "Saws", "name.de_DE": "Große Sägen"})
    assert addresses("catalog") == {}
    assert addresses("saws") == {"en_US": "/en/hand-tools/saws", "de_DE": "/de/handwerkzeuge/große-sägen"}


def test_a_renamed_category_takes_its_branch_along_and_leaves_redirects(client):
    add(client, "catalog")
    add(client, "tools", "catalog")
    add(client, "saws", "tools")
    change(client, Category.objects.get(key="tools"), **text("Workshop"))
    assert addresses("saws") == {"en_US": "/en/workshop/saws", "de_DE": "/de/workshop/saws"}
    assert sorted(Url.objects.redirects().values_list("path", flat=True)) == [
        "/de/tools",
        "/de/tools/saws",
        "/en/tools",
        "/en/tools/saws",
    ]


def test_renaming_and_moving_a_branch_cost_the_same_statements_whatever_its_size(client):
    for key in ("tools", "garden", "catalog-end"):
        make.category(key)
    costs: dict[str, list[int]] = {"rename": [], "move": []}
    for number in (2, 20):
        branch = make.category(f"branch-{number}")
        for each in range(number):
            make.category(f"leaf-{number}-{each}", branch)
        for deed, parent in (("rename", branch.parent), ("move", Category.objects.get(key="garden"))):
            branch = Category.objects.get(pk=branch.pk)
            branch.parent, branch.name = parent, {"en_US": f"{deed} {number}"}
            with acting(), CaptureQueriesContext(connection) as asked, recording("save") as recorder:
                tree.save(branch, stores=[], recorder=recorder)
            costs[deed].append(len(asked))
    assert Url.objects.pages().filter(path__startswith="/en/garden/move-20/").count() == 20
    assert [few == many for few, many in costs.values()] == [True, True]


def test_two_siblings_cannot_have_one_address(client):
    add(client, "catalog")
    add(client, "tools", "catalog")
    html = add(client, "more", "catalog", **text("Tools")).content.decode()
    assert "The address /de/tools belongs to category “Tools” already." in html
    assert Category.objects.count() == 2
    add(client, "more", "tools", **text("Tools"))
    assert addresses("more")["en_US"] == "/en/tools/tools"


# --- order and moves ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ({"c": 1}, "cabd"),
        ({"a": 4}, "bcda"),
        ({"a": 2, "b": 1}, "bacd"),
        ({"a": 4, "b": 3, "c": 2, "d": 1}, "dcba"),
        ({}, "abcd"),
    ],
    ids=str,
)
def test_who_is_given_a_place_gets_it_and_the_others_close_ranks(typed, found):
    places = {pk: typed.get(pk, place) for place, pk in enumerate("abcd", 1)}
    assert "".join(ordering.placed(places)) == found


def test_children_are_sorted_anew_with_as_few_writes_as_possible_and_undone(client):
    found = garden()
    order_page(client, found["garden"], **{f"place.{found['tables'].pk}": "1"})
    assert keys(Category.objects.filter(parent__key="garden")) == ["tables", "benches"]
    assert Category.objects.get(key="round").path == "0001000100010001"
    assert list(Change.objects.order_by("label").values_list("label", flat=True)) == ["benches", "tables"]
    assert Change.objects.get(label="tables").fields == {"node_order": {"before": 20, "after": 10}}
    undo(client)
    assert keys(Category.objects.filter(parent__key="garden")) == ["benches", "tables"]
    assert tree.misplaced() == []


def undo(client: Client) -> None:
    deed = ChangeSet.objects.latest("pk")
    page = client.get(f"/history/changeset/{deed.pk}/undo/")
    assert page.status_code == 200
    answer = client.post(f"/history/changeset/{deed.pk}/undo/", {"confirm": "1"})
    assert answer.status_code == 302


def test_an_order_saved_as_it_was_changes_nothing(client):
    found = garden()
    answer = order_page(client, found["garden"])
    assert "Nothing changed." in client.get(answer.headers["Location"]).content.decode()
    assert ChangeSet.objects.count() == 0


def test_a_branch_moves_with_its_addresses_and_loses_stores_the_other_parent_is_not_in(client):
    de, at = make.Store.objects.order_by("-name")
    for key, above in (("catalog", ""), ("garden", "catalog"), ("tools", "catalog"), ("tables", "garden")):
        add(client, key, above, stores=[de, at])
    add(client, "round", "tables", stores=[de, at])
    found = {row.key: row for row in Category.objects.all()}
    change(client, found["tools"], stores=[at])
    order_page(client, found["garden"], **{f"to.{found['tables'].pk}": "tools"})
    assert keys(Category.objects.all()) == ["catalog", "garden", "tools", "tables", "round"]
    assert addresses("round")["en_US"] == "/en/tools/tables/round"
    assert stores_of("round") == ["AT"]
    undo(client)
    assert keys(Category.objects.all()) == ["catalog", "garden", "tables", "round", "tools"]
    assert addresses("round")["en_US"] == "/en/garden/tables/round"
    assert stores_of("round") == ["AT", "DE"]
    assert tree.misplaced() == []


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("nowhere", "There is no category with the key “nowhere”."),
        ("round", "“round” lies below this category. Choose a parent outside of it."),
        ("tables", "“tables” lies below this category. Choose a parent outside of it."),
    ],
)
def test_a_move_that_cannot_be_is_told_and_keeps_what_was_typed(client, key, sentence):
    found = garden()
    html = order_page(client, found["garden"], **{f"to.{found['tables'].pk}": key}).content.decode()
    assert sentence in html
    assert f'value="{key}"' in html
    assert Category.objects.get(key="tables").parent == found["garden"]
    assert ChangeSet.objects.count() == 0


@pytest.mark.parametrize("place", ["0", "3", "first", "-1", "9" * 30])
def test_a_place_that_is_none_is_told(client, place):
    found = garden()
    html = order_page(client, found["garden"], **{f"place.{found['tables'].pk}": place}).content.decode()
    assert "Type a place from 1 to 2." in html
    assert 'data-guard="1"' in html


def test_a_page_that_is_no_longer_true_never_overwrites(client):
    found = garden()
    opened = f"{found['benches'].pk},{found['tables'].pk}"
    order_page(client, found["garden"], **{f"place.{found['tables'].pk}": "1"})
    answer = order_page(client, found["garden"], _opened=opened)
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Somebody else changed these sub-categories." in page
    assert keys(Category.objects.filter(parent__key="garden")) == ["tables", "benches"]


def test_equal_numbers_are_told_apart_by_the_first_sorting(client):
    root = make.category("catalog")
    rows = [make.category(key, root) for key in "abc"]
    order_page(client, root, **{f"place.{rows[2].pk}": "1"})
    found = Category.objects.filter(parent=root)
    assert [(row.key, row.node_order) for row in found] == [("c", 10), ("a", 20), ("b", 30)]


def test_what_nobody_named_keeps_its_place(db):
    root = make.category("catalog")
    a, b, c, d = (make.category(key, root, node_order=n) for n, key in enumerate("abcd", 1))
    with recording("action") as recorder:
        tree.rearrange(root, order=[d.pk, b.pk], moves={}, recorder=recorder)
    assert keys(Category.objects.filter(parent=root)) == ["a", "d", "c", "b"]
    with pytest.raises(ValidationError), recording("action") as recorder:
        tree.rearrange(a, order=[c.pk], moves={}, recorder=recorder)


# --- deleting and undoing ----------------------------------------------------------------------------


def test_a_category_with_sub_categories_is_not_deleted(client):
    found = garden()
    page = client.get(f"{LIST}{found['garden'].pk}/delete/").content.decode()
    assert "forbid the deletion" in page
    client.post(f"{LIST}{found['garden'].pk}/delete/", {"_version": "1"})
    assert Category.objects.count() == 6


def test_a_deleted_category_comes_back_with_id_place_stores_and_addresses(client):
    de, at = make.Store.objects.order_by("-name")
    for key, above in (("catalog", ""), ("garden", "catalog"), ("tools", "catalog"), ("yard", "catalog")):
        add(client, key, above, stores=[de, at])
    gone = Category.objects.get(key="tools")
    client.post(f"{LIST}{gone.pk}/delete/", {"_version": str(gone.version)})
    assert keys(Category.objects.all()) == ["catalog", "garden", "yard"]
    assert (CategoryStore.objects.count(), Url.objects.count()) == (6, 4)
    undo(client)
    back = Category.objects.get(key="tools")
    assert (back.pk, back.path) == (gone.pk, "00010002")
    assert stores_of("tools") == ["AT", "DE"]
    assert addresses("tools") == {"en_US": "/en/tools", "de_DE": "/de/tools"}


def test_undo_never_puts_a_category_where_its_parent_is_not(client):
    de, at = make.Store.objects.order_by("-name")
    found = garden(stores=[de, at])
    change(client, found["tables"], stores=[de])
    deed = ChangeSet.objects.latest("pk")
    change(client, found["garden"], stores=[de])
    page = client.get(f"/history/changeset/{deed.pk}/undo/").content.decode()
    assert "where its parent is not" in page
    client.post(f"/history/changeset/{deed.pk}/undo/", {"confirm": "1"})
    assert stores_of("tables") == ["DE"]


# --- reading -----------------------------------------------------------------------------------------


def test_boxes_for_a_category_offer_keys_with_their_full_names(client):
    garden()
    answer = client.get(f"{LIST}suggest/?q=tab", headers={"accept": "application/json"})
    assert answer.json() == {"offered": [["tables", "Garden › Tables"]]}
    assert client.get(f"{LIST}suggest/").json() == {"offered": []}


def test_full_names_leave_the_root_out(db):
    found = garden()
    rows = [found["catalog"], found["round"]]
    assert paths.full_names(rows) == {rows[0].pk: "Catalogue", rows[1].pk: "Garden › Tables › Round"}


@pytest.fixture
def four_thousand(db) -> Category:
    root = make.category("catalog")
    make.category("deep", root)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO categories_category (key, parent_id, name, meta_title, meta_description, meta_keywords,"
            " is_active, is_in_menu, is_clickable, is_searchable, is_root, is_main, node_order, template_name,"
            " search, path, depth, numchild, created_at, updated_at, version) "
            "SELECT 'k' || n, %s, jsonb_build_object('en_US', 'Name ' || n), '{}', '{}', '{}', true, true, true,"
            " true, false, true, n, '', 'k' || n, 'new' || n, 1, 0, now(), now(), 1 FROM generate_series(1, 4000) n",
            [root.pk],
        )
        cursor.execute(
            "UPDATE categories_category c SET parent_id = p.id FROM categories_category p "
            "WHERE c.key ~ '^k' AND p.key = 'k' || (substr(c.key, 2)::int / 10) AND p.key <> 'k0'"
        )
    tree.arrange()
    return root


def test_4000_categories_cost_the_same_queries(client, four_thousand, django_assert_max_num_queries):
    assert Category.objects.count() == 4002
    assert tree.misplaced() == []
    with django_assert_max_num_queries(25):
        assert client.get(LIST).status_code == 200
    with django_assert_max_num_queries(25):
        assert client.get(f"{LIST}{four_thousand.pk}/order/").status_code == 200
    with django_assert_max_num_queries(25):
        assert client.get(f"{LIST}suggest/?q=name").status_code == 200


def test_the_order_page_sums_up_what_is_wrong_and_leads_there(client):
    tools = make.category("tools")
    drills, saws = make.category("drills", tools), make.category("saws", tools)
    response = order_page(client, tools, **{f"place.{drills.pk}": "9", f"to.{saws.pk}": "nope"})
    page = response.content.decode()
    assert 'id="problems"' in page
    for anchor, sentence in (
        (f"#place-{drills.pk}", "Drills: Type a place from 1 to 2."),
        (f"#to-{saws.pk}", "Saws: There is no category with the key “nope”."),
    ):
        assert f'<a href="{anchor}" data-go-field>{sentence}</a>' in page
        assert f'id="{anchor[1:]}"' in page
    assert list(Category.objects.filter(parent=tools).order_by("path").values_list("key", flat=True)) == [
        "drills",
        "saws",
    ]


@pytest.mark.django_db
def test_a_command_readdresses_a_branch_with_the_same_queries_however_large_it_is():
    make.store("DE", locales=("en_US", "de_DE"))
    root, counts = make.category("catalog"), []
    for number in (2, 20):
        branch = make.category(f"branch-{number}", root)
        below = [make.category(f"{number}-{place}", branch) for place in range(number)]
        with recording("save") as recorder:
            category_addresses.follow([branch.pk, *(each.pk for each in below)], recorder)
        branch.refresh_from_db()
        branch.name = {"en_US": f"Renamed {number}"}
        with CaptureQueriesContext(connection) as asked, recording("save") as recorder:
            category_addresses.check(branch)
            tree.save(branch, stores=[], recorder=recorder)
        counts.append(len(asked))
        assert addresses(f"{number}-1")["en_US"].startswith(f"/en/renamed-{number}/")
    assert counts[0] == counts[1]


def test_the_page_of_a_category_shows_its_texts_by_locale(client):
    category = make.category("shoes", name={"en_US": "Shoes", "de_DE": "Schuhe"})
    html = client.get(f"{LIST}{category.pk}/").content.decode()
    assert '<span lang="de">Schuhe</span>' in html
    assert "de_DE&#x27;:" not in html
