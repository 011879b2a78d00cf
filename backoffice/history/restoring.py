"""Bringing records back, batch by batch: what is put back, what stays because it changed since, what cannot.

The database has the last word on every record: a batch it refuses is halved until the record is found, and what
failed is tried again at the end, when the records in its way may have gone.
"""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError, connection, models, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.database import running
from backoffice.history.loading import array
from backoffice.history.models import Change, ChangeSet
from backoffice.history.outcomes import (
    CANNOT,
    RESTORED,
    SHOWN,
    Report,
    Unit,
)
from backoffice.history.putting import Putter, putter_of
from backoffice.history.recording import Recorder, Snapshot, parent_of
from backoffice.history.summary import has_screen

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
UNREACHED = gettext_lazy("You may see this record, but not change it.")


class Gate(Protocol):
    """What the rights of whoever acts allow, record by record."""

    def hides(self, change: Change) -> bool:
        """Whether he may not even see what happened to this record."""
        ...

    def refusal(self, change: Change, action: str, names: Iterable[str] = ()) -> str:
        """Why he may not do this to the record, or nothing. ``action`` is add, change or delete."""
        ...

    def reached(self, model: type[models.Model], ids: Sequence[int], action: str) -> set[int]:
        """Those of the rows that he may use so."""
        ...

    def within(self, changes: Sequence[Change], action: str) -> set[int]:
        """The ids of the records, all of one model, that hang on nothing or on a record that he may use so."""
        ...

    def kept(self, records: Sequence[models.Model]) -> Mapping[int, str]:
        """Those of these records of one model that must not be deleted, and why."""
        ...


class OutOfReach(Exception):
    """A record would lie outside of the rows that the user may use."""


class Restorer:
    """Writes units and their history. ``rehearses`` writes no history: the caller rolls everything back."""

    def __init__(self, recorder: Recorder, gate: Gate, *, rehearses: bool = False) -> None:
        self.recorder, self.gate, self.rehearses = recorder, gate, rehearses
        self.report = Report()
        self.undone_by: ChangeSet | None = None
        """The undo that holds of the set; what it brought back is not told again."""
        self.whole: dict[str, set[int]] = {}
        """Records, by model, that cannot go and keep what hangs on them."""
        self.begin()

    def begin(self) -> None:
        """Nothing is done and told so far."""
        self.report.clear()
        self._waiting: list[tuple[Putter, Unit]] = []
        self._gone: dict[str, set[int]] = {}
        self._parted: dict[str, set[int]] = {}
        self._down: dict[str, list[int]] = {}

    def parted(self) -> dict[str, set[int]]:
        """Records that are not removed here, but something without a screen of its own that hung on them."""
        left = {name: ids - self._gone.get(name, set()) for name, ids in self._parted.items()}
        return {name: ids for name, ids in left.items() if ids}

    def is_kept_whole(self, change: Change) -> bool:
        """Whether the record is part of one that stays. What has a list of its own goes by itself."""
        is_part = change.parent_id in self.whole.get(change.parent_type, ())
        return is_part and not has_screen(change.object_type)

    def write(self, putter: Putter, units: Sequence[Unit]) -> None:
        """Bring the units back; those that the database refuses wait for :meth:`finish`."""
        for action, same_action in itertools.groupby(units, key=lambda unit: unit.action):
            group = list(same_action)
            if action == Change.Action.DELETE:
                group = self._unreferred(putter, group)
            if group:
                self._write(putter, action, group, self._wait)

    def _unreferred(self, putter: Putter, units: list[Unit]) -> list[Unit]:
        """Those that nothing refers to; one query per model that could, whatever the number of records."""
        ids, held = array(unit.change.object_id for unit in units), {}
        for relation in putter.model._meta.get_fields(include_hidden=True):
            field = getattr(relation, "field", None)
            if not (relation.auto_created and not relation.concrete and field and field.concrete):
                continue
            if field.many_to_many:
                continue  # the rows between the two models have references of their own
            other = relation.related_model
            if (
                other is putter.model
                or other._meta.label_lower in putter.parts
                or not getattr(field, "column", None)
            ):
                continue
            quote = connection.ops.quote_name
            column = f"{quote(other._meta.db_table)}.{quote(field.column)}"
            rows = other._base_manager.order_by().extra(  # noqa: S610 - the column's own name
                where=[f"{column} = ANY(%s)"], params=[ids]
            )
            held |= dict.fromkeys(rows.values_list(field.attname, flat=True).distinct(), other)
        staying = [unit for unit in units if unit.change.object_id in held]
        for unit in staying:
            self.report.tell(CANNOT, unit.line(_referring(putter.model, held[unit.change.object_id])))
        self._stand_down(putter, staying)
        return [unit for unit in units if unit.change.object_id not in held]

    def stood_down(self, putter: Putter, unit: Unit) -> Unit | None:
        """What is done instead to a record whose creation is undone but which stays (import-export 1.5.4); what goes
        out of use with it follows in :meth:`finish`."""
        self._down.setdefault(unit.change.object_type, []).append(unit.change.object_id)
        wanted = putter.stands_down(unit.before)
        return Unit(unit.change, Change.Action.CHANGE, wanted, unit.before, unit.record) if wanted else None

    def _stand_down(self, putter: Putter, staying: Sequence[Unit]) -> None:
        down = [each for unit in staying if (each := self.stood_down(putter, unit))]
        if down:
            self._write(putter, Change.Action.CHANGE, down, lambda putter, unit: None)

    def _take_down(self) -> None:
        """Put out of use what follows the records that stay, such as the variants of a product."""
        down, self._down = self._down, {}
        for name, ids in down.items():
            for label, wanted in putter_of(name).takes_down(ids).items():
                putter = putter_of(label)
                units = self._followers(putter, putter.locked(wanted), wanted)
                if units:
                    self._write(putter, Change.Action.CHANGE, units, self._cannot)

    def _followers(
        self, putter: Putter, records: Mapping[int, models.Model], wanted: Mapping[int, Snapshot]
    ) -> list[Unit]:
        states = putter.states(list(records.values()))
        units = []
        for pk, record in records.items():
            owner, owner_pk = parent_of(record)
            change = Change(
                object_type=putter.model._meta.label_lower,
                object_id=pk,
                label=str(record)[:300],
                action=Change.Action.CHANGE,
                parent_type=owner,
                parent_id=owner_pk,
            )
            unit = Unit(change, Change.Action.CHANGE, wanted[pk], states[pk], record)
            unit.reason = self.gate.refusal(change, Change.Action.CHANGE, wanted[pk])
            if unit.reason:
                self._cannot(putter, unit)
            else:
                units.append(unit)
        return units

    def _cannot(self, putter: Putter, unit: Unit) -> None:
        self.report.tell(CANNOT, unit.line(unit.reason))

    def finish(self) -> None:
        """Try again what was refused, as long as that helps; the rest cannot come back."""
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            for putter, unit in waiting:
                self._write(putter, unit.action, [unit], self._wait)
            if len(self._waiting) == len(waiting):
                break
        waiting, self._waiting = self._waiting, []
        for putter, unit in waiting:
            self.report.tell(CANNOT, unit.line(unit.reason))
            if unit.action == Change.Action.DELETE:
                self._stand_down(putter, [unit])
        self._take_down()

    def _wait(self, putter: Putter, unit: Unit) -> None:
        self._waiting.append((putter, unit))

    def _write(
        self, putter: Putter, action: str, units: list[Unit], fail: Callable[[Putter, Unit], None]
    ) -> None:
        try:
            with transaction.atomic():
                self._write_together(putter, action, units)
        except (IntegrityError, DataError, OutOfReach, ValidationError, ObjectDoesNotExist) as problem:
            if len(units) == 1:
                units[0].reason = sentence(putter.model, problem)
                fail(putter, units[0])
                return
            middle = len(units) // 2
            self._write(putter, action, units[:middle], fail)
            self._write(putter, action, units[middle:], fail)

    def _write_together(self, putter: Putter, action: str, units: list[Unit]) -> None:
        facts: list[tuple[Any, ...]] = []

        def collect() -> None:
            facts.extend(_facts(unit) for unit in units if not self.rehearses)

        if action == Change.Action.CHANGE:
            putter.write([(unit.record, unit.wanted) for unit in units], collect)
        elif action == Change.Action.ADD:
            putter.make([(unit.change.object_id, unit.wanted) for unit in units])
        else:
            putter.remove([unit.record for unit in units])
        if action != Change.Action.DELETE:
            ids = [unit.change.object_id for unit in units]
            if self.gate.reached(putter.model, ids, action) != set(ids):
                raise OutOfReach
        with running("SET CONSTRAINTS ALL IMMEDIATE"):
            if action != Change.Action.CHANGE:
                collect()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        if action == Change.Action.DELETE:
            self._note_gone(putter, units)
        if facts:
            _remember(self.recorder.change_set, facts)
        self._tell(putter, action, units)

    def _tell(self, putter: Putter, action: str, units: list[Unit]) -> None:
        changes = [(u.record, u.before, u.wanted) for u in units if action == Change.Action.CHANGE]
        remarks = putter.remarks(changes) if changes else {}
        self.report.counts[RESTORED] += len(units)
        self.report.deeds[str(action)] += len(units)
        room = SHOWN - len(self.report.lines[RESTORED])
        lines = [unit.line(remarks.get(unit.change.object_id, "")) for unit in units[:room]]
        self.report.lines[RESTORED] += lines
        for unit in units if remarks else ():
            if unit.change.object_id in remarks:
                self.report.remark(unit.line(remarks[unit.change.object_id]))

    def _note_gone(self, putter: Putter, units: Sequence[Unit]) -> None:
        label = putter.model._meta.label_lower
        self._gone.setdefault(label, set()).update(unit.change.object_id for unit in units)
        for unit in () if has_screen(label) else units:
            if unit.change.parent_id:
                self._parted.setdefault(unit.change.parent_type, set()).add(unit.change.parent_id)


def _facts(unit: Unit) -> tuple[Any, ...]:
    """The history of the unit, as :func:`_remember` writes it."""
    change, action, fields = unit.change, str(unit.action), _encode(unit.fields)
    record = (change.object_type, change.object_id, change.label)
    return (*record, action, fields, change.parent_type, change.parent_id)


def _remember(change_set: ChangeSet, facts: Sequence[tuple[Any, ...]]) -> None:
    """Write history, streamed in one statement."""
    columns = "change_set_id, object_type, object_id, label, action, fields, parent_type, parent_id"
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY history_change ({columns}) FROM STDIN") as copy,
    ):
        for row in facts:
            copy.write_row((change_set.pk, *row))


def sentence(model: type[models.Model], problem: Exception) -> str:
    """Why the database refused a record, in the words of its rule."""
    if isinstance(problem, OutOfReach):
        return _("It would lie outside of the rows you may use.")
    if isinstance(problem, ObjectDoesNotExist):
        return _referring(model, model)
    if isinstance(problem, ValidationError):
        return " ".join(problem.messages)
    diagnosis = getattr(problem.__cause__, "diag", None)
    name = getattr(diagnosis, "constraint_name", "") or ""
    for rule in model._meta.constraints:
        if rule.name == name:
            return str(rule.get_violation_error_message())
    if isinstance(problem, IntegrityError) and getattr(diagnosis, "sqlstate", "") == "23503":
        tables = {m._meta.db_table: m for m in apps.get_models(include_auto_created=True)}
        return _referring(model, tables.get(diagnosis.table_name, model))
    return _("The database refuses it: a rule would be broken.")


def _referring(model: type[models.Model], other: type[models.Model]) -> str:
    if other is model:
        return _("A record it refers to is gone.")
    name = capfirst(str(other._meta.verbose_name))
    return _("Other records refer to it: %(name)s.") % {"name": name}
