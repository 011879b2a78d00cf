"""Variants that are phased out (spec: import-export 4.5.5): a second import never moves the day."""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from backoffice.reactions import report
from backoffice.transfer.declaring.columns import KEY, Column
from backoffice.transfer.declaring.dates import Day
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.resources import FileResource, Values
from backoffice.transfer.declaring.widgets import Text
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.problems import INFO, Problem
from catalog.products import discontinuing, facts, status
from catalog.products.models import BundleItem, Discontinued, Product
from catalog.products.narrowing import named
from catalog.products.resources.references import variant_ref

Outcome = RowResult.Outcome


@register
class DiscontinuedFile(FileResource):
    variant = Column(
        "variant", "sku_concrete", variant_ref(), required=KEY, samples=("S3001-S", "S3003-42", "B4002-COIL")
    )
    note = Column(
        "note",
        widget=Text(),
        localized=True,
        help=_("Why, and what comes instead."),
        samples={"en_US": ("Sold out", "Comes in black only", "")},
    )
    until = Column(
        "until",
        "active_until",
        widget=Day(),
        extra=True,
        help=_("The last day it is offered; without one 180 days from the import. It is never moved."),
    )

    class Meta:
        model = Discontinued
        screen = Product
        file = "product_discontinued"

    def complete(self, values: Values, record: dict[str, Any], is_new: bool) -> dict[str, Any]:
        """The day is none of the fields that a file sets: it is taken for a new record only."""
        return {"active_until": values.get("active_until") or discontinuing.default_day()} if is_new else {}

    def cell(self, record: Model, column: Column, locale: str = "") -> str:
        if column is self.fields["until"]:
            return column.widget.render(record.active_until)
        return super().cell(record, column, locale)

    def review(self, batch: Batch) -> None:
        """A new record ends today or later; who adds needs the right to discontinue."""
        self.review_bad(batch)
        user = batch.run.user
        if user is not None and not self.right("discontinue").held_by(user):
            for row in batch.with_outcome(Outcome.NEW):
                row.fail("no_add", "sku_concrete")

        _tell_bundles(batch)

    def review_bad(self, batch: Batch) -> None:
        today = discontinuing.today()
        for row in batch.with_outcome(Outcome.NEW):
            until = row.values.get("active_until")
            if until and until < today:
                row.fail("out_of_range", "active_until", _("“%(value)s” lies in the past."))

    def after_write(self, batch: Batch) -> None:
        variant = batch.position("variant")
        ids = {row.record[variant] for row in batch.with_outcome(Outcome.NEW)}
        if ids:
            bundles = discontinuing.follow(ids, recorder=batch.run.recorder)
            batch.run.recorder.flush()
            report(facts.STATUS, {*ids, *bundles, *status.bundles_with(ids)})


def _tell_bundles(batch: Batch) -> None:
    """Name the bundles that are phased out with a component (products 12.9)."""
    rows = [row for row in batch.with_outcome(Outcome.NEW) if not row.is_bad]
    links = BundleItem.objects.filter(
        named([row.key for row in rows], "item__sku"), bundle__discontinued__isnull=True
    )
    bundles: dict[str, list[str]] = {}
    for sku, bundle in links.order_by("bundle__sku").values_list("item__sku", "bundle__sku") if rows else ():
        bundles.setdefault(sku, []).append(bundle)
    message = _("These bundles contain it and are discontinued, too: %(bundles)s.")
    for row in rows:
        if row.key in bundles:
            facts = {"bundles": ", ".join(bundles[row.key])}
            row.problems.append(Problem(INFO, "bundle_follows", "sku_concrete", row.key, facts, message))
