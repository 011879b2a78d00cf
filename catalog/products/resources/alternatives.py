"""What is offered instead of a variant (spec: import-export 4.5.5): links are added, never removed."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import KEY, ONE_OF, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from catalog.products.models import Product, ProductAlternative, Variant
from catalog.products.resources import siblings
from catalog.products.resources.references import product_ref, variant_ref

Outcome = RowResult.Outcome
OWNER = "concrete_sku"
VARIANT, PRODUCT = "alternative_product_concrete_sku", "alternative_product_abstract_sku"


@register
class AlternativeFile(FileResource):
    variant = Column(
        "variant",
        OWNER,
        variant_ref(),
        required=KEY,
        help=_("The variant that may be out of stock or discontinued."),
        samples=("T1001-1", "S3003-42", "F6001-BLK"),
    )
    other_variant = Column(
        "alternative_variant",
        VARIANT,
        variant_ref(),
        required=ONE_OF,
        default="",
        help=_("A variant that stands in, or"),
        samples=("", "S3003-43", ""),
    )
    other_product = Column(
        "alternative_product",
        PRODUCT,
        product_ref(),
        required=ONE_OF,
        default="",
        help=_("a product that does."),
        samples=("T1004", "", "F6002"),
    )

    class Meta:
        model = ProductAlternative
        screen = Product
        file = "product_alternative"

    def label(self, values: Values) -> str:
        return f"{values['concrete_sku']} → {values[VARIANT] or values[PRODUCT]}"

    def review(self, batch: Batch) -> None:
        """Exactly one of the two, and not the product the variant belongs to."""
        for row in batch.with_outcome(Outcome.NEW):
            if bool(row.values[VARIANT]) == bool(row.values[PRODUCT]):
                row.fail("one_of", VARIANT, _("Name a variant or a product, and only one of them."))
        rows = [row for row in batch.with_outcome(Outcome.NEW) if not row.is_bad and row.values[PRODUCT]]
        skus = sorted({row.values[OWNER] for row in rows})
        owners = dict(Variant.objects.filter(sku__in=skus).values_list("sku", "product__sku"))
        owners |= siblings.planned_products(batch, skus)
        for row in rows:
            if owners.get(row.values[OWNER]) == row.values[PRODUCT]:
                row.fail("self_reference", PRODUCT, _("“%(value)s” is the product of the variant itself."))

    def rows(self, user: object = None) -> QuerySet:
        rows = ProductAlternative.objects.select_related(
            "variant", "alternative_variant", "alternative_product"
        )
        return rows.order_by("variant__sku", "alternative_variant__sku", "alternative_product__sku")
