"""Who uses attributes and their values: counts, examples, what is refused or asked because of them (spec: attributes
2.6, 3.1 to 3.6, 6.1, 7.2, 7.7)."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.actor import acting
from catalog.attributes import use
from catalog.attributes.models import Attribute, AttributeKey, AttributeValue
from catalog.categories.scope import KIND
from catalog.products.models import Product, Variant
from tests import make
from tests.catalog.boxes import boxes, send
from tests.transfer.conftest import errors, imported, written

pytestmark = pytest.mark.django_db
LIST, UNDECLARED = "/attributes/attribute/", "/attributes/attributekey/"


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(make.superuser(content_locale="en_US"))
    return client


@pytest.fixture
def grip() -> Attribute:
    """A declaration that three products and a variant use."""
    grip = make.attribute("grip", values={"soft": {}, "hard": {}})
    for sku in ("a", "b"):
        make.product(sku, attributes={"grip": "hard"})
    make.product("c", attributes_localized={"de_DE": {"grip": ["soft", "hard"]}}, variants=1)
    Variant.objects.update(attributes={"grip": "hard"})
    return grip


def counted(found: dict[str, list[use.Used]]) -> dict[str, list[str]]:
    return {name: [str(each) for each in users] for name, users in found.items()}


def row_of(page: str, key: str) -> str:
    [row] = [each for each in re.findall(r"<tr id=.*?</tr>", page, re.S) if f">{key}<" in each]
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


# --- counting ------------------------------------------------------------------------------------


def test_products_and_variants_count_once_whether_default_or_localised(grip: Attribute):
    make.product("d", attributes={"grip": "x"}, attributes_localized={"en_US": {"grip": "y", "grips": "z"}})
    assert counted(use.counts(["grip", "grips", "none"])) == {
        "grip": ["4 products", "1 variant"],
        "grips": ["1 product"],
        "none": [],
    }
    assert use.used(["grip", "grips", "none"]) == {"grip", "grips"}


def test_values_count_alone_and_among_others(grip: Attribute):
    assert counted(use.of_values("grip", ["soft", "hard", "har"])) == {
        "soft": ["1 product"],
        "hard": ["3 products", "1 variant"],
        "har": [],
    }


@pytest.mark.parametrize("key", ['odd "key"', "grip's", "a.b", "größe", "$.*", "back\\slash"])
def test_odd_keys_and_values_are_counted_too(key: str):
    make.product("a", attributes={key: key}, attributes_localized={"de_DE": {key: [key, "x"]}})
    make.product("b", attributes={"other": key})
    assert counted(use.counts([key])) == {key: ["1 product"]}
    assert counted(use.of_values(key, [key, "x"])) == {key: ["1 product"], "x": ["1 product"]}
    assert use.examples([key]) == {key: "a"}


def test_counting_stops_at_its_cap(monkeypatch: pytest.MonkeyPatch):
    from catalog.products import attribute_use

    monkeypatch.setattr(use, "CAP", 2)
    monkeypatch.setattr(attribute_use, "CAP", 2)
    for n in range(4):
        make.product(f"p{n}", attributes={"grip": "x"})
    assert counted(use.counts(["grip"])) == {"grip": ["2+ products"]}


def test_rare_keys_are_found_beyond_the_rows_that_are_looked_at_first(monkeypatch: pytest.MonkeyPatch):
    from catalog.products import attribute_use

    monkeypatch.setattr(attribute_use, "SAMPLE", 1)
    make.product("old", attributes={"rare": "x"})
    make.product("young", attributes={"common": "x"})
    assert use.used(["rare", "common", "none"]) == {"rare", "common"}


# --- lists ---------------------------------------------------------------------------------------


def test_the_list_tells_who_uses_an_attribute_and_leads_to_them(manager: Client, grip: Attribute):
    make.attribute("free", input_type="text", allow_input=True)
    page = manager.get(LIST).content.decode()
    assert "3 products , 1 variant" in row_of(page, "grip")
    assert "/products/product/?attribute=grip" in page
    products = manager.get("/products/product/?attribute=grip").content.decode()
    assert products.count('<tr id="row-') == 3
    variants = manager.get("/products/variant/?attribute=grip").content.decode()
    assert variants.count('<tr id="row-') == 1


def test_used_and_unused_attributes_are_filtered(manager: Client, grip: Attribute):
    make.attribute("free", input_type="text", allow_input=True)
    used = manager.get(f"{LIST}?used=1").content.decode()
    unused = manager.get(f"{LIST}?used=0").content.decode()
    assert ">grip<" in used
    assert ">free<" not in used
    assert ">free<" in unused
    assert ">grip<" not in unused


def test_the_list_costs_the_same_with_one_and_with_many_attributes(manager: Client, grip: Attribute):
    manager.get(LIST)
    counts = []
    for number in (1, 12):
        for n in range(number):
            make.attribute(f"fact_{number}_{n}", input_type="text", allow_input=True)
            make.product(attributes={f"fact_{number}_{n}": "x"})
        with CaptureQueriesContext(connection) as held:
            manager.get(LIST)
        counts.append(len(held))
    assert counts[0] == counts[1]


def test_undeclared_keys_tell_their_users_and_an_example(manager: Client):
    AttributeKey.objects.create(key="grip_type")
    AttributeKey.objects.create(key="loose")
    make.product("tent-2p", attributes={"grip_type": "soft"})
    page = manager.get(UNDECLARED).content.decode()
    assert "1 product tent-2p" in row_of(page, "grip_type")
    assert "tent-2p" not in row_of(page, "loose")
    assert "/attributes/attribute/add/?key=grip_type" in page
    assert ">grip_type<" not in manager.get(f"{UNDECLARED}?used=0").content.decode()


def test_keys_that_only_product_data_holds_are_written_down_by_the_nightly_check(manager: Client):
    AttributeKey.objects.create(key="known")
    make.product("tent-2p", attributes={"known": "x"}, attributes_localized={"de_DE": {"secret_depth": "3"}})
    make.variant("tent-2p-red", attributes={"odd Key": "y"})
    call_command("check_attribute_keys")
    call_command("check_attribute_keys")
    assert sorted(AttributeKey.objects.values_list("key", flat=True)) == ["known", "odd Key", "secret_depth"]
    page = manager.get(f"{UNDECLARED}?q=secret").content.decode()
    assert "1 product tent-2p" in row_of(page, "secret_depth")


def test_who_may_not_see_products_gets_the_numbers_without_links(client: Client, grip: Attribute):
    role = make.role("Attributes only", rights=["attributes.view_attribute"])
    client.force_login(make.user(roles=[role], content_locale="en_US"))
    page = client.get(LIST).content.decode()
    assert "3 products" in page
    assert "?attribute=grip" not in page


def test_the_page_of_an_attribute_counts_its_users_and_values(manager: Client, grip: Attribute):
    page = " ".join(re.sub(r"<[^>]+>", " ", manager.get(f"{LIST}{grip.pk}/").content.decode()).split())
    assert "soft (1 product) hard (3 products and 1 variant)" in page
    assert "Used by 3 products , 1 variant" in page


# --- refusals and questions ----------------------------------------------------------------------


def test_a_used_attribute_is_not_deleted(manager: Client, grip: Attribute):
    address = f"{LIST}{grip.pk}/delete/"
    page = manager.get(address).content.decode()
    assert "The key is used by 3 products and 1 variant. Remove it there first." in page
    manager.post(address, {"_version": "1"})
    assert Attribute.objects.filter(pk=grip.pk).exists()
    Product.objects.update(attributes={}, attributes_localized={})
    Variant.objects.update(attributes={})
    manager.post(address, {"_version": "1"})
    assert not AttributeKey.objects.filter(key="grip").exists()


def test_removing_values_in_use_is_asked_about_once_and_products_keep_their_text(
    manager: Client, grip: Attribute
):
    page = manager.get(f"{LIST}{grip.pk}/change/")
    asked = send(manager, page, values="soft")
    assert "“hard” is used by 3 products and 1 variant." in asked.content.decode()
    assert AttributeValue.objects.count() == 2
    assert "remove_used" not in boxes(asked)
    tick = re.search(
        r'name="remove_used"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="remove_used"',
        asked.content.decode(),
    )
    value = (tick[1] or tick[2]).replace("&quot;", '"')
    assert value == '["hard"]'
    other = send(manager, asked, values="other", remove_used=value)
    assert "“soft” is used by 1 product." in other.content.decode()
    assert AttributeValue.objects.count() == 2
    saved = send(manager, asked, remove_used=value)
    assert saved.status_code == 302
    assert list(AttributeValue.objects.values_list("value", flat=True)) == ["soft"]
    assert Product.objects.get(sku="a").attributes == {"grip": "hard"}


def test_removing_a_value_that_nobody_uses_asks_nothing(manager: Client, grip: Attribute):
    page = manager.get(f"{LIST}{grip.pk}/change/")
    send(manager, page, values="soft\nhard\nfirm")
    page = manager.get(f"{LIST}{grip.pk}/change/")
    assert send(manager, page, values="soft\nhard").status_code == 302
    assert AttributeValue.objects.count() == 2


def declare(client: Client, key: str, **more: str) -> str:
    data = {"key_text": key, "input_type": "select", "values": "soft\nhard", **more}
    return client.post(f"{LIST}add/", data).content.decode()


def test_the_super_flag_of_a_used_key_stays_what_the_file_said(manager: Client):
    AttributeKey.objects.create(key="grip_type")
    make.product("tent-2p", attributes={"grip_type": "soft"})
    refused = declare(manager, "grip_type", is_super="on")
    assert "The super flag stays what the file said: the key is used by 1 product." in refused
    assert not Attribute.objects.exists()
    declare(manager, "grip_type")
    assert Attribute.objects.get().key.is_super is False


def test_the_super_flag_of_an_unused_key_may_change(manager: Client):
    AttributeKey.objects.create(key="grip_type")
    declare(manager, "grip_type", is_super="on")
    assert Attribute.objects.get().key.is_super is True


def test_a_file_that_changes_the_super_flag_of_a_used_key_is_refused(db: None, tmp_path: Path, settings):
    settings.PRIVATE_ROOT = tmp_path / "private"
    AttributeKey.objects.create(key="used")
    AttributeKey.objects.create(key="free")
    make.product("tent-2p", attributes={"used": "soft"})
    text = "attribute_key,is_super\nused,1\nfree,1\n"
    job = imported(written(tmp_path, "product_attribute_key.csv", text))
    assert errors(job) == [(2, "is_super", "conflict")]
    assert not AttributeKey.objects.filter(is_super=True).exists()


def test_numbers_speak_of_the_rows_somebody_sees_and_decisions_of_all(client: Client, grip: Attribute):
    tools = make.category("tools")
    make.product("seen", attributes={"grip": "soft"}, categories=[tools])
    user = make.user(roles=["Category Manager"], content_locale="en_US")
    scopes.limit(user, KIND, [tools])
    client.force_login(user)
    assert "1 product " in row_of(client.get(LIST).content.decode(), "grip") + " "
    page = " ".join(re.sub(r"<[^>]+>", " ", client.get(f"{LIST}{grip.pk}/").content.decode()).split())
    assert "soft (1 product)" in page
    assert "hard (" not in page
    assert "Used by 1 product " in page
    Product.objects.filter(sku="seen").delete()
    with acting(User.objects.get(pk=user.pk)):
        assert use.in_words(use.counts(["grip"])["grip"]) == "records you may not see"
        assert use.examples(["grip"]) == {}
    assert "3 products" not in client.get(f"{LIST}{grip.pk}/delete/").content.decode()
    client.post(f"{LIST}{grip.pk}/delete/", {"_version": grip.version})
    assert Attribute.objects.filter(pk=grip.pk).exists()
