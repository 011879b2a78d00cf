"""Undo and revert in a browser: what changed since is shown and stays, the rest comes back (working-day 7.4, 7.5)."""

from pathlib import Path
from typing import Any

import pytest

from backoffice.actor import acting
from backoffice.history.models import ChangeSet
from backoffice.transfer.models import Job
from catalog.packaging.models import PackagingType
from tests import make
from tests.browser.steps import heading, press, sign_in
from tests.history.test_undo import rename
from tests.transfer.conftest import TYPES, imported, written


@pytest.fixture
def mara(live_database: str, tmp_path: Path, settings: Any) -> Any:
    settings.PRIVATE_ROOT = tmp_path / "private"
    make.store(locales=("en_US", "de_DE"))
    return make.user("mara@example.com", roles=["Category Manager"], first_name="Mara", last_name="Lindqvist")


def name_of(key: str) -> str:
    return PackagingType.objects.get(key=key).name["en_US"]


def test_an_import_is_undone_without_what_others_changed_since(page, server, mara, tmp_path, axe):
    box, bag = make.packaging_type("Box", key="box"), make.packaging_type("Bag", key="bag")
    text = "name,name.en_US\nbox,Carton\nbag,Sack\nroll,Roll\n"
    job = imported(written(tmp_path, f"{TYPES}.csv", text), user=mara)
    rename(bag, by=make.user(first_name="Ben", last_name="Ott"), en_US="Pouch")
    page.goto(f"{server}/transfer/job/{job.token}/")
    sign_in(page, "mara@example.com")
    page.get_by_text("More", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("link", name="Undo", exact=True).click()

    left = page.locator("#left")
    assert left.get_by_role("heading").inner_text() == "Changed since, left alone"
    assert "Name (en_US): recorded Sack · at present Pouch Ben Ott" in " ".join(left.inner_text().split())
    restored = " ".join(page.locator("#restored").inner_text().split())
    assert "Carton Box" in restored
    assert "is deleted" in restored
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="What stays, as a file").click()
    saved = Path(download.value.path()).read_text().splitlines()
    assert (len(saved), saved[1].split(",")[4:7]) == (2, ["Sack", "Pouch", "Ben Ott"])

    press(page, "Restore 2 records")
    assert (
        page.locator(".bo-messages")
        .inner_text()
        .startswith("1 record was changed back. 1 record was deleted.")
    )
    assert (name_of("box"), name_of("bag")) == ("Box", "Pouch")
    assert not PackagingType.objects.filter(key="roll").exists()
    assert Job.objects.get(kind="import").state == "undone"
    assert ChangeSet.objects.get(kind="undo").user == mara
    assert box.pk == PackagingType.objects.get(key="box").pk


def test_one_record_is_set_back_to_an_earlier_state(page, server, mara, axe):
    carton = make.packaging_type({"en_US": "Carton", "de_DE": "Karton"}, key="carton")
    with acting(mara):
        rename(carton, en_US="Box", de_DE="Schachtel")
        rename(carton, en_US="Case")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{server}/packaging/packagingtype/{carton.pk}/history/")
    sign_in(page, "mara@example.com")
    with page.expect_navigation():
        page.get_by_role("link", name="before this").last.click()
    assert heading(page) == "Set back Case"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    page.get_by_label("Set back: Name (de_DE)").uncheck()
    page.get_by_label("Note for the history").fill("as last week")
    press(page, "Set the ticked fields back")

    assert "was set back." in page.locator(".bo-messages").inner_text()
    carton.refresh_from_db()
    assert carton.name == {"en_US": "Carton", "de_DE": "Schachtel"}
    assert ChangeSet.objects.get(kind="revert").note == "as last week"
