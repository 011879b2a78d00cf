"""Products and variants as users of attribute keys (spec: attributes 2.6, 3.1 to 3.6).

An index over the keys of both maps finds the users of a key; without it every question would read whole tables.
"""

import json
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy, ngettext

from backoffice.console.rows import visible
from backoffice.console.site import site
from backoffice.history.recording import Recorder
from backoffice.transfer.staging.copying import literal
from catalog.attributes import use
from catalog.attributes.models import AttributeKey
from catalog.attributes.use import CAP, Pair, Users
from catalog.products.models import Product, Variant
from catalog.products.models.keys import HELD_KEYS

LONGEST_KEY = 255
SAMPLE = 500
"""So many rows are looked at first: keys that most records use are in them."""


def using(rows: QuerySet, key: str) -> QuerySet:
    """The rows that hold a value for the key, as default or in a locale."""
    return rows.alias(held_keys=HELD_KEYS).filter(held_keys__contains=[key])


def counts(model: type[Model], keys: Collection[str], user: Any = None) -> dict[str, int]:
    return dict(
        _asked(
            model,
            "SELECT asked.key, (SELECT count(*) FROM (SELECT 1 FROM {table} WHERE {held} @> ARRAY[asked.key] "
            "LIMIT %(cap)s) few) FROM unnest(%(keys)s::text[]) asked(key)",
            user,
            keys=literal(keys),
        )
    )


def of_values(model: type[Model], pairs: Collection[Pair], user: Any = None) -> dict[Pair, int]:
    """How many hold each value of each key, alone or among others, as default or in a locale."""
    names = [json.dumps(key) for key, _value in pairs]
    rows = _asked(
        model,
        "SELECT asked.key, asked.value, (SELECT count(*) FROM (SELECT 1 FROM {table} "
        "WHERE {held} @> ARRAY[asked.key] AND ("
        "jsonb_path_exists(attributes, asked.path::jsonpath, jsonb_build_object('v', asked.value)) OR "
        "jsonb_path_exists(attributes_localized, asked.paths::jsonpath, jsonb_build_object('v', asked.value)))"
        " LIMIT %(cap)s) few) FROM unnest(%(keys)s::text[], %(values)s::text[], %(path)s::text[], %(paths)s::text[]) "
        "asked(key, value, path, paths)",
        user,
        keys=literal(key for key, _value in pairs),
        values=literal(value for _key, value in pairs),
        path=literal(f"$.{name} ? (@ == $v)" for name in names),
        paths=literal(f"$.*.{name} ? (@ == $v)" for name in names),
    )
    return {(key, value): number for key, value, number in rows}


def used(model: type[Model], keys: Collection[str]) -> set[str]:
    """Frequent keys are seen in a few rows; only the others are looked up one by one."""
    seen = {
        key
        for (key,) in _asked(
            model,
            "SELECT DISTINCT unnest({held}) FROM (SELECT * FROM {table} ORDER BY id DESC LIMIT %(sample)s) few",
            sample=SAMPLE,
        )
    }
    rest = [key for key in keys if key not in seen]
    return {key for key in keys if key in seen} | (set(_first(model, rest)) if rest else set())


def note_unknown(*, recorder: Recorder) -> list[str]:
    """Write down the keys that occur in products or variants only, so that they wait among the undeclared ones (2.6).
    Reads both tables whole."""
    held: set[str] = set()
    for model in (Product, Variant):
        held.update(key for (key,) in _asked(model, "SELECT DISTINCT unnest({held}) FROM {table}"))
    known = set(AttributeKey.objects.filter(key__in=held).values_list("key", flat=True))
    made = sorted(key for key in held - known if len(key) <= LONGEST_KEY and key)
    for key in AttributeKey.objects.bulk_create([AttributeKey(key=key) for key in made]):
        recorder.added(key)
    return made


def _first(model: type[Model], keys: Collection[str], user: Any = None) -> dict[str, str]:
    """The SKU of one user of each key."""
    found = _asked(
        model,
        "SELECT asked.key, (SELECT sku FROM {table} WHERE {held} @> ARRAY[asked.key] LIMIT 1) "
        "FROM unnest(%(keys)s::text[]) asked(key)",
        user,
        keys=literal(keys),
    )
    return {key: sku for key, sku in found if sku is not None}


def _asked(model: type[Model], sql: str, user: Any = None, **values: Any) -> list[tuple[Any, ...]]:
    """``{table}`` stands for the rows of the model, with ``user`` only for those that he sees."""
    held = "products_held_keys(attributes, attributes_localized)"
    with connection.cursor() as cursor:
        cursor.execute(
            sql.format(table=_rows(model, user), held=held),
            {"cap": CAP + 1, **values},
        )
        return cursor.fetchall()


def _rows(model: type[Model], user: Any) -> str:
    if user is None or not limits(model, user):
        return model._meta.db_table
    seen = visible(model._base_manager.order_by(), user)
    query, values = seen.values("id", "sku", "attributes", "attributes_localized").query.sql_with_params()
    return f"({connection.ops.compose_sql(query, values).replace('%', '%%')}) seen"


def limits(model: type[Model], user: Any) -> bool:
    """Whether the user may see only some of the rows."""
    return visible(model._base_manager.order_by(), user).query.has_filters()


def _list_of(model: type[Model], request: HttpRequest, key: str) -> str:
    screen = site._registry[model]
    return f"{screen.list_url}?{urlencode({'attribute': key})}" if screen.may(request, "view") else ""


def _users(model: type[Model], label: Any, words: Callable[[int], str]) -> Users:
    asked: Mapping[str, Any] = {
        name: partial(function, model)
        for name, function in (
            ("counts", counts),
            ("of_values", of_values),
            ("used", used),
            ("examples", _first),
            ("limits", limits),
            ("url", _list_of),
        )
    }
    return Users(label, words, **asked)


def register() -> None:
    """Called when the apps are ready."""
    use.register(
        _users(
            Product,
            gettext_lazy("Products"),
            lambda number: ngettext("%(n)s product", "%(n)s products", number),
        )
    )
    use.register(
        _users(
            Variant,
            gettext_lazy("Variants"),
            lambda number: ngettext("%(n)s variant", "%(n)s variants", number),
        )
    )
