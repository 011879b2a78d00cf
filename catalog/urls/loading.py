"""Many new addresses at once, as a first import brings them: copied, with one compact row of history each."""

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from backoffice.history.models import Change, ChangeSet
from backoffice.transfer.staging.copying import copy_lines, plain, text
from catalog.urls.models import Url

_COLUMNS = (
    *("id", "created_at", "updated_at", "version", "path", "folded", "locale"),
    *("owner_type", "owner_id", "target_id", "is_custom", "is_first"),
)
_HISTORY = ("change_set_id", "object_type", "object_id", "label", "action", "parent_type", "parent_id")


def load(rows: Sequence[Url]) -> None:
    """Write new rows. References are checked with the transaction, so redirects and pages go in any order."""
    table, now = Url._meta.db_table, timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, len(rows)]
        )
        for url, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            url.pk, url.created_at, url.updated_at = pk, now, now
            url._state.adding = False
        for url in rows:
            url.target = url.target
        lines = ("\t".join([plain(getattr(url, name)) for name in _COLUMNS]) + "\n" for url in rows)
        copy_lines(cursor, table, _COLUMNS, lines)


def remember(change_set: ChangeSet, rows: Sequence[Url], parent_type: str) -> None:
    """Their history, told with the owners."""
    head = f"{change_set.pk}\t{Url._meta.label_lower}"
    lines = (
        f"{head}\t{url.pk}\t{text(str(url)[:300])}\t{Change.Action.ADD}\t{parent_type}\t{url.page.owner_id}\n"
        for url in rows
    )
    with connection.cursor() as cursor:
        copy_lines(cursor, Change._meta.db_table, _HISTORY, lines)
