"""Which stores offer a product (spec: import-export 4.5.3): links are added, never removed."""

from django.utils.translation import gettext_lazy as _

from backoffice.reactions import report
from backoffice.transfer.declaring.columns import KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from catalog.products import facts
from catalog.products.models import Product, ProductStore
from catalog.products.resources.references import product_ref
from catalog.stores.models import Store


@register
class ProductStoreFile(FileResource):
    product = Column(
        "product", "abstract_sku", product_ref(), required=KEY, samples=("T1001", "T1002", "T1003")
    )
    store = Column(
        "store", "store_name", Ref(Store, "name", file="store"), required=KEY, samples=("DE", "AT", "US")
    )

    class Meta:
        model = ProductStore
        content = _("Stores of products")
        screen = Product
        file = "product_abstract_store"

    def after_write(self, batch: Batch) -> None:
        product = batch.position("product")
        report(facts.STORES, (row.record[product] for row in batch.with_outcome(RowResult.Outcome.NEW)))
