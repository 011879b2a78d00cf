"""What the rows of tax.csv bring: rates, sets, and rates put into sets (spec: import-export 1.3.3, 4.1.3).

A row is new if it makes any of the three. The first row of a rate decides on its percentage; the others must agree
and add only their set.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.history.models import Change
from backoffice.history.recording import parent_of, snapshot
from backoffice.transfer.declaring.references import similar_stored
from backoffice.transfer.models import RowResult
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO
from backoffice.transfer.staging.keys import JOIN, folded
from catalog.taxes import sets
from catalog.taxes.models import TaxRate, TaxSet, TaxSetRate

FILE = "tax"
SETS, RATES, PERCENTS = f"{FILE}.set", f"{FILE}.rate", f"{FILE}.percent"
SET, PERCENT = "tax_set_name", "tax_rate_percent"
Outcome = RowResult.Outcome
Values = Mapping[str, Any]


def rate_key(values: Values) -> str:
    return JOIN.join((values["country_name"], values["tax_rate_name"]))


def percent_key(values: Values) -> str:
    return JOIN.join((rate_key(values), str(values.get(PERCENT))))


def row_key(values: Values) -> str:
    """A row is told from others by its set, too."""
    return JOIN.join((rate_key(values), values.get(SET) or ""))


# --- deciding ------------------------------------------------------------------------------------


def review(batch: Batch) -> None:
    """Look at the sets the rows name; the engine has looked at the rates. A constant number of queries."""
    _refuse_other_percentages(batch)
    _find_identical(batch)
    _refuse_similar_sets(batch)
    rows = _good(batch)
    linked = _linked(batch, rows)
    earlier = _twins(batch, RATES, rate_key)
    began, met = (batch.file.position, batch.rows[0].line), set()
    for row in rows:
        key, twin = rate_key(row.values), earlier.get(row.number)
        is_later = key in met or (twin is not None and twin.spot < began)
        met.add(key)
        _decide(
            batch, row, is_later=is_later, is_linked=(_stored_id(batch, row), row.values.get(SET)) in linked
        )


def _good(batch: Batch) -> list[Planned]:
    """The rows that are neither in error nor decided by another row."""
    wanted = (Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED)
    return [row for row in batch.rows if row.outcome in wanted and not row.is_bad and not _is_twin(row)]


def _is_twin(row: Planned) -> bool:
    return any(problem.code == "identical_row" for problem in row.problems)


def _stored_id(batch: Batch, row: Planned) -> int | None:
    return row.stored[batch.position("id")] if row.stored else None


def _twins(batch: Batch, space: str, key: Any) -> dict[int, Any]:
    """By row number: rows that are not the first of their key in the run."""
    keys = {key(row.values) for row in batch.rows if not row.is_bad and row.outcome}
    found = batch.run.keys.twins(space, keys, last_wins=False) if keys else {}
    return {number: twin for (file, number), twin in found.items() if file == batch.file.position}


def _refuse_other_percentages(batch: Batch) -> None:
    first, alike = _twins(batch, RATES, rate_key), _twins(batch, PERCENTS, percent_key)
    for row in _good(batch):
        twin, same = first.get(row.number), alike.get(row.number)
        if PERCENT in row.values and twin and (same is None or same.spot != twin.spot):
            message = _("Line %(line)s gives the same rate another percentage.")
            remedy = _("Write one percentage for the rate.")
            row.fail("conflict", PERCENT, message, remedy, **batch.told(twin.spot))


def _find_identical(batch: Batch) -> None:
    twins = _twins(batch, FILE, row_key)
    for row in _good(batch):
        if row.number in twins:
            row.tell(INFO, "identical_row", batch.key_column, **batch.told(twins[row.number].spot))
            row.outcome = Outcome.UNCHANGED


def _refuse_similar_sets(batch: Batch) -> None:
    if batch.run.options.similar_keys == "allow":
        return
    rows = [row for row in _good(batch) if row.values.get(SET)]
    names = {row.values[SET] for row in rows}
    known = set(TaxSet.objects.filter(name__in=names).values_list("name", flat=True)) if names else set()
    stored = similar_stored(TaxSet, "name", sorted(names - known))
    spelled: dict[str, str] = {}
    for row in rows:
        name = row.values[SET]
        other = stored.get(name) or spelled.setdefault(folded(name), name)
        if name not in known and other != name:
            row.fail("similar_key", SET, hint=other)


def _linked(batch: Batch, rows: list[Planned]) -> set[tuple[int, str]]:
    ids = {pk for row in rows if (pk := _stored_id(batch, row))}
    found = TaxSetRate.objects.filter(rate__in=ids) if ids else TaxSetRate.objects.none()
    return set(found.values_list("rate_id", "tax_set__name"))


def _decide(batch: Batch, row: Planned, *, is_later: bool, is_linked: bool) -> None:
    was = row.outcome
    if row.values.get(SET) and not is_linked:
        row.outcome = Outcome.SKIPPED if batch.run.options.rows == "existing" else Outcome.NEW
    elif is_later:
        row.outcome = Outcome.UNCHANGED
    user = batch.run.user
    if row.outcome == Outcome.NEW != was and user and not batch.resource.right("add").held_by(user):
        row.fail("no_add")


# --- writing -------------------------------------------------------------------------------------


def write(batch: Batch) -> None:
    """Write what the new and changed rows bring, with their history, in a constant number of statements."""
    rows = batch.with_outcome(Outcome.NEW, Outcome.CHANGED)
    try:
        with transaction.atomic():
            rates = _write_rates(batch, rows)
            _write_links(batch, rows, rates, _write_sets(batch, rows))
            batch.run.recorder.flush()
    except IntegrityError:
        for row in rows:  # somebody made the same rate or set in this moment
            row.fail("stale", batch.key_column)


def _write_rates(batch: Batch, rows: list[Planned]) -> dict[str, int]:
    """``{rate key: id}``."""
    place = {name: batch.position(name) for name in ("id", "country", "name", "rate")}
    ids, fresh, changed = {}, {}, {}
    for row in rows:
        key = rate_key(row.values)
        if row.stored is not None:
            ids[key] = row.stored[place["id"]]
            if row.record[place["rate"]] != row.stored[place["rate"]]:
                changed.setdefault(ids[key], row.record[place["rate"]])
        elif key not in fresh:
            facts = {name: row.record[place[name]] for name in ("name", "rate")}
            fresh[key] = TaxRate(country_id=row.record[place["country"]], **facts)
    _note(batch, TaxRate.objects.bulk_create(fresh.values()))
    _change(batch, changed)
    return ids | {key: rate.pk for key, rate in fresh.items()}


def _change(batch: Batch, percentages: dict[int, Any]) -> None:
    rates = list(TaxRate.objects.select_related("country").filter(pk__in=percentages))
    for rate in rates:
        before = snapshot(rate)
        rate.rate, rate.version, rate.updated_at = percentages[rate.pk], rate.version + 1, batch.run.began_at
        batch.run.recorder.changed(rate, before)
    TaxRate.objects.bulk_update(rates, ["rate", "version", "updated_at"])


def _write_sets(batch: Batch, rows: list[Planned]) -> dict[str, TaxSet]:
    names = {row.values[SET] for row in rows if row.values.get(SET)}
    held = TaxSet.objects.filter(name__in=names).order_by("pk").select_for_update()
    found = {tax_set.name: tax_set for tax_set in held}
    fresh = TaxSet.objects.bulk_create([TaxSet(name=name) for name in sorted(names - found.keys())])
    _note(batch, fresh)
    return found | {tax_set.name: tax_set for tax_set in fresh}


def _write_links(batch: Batch, rows: list[Planned], rates: dict[str, int], named: dict[str, TaxSet]) -> None:
    wanted = {
        (named[name].pk, rates[rate_key(row.values)]): None for row in rows if (name := row.values.get(SET))
    }
    held = TaxSetRate.objects.filter(tax_set__in=list(named.values()))
    wanted = [pair for pair in wanted if pair not in set(held.values_list("tax_set_id", "rate_id"))]
    made = TaxSetRate.objects.bulk_create([TaxSetRate(tax_set_id=s, rate_id=r) for s, r in wanted])
    sets.touch(link.tax_set_id for link in made)
    models.prefetch_related_objects(made, "tax_set", "rate")
    _note(batch, made)


def _note(batch: Batch, made: Iterable[models.Model]) -> None:
    """One compact line per record: the record itself is the state after it (working-day 7.2)."""
    changes = []
    for record in made:
        parent_type, parent_id = parent_of(record)
        changes.append(
            Change(
                change_set=batch.run.recorder.change_set,
                object_type=record._meta.label_lower,
                object_id=record.pk,
                label=str(record)[:300],
                action=Change.Action.ADD,
                parent_type=parent_type,
                parent_id=parent_id,
            )
        )
    Change.objects.bulk_create(changes)
