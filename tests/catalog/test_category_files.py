"""The files of categories: trees in any order, stores of whole branches, templates (spec: import-export 4.3.1)."""

import json
import shutil
from pathlib import Path

import pytest

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import Change, ChangeSet
from backoffice.history.recording import recording
from backoffice.history.screens.access import gate_for
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.streams import csv_lines
from backoffice.transfer.models import Job
from catalog.categories import store_links, tree
from catalog.categories.models import Category, CategoryStore, CategoryTemplate
from catalog.categories.scope import KIND
from catalog.urls.models import Url
from tests import make
from tests.transfer.conftest import BAD, SAMPLE, counts, errors, imported, problems, written

pytestmark = pytest.mark.django_db
EXPECTED = json.loads((SAMPLE / "EXPECTED.json").read_text())["entities"]["categories"]
HEAD = "category_key,parent_category_key,name.en_US,is_root\n"


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.fixture
def shop(db: None) -> None:
    for name in ("AT", "DE", "US"):
        make.store(name, locales=("en_US",))


@pytest.fixture
def folder(db: None, tmp_path: Path) -> Path:
    """What the sample folder says of stores and categories."""
    wanted = ("store.csv", "currency", "locale", "default_locale", "category")

    def others(_folder: str, names: list[str]) -> list[str]:
        return [name for name in names if "." in name and not name.startswith(wanted)]

    return Path(shutil.copytree(SAMPLE, tmp_path / "sample-folder", ignore=others))


def take(folder: Path, text: str, name: str = "category", **options) -> Job:
    return imported(written(folder, f"{name}.csv", text), **options)


def exported(name: str) -> str:
    return "".join(csv_lines(resource_of(name)))


def keys(**wanted) -> list[str]:
    return [row.key for row in Category.objects.filter(**wanted)]


def stores(key: str) -> list[str]:
    return store_links.names_of([Category.objects.get(key=key).pk]).popitem()[1]


def test_the_sample_folder_brings_its_tree(folder: Path):
    imported(folder)
    rows = list(Category.objects.all())
    depths = [row.depth - 1 for row in rows]
    assert {str(depth): depths.count(depth) for depth in set(depths)} == EXPECTED["by_depth"]
    assert len(rows) == EXPECTED["all"]
    assert sum(row.numchild == 0 for row in rows) == EXPECTED["leaves"]
    assert sum(row.is_in_menu for row in rows) == EXPECTED["in_menu"]
    assert sum(row.is_searchable for row in rows) == EXPECTED["searchable"]
    assert CategoryStore.objects.count() == EXPECTED["store_links"]
    assert Url.objects.filter(owner_type="category").count() == EXPECTED["urls"]
    assert keys(parent__key="safety") == ["hand-protection", "head-protection", "0420"]
    assert list(CategoryTemplate.objects.values_list("name", "path")) == [
        ("Standard listing", "listing/standard")
    ]
    assert tree.misplaced() == []
    assert Category.objects.find_problems() == ([], [], [], [], [])


def test_a_check_of_the_sample_says_of_its_categories_what_the_run_does(folder: Path):
    job = imported(folder, check=True)
    files = job.files.filter(format__startswith="category").order_by("position")
    found = [(file.format, file.new, file.changed, file.errors, file.warnings) for file in files]
    assert found == [
        ("category_template", 1, 0, 0, 0),
        ("category", 18, 0, 0, 0),
        *[("category_store", 0, 1, 0, 0)] * 3,
    ]


def test_a_second_run_of_the_sample_and_its_own_export_change_nothing(folder: Path, tmp_path: Path):
    imported(folder)
    sets = ChangeSet.objects.count()
    imported(folder)
    for name in ("category_template", "category", "category_store"):
        job = take(tmp_path, exported(name), name)
        new, changed, unchanged, *rest = counts(job)
        assert (new, changed, *rest) == (0, 0, 0, 0), name
        assert unchanged == {"category_template": 1}.get(name, 18)
    assert ChangeSet.objects.count() == sets


ANY_ORDER = ("saws,hand,Saws,0", "hand,tools,Hand,0", "tools,catalog,Tools,0", "catalog,,Catalogue,1")


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_parents_stand_anywhere_in_the_file(shop, tmp_path: Path, settings, size):
    settings.TRANSFER_BATCH = size
    rows = HEAD + "\n".join(ANY_ORDER if size == 100 else ("catalog,,Catalogue,1", *ANY_ORDER[:3])) + "\n"
    job = take(tmp_path, rows)
    assert errors(job) == []
    assert [(row.key, row.depth) for row in Category.objects.all()] == [
        ("catalog", 1),
        ("tools", 2),
        ("hand", 3),
        ("saws", 4),
    ]
    assert Url.objects.get(locale="en_US", path__endswith="saws").path == "/en/tools/hand/saws"
    assert tree.misplaced() == []
    assert counts(take(tmp_path, rows)) == (0, 0, 4, 0, 0)


@pytest.fixture
def tools(shop) -> dict[str, Category]:
    """catalog > (tools > (hand, power), office), in AT and DE; hand in DE only."""
    at, de = make.Store.objects.filter(name__in=("AT", "DE")).order_by("name")
    found = {"catalog": make.category("catalog", stores=[at, de])}
    for key, above, shown in (
        ("tools", "catalog", [at, de]),
        ("office", "catalog", [at, de]),
        ("hand", "tools", [de]),
        ("power", "tools", [at, de]),
    ):
        found[key] = make.category(key, found[above], stores=shown)
    return found


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("new,,New,0", [(2, "parent_category_key", "conflict")]),
        ("new,,New,1", [(2, "is_root", "conflict")]),
        ("new,catalog,New,1", [(2, "is_root", "conflict")]),
        ("new,nowhere,New,0", [(2, "parent_category_key", "unknown_ref")]),
        ("new,tool,New,0", [(2, "parent_category_key", "unknown_ref")]),
        ("new,tools,,0", [(2, "name.en_US", "required")]),
        ("tools,hand,Tools,0", [(2, "parent_category_key", "cycle")]),
        ("TOOLS,catalog,Tools,0", [(2, "category_key", "similar_key")]),
        ("new,catalog,Office,0", [(2, "name.en_US", "taken")]),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_what_a_row_cannot_be(tools, tmp_path: Path, row, found, check):
    for key in ("tools", "office"):
        Url.objects.create(path=f"/en/{key}", locale="en_US", owner_type="category", owner_id=tools[key].pk)
    job = take(tmp_path, HEAD + row + "\n", check=check)
    assert sorted(errors(job)) == sorted(found)
    assert Category.objects.count() == 5


def test_rows_that_hang_on_each_other_are_a_circle(tools, tmp_path: Path):
    job = take(tmp_path, HEAD + "a,b,A,0\nb,a,B,0\nc,a,C,0\n", on_error="skip")
    assert errors(job) == [
        (2, "parent_category_key", "cycle"),
        (3, "parent_category_key", "cycle"),
        (4, "parent_category_key", "unknown_ref"),
    ]
    assert Category.objects.count() == 5


def test_a_second_root_in_the_same_file_is_told_with_its_line(shop, tmp_path: Path):
    job = take(tmp_path, HEAD + "a,,A,1\nb,,B,1\n", check=True)
    assert errors(job) == [(3, "category_key", "conflict")]


def test_siblings_of_one_name_in_one_file_cannot_share_an_address(tools, tmp_path: Path):
    job = take(tmp_path, HEAD + "a,office,Paper,0\nb,office,Paper,0\nc,a,Paper,0\n", check=True)
    assert errors(job) == [(3, "name.en_US", "taken")]


def test_the_bad_file_tells_the_circle(folder: Path):
    imported(folder)
    job = imported(BAD / "category__cycle.csv", check=True)
    assert errors(job) == [(2, "parent_category_key", "cycle")]


def test_an_absent_column_leaves_alone_and_an_empty_cell_is_off(tools, tmp_path: Path):
    Category.objects.filter(key="hand").update(meta_title={"en_US": "Kept"}, is_main=True)
    head = "category_key,parent_category_key,name.en_US,is_in_menu,is_main,node_order\n"
    job = take(tmp_path, head + "hand,tools,Hand,,0,\nnew,tools,New,,0,\n")
    assert counts(job) == (1, 1, 0, 0, 0)
    hand, new = Category.objects.get(key="hand"), Category.objects.get(key="new")
    assert (hand.meta_title, hand.is_in_menu, hand.is_main, hand.node_order) == (
        {"en_US": "Kept"},
        False,
        True,
        0,
    )
    assert (new.is_active, new.is_in_menu, new.is_clickable, new.is_searchable) == (True, False, True, True)


def test_a_moved_branch_takes_paths_stores_and_addresses_along(tools, tmp_path: Path):
    with recording("save") as recorder:
        tree.follow(recorder, new=[], moved=[tools["catalog"].pk], renamed=[], switched=[], locales=["en_US"])
    CategoryStore.objects.filter(category=tools["office"], store__name="AT").delete()
    job = take(tmp_path, HEAD + "tools,office,Tools,0\n")
    assert counts(job) == (0, 1, 0, 0, 0)
    assert keys() == ["catalog", "office", "tools", "hand", "power"]
    assert [stores(key) for key in ("tools", "hand", "power")] == [["DE"], ["DE"], ["DE"]]
    assert Url.objects.of("category", [tools["hand"].pk]).get().path == "/en/office/tools/hand"
    assert tree.misplaced() == []
    changes = Change.objects.filter(object_type="categories.category", change_set__job=job.pk)
    assert [(each.label, sorted(each.fields)) for each in changes.order_by("pk")] == [
        ("tools", ["parent"]),
        ("tools", ["stores"]),
        ("power", ["stores"]),
    ]


def test_an_import_is_undone_with_its_tree(tools, tmp_path: Path):
    user = make.superuser()
    text = HEAD + "saws,tools,Saws,0\nbig,saws,Big,0\nhand,office,Hand,0\n"
    job = take(tmp_path, text, user=user)
    assert keys() == ["catalog", "office", "hand", "tools", "power", "saws", "big"]
    change_set = ChangeSet.objects.get(pk=job.change_set)
    with acting(user):
        report, _undone = undoing.undo(change_set, gate_for(change_set, user))
    assert report.counts["cannot"] == 0
    assert keys() == ["catalog", "office", "tools", "hand", "power"]
    assert [stores(key) for key in ("tools", "hand")] == [["AT", "DE"], ["DE"]]
    assert tree.misplaced() == []


def test_an_unknown_template_is_kept_and_told(tools, tmp_path: Path):
    head = "category_key,template_name\n"
    CategoryTemplate.objects.create(name="Listing")
    job = take(tmp_path, head + "hand,Listing\npower,Old\n")
    assert problems(job) == [(3, "template_name", "info", "unknown_template")]
    assert Category.objects.get(key="power").template_name == "Old"


# --- stores ------------------------------------------------------------------------------------------

LINKS = "category_key,included_store_names,excluded_store_names\n"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("catalog,US,", {"catalog": "AT DE US", "office": "AT DE US", "hand": "DE US"}),
        ("catalog,*,", {"catalog": "AT DE US", "power": "AT DE US", "hand": "DE US"}),
        ("catalog,,AT", {"catalog": "DE", "office": "DE", "power": "DE", "hand": "DE"}),
        ("tools,,AT", {"catalog": "AT DE", "tools": "DE", "power": "DE"}),
        ("hand,,", {"hand": "AT DE"}),
        ("hand,*,DE", {"hand": "AT"}),
        ("tools,,*", {"tools": "", "hand": "", "power": "", "office": "AT DE"}),
        ("hand,US,\ncatalog,US,", {"hand": "DE US", "power": "AT DE US"}),
        ("tools,AT,AT", {"tools": "DE", "power": "DE"}),
    ],
)
def test_stores_follow_the_branch(tools, tmp_path: Path, rows, found):
    check = take(tmp_path, LINKS + rows + "\n", "category_store", check=True)
    job = take(tmp_path, LINKS + rows + "\n", "category_store")
    assert counts(check) == counts(job)
    assert {key: " ".join(stores(key)) for key in found} == found
    again = take(tmp_path, LINKS + rows + "\n", "category_store")
    assert counts(again)[1] == 0


def test_every_category_of_the_branch_has_its_history_and_all_comes_back(tools, tmp_path: Path):
    take(tmp_path, LINKS + "tools,,DE\n", "category_store")
    deed = ChangeSet.objects.latest("pk")
    assert {each.label: each.fields for each in deed.changes.all()} == {
        "tools": {"stores": {"before": ["AT", "DE"], "after": ["AT"]}},
        "power": {"stores": {"before": ["AT", "DE"], "after": ["AT"]}},
        "hand": {"stores": {"before": ["DE"], "after": None}},
    }


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("hand,US,", (2, "included_store_names", "conflict")),
        ("hand,ZZ,", (2, "included_store_names", "unknown_ref")),
        ("hand,DE,ZZ", (2, "excluded_store_names", "unknown_ref")),
        ("nowhere,DE,", (2, "category_key", "unknown_ref")),
    ],
)
def test_a_store_row_in_error_writes_nothing(tools, tmp_path: Path, row, found):
    job = take(tmp_path, LINKS + row + "\n", "category_store")
    assert errors(job) == [found]
    assert stores("hand") == ["DE"]


def test_replace_makes_the_list_the_whole_list(tools, tmp_path: Path):
    take(tmp_path, LINKS + "tools,AT,\n", "category_store", lists="replace")
    assert [stores(key) for key in ("tools", "power", "hand")] == [["AT"], ["AT"], []]


def test_a_category_created_later_takes_the_stores_of_its_parent(tools, tmp_path: Path):
    take(tmp_path, HEAD + "saws,hand,Saws,0\nbig,saws,Big,0\n")
    assert [stores(key) for key in ("saws", "big")] == [["DE"], ["DE"]]


def test_the_export_of_the_stores_rebuilds_them_anywhere(tools, tmp_path: Path):
    CategoryStore.objects.filter(category=tools["office"]).delete()
    text, wanted = exported("category_store"), {key: stores(key) for key in tools}
    assert counts(take(tmp_path, text, "category_store")) == (0, 0, 5, 0, 0)
    CategoryStore.objects.all().delete()
    take(tmp_path, text, "category_store")
    assert {key: stores(key) for key in tools} == wanted


# --- rights and rows ---------------------------------------------------------------------------------


def limited(tools) -> User:
    user = make.user(roles=["Category Manager"])
    scopes.limit(user, KIND, [tools["tools"]])
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("name", "text", "column"),
    [
        ("category", HEAD + "office,tools,Mine,0\n", "category_key"),
        ("category", HEAD + "new,office,New,0\n", "parent_category_key"),
        ("category", HEAD + "hand,office,Hand,0\n", "parent_category_key"),
        ("category_store", LINKS + "office,,AT\n", "category_key"),
    ],
)
def test_what_is_outside_of_the_scope_reads_like_what_does_not_exist(
    tools, tmp_path: Path, name, text, column
):
    job = take(tmp_path, text, name, user=limited(tools))
    assert (2, column, "unknown_ref") in errors(job)
    assert {code for _line, _column, code in errors(job)} == {"unknown_ref"}
    assert ChangeSet.objects.filter(job=job.pk, changes__isnull=False).count() == 0


def test_inside_of_the_scope_a_limited_user_imports(tools, tmp_path: Path):
    user = limited(tools)
    assert errors(take(tmp_path, HEAD + "saws,hand,Saws,0\nhand,tools,Handy,0\n", user=user)) == []
    assert errors(take(tmp_path, LINKS + "hand,,\n", "category_store", user=user)) == []
    assert stores("saws") == ["AT", "DE"]
