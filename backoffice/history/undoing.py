"""Undo of a change set: per field, what is still as it was left goes back; what others changed since stays.

Set-based: a batch of records costs a constant number of statements, whatever the size of the set.
"""

import datetime
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.history.drift import restore_batch
from backoffice.history.leaving import Kept
from backoffice.history.loading import streamed
from backoffice.history.models import Change, ChangeSet
from backoffice.history.outcomes import Report
from backoffice.history.putting import putter_of
from backoffice.history.recording import recording
from backoffice.history.restoring import Gate, Restorer
from backoffice.memory import calm
from backoffice.reactions import report

BATCH = 5_000
PREVIEWED = 20_000
"""A preview looks at so many changes, the last ones: they do not wait for others of the set to go or come first.
The rest of a larger set is compared while it runs."""
AT_ONCE = 500
"""A set with at most so many changes is undone in the request."""
UNDONE = "history.undone"
"""The fact that a change set was undone: the ids of such sets."""
Action = Change.Action


class Background(NamedTuple):
    """How a large undo runs. ``start(change_set, user, note)`` gives the address where one can watch it;
    ``remark()`` says what it has to wait for, or nothing. ``at_once`` is :func:`undo` for a small set that a job has
    written; None if it has to wait."""

    start: Callable[[ChangeSet, Any, str], str]
    remark: Callable[[], str]
    at_once: Callable[[ChangeSet, Any, str], tuple[Report, ChangeSet | None] | None]


on_undo: list[Callable[[int, int], None]] = []
"""Called with the numbers of the set and of its undo when a set was undone without a job; accounts writes the security
log here."""
background: Background | None = None
"""Filled by what runs jobs; without it every undo runs in the request."""


class Refused(NamedTuple):
    """Why a set is not undone; ``needs_right`` when the right for the sets of others is missing."""

    reason: str
    needs_right: bool = False


def undo_of(change_set: ChangeSet) -> ChangeSet | None:
    """The undo that holds of this set: one that was not undone itself."""
    return next((undo for undo in change_set.undone_by.order_by("-pk") if undo_of(undo) is None), None)


def refusal(change_set: ChangeSet, user: Any, *, has_right: bool) -> Refused | None:
    """Why ``user`` may not undo the set. ``has_right`` is the right *undo* on the history."""
    if not has_right:
        if change_set.user_id is None or change_set.user_id != user.pk:
            return Refused(_("You may undo your own change sets; those of others need a right."), True)
        if change_set.at < timezone.now() - datetime.timedelta(days=settings.UNDO_DAYS):
            text = _("Your own change sets can be undone for %(days)s days.") % {"days": settings.UNDO_DAYS}
            return Refused(text, True)
    held = undo_of(change_set)
    if held:
        return Refused(
            _("This change set was undone already, by change set %(number)s.") % {"number": held.pk}
        )
    return None


def is_small(change_set: ChangeSet) -> bool:
    return len(change_set.changes.values_list("pk")[: AT_ONCE + 1]) <= AT_ONCE


def rehearse(
    change_set: ChangeSet, gate: Gate, report: Report | None = None, limit: int = PREVIEWED
) -> Report:
    """What an undo would do with the last ``limit`` changes: the same code, rolled back. Raises OperationalError
    when somebody is writing the records for longer than a reader waits."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '5s'")
        restorer = Restorer(None, gate, rehearses=True)
        restorer.report, restorer.undone_by = report or restorer.report, undo_of(change_set)
        _restore(change_set, restorer, lambda rows: None, limit)
        transaction.set_rollback(True)
    return restorer.report


class AlreadyUndone(Exception):
    """Somebody else was faster."""


@calm()
def undo(
    change_set: ChangeSet,
    gate: Gate,
    *,
    note: str = "",
    job: int | None = None,
    step: Callable[[int], None] = lambda rows: None,
) -> tuple[Report, ChangeSet | None]:
    """Undo the set as one change set, in one transaction. ``step`` is told how many records a batch had."""
    with recording("undo", screen=change_set.screen, note=note, job=job, undoes=change_set) as recorder:
        held = ChangeSet.objects.select_for_update().get(pk=change_set.pk)
        if undo_of(held):
            raise AlreadyUndone
        restorer = Restorer(recorder, gate)
        restorer.report = kept = Kept(recorder)
        _restore(held, restorer, step, None)
        undone = recorder.change_set if recorder.has_changes else None
        if undone:
            kept.write()
            report(UNDONE, [change_set.pk])
            for tell in () if job else on_undo:
                tell(change_set.pk, undone.pk)
        return restorer.report, undone


def _restore(
    change_set: ChangeSet, restorer: Restorer, step: Callable[[int], None], limit: int | None
) -> None:
    """As one, and over again when something was taken from a record that cannot go: that stays whole (1.5.4)."""
    steps = 0

    def counted(rows: int) -> None:
        nonlocal steps
        steps += rows
        step(rows)

    while True:
        mark = transaction.savepoint()
        _restore_once(change_set, restorer, counted, limit)
        whole = _whole(change_set, restorer, limit)
        if not whole:
            transaction.savepoint_commit(mark)
            return
        transaction.savepoint_rollback(mark)
        for name, ids in whole.items():
            restorer.whole.setdefault(name, set()).update(ids)
        restorer.begin()
        if restorer.recorder:
            restorer.recorder.forget_set()
        counted(-steps)


def _whole(change_set: ChangeSet, restorer: Restorer, limit: int | None) -> dict[str, set[int]]:
    """The records that this set has added, that are still there and from which something was taken."""
    found = {}
    for name, ids in restorer.parted().items():
        added = _looked_at(change_set, limit).filter(object_type=name, action=Action.ADD, object_id__in=ids)
        putter = putter_of(name)
        rows = putter.model._base_manager.filter(pk__in=list(added.values_list("object_id", flat=True)))
        found[name] = set(rows.values_list("pk", flat=True))
    return {name: ids for name, ids in found.items() if ids}


def _restore_once(
    change_set: ChangeSet, restorer: Restorer, step: Callable[[int], None], limit: int | None
) -> None:
    """Added records go first, children before what they hang on; then what was deleted comes back, then fields."""
    deeds = set(change_set.changes.order_by().values_list("object_type", "action").distinct())
    deeds |= {(label, Action.CHANGE) for label, action in deeds if (label, Action.DELETE) in deeds}
    types = _in_order(label for label, _action in deeds)
    removed = [(label, Action.ADD) for label in reversed(types)]
    brought = [(label, Action.DELETE) for label in types]
    changed = [(label, Action.CHANGE) for label in types]
    for label, action in [*removed, *brought, *changed]:
        for batch in _batches(change_set, label, action, limit) if (label, action) in deeds else ():
            restore_batch(restorer, label, batch)
            step(len(batch))
    restorer.finish()


def _in_order(labels: Any) -> list[str]:
    """The recorded models, each after those it refers to."""
    found: list[str] = []
    names = set(labels)

    def add(label: str, within: tuple[str, ...]) -> None:
        if label in found or label in within:
            return
        putter = putter_of(label)
        for field in putter.model._meta.concrete_fields if putter else ():
            other = field.related_model._meta.label_lower if field.is_relation else ""
            if other in names:
                add(other, (*within, label))
        found.append(label)

    for label in sorted(names):
        add(label, ())
    return found


def _batches(change_set: ChangeSet, label: str, action: str, limit: int | None) -> Iterator[list[Change]]:
    """One change per record, those of a record that the set touched twice folded into one."""
    changes = _looked_at(change_set, limit).filter(object_type=label).order_by("object_id", "pk")
    folded = (
        fold(list(group))
        for _pk, group in itertools.groupby(streamed(changes, BATCH), key=lambda c: c.object_id)
    )
    wanted = (change for change in folded if change and change.action == action)
    while batch := list(itertools.islice(wanted, BATCH)):
        yield batch


def _looked_at(change_set: ChangeSet, limit: int | None) -> QuerySet:
    """The changes of the set, of a large one the last ``limit``."""
    changes = change_set.changes.all()
    if limit:
        first = change_set.changes.order_by("-pk").values_list("pk", flat=True)[limit - 1 : limit].first()
        changes = changes.filter(pk__gte=first) if first else changes
    return changes


def fold(changes: Sequence[Change]) -> Change | None:
    """Several changes of one record as one: from the first state to the last. None when it came and went."""
    first, last = changes[0], changes[-1]
    if len(changes) == 1:
        return first
    if first.action == Action.ADD and last.action == Action.DELETE:
        return None
    action = first.action if first.action == Action.ADD else last.action
    if first.action == Action.DELETE and last.action != Action.DELETE:
        action = Action.CHANGE
    fields: dict[str, dict[str, Any]] | None = {}
    for change in changes:
        for name, facts in (change.fields or {}).items():
            if "masked" in facts or "masked" in fields.get(name, {}):
                fields[name] = {"masked": True}
            else:
                before = fields[name]["before"] if name in fields else facts["before"]
                fields[name] = {"before": before, "after": facts["after"]}
    if first.action == Action.ADD and first.fields is None:
        fields = None
    last.action, last.fields = action, fields
    return last
