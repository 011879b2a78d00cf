"""What refers to a store: a store in use keeps its name, and taking a language or a currency from it is asked about
(spec: prices-and-taxes 1.1, 1.5)."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import CASCADE, PROTECT, Model
from django.utils.text import capfirst

from backoffice.console.paging import Count
from catalog.stores.models import Store


class Users(NamedTuple):
    """How many records of one kind are in the store."""

    label: str
    count: Count

    def __str__(self) -> str:
        return f"{self.label} {self.count.number:,}" + ("+" if self.count.is_capped else "")


def of(store: Store) -> list[Users]:
    """Who uses the store, one capped count per kind of reference."""
    found = []
    for model, field in _references():
        count = Count.of(model._base_manager.filter(**{field: store}))
        if count.number:
            found.append(Users(capfirst(str(_linked(model)._meta.verbose_name_plural)), count))
    return found


def in_words(store: Store) -> str:
    """ "Products 3, Categories 2", or nothing."""
    return ", ".join(map(str, of(store)))


def is_used(store: Store) -> bool:
    return any(model._base_manager.filter(**{field: store}).exists() for model, field in _references())


def _references() -> Iterator[tuple[type[Model], str]]:
    """The tables of rooms above that hold stores; what hangs on a store itself goes with it."""
    for relation in Store._meta.get_fields(include_hidden=True):
        if (
            relation.auto_created
            and not relation.concrete
            and getattr(relation, "on_delete", None) is PROTECT
        ):
            yield relation.related_model, relation.field.name


def _linked(model: type[Model]) -> type[Model]:
    """What a table of links puts into the store; else the table's own records."""
    for field in model._meta.concrete_fields:
        if field.is_relation and field.remote_field.on_delete is CASCADE and field.related_model is not Store:
            return field.related_model
    return model
