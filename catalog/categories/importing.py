"""The rows of category.csv: one root, free addresses, known templates (spec: import-export 4.3.1)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.planning.unseen import seen_rows
from backoffice.transfer.problems import INFO
from backoffice.transfer.staging.keys import JOIN, RunKeys
from catalog.categories import addresses, tree
from catalog.categories.models import Category, CategoryTemplate
from catalog.urls import claims

FILE, TEMPLATES = "category", "category_template"
KEY, PARENT, TEMPLATE = "category_key", "parent_category_key", "template_name"
UNDER, ROOT = f"{FILE}.under", f"{FILE}.root"
Outcome = RowResult.Outcome


def facts(values: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Under which category one stands, and that it is the root."""
    if PARENT in values:
        yield UNDER, JOIN.join((values[KEY], values[PARENT] or ""))
    if values.get("is_root"):
        yield ROOT, ROOT


def under(batch: Batch) -> dict[str, str]:
    """``{category: parent}`` as the good rows of the run say; a root has an empty parent."""
    return dict(pair.split(JOIN, 1) for pair in batch.run.keys.stated(UNDER))


# --- deciding ----------------------------------------------------------------------------------------


def review(batch: Batch) -> None:
    if batch.run.is_apply:
        tree.lock()
    rows = [row for row in batch.with_outcome(Outcome.NEW, Outcome.CHANGED) if not row.is_bad]
    refuse_second_root(batch, rows)
    _refuse_taken_addresses(batch, [row for row in rows if not row.is_bad])
    _tell_unknown_templates(batch)


def refuse_second_root(batch: Batch, rows: Sequence[Planned]) -> None:
    place = batch.position("is_root")
    roots = [row for row in rows if row.record[place]]
    held = Category.objects.filter(is_root=True).values_list("key", flat=True).first() if roots else None
    message, seen = _("The tree has a root already: “%(root)s”."), seen_rows(Category, batch.run.user)
    if held and seen is not None and not seen.filter(is_root=True).exists():
        message = _("The tree has a root already.")
    for row in roots:
        if held not in (None, row.key):
            row.fail("conflict", "is_root", message, _("Write 0 and name the parent."), root=held)


def _refuse_taken_addresses(batch: Batch, rows: Sequence[Planned]) -> None:
    wanted = [row for row in rows if _is_readdressed(batch, row)]
    if not wanted:
        return
    brought = Brought.of(batch)
    numbers = {brought.take(batch, row): row for row in rows}
    claimed = claims.check(
        addresses.OWNER, addresses.claims_of(brought.claiming(wanted), brought.known, batch.run.locales)
    )
    for refusal in claimed:
        row = numbers.get(refusal.claim.owner_id)
        if row:
            place = f"name.{refusal.claim.locale}"
            row.fail(refusal.code, place, _("%(sentence)s"), sentence=refusal.message)


def _is_readdressed(batch: Batch, row: Planned) -> bool:
    if row.stored is None:
        return True
    return any(row.record[place] != row.stored[place] for place in map(batch.position, ("name", "parent")))


class Brought:
    """The categories as the run will leave them, by id, new ones with a negative id. A check writes nothing, so it
    remembers what earlier batches would have brought."""

    def __init__(self) -> None:
        rows = Category.objects.only("key", "parent", "name", "is_active").order_by()
        self.known = {row.pk: row for row in rows}
        self.ids = {row.key: row.pk for row in self.known.values()}
        self._claiming: dict[int, None] = {}

    @classmethod
    def of(cls, batch: Batch) -> "Brought":
        if batch.run.is_apply:
            return cls()
        if batch.run.keys not in _brought:
            _brought[batch.run.keys] = cls()
        return _brought[batch.run.keys]

    def take(self, batch: Batch, row: Planned) -> int:
        """Lay a row over what is known; gives the id of its category."""
        pk = self.ids.setdefault(row.key, -1 - len(self.ids))
        held, name, active = self.known.get(pk), batch.position("name"), batch.position("is_active")
        parent = self.ids.get(row.values[PARENT] or "") if PARENT in row.values else held and held.parent_id
        facts = {"name": row.record[name], "is_active": row.record[active], "parent_id": parent}
        self.known[pk] = Category(pk=pk, key=row.key, **facts)
        return pk

    def claiming(self, rows: Sequence[Planned]) -> list[int]:
        """The categories with another address, those of earlier batches first."""
        self._claiming |= {self.ids[row.key]: None for row in rows}
        return list(self._claiming)


_brought: WeakKeyDictionary[RunKeys, Brought] = WeakKeyDictionary()
"""One per run of a check."""


def _tell_unknown_templates(batch: Batch) -> None:
    rows = [row for row in batch.rows if row.outcome and not row.is_bad and row.values.get(TEMPLATE)]
    names = {row.values[TEMPLATE] for row in rows}
    if not names:
        return
    known = set(CategoryTemplate.objects.filter(name__in=names).values_list("name", flat=True))
    known |= set(batch.run.keys.find(TEMPLATES, names - known))
    for row in rows:
        if row.values[TEMPLATE] not in known:
            row.tell(INFO, "unknown_template", TEMPLATE)


# --- writing -----------------------------------------------------------------------------------------


def follow(batch: Batch) -> None:
    """What follows from the written rows: paths, stores, addresses, reactions."""
    rows = batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
    if not rows:
        return
    changed = [row for row in rows if row.stored is not None]
    tree.follow(
        batch.run.recorder,
        new={row.pk for row in rows if row.stored is None},
        moved=_with_other(batch, changed, "parent"),
        renamed=_with_other(batch, changed, "name"),
        switched=_with_other(batch, changed, "is_active"),
        locales=batch.run.locales,
    )
    batch.run.recorder.flush()


def _with_other(batch: Batch, rows: Sequence[Planned], name: str) -> set[int]:
    place, pk = batch.position(name), batch.position("id")
    return {row.stored[pk] for row in rows if row.record[place] != row.stored[place]}
