"""How recorded states of categories are put back: fields, stores and place in the tree (working-day 7.4)."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from backoffice.history.putting import Meanwhile, Putter, Wanted, nothing, register
from backoffice.history.recording import Snapshot
from catalog.categories import store_links, tree
from catalog.categories.models import Category, CategoryStore
from catalog.stores.models import Store

STORES = "stores"


@register(Category)
class CategoryPutter(Putter):
    """The stores are recorded as one list of names. What would break the tree is refused as a whole."""

    parts = ("categories.categorystore",)

    def knows(self, name: str) -> bool:
        return name == STORES or super().knows(name)

    def states(
        self, records: Sequence[models.Model], names: frozenset[str] | None = None
    ) -> dict[int, Snapshot]:
        return store_links.states_of([record.pk for record in records])

    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        super().write([(record, _without_stores(state)) for record, state in wanted], meanwhile)
        self._follow({record.pk: state for record, state in wanted})

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make([(pk, _without_stores(state)) for pk, state in wanted])
        self._follow({pk: {STORES: None, **state} for pk, state in wanted})
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        ids = [record.pk for record in records]
        CategoryStore.objects.filter(category__in=ids).delete()
        super().remove(records)
        tree.arrange()

    def _follow(self, states: dict[int, Snapshot]) -> None:
        """Bring paths and store links in line, and tell the rooms above."""
        tree.arrange()
        _put_stores({pk: state[STORES] or [] for pk, state in states.items() if STORES in state})
        if tree.circles():
            raise ValidationError(_("A category cannot lie below itself."), code="cycle")
        beyond = store_links.beyond_parent(states)
        if beyond:
            key, store = beyond[0]
            message = _("“%(category)s” would be in %(store)s, where its parent is not.")
            raise ValidationError(message, code="conflict", params={"category": key, "store": store})
        tree.report_all(states)


def _without_stores(state: Snapshot) -> Snapshot:
    return {name: value for name, value in state.items() if name != STORES}


def _put_stores(wanted: dict[int, list[str]]) -> None:
    """Make the stores of these categories the named ones; a store that is gone is left out."""
    ids = dict(Store.objects.values_list("name", "pk"))
    CategoryStore.objects.filter(category__in=list(wanted)).delete()
    CategoryStore.objects.bulk_create(
        [
            CategoryStore(category_id=pk, store_id=ids[name])
            for pk, names in wanted.items()
            for name in names
            if name in ids
        ]
    )
