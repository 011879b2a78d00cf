"""Undo and revert ask for the rows of the user, also of the record that another one hangs on (users-and-roles 5.3)."""

import datetime

import pytest
from django.test import Client

from backoffice.accounts import scopes
from backoffice.accounts.models import User
from backoffice.actor import acting
from backoffice.history import undoing
from backoffice.history.models import ChangeSet
from backoffice.history.outcomes import CANNOT, HIDDEN, RESTORED
from backoffice.history.recording import Recorder, recording, snapshot
from backoffice.history.screens.access import gate_for
from catalog.categories.scope import KIND
from catalog.products.models import Discontinued, ProductStore
from catalog.urls.models import Url
from tests import make
from tests.site.page import compact

pytestmark = pytest.mark.django_db
DAY = datetime.date(2031, 1, 10)


@pytest.fixture
def shop() -> dict:
    store = make.store("DE")
    tools, clothing = make.category("tools"), make.category("clothing")
    return {
        "tools": tools,
        "store": store,
        "drill": make.product("drill", categories=[tools], variants=1),
        "jacket": make.product("jacket", categories=[clothing], variants=1),
    }


def phase_out(shop: dict, key: str) -> Discontinued:
    return Discontinued.objects.create(variant=shop[key].variants.get(), active_until=DAY)


def move_day(recorder: Recorder, record: Discontinued) -> None:
    before = snapshot(record)
    record.active_until = DAY + datetime.timedelta(days=1)
    record.save()
    recorder.changed(record, before)


def deed(shop: dict, user: User) -> ChangeSet:
    """Changes what hangs on both products: a phase-out, an address, a store."""
    records = {key: phase_out(shop, key) for key in ("drill", "jacket")}
    with acting(user), recording("save", screen="products.product") as recorder:
        for key, record in records.items():
            move_day(recorder, record)
            facts = {"path": f"/en/{key}", "locale": "en_US", "owner_type": "product"}
            recorder.added(Url.objects.create(owner_id=shop[key].pk, **facts), parent=shop[key])
            recorder.added(ProductStore.objects.create(product=shop[key], store=shop["store"]))
        return recorder.change_set


def limited(shop: dict, user: User) -> User:
    scopes.limit(user, KIND, [shop["tools"]])
    return User.objects.get(pk=user.pk)


def test_an_undo_leaves_what_hangs_on_records_outside_alone(shop):
    user = make.user(roles=["Category Manager"])
    change_set = deed(shop, user)
    user = limited(shop, user)
    with acting(user):
        report, _undone = undoing.undo(change_set, gate_for(change_set, user))
    assert (report.counts[RESTORED], report.counts[HIDDEN]) == (3, 3)
    days = Discontinued.objects.order_by("variant__sku").values_list("variant__sku", "active_until")
    assert list(days) == [("drill-1", DAY), ("jacket-1", DAY + datetime.timedelta(days=1))]
    assert list(Url.objects.values_list("path", flat=True)) == ["/en/jacket"]
    assert list(ProductStore.objects.values_list("product__sku", flat=True)) == ["jacket"]


def test_who_sees_a_record_and_may_not_change_it_is_told_so(shop):
    """One role views all products, another one changes those of some categories."""
    changing = make.role(
        rights=[f"products.{verb}_product" for verb in ("view", "change", "discontinue", "add")]
    )
    scopes.limit(changing.group, KIND, [shop["tools"]])
    user = make.user(roles=[changing, make.role(rights=["products.view_product"])])
    change_set = deed(shop, user)
    with acting(user):
        report = undoing.rehearse(change_set, gate_for(change_set, user))
    assert (report.counts[RESTORED], report.counts[CANNOT], report.counts[HIDDEN]) == (3, 3, 0)
    assert {line.reason for line in report.lines[CANNOT]} == {"You may see this record, but not change it."}

    client = Client()
    client.force_login(user)
    for key, is_open in (("drill", True), ("jacket", False)):
        variant = shop[key].variants.get()
        entry = change_set.changes.get(object_type="products.discontinued", parent_id=variant.pk)
        address = f"/history/changeset/{change_set.pk}/revert/?change={entry.pk}&to=before"
        page = compact(client.get(address))
        assert ('name="pick"' in page) is is_open
        assert ("You may see this record, but not change it." in page) is not is_open
        client.post(
            address, {"pick": f"products.discontinued:{entry.object_id}:active_until", "_version": "1"}
        )
    days = Discontinued.objects.order_by("variant__sku").values_list("variant__sku", "active_until")
    assert list(days) == [("drill-1", DAY), ("jacket-1", DAY + datetime.timedelta(days=1))]


def test_a_group_shows_no_member_from_outside_when_it_is_set_back(shop):
    group = make.product_group("pair")
    user = make.user(roles=["Category Manager"])
    with acting(user), recording("save", screen="products.productgroup") as recorder:
        for position, key in enumerate(("drill", "jacket")):
            recorder.added(group.members.create(product=shop[key], position=position))
        change_set = recorder.change_set
    user = limited(shop, user)
    client = Client()
    client.force_login(user)
    entry = change_set.changes.order_by("pk").first()
    address = f"/history/changeset/{change_set.pk}/revert/?change={entry.pk}&to=before"
    page = compact(client.get(address))
    assert "drill" in page
    assert "jacket" not in page


def test_who_is_not_limited_undoes_everything(shop):
    user = make.user(roles=["Category Manager"])
    change_set = deed(shop, user)
    with acting(user):
        report, _undone = undoing.undo(change_set, gate_for(change_set, user))
    assert (report.counts[RESTORED], report.counts[HIDDEN]) == (6, 0)
