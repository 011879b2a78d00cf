"""The state of approval of products (spec: import-export 4.5.6): set directly, also against the allowed moves."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.reactions import report
from backoffice.transfer.declaring.columns import CREATE, KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.declaring.widgets import Choice, Code
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.comparing import Comparison
from backoffice.transfer.problems import ERROR
from catalog.products import facts
from catalog.products.models import Product
from catalog.products.resources.references import PRODUCTS

Outcome = RowResult.Outcome


@register
class ApprovalFile(FileResource):
    product = Column(
        "sku",
        "sku",
        Code(255),
        required=KEY,
        aliases=("abstract_sku",),
        help=_("A known product."),
        samples=("T1001", "T1002", "T1003"),
    )
    status = Column(
        "approval_status",
        widget=Choice(Product.Approval.values),
        required=CREATE,
        help=_("Set directly, whatever the state is."),
        samples=("draft", "draft", "draft"),
    )

    class Meta:
        model = Product
        content = _("Approval of products")
        file = "product_abstract_approval_status"
        creates = False
        made_by = PRODUCTS

    merged = ("approval_status",)

    def merge(self, row: Planned, record: list[Any], comparison: Comparison) -> None:
        """A product without a state counts as a draft, so that stating it changes nothing."""
        place = comparison.positions["approval_status"]
        if row.stored is not None and record[place] == Product.Approval.DRAFT and not row.stored[place]:
            record[place] = row.stored[place]

    def rows(self, user: object = None) -> object:
        return super().rows(user).exclude(approval_status="")

    def review(self, batch: Batch) -> None:
        """A changed state needs the right to approve (import-export 1.8.1)."""
        user = batch.run.user
        if user is None or self.right("approve").held_by(user):
            return
        for row in batch.with_outcome(Outcome.CHANGED):
            row.tell(ERROR, "no_change", "approval_status")

    def after_write(self, batch: Batch) -> None:
        pk = batch.position("id")
        report(facts.APPROVAL, (row.record[pk] for row in batch.with_outcome(Outcome.CHANGED)))
