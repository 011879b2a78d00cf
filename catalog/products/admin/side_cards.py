"""What stands beside the general fields of a product: how ready it is, and what was changed last (DESIGN 2, mock-up of
the product form)."""

from functools import cached_property
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from backoffice.console import panels, past
from backoffice.console.forms import BoundTab, ScreenForm
from backoffice.history.models import Change
from catalog.products.admin.readiness_column import meter
from catalog.products.forms import GENERAL, GeneralTab, general_tab
from catalog.products.models import Product
from catalog.products.readiness import mending, reading

LAST = 4
"""So many changes are shown; all of them stand on the page of history."""
CHANGES = 200
"""The place of the last changes on the page of a product: behind all panels of rooms above."""
FIELDS = 2
"""So many fields of a change are shown."""


class EditGeneralTab(GeneralTab):
    """The general fields of a product that exists, with the cards beside them."""

    template = "products/general_edit_tab.html"

    def bind(self, request: HttpRequest, record: Any, form: ScreenForm) -> BoundTab:
        return BoundGeneral(self, request, record, form)


def edit_general_tab() -> EditGeneralTab:
    plain = general_tab()
    return EditGeneralTab(plain.key, plain.label, fields=GENERAL)


class BoundGeneral(BoundTab):
    record: Product

    @cached_property
    def checks(self) -> list[reading.Line]:
        """Failing ones first."""
        return reading.worst_first(reading.at_a_glance(self.record))

    @property
    def mended(self) -> list[tuple[reading.Line, str, bool]]:
        """Each check with the address that mends it, and whether that is a tab of this form."""
        found = [(line, self._mended_at(line)) for line in self.checks]
        return [(line, url, url.startswith("#")) for line, url in found]

    def _mended_at(self, line: reading.Line) -> str:
        url = mending.address(line.check, self.record) if line.is_failing else ""
        return url.removeprefix(mending.form_of(self.record))

    @property
    def meter(self) -> SafeString:
        failing = sum(line.is_failing for line in self.checks)
        return meter(len(self.checks) - failing, len(self.checks))

    @property
    def last_changes(self) -> list[past.Entry]:
        return last_changes(self.record)


def last_changes(record: Product) -> list[past.Entry]:
    """The last changes of the product and of what belongs to it, the first fields of each."""
    label = record._meta.label_lower
    own = Q(object_type=label, object_id=record.pk)
    parts = Q(parent_type=label, parent_id=record.pk)
    found = Change.objects.filter(own | parts).select_related("change_set").order_by("-pk")[:LAST]
    entries = [past.entry(Product if each.object_type == label else None, each) for each in found]
    return [each._replace(fields=each.fields[:FIELDS]) for each in entries]


def changes_panel(request: HttpRequest, record: Product) -> panels.Contents:
    changes = last_changes(record)
    return {"changes": changes, "record": record} if changes else None


panels.add(
    Product,
    panels.Panel(
        "changes", gettext_lazy("Last changes"), CHANGES, changes_panel, "products/panel_changes.html"
    ),
)
