"""The files of merchants and of the stores they sell in (spec: import-export 4.10)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import (
    Bool,
    Choice,
    Code,
    Text,
)
from backoffice.transfer.planning.batches import Batch
from catalog.buyers import uniqueness
from catalog.buyers.models import Merchant, MerchantStore
from catalog.stores.resources import store_ref


def merchant_ref() -> Ref:
    return Ref(Merchant, "merchant_reference", file="merchant")


@register
class MerchantFile(FileResource):
    merchant_key = Column(
        "merchant_key", widget=Code(255), required=CREATE, samples=("sample-a", "sample-b", "sample-c")
    )
    reference = Column(
        "merchant_reference",
        widget=Code(255),
        required=KEY,
        help=_("By it other files name the merchant."),
        samples=("SAMPLE-1", "SAMPLE-2", "SAMPLE-3"),
    )
    name = Column(
        "name",
        "merchant_name",
        required=CREATE,
        samples=("Alpine tools", "Borough paper", "Coastline supply"),
    )
    registration = Column("registration_number")
    status = Column(
        "status",
        widget=Choice(Merchant.Status.values),
        default=Merchant.Status.WAITING.value,
        samples=("approved", "waiting-for-approval", "denied"),
    )
    email = Column("email", samples=("alpine@example.com",))
    is_active = Column("is_active", widget=Bool(), default=False, samples=("1", "0", "0"))
    url = Column(
        "url",
        widget=Text(255),
        localized=True,
        help=_("Kept as it is written, and not checked."),
        samples={"en_US": ("/en/vendor/alpine",), "de_DE": ("/de/anbieter/alpine",)},
    )
    is_open = Column("is_open_for_relation_request", widget=Bool(), default=False, samples=("1", "0", "0"))

    class Meta:
        model = Merchant
        file = "merchant"
        similar_keys = True
        once = {
            "merchant.merchant_key": ("taken", _("Line %(line)s gives the same key to another merchant.")),
        }

    def label(self, values: Values) -> str:
        return values.get("merchant_name") or values["merchant_reference"]

    def facts(self, values: Values) -> Iterable[tuple[str, str]]:
        if values.get("merchant_key"):
            yield "merchant.merchant_key", values["merchant_key"]

    def review(self, batch: Batch) -> None:
        uniqueness.refuse_taken(batch, "merchant_key", "merchant_key")

    def review_bad(self, batch: Batch) -> None:
        self.review(batch)


@register
class MerchantStoreFile(FileResource):
    reference = Column(
        "merchant",
        "merchant_reference",
        merchant_ref(),
        required=KEY,
        samples=("LIEF-001",) * 3,
    )
    store_name = Column("store", "store_name", store_ref(), required=KEY, samples=("DE", "AT", "US"))

    class Meta:
        model = MerchantStore
        screen = Merchant
        file = "merchant_store"
