"""Two people who claim the same SKU or combination at the same moment, with real transactions (products 10.5)."""

import contextlib
import threading
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import connections

from backoffice.history.recording import Recorder, recording
from catalog.products import creating
from catalog.products.models import Product, Variant
from tests import make


def outcomes_of(*deeds: Callable[[Recorder], object]) -> list[str]:
    """Run deeds beside each other. Each tries to wait for the others before its transaction ends, so that they
    overlap unless one had to wait for a lock."""
    both_wrote, found = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[Recorder], object]) -> None:
        try:
            with recording("save") as recorder:
                deed(recorder)
                with contextlib.suppress(threading.BrokenBarrierError):
                    both_wrote.wait(1)
            found.append("made")
        except ValidationError as refused:
            found.append(refused.messages[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(found)


def new(sku: str) -> Product:
    return Product(sku=sku, name={"en_US": sku})


def test_a_product_and_a_variant_of_another_one_never_get_one_sku(live_database, django_db_blocker):
    with django_db_blocker.unblock():
        found = outcomes_of(
            lambda recorder: creating.create(new("cup"), recorder=recorder),
            lambda recorder: creating.create(new("mug"), [creating.NewVariant("cup")], recorder=recorder),
        )
        made = Variant.objects.filter(sku="cup").count()
        connections.close_all()
    assert found[1] == "made"
    assert "has this SKU. Choose another one." in found[0]
    assert made == 1


def test_one_combination_is_added_once(live_database, django_db_blocker):
    with django_db_blocker.unblock():
        make.attribute("color", values={"red": {}, "blue": {}}, is_super=True)
        jacket = make.product("jacket")
        make.variant("jacket-blue", product=jacket, attributes={"color": "blue"})
        twins = [Variant(product=jacket, sku=sku, attributes={"color": "red"}) for sku in ("red-a", "red-b")]
        found = outcomes_of(
            *[lambda recorder, twin=twin: creating.add_variant(twin, recorder=recorder) for twin in twins]
        )
        made = jacket.variants.filter(attributes={"color": "red"}).count()
        connections.close_all()
    assert found[1] == "made"
    assert "has this combination already: color red." in found[0]
    assert made == 1
