"""What a change set did, in one line: the first record it touched and how many more."""

from collections.abc import Iterable
from typing import NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
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


def summaries(ids: Iterable[int], seen: Q) -> dict[int, Summary]:
    """A summary per change set, of the changes that fulfil ``seen``; sets without any are left out."""
    columns = ("id", "change_set_id", "label", "action")
    try:
        changes, facts = Change.objects.filter(seen).order_by().values(*columns).query.sql_with_params()
    except EmptyResultSet:
        return {}
    shown = f"({changes}) c WHERE c.change_set_id = s.id"
    query = (
        f"SELECT s.id, f.label, f.action, (SELECT count(*) FROM (SELECT 1 FROM {shown}"  # noqa: S608
        f" LIMIT {COUNTED + 1}) touched) FROM unnest(%s::bigint[]) AS s(id) CROSS JOIN LATERAL"
        f" (SELECT label, action FROM {shown} ORDER BY c.id LIMIT 1) f"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [*facts, list(ids), *facts])
        return {pk: Summary(*found) for pk, *found in cursor}
