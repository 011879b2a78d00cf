"""Indexes that exist once per content locale, made when a locale is added (spec: working-day 3.1).

Rooms with localized names register their tables; without the index the filter *name missing in a locale* would
read a large table to its end, and so would a list that is sorted by name.
"""

import re
from collections.abc import Callable, Iterable

from django.db import connection, models

from catalog.stores.models import LOCALE

_tables: dict[type[models.Model], str] = {}
_sorted: dict[type[models.Model], Callable[[str], models.expressions.Combinable]] = {}


def index_names(model: type[models.Model], *, order: str) -> None:
    """Keep, per content locale, an index on ``order`` of the rows of ``model`` without a name of their own."""
    _tables[model] = model._meta.get_field(order).column


def index_sorting(
    model: type[models.Model], expression: Callable[[str], models.expressions.Combinable]
) -> None:
    """Keep, per content locale, an index on ``expression(locale)`` and the id: the order of a list by name."""
    _sorted[model] = expression


def make_indexes(locales: Iterable[str]) -> None:
    """Make what is missing. An index of a locale that no store uses any more does no harm and stays."""
    quote = connection.ops.quote_name
    codes = sorted(code for code in set(locales) if re.match(LOCALE, code))
    with connection.cursor() as cursor:
        for model, expression in _sorted.items():
            for code in codes:
                cursor.execute(_sorting_sql(model, expression(code), code))
        for model, column in _tables.items():
            table = model._meta.db_table
            for code in codes:
                name = quote(f"{table}_no_name_{code.lower()}")
                cursor.execute(
                    f"CREATE INDEX IF NOT EXISTS {name} ON {quote(table)} ({quote(column)}, id) "
                    f"WHERE NOT (name ? '{code}')"
                )


def _sorting_sql(model: type[models.Model], expression: models.expressions.Combinable, code: str) -> str:
    """``CREATE INDEX`` with the very expression that the list is sorted by."""
    name = f"{model._meta.db_table}_by_name_{code.lower()}"
    index = models.Index(expression, "id", name=name)
    with connection.schema_editor(collect_sql=True) as editor:
        sql = str(index.create_sql(model, editor))
    return sql.replace("CREATE INDEX", "CREATE INDEX IF NOT EXISTS", 1)
