"""The rows of category_store.csv, tried out on the tree as the run will leave it (spec: import-export 4.3.1).

A row speaks of one category; what that one gains or loses, all below it gain or lose. A check writes nothing, so it
remembers what the earlier files of the run would have done.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary

from django.utils.translation import gettext_lazy as _

from backoffice.reactions import report
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.unseen import seen_rows
from backoffice.transfer.staging.keys import RunKeys
from catalog.categories import importing, store_links, tree
from catalog.categories.facts import STORES
from catalog.categories.models import Category, CategoryStore
from catalog.stores.models import Store

INCLUDED, EXCLUDED = "included_store_names", "excluded_store_names"
ALL = "*"
Outcome = RowResult.Outcome


class Forest:
    """Parents and stores of all categories by key, with those that the run brings."""

    def __init__(self, batch: Batch) -> None:
        rows = Category.objects.order_by("path").values_list("key", "parent__key")
        self.parents: dict[str, str] = {key: parent or "" for key, parent in rows}
        self.stores: dict[str, set[str]] = {key: set() for key in self.parents}
        links = CategoryStore.objects.order_by().values_list("category__key", "store__name")
        for key, name in links:
            self.stores[key].add(name)
        self.shops = set(Store.objects.values_list("name", flat=True)) | set(batch.run.keys.stated("store"))
        if not batch.run.is_apply:
            self._bring(importing.under(batch))
        self.children: dict[str, list[str]] = defaultdict(list)
        for key, parent in self.parents.items():
            self.children[parent].append(key)

    def _bring(self, under: dict[str, str]) -> None:
        """New categories take the stores of their parent, moved ones keep those that it has."""
        fresh = under.keys() - self.parents.keys()
        moved = {key for key, parent in under.items() if self.parents.get(key, parent) != parent}
        self.parents |= under
        for key in sorted({*fresh, *moved}, key=self.depth):
            above = self.stores.get(self.parents[key], set())
            self.stores[key] = set(above) if key in fresh else self.stores[key] & above

    def depth(self, key: str) -> int:
        found, met = 0, set()
        while (key := self.parents.get(key, "")) and key not in met:
            met.add(key)
            found += 1
        return found

    def change(self, key: str, gained: set[str], lost: set[str]) -> None:
        """Let a category and all below it gain and lose stores."""
        waiting = [key]
        while waiting:
            at = waiting.pop()
            self.stores[at] = (self.stores[at] | gained) - lost
            waiting += self.children[at]


_tried: WeakKeyDictionary[RunKeys, Forest] = WeakKeyDictionary()
"""The forest of a check, one per run."""


def review(batch: Batch) -> None:
    """Decide the rows, those of higher categories first."""
    if batch.run.is_apply:
        tree.lock()
    forest = Forest(batch) if batch.run.is_apply else _tried.get(batch.run.keys) or Forest(batch)
    if not batch.run.is_apply:
        _tried[batch.run.keys] = forest
    rows = [row for row in batch.with_outcome(Outcome.UNCHANGED) if not row.is_bad and row.record is not None]
    for row in sorted(rows, key=lambda row: forest.depth(row.key)):
        _decide(batch, forest, row)
    _ask_right(batch)


def _decide(batch: Batch, forest: Forest, row: Planned) -> None:
    included, excluded = row.values.get(INCLUDED), row.values.get(EXCLUDED)
    for name, given in ((INCLUDED, included), (EXCLUDED, excluded)):
        for store in given or ():
            if store not in forest.shops and store != ALL:
                row.fail("unknown_ref", name, _("There is no store “%(store)s”."), store=store)
    if row.is_bad:
        return
    held, above = forest.stores[row.key], forest.parents.get(row.key) or ""
    allowed = forest.stores[above] if above else forest.shops
    wanted = set(included or ()) if included else set(allowed) if above else set()
    wanted = set(allowed) if ALL in wanted else wanted
    lost = held if ALL in (excluded or ()) else held & set(excluded or ())
    wanted -= forest.shops if ALL in (excluded or ()) else set(excluded or ())
    if wanted - allowed:
        message = _("The parent “%(parent)s” is not in %(stores)s.")
        seen = seen_rows(Category, batch.run.user)
        if seen is not None and not seen.filter(key=above).exists():
            message = _("The category above is not in %(stores)s.")
        names = ", ".join(sorted(wanted - allowed))
        remedy = _("Add the store to the parent first.")
        row.fail("conflict", INCLUDED, message, remedy, parent=above, stores=names)
        return
    if batch.run.options.lists == "replace" and INCLUDED in row.values:
        lost = lost | (held - wanted)
    gained = wanted - held if INCLUDED in row.values else set()
    row.record[batch.position("stores")] = as_parts((held | gained) - lost)
    row.stored = [*row.stored[:-1], as_parts(held)]
    if gained or lost:
        row.outcome = Outcome.SKIPPED if batch.run.options.rows == "new" else Outcome.CHANGED
        if row.outcome == Outcome.CHANGED:
            forest.change(row.key, gained, lost)


def _ask_right(batch: Batch) -> None:
    user = batch.run.user
    if user is not None and not batch.resource.right("change").held_by(user):
        for row in batch.with_outcome(Outcome.CHANGED):
            row.fail("no_change")


def as_parts(names: Iterable[str]) -> list[list[str]]:
    return [[name] for name in sorted(names)]


class StoresOfRow:
    """The stores of a row's category, for showing what a row changes; :func:`write` writes them."""

    name = "stores"
    lists: dict[str, str] = {}

    @staticmethod
    def state(parts: Sequence[Sequence[str]]) -> dict[str, list[str]]:
        return {"stores": [part[0] for part in parts]} if parts else {}

    def stored(self, parents: Sequence[int]) -> dict[int, list[list[str]]]:
        return {pk: as_parts(names) for pk, names in store_links.names_of(parents).items()}

    def add(self, wanted: object) -> None:
        """Rows make no category."""

    def replace(self, wanted: object) -> None:
        """The whole branch is written at once."""


def write(batch: Batch) -> None:
    """Write what the rows change, in their branches, with the history of every category."""
    rows = [row for row in batch.with_outcome(Outcome.CHANGED) if not row.is_bad]
    before, after = Forest(batch), Forest(batch)
    for row in sorted(rows, key=lambda row: after.depth(row.key)):
        own, wanted = (
            {name for (name,) in state} for state in (row.stored[-1], row.record[batch.position("stores")])
        )
        after.change(row.key, wanted - own, own - wanted)
    touched = [key for key in after.stores if after.stores[key] != before.stores[key]]
    added = [(key, name) for key in touched for name in after.stores[key] - before.stores[key]]
    removed = [(key, name) for key in touched for name in before.stores[key] - after.stores[key]]
    ids = Category.objects.filter(key__in=touched).values_list("pk", flat=True)
    with tree.recorded(ids, batch.run.recorder):
        linked = store_links.write(added, removed)
    batch.run.recorder.flush()
    report(STORES, linked)
