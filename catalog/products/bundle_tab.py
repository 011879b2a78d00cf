"""The tab on which a variant becomes a bundle (spec: products 12.1 to 12.5)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.console.comparing import changes_of
from backoffice.console.filters import Choice
from backoffice.console.forms import BoundTab, Compared, ScreenForm, Tab
from backoffice.console.rights import Right
from backoffice.history.models import Change
from catalog.products import composing, finding
from catalog.products.composing import Component
from catalog.products.models import BundleItem, Product, Variant
from catalog.products.picker import BoundPicker, Input, Picker, mount, whole_number

QUANTITY = "quantity"
STATUSES = (
    (finding.ACTIVE, gettext_lazy("Active")),
    (finding.DEACTIVATED, gettext_lazy("Deactivated")),
)
hints: list[Callable[[HttpRequest, Variant, Mapping[int, int]], str]] = []
"""Rooms above add here what they reckon from the chosen quantities, such as how often the bundle can be sold: a
sentence, or nothing."""


def without_bundles(rows: QuerySet, owner: int | None) -> QuerySet:
    """A bundle contains no other bundle and not itself (12.1)."""
    is_bundle = Exists(BundleItem.objects.filter(bundle=OuterRef("pk")))
    return rows.filter(~is_bundle).exclude(pk=owner) if owner else rows.filter(~is_bundle)


PICKER = mount(
    Picker(
        "components",
        Variant,
        right=Right(Product, "change"),
        inputs=(Input(QUANTITY, gettext_lazy("Quantity"), "1", whole_number(1)),),
        filters=(Choice("status", gettext_lazy("Status"), choices=STATUSES, apply=finding.of_liveness),),
        narrow=without_bundles,
        refusal=gettext_lazy("%(sku)s is a bundle itself. A bundle contains no other bundle."),
        refusal_itself=gettext_lazy("A bundle cannot contain itself (%(sku)s)."),
        title=gettext_lazy("Components"),
        empty=gettext_lazy("This variant is no bundle. It becomes one with its first component."),
    )
)


class BoundBundle(BoundTab):
    """The components of a variant with their quantities."""

    media = PICKER.media

    def __init__(self, tab: Tab, request: HttpRequest, record: Model | None, form: ScreenForm) -> None:
        super().__init__(tab, request, record, form)
        held = composing.components_of([record.pk]).get(record.pk, {}) if record else {}
        self.picker = BoundPicker(
            PICKER,
            request,
            {pk: {QUANTITY: number} for pk, number in held.items()},
            form.data if form.is_bound else None,
            owner=record.pk if record else None,
        )
        self.users = composing.containing([record.pk]).get(record.pk, []) if record else []
        self.faults: list[tuple[str, str]] = []
        self.picker.hints += [text for hint in hints if (text := hint(request, record or Variant(), held))]

    @property
    def containing(self) -> str:
        """Why it cannot become a bundle: those that contain it."""
        text = _("It is a component of %(bundles)s, so it cannot become a bundle.")
        return text % {"bundles": ", ".join(self.users)} if self.users else ""

    @property
    def wanted(self) -> list[Component]:
        return [Component(pk, boxes[QUANTITY]) for pk, boxes in self.picker.wanted.items()]

    def is_valid(self) -> bool:
        if not self.picker.is_valid():
            return False
        self._check()
        return not self.faults

    def _check(self) -> None:
        if self.has_changed():
            try:
                composing.check(self.record or Variant(), self.wanted)
            except ValidationError as problem:
                self.faults = [(f"#{self.picker.name('q')}", sentence) for sentence in problem.messages]

    # --- what somebody else saved meanwhile ------------------------------------------------------

    def compared(self) -> Compared:
        return self.picker.states

    def name_of(self, name: str) -> str:
        return f"{self.label}: {self.picker.row_name(name)}"

    def shown(self, name: str, value: Any) -> str:
        return self.picker.row_words(value)

    def last_changes(self, names: list[str]) -> dict[str, Change]:
        found = changes_of(self.record, [composing.COMPONENTS])
        return dict.fromkeys(names, found[composing.COMPONENTS]) if found else {}

    def keep_theirs(self, names: list[str], theirs: dict[str, Any]) -> None:
        self.picker.keep_theirs(names)
        self._check()

    def ask(self) -> None:
        self.picker.is_asked = True

    # --- saving ----------------------------------------------------------------------------------

    @property
    def problems(self) -> list[tuple[str, str]]:
        return [*self.picker.problems, *self.faults]

    def has_changed(self) -> bool:
        return self.picker.has_changed()

    def save(self, record: Any, recorder: Any) -> None:
        if self.has_changed():
            composing.compose(record, self.wanted, recorder=recorder, is_new=self.record is None)


class BundleTab(Tab):
    template = "products/bundle_tab.html"

    def bind(self, request: HttpRequest, record: Model | None, form: ScreenForm) -> BoundTab:
        return BoundBundle(self, request, record, form)


BUNDLE = BundleTab("bundle", gettext_lazy("Bundle"))
