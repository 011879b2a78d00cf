"""What a change set did, in one line: the first record it touched and how many more."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import connection
from django.utils.translation import gettext as _

from backoffice.history.models import Change

COUNTED = 1_000
"""Records of a change set are counted up to here."""


class Summary(NamedTuple):
    label: str
    action: str
    number: int

    @property
    def more(self) -> str:
        """ "and 39 more", or nothing for a single record."""
        if self.number < 2:
            return ""
        number = f"{intcomma(COUNTED)}+" if self.number > COUNTED else intcomma(self.number - 1)
        return _("and %(number)s more") % {"number": number}

    @property
    def did(self) -> str:
        return str(Change.Action(self.action).label)

    def __str__(self) -> str:
        return f"{self.label} {self.more}".strip()


def summaries(ids: Iterable[int], types: Sequence[str]) -> dict[int, Summary]:
    """A summary per change set, of the records of ``types`` and what hangs on them; sets without are left out."""
    shown = "c.change_set_id = s.id AND (c.object_type = ANY(%s) OR c.parent_type = ANY(%s))"
    query = (
        f"SELECT s.id, f.label, f.action, (SELECT count(*) FROM (SELECT 1 FROM history_change c"  # noqa: S608
        f" WHERE {shown} LIMIT {COUNTED + 1}) touched) FROM unnest(%s::bigint[]) AS s(id) CROSS JOIN LATERAL"
        f" (SELECT label, action FROM history_change c WHERE {shown} ORDER BY c.id LIMIT 1) f"
    )
    names = list(types)
    with connection.cursor() as cursor:
        cursor.execute(query, [names, names, list(ids), names, names])
        return {pk: Summary(*facts) for pk, *facts in cursor}
