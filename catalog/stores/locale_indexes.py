"""Indexes that exist once per content locale, made when a locale is added (spec: working-day 3.1).

Rooms with localized names register their tables; without the index the filter *name missing in a locale* would
read a large table to its end.
"""

import re
from collections.abc import Iterable

from django.db import connection, models

from catalog.stores.models import LOCALE

_tables: dict[type[models.Model], str] = {}


def index_names(model: type[models.Model], *, order: str) -> None:
    """Keep, per content locale, an index on ``order`` of the rows of ``model`` without a name of their own."""
    _tables[model] = model._meta.get_field(order).column


def make_indexes(locales: Iterable[str]) -> None:
    """Make what is missing. An index of a locale that no store uses any more does no harm and stays."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for model, column in _tables.items():
            table = model._meta.db_table
            for code in sorted(code for code in set(locales) if re.match(LOCALE, code)):
                name = quote(f"{table}_no_name_{code.lower()}")
                cursor.execute(
                    f"CREATE INDEX IF NOT EXISTS {name} ON {quote(table)} ({quote(column)}, id) "
                    f"WHERE NOT (name ? '{code}')"
                )
