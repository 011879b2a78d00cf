"""A whole day: people get roles, a file comes in, another goes wrong and is mended, everybody sees only what
is theirs (spec: users-and-roles, import-export 1, working-day 13)."""

import csv
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from backoffice.history.models import ChangeSet
from catalog.packaging.models import PackagingType
from tests import make
from tests.browser.steps import heading, menu_items, press, sign_in, sign_out

SAMPLE = Path(settings.BASE_DIR) / "fixtures" / "sample-folder"
TYPED, OWN = "typed by the superuser", "tulips bloom in winter"
LIST = "/packaging/packagingtype/"
BROKEN = [
    ["name", "name.en_US", "name.de_DE"],
    ["packaging_unit_type.pallet.name", "Pallet with a very long name " * 10, "Palette"],
    ["packaging_unit_type.Carton.name", "Carton", "Karton"],
    ["packaging_unit_type.sack.name", "Sack", "Sack"],
]


@pytest.fixture
def shop(live_database: str) -> None:
    """The stores and the glossary of the sample, and the people who are there already."""
    formats = "store,currency,locale_store,default_locale_store,glossary"
    call_command("import_catalog", SAMPLE, formats=formats, stdout=StringIO())
    make.superuser("ruth@example.com", first_name="Ruth", last_name="Okafor")
    make.user("jonas@example.com", roles=["Inventory Manager"])
    make.user("piotr@example.com", roles=["Auditor"])


def test_the_whole_day(shop: None, open_page: Any, axe: Any, tmp_path: Path):
    page = open_page()
    the_superuser_makes_a_category_manager(page, axe)
    she_signs_in_and_sees_her_menu(page, axe)
    she_imports_the_sample(page, axe)
    bad_rows = she_reads_the_errors_and_takes_the_bad_rows(page, axe, tmp_path)
    she_mends_them(page, bad_rows)
    she_names_a_type_in_two_languages(page, axe)
    sign_out(page)

    the_inventory_manager_is_refused_in_the_frame(page, axe)
    the_auditor_sees_and_cannot_change(page, axe)


def the_superuser_makes_a_category_manager(page: Any, axe: Any) -> None:
    page.goto("/")
    sign_in(page, "ruth@example.com")
    page.locator("#bo-nav").get_by_role("link", name="Users").click()
    page.get_by_role("link", name="Create user").click()
    page.get_by_label("E-mail").fill("Mara@Example.com")
    page.get_by_label("First name").fill("Mara")
    page.get_by_label("Last name").fill("Lindqvist")
    axe(page)
    tab(page, "Roles")
    page.get_by_label("Category Manager").check()
    tab(page, "Password")
    page.locator("input[name=password1]").fill(TYPED)
    page.locator("input[name=password2]").fill(TYPED)
    press(page, "Save", exact=True)

    assert said(page) == "Mara Lindqvist was created."
    axe(page)
    sign_out(page)


def she_signs_in_and_sees_her_menu(page: Any, axe: Any) -> None:
    page.goto("/")
    sign_in(page, "mara@example.com", TYPED)
    assert heading(page) == "Choose your own password"
    page.get_by_label("Current password").fill(TYPED)
    page.get_by_label("New password", exact=True).fill(OWN)
    page.get_by_label("Repeat").fill(OWN)
    press(page, "Change password")
    page.goto("/")

    assert heading(page) == "Good day, Mara"
    assert menu_items(page) == [
        "Start",
        "Attributes",
        "Packaging types",
        "Products",
        "Categories",
        "Taxes",
        "Stores and currencies",
        "Buyer relations",
        "Change history",
        "Imports and exports",
    ]
    axe(page)


def she_imports_the_sample(page: Any, axe: Any) -> None:
    open_import(page)
    axe(page)
    read(page, SAMPLE / "product_packaging_unit_type.csv")
    assert page.get_by_text("UTF-8").first.is_visible()
    axe(page)
    press(page, "Check file")
    assert figures(page) == {"New": "3", "Changed": "0", "Unchanged": "1", "Errors": "0"}
    assert PackagingType.objects.count() == 1
    axe(page)
    press(page, "Import 3 rows")

    assert page.locator(".bo-alert.is-ok").inner_text().startswith("3 rows were written.")
    assert PackagingType.objects.count() == 4
    axe(page)


def she_reads_the_errors_and_takes_the_bad_rows(page: Any, axe: Any, folder: Path) -> Path:
    file = folder / "product_packaging_unit_type.csv"
    write(file, BROKEN)
    open_import(page)
    page.get_by_label("skip", exact=False).first.check()
    read(page, file)
    press(page, "Check file")
    assert figures(page) == {"New": "1", "Changed": "0", "Unchanged": "0", "Errors": "2"}
    page.get_by_role("link", name="Errors 2").click()
    axe(page)
    errors = page.locator("tr.is-err").all_inner_texts()
    assert len(errors) == 2
    assert "too_long" in errors[0]
    assert "name.en_US" in errors[0]
    assert "packaging_unit_type.carton.name" in errors[1]
    press(page, "Import 1 row")
    assert set(PackagingType.objects.values_list("key", flat=True)) >= {"packaging_unit_type.sack.name"}

    with page.expect_download() as download:
        page.get_by_role("link", name="Only the bad rows").click()
    download.value.save_as(folder / "bad.csv")
    return folder / "bad.csv"


def she_mends_them(page: Any, bad_rows: Path) -> None:
    with bad_rows.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    key, english = head.index("name"), head.index("name.en_US")
    assert [row[key] for row in rows] == [
        "packaging_unit_type.pallet.name",
        "packaging_unit_type.Carton.name",
    ]
    rows[0][english] = "Pallet"
    rows[1][key] = "packaging_unit_type.carton.name"
    mended = bad_rows.with_name("product_packaging_unit_type.mended.csv")
    write(mended, [head, *rows])
    open_import(page)
    read(page, mended)
    press(page, "Check file")
    assert figures(page) == {"New": "1", "Changed": "1", "Unchanged": "0", "Errors": "0"}
    press(page, "Import 2 rows")

    assert PackagingType.objects.get(key="packaging_unit_type.pallet.name").name == {
        "en_US": "Pallet",
        "de_DE": "Palette",
    }


def she_names_a_type_in_two_languages(page: Any, axe: Any) -> None:
    page.goto(LIST)
    page.get_by_role("searchbox", name="Search", exact=False).last.fill("coil")
    page.keyboard.press("Enter")
    page.locator("th.bo-key a").first.click()
    page.get_by_role("button", name="All languages").click()
    page.get_by_label("Name, en_US").fill("Coil")
    page.get_by_label("Name, de_DE").fill("Ring")
    axe(page)
    press(page, "Save", exact=True)

    assert "was saved" in said(page)
    assert page.url.split("#")[0].endswith(f"{LIST}?q=coil")
    coil = PackagingType.objects.get(key="packaging_unit_type.coil.name")
    assert {code: coil.name[code] for code in ("en_US", "de_DE")} == {"en_US": "Coil", "de_DE": "Ring"}
    assert ChangeSet.objects.latest("pk").user_name == "Mara Lindqvist"


def the_inventory_manager_is_refused_in_the_frame(page: Any, axe: Any) -> None:
    page.goto(LIST)
    sign_in(page, "jonas@example.com")
    response = page.goto(LIST)

    assert response.status == 403
    assert page.url.endswith(LIST)
    assert heading(page) == "Access denied"
    assert "Category Manager" in page.locator("main").inner_text()
    assert "Packaging types" not in menu_items(page)
    assert "Start" in menu_items(page)
    axe(page)
    sign_out(page)


def the_auditor_sees_and_cannot_change(page: Any, axe: Any) -> None:
    page.goto("/")
    sign_in(page, "piotr@example.com")
    page.locator("#bo-nav").get_by_role("link", name="Packaging types").click()
    assert page.get_by_role("link", name="Edit").count() == 0
    assert page.get_by_role("link", name="Create packaging type").count() == 0
    axe(page)
    page.locator("th.bo-key a").first.click()
    assert page.get_by_role("link", name="Edit").count() == 0
    axe(page)
    address = page.url.split("?")[0]

    assert page.goto(f"{address}change/").status == 403
    assert heading(page) == "Access denied"


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def said(page: Any) -> str:
    return page.locator(".bo-messages").inner_text().split("\n")[0].strip()


def open_import(page: Any) -> None:
    page.goto(LIST)
    page.get_by_role("link", name="Import", exact=True).click()


def read(page: Any, file: Path) -> None:
    page.get_by_label("File", exact=False).first.set_input_files(file)
    press(page, "Read file")


def figures(page: Any) -> dict[str, str]:
    """The tiles above the rows of a check."""
    tiles = page.locator(".bo-tile")
    tiles.first.wait_for()
    return dict(text.split("\n")[:2] for text in tiles.all_inner_texts())


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
