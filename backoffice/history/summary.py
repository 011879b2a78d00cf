"""What a change set did, in one line: which records it touched, and how many of which kind."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from backoffice.history.models import Change

COUNTED = 1_000
"""Records of a change set are counted up to here."""
FEW = 10
"""Up to so many records of several kinds, the first one stands for all."""
NAMED = 3
"""So many kinds of records are named, the most frequent ones."""

listed: Callable[[], Collection[str]] = tuple
"""The models that have lists of their own; told by the screens of the history."""


def _no_page(job: int, user: Any) -> str:
    return ""


job_page: Callable[[int, Any], str] = _no_page
"""The address of a job by its number, for who may see it; told by what runs jobs."""


class Summary(NamedTuple):
    """``label`` and ``action`` are those of the first record, ``kinds`` the number of records of each kind."""

    label: str
    action: str
    kinds: Mapping[str, int]

    @property
    def number(self) -> int:
        return sum(self.kinds.values())

    @property
    def did(self) -> str:
        return str(Change.Action(self.action).label)

    def __str__(self) -> str:
        """ "lamp", "lamp and 2 more products", "lamp and 2 more", "60 variants, 30 products and 9 others", "1,000+
        records"."""
        if self.number < 2:
            return self.label
        if self.number > COUNTED:
            return self._very_many()
        kinds = sorted(self.kinds.items(), key=lambda each: (not has_screen(each[0]), -each[1]))
        if len(kinds) == 1:
            more = counted(kinds[0][0], self.number - 1, _("%(number)s more %(kind)s"))
            return _("%(record)s and %(more)s") % {"record": self.label, "more": more}
        if self.number <= FEW:
            return _("%(record)s and %(number)s more") % {"record": self.label, "number": self.number - 1}
        named = ", ".join(counted(kind, number) for kind, number in kinds[:NAMED])
        rest = sum(number for _kind, number in kinds[NAMED:])
        return (
            _("%(named)s and %(rest)s others") % {"named": named, "rest": intcomma(rest)} if rest else named
        )

    def _very_many(self) -> str:
        number = f"{intcomma(COUNTED)}+"
        if len(self.kinds) == 1:
            [kind] = self.kinds
            return _("%(number)s %(kind)s") % {"number": number, "kind": kind_words(kind, COUNTED)}
        return _("%(number)s records") % {"number": number}


def counted(kind: str, number: int, text: str = "") -> str:
    """ "60 variants"."""
    words = {"number": intcomma(number), "kind": kind_words(kind, number)}
    return (text or _("%(number)s %(kind)s")) % words


def has_screen(kind: str) -> bool:
    """Whether people know these records from a list, not only as parts of others."""
    return kind in listed()


def kind_words(kind: str, number: int) -> str:
    """What people call this kind of records; "records" where the program does not know it any more."""
    try:
        options = apps.get_model(kind)._meta
    except (LookupError, ValueError):
        return _("records")
    return str(options.verbose_name if number == 1 else options.verbose_name_plural)


def summaries(ids: Iterable[int], seen: Q) -> dict[int, Summary]:
    """A summary per change set, of the changes that fulfil ``seen``; sets without any are left out."""
    columns = ("id", "change_set_id", "label", "action", "object_type")
    try:
        changes, facts = Change.objects.filter(seen).order_by().values(*columns).query.sql_with_params()
    except EmptyResultSet:
        return {}
    shown = f"({changes}) c WHERE c.change_set_id = s.id"
    query = (
        "SELECT s.id, f.label, f.action, k.kinds FROM unnest(%s::bigint[]) AS s(id)"  # noqa: S608
        f" CROSS JOIN LATERAL (SELECT label, action FROM {shown} ORDER BY c.id LIMIT 1) f"
        " CROSS JOIN LATERAL (SELECT jsonb_object_agg(object_type, number) kinds FROM"
        f" (SELECT object_type, count(*) number FROM (SELECT object_type FROM {shown} LIMIT {COUNTED + 1}) few"
        " GROUP BY object_type) counted) k"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [list(ids), *facts, *facts])
        return {pk: Summary(label, action, json.loads(kinds)) for pk, label, action, kinds in cursor}
