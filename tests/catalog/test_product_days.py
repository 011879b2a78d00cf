"""What depends on the moment: live, new, phased out; nothing waits for a job (products 13, 14, 23, 26.8)."""

import datetime

import pytest
from django.utils import timezone

from backoffice.history.recording import recording
from catalog.products import discontinuing
from catalog.products.models import Discontinued, Product, Variant
from tests import make

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2031, 6, 15, 12, tzinfo=datetime.UTC)
SECOND, DAY = datetime.timedelta(seconds=1), datetime.timedelta(days=1)


def live(at: datetime.datetime) -> list[str]:
    return list(Variant.objects.live(at).order_by("sku").values_list("sku", flat=True))


def test_a_window_counts_at_both_ends_and_each_end_may_be_open():
    make.variant("both", is_active=True, valid_from=NOON, valid_to=NOON + DAY)
    make.variant("from", is_active=True, valid_from=NOON)
    make.variant("to", is_active=True, valid_to=NOON)
    assert live(NOON - SECOND) == ["to"]
    assert live(NOON) == ["both", "from", "to"]
    assert live(NOON + SECOND) == ["both", "from"]
    assert live(NOON + DAY) == ["both", "from"]
    assert live(NOON + DAY + SECOND) == ["from"]


def test_the_window_never_acts_in_place_of_the_switch(client):
    client.force_login(make.superuser())
    lamp = make.variant(
        "lamp", is_active=True, valid_from=timezone.now() - DAY, valid_to=timezone.now() + DAY
    )
    client.post(f"/products/variant/{lamp.pk}/deactivate/", {"_sure": "1"})
    assert live(timezone.now()) == []
    Variant.objects.filter(pk=lamp.pk).update(valid_from=timezone.now() - SECOND)
    assert live(timezone.now() + SECOND) == []


def test_the_last_day_of_a_phase_out_still_counts():
    lamp = make.variant("lamp", is_active=True)
    Discontinued.objects.create(variant=lamp, active_until=NOON.date())
    assert live(NOON) == ["lamp"]
    assert live(NOON + DAY) == []
    assert Variant.objects.get().is_active


@pytest.mark.parametrize("is_on", [True, False])
def test_restoring_leaves_the_switch_as_it_is(is_on: bool):
    lamp = make.variant("lamp", is_active=is_on)
    with recording("action") as recorder:
        discontinuing.discontinue([lamp.pk], recorder=recorder)
        assert Variant.objects.get().is_active is is_on
        discontinuing.restore([lamp.pk], recorder=recorder)
    assert Variant.objects.get().is_active is is_on
    assert not Discontinued.objects.exists()


MIDNIGHT = NOON.replace(hour=0)


@pytest.mark.parametrize(
    ("begins", "ends", "is_new"),
    [
        (None, None, False),
        (NOON, None, True),
        (NOON + SECOND, None, False),
        (None, NOON, True),
        (None, NOON - SECOND, False),
        (NOON - DAY, NOON + DAY, True),
        (NOON - DAY, MIDNIGHT, True),
        (NOON - 2 * DAY, MIDNIGHT - DAY, False),
    ],
)
def test_new_is_what_lies_between_its_days_and_a_last_day_at_midnight_counts_whole(begins, ends, is_new):
    make.product("lamp", new_from=begins, new_to=ends)
    assert Product.objects.new(NOON).exists() is is_new


def test_the_period_of_a_phase_out_is_a_setting(settings):
    settings.PRODUCT_DISCONTINUE_DAYS = 30
    lamp = make.variant("lamp")
    with recording("action") as recorder:
        discontinuing.discontinue([lamp.pk], recorder=recorder)
    assert Discontinued.objects.get().active_until == discontinuing.today() + 30 * DAY


def test_switching_on_tells_the_checks_that_fail_and_asks_for_nothing(client):
    client.force_login(make.superuser())
    make.store("DE", locales=("en_US",))
    drill = make.variant("drill-18v-voltage-18")
    page = client.post(f"/products/variant/{drill.pk}/activate/", follow=True).content.decode()
    assert "drill-18v-voltage-18 is not ready yet: " in page
    assert "There is no picture." in page
    drill.refresh_from_db()
    assert drill.is_active
