"""Products made on the screen go out and come back as they are (products 26.2; import-export 1.9.5)."""

from pathlib import Path

import pytest

from backoffice.history.models import ChangeSet
from backoffice.history.recording import recording
from backoffice.transfer.declaring.formats import resource_of
from backoffice.transfer.exporting.streams import Shape, csv_lines
from catalog.products import addressing, status
from catalog.products.models import Product, Variant
from catalog.urls.models import Url
from tests import make
from tests.catalog.sending import untouched
from tests.catalog.taking import take
from tests.catalog.wizard import ADD, both, typed
from tests.history.test_revert import address, client_of
from tests.site.page import compact
from tests.transfer.conftest import counts, problems

pytestmark = [pytest.mark.django_db, pytest.mark.sql]
FORMATS = ("product_abstract", "product_concrete", "product_abstract_store")


@pytest.fixture(autouse=True)
def private_root(settings, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path / "private"


@pytest.mark.parametrize("extra_columns", [False, True])
def test_products_of_the_wizard_come_back_unchanged(client, shop, tmp_path: Path, extra_columns: bool):
    make.category("tools")
    given = {
        "categories.add": "tools",
        "new_from": "2031-01-10",
        "new_to": "2031-02-10",
        "color_code": "navy",
    }
    client.post(ADD, typed(shop, **both(shop), **given, **{"paths.en_US": "/en/our-jacket"}))
    client.post(ADD, typed(shop, "mug-classic", **{"categories.add": "tools"}))
    assert (Product.objects.count(), Variant.objects.count()) == (2, 7)
    before = ChangeSet.objects.count()

    for name in FORMATS:
        text = "".join(csv_lines(resource_of(name), shape=Shape(extra_columns=extra_columns)))
        job = take(tmp_path, name, text)
        assert (counts(job)[:2], counts(job)[3:]) == ((0, 0), (0, 0)), name
        assert [each for each in problems(job) if each[2] != "info"] == []

    assert ChangeSet.objects.count() == before
    assert not Variant.objects.filter(is_active=True).exists()


def test_what_cannot_come_back_of_a_product_is_shown_and_left(client, shop):
    """Working-day 15, 10: an address that another product has meanwhile."""
    lamp = make.product("lamp", name={"en_US": "Lamp", "de_DE": "Lampe"}, tax_set=shop["tax"], variants=1)
    page = f"/products/product/{lamp.pk}/change/"
    client.post(page, untouched(client, page) | {"paths.en_US": "/en/our-lamp"})
    client.post(page, untouched(client, page) | {"paths.en_US": "/en/lamp-arc", "name.de_DE": "Bogenlampe"})
    renamed = ChangeSet.objects.latest("pk")
    other = make.product("other", name={"en_US": "Other"})
    with recording("save") as recorder:
        addressing.follow([other.pk], recorder, {other.pk: {"en_US": "/en/our-lamp"}})

    boss = client_of(make.superuser())
    of = {"object_type": "products.product"}
    shown = boss.get(address(renamed, **of))
    assert "Cannot come back: Another page has this address." in compact(shown)
    lamp.refresh_from_db()
    picks = {"pick": [f"products.product:{lamp.pk}:name.de_DE"], "_version": str(lamp.version)}
    assert boss.post(address(renamed, **of), picks).status_code == 302

    lamp.refresh_from_db()
    assert lamp.name["de_DE"] == "Lampe"
    assert Url.objects.get(path="/en/our-lamp").owner_id == other.pk
    assert addressing.paths_of(lamp.pk)["en_US"].path == "/en/lamp-arc"
    assert ChangeSet.objects.filter(kind="revert").count() == 1


def test_switching_the_last_variant_off_asks_and_names_the_address(client, shop):
    lamp = make.product("lamp-arc", name={"en_US": "Lamp Arc", "de_DE": "Bogenlampe"}, variants=1)
    with recording("action") as recorder:
        status.activate(lamp.variants.values_list("pk", flat=True), recorder=recorder)
    switch = f"/products/variant/{lamp.variants.get().pk}/deactivate/"
    asked = client.post(switch).content.decode()
    assert f"/en/lamp-arc-{lamp.pk}" in asked
    assert f"/de/bogenlampe-{lamp.pk}" in asked
    assert Variant.objects.live().exists()
