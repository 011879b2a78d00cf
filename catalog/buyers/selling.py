"""Where a merchant sells: his links to stores, written together with him."""

from collections.abc import Iterable

from backoffice.history.recording import Recorder
from catalog.buyers.models import Merchant, MerchantStore
from catalog.stores.models import Store


def set_stores(merchant: Merchant, wanted: Iterable[Store], *, recorder: Recorder) -> None:
    """Make the stores of ``merchant`` the wanted ones, in the caller's transaction. Kept links keep their id."""
    wanted = {store.pk: store for store in wanted}
    held = {link.store_id: link for link in merchant.in_stores.select_related("store")}
    gone = [link for pk, link in held.items() if pk not in wanted]
    for link in gone:
        recorder.deleted(link, parent=merchant)
    MerchantStore.objects.filter(pk__in=[link.pk for link in gone]).delete()
    fresh = [MerchantStore(merchant=merchant, store=store) for pk, store in wanted.items() if pk not in held]
    for link in MerchantStore.objects.bulk_create(fresh):
        recorder.added(link, parent=merchant)


def leave(merchant: Merchant, *, recorder: Recorder) -> None:
    """Note the links that go with a merchant."""
    for link in merchant.in_stores.select_related("store"):
        recorder.deleted(link, parent=merchant)
