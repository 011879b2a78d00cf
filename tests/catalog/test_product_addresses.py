"""The addresses of products over their life (spec: products 18, 26.9, 26.10)."""

import pytest
from django.db import transaction

from backoffice.history.recording import Recorder
from catalog.products import addressing, status
from catalog.products.models import Product, Variant
from catalog.urls import owners
from catalog.urls.models import Url
from catalog.urls.resolving import resolve
from tests import make

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def lamp() -> Product:
    make.store("DE", locales=["en_US", "de_DE"])
    return make.product("lamp", name={"en_US": "Lamp Arc", "de_DE": "Bogenlampe"}, variants=1)


def paths(product: Product) -> dict[str, str]:
    return {code: url.path for code, url in addressing.paths_of(product.pk).items()}


def switch_on(product: Product) -> None:
    with transaction.atomic():
        status.activate(product.variants.values_list("pk", flat=True), recorder=Recorder(kind="save"))


def rename(product: Product, **names: str) -> None:
    product.name = {**product.name, **names}
    product.save()
    with transaction.atomic():
        addressing.follow([product.pk], Recorder(kind="save"))


def type_in(product: Product, **typed: str) -> addressing.Outcome:
    with transaction.atomic():
        return addressing.follow([product.pk], Recorder(kind="save"), {product.pk: typed})


def test_addresses_are_made_when_the_first_variant_is_switched_on(lamp):
    assert paths(lamp) == {}
    switch_on(lamp)
    assert paths(lamp) == {"en_US": f"/en/lamp-arc-{lamp.pk}", "de_DE": f"/de/bogenlampe-{lamp.pk}"}


def test_switched_off_the_address_is_kept_but_not_served_and_back_on_it_is_the_same(lamp):
    switch_on(lamp)
    before = paths(lamp)
    assert owners.is_served("product", lamp.pk)
    Variant.objects.update(is_active=False)
    assert not owners.is_served("product", lamp.pk)
    switch_on(lamp)
    assert paths(lamp) == before


def test_a_rename_redirects_the_former_path_and_back_again_makes_no_loop(lamp):
    switch_on(lamp)
    rename(lamp, en_US="Lamp Curve")
    former, path = f"/en/lamp-arc-{lamp.pk}", f"/en/lamp-curve-{lamp.pk}"
    assert paths(lamp)["en_US"] == path
    assert resolve(former).redirect_to == path
    rename(lamp, en_US="Lamp Arc")
    assert paths(lamp)["en_US"] == former
    assert resolve(path).redirect_to == former
    assert not resolve(former).redirect_to


def test_an_own_address_survives_renames(lamp):
    switch_on(lamp)
    type_in(lamp, en_US="/en/our-arc")
    rename(lamp, en_US="Lamp Curve")
    assert paths(lamp)["en_US"] == "/en/our-arc"


def test_a_product_that_was_never_active_leaves_no_redirect(lamp):
    type_in(lamp, en_US="/en/first")
    type_in(lamp, en_US="/en/second")
    assert paths(lamp) == {"en_US": "/en/second"}
    assert not Url.objects.redirects().exists()


def test_a_taken_address_is_refused_and_names_its_owner(lamp):
    switch_on(lamp)
    other = make.product("other", name="Other")
    refused = type_in(other, en_US=f"/EN/Lamp-Arc-{lamp.pk}").refused
    assert [each.code for each in refused] == ["taken"]
    assert "product “Lamp Arc” (lamp)" in refused[0].message
    assert paths(other) == {}
