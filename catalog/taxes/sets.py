"""Which rates a tax set has, and who carries a set: the verbs behind screens and files (spec: prices-and-taxes 8)."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst

from backoffice.console.paging import COUNT_CAP, Count
from backoffice.history.recording import Recorder
from catalog.taxes.models import TaxRate, TaxSet, TaxSetRate


class Usage(NamedTuple):
    """How many records of one kind carry a set."""

    label: str
    count: Count


def set_rates(tax_set: TaxSet, wanted: Iterable[TaxRate], *, recorder: Recorder) -> None:
    """Make the rates of ``tax_set`` the wanted ones, in the caller's transaction. Kept links keep their id."""
    held = {link.rate_id: link for link in TaxSetRate.objects.filter(tax_set=tax_set).select_related("rate")}
    wanted = {rate.pk: rate for rate in wanted}
    gone = [link for pk, link in held.items() if pk not in wanted]
    for link in gone:
        recorder.deleted(link, parent=tax_set)
    TaxSetRate.objects.filter(pk__in=[link.pk for link in gone]).delete()
    fresh = [TaxSetRate(tax_set=tax_set, rate=rate) for pk, rate in wanted.items() if pk not in held]
    for link in TaxSetRate.objects.bulk_create(fresh):
        recorder.added(link, parent=tax_set)


def remove_rate(rate: TaxRate, *, recorder: Recorder) -> None:
    """Delete a rate; its sets lose it and are saved anew, so that a form opened before is told."""
    links = list(rate.in_sets.select_related("tax_set"))
    for link in links:
        recorder.deleted(link, parent=link.tax_set)
    touch(link.tax_set_id for link in links)
    recorder.deleted(rate)
    rate.delete()


def touch(ids: Iterable[int]) -> None:
    """Raise the version of sets whose rates changed."""
    TaxSet.objects.filter(pk__in=set(ids)).update(version=models.F("version") + 1, updated_at=timezone.now())


def only_rate_of(rate: TaxRate) -> list[TaxSet]:
    """The sets that have no other rate."""
    others = TaxSetRate.objects.filter(tax_set=models.OuterRef("pk")).exclude(rate=rate)
    return list(TaxSet.objects.filter(~models.Exists(others), links__rate=rate).order_by("name"))


def doubled_countries(rates: Iterable[TaxRate]) -> list[str]:
    """The codes of countries for which a set has several rates; the highest counts."""
    codes = Counter(rate.country.iso2_code for rate in rates if rate.country)
    return sorted(code for code, number in codes.items() if number > 1)


def carriers() -> list[models.ForeignKey]:
    """The references by which records of the rooms above carry a tax set."""
    relations = TaxSet._meta.get_fields()
    return [
        relation.field
        for relation in relations
        if relation.one_to_many and relation.auto_created and relation.related_model is not TaxSetRate
    ]


def with_usage(sets: models.QuerySet[TaxSet]) -> models.QuerySet[TaxSet]:
    """Adds how many records of each kind carry a set, counted up to the cap; :func:`usage_of` reads it."""
    for number, field in enumerate(carriers()):
        held = field.model._base_manager.filter(**{field.name: models.OuterRef("pk")}).order_by()
        ids = ArraySubquery(held.values("pk")[: COUNT_CAP + 1])
        found = models.Func(ids, function="cardinality", output_field=models.IntegerField())
        sets = sets.annotate(**{f"carriers_{number}": found})
    return sets


def usage_of(tax_set: TaxSet) -> list[Usage]:
    """Who carries a set that :func:`with_usage` loaded."""
    return [
        Usage(label_of(field.model), Count(min(number, COUNT_CAP), number > COUNT_CAP))
        for place, field in enumerate(carriers())
        if (number := getattr(tax_set, f"carriers_{place}"))
    ]


def usage(ids: Iterable[int]) -> list[Usage]:
    """Who carries any of these sets."""
    ids = list(ids)
    found = [
        Usage(label_of(f.model), Count.of(f.model._base_manager.filter(**{f"{f.name}__in": ids})))
        for f in carriers()
    ]
    return [each for each in found if each.count.number]


def label_of(model: type[models.Model]) -> str:
    return capfirst(str(model._meta.verbose_name_plural))
