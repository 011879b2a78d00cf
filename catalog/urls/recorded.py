"""How recorded addresses are put back: each by itself, so that one used elsewhere meanwhile is left and named."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils.translation import gettext as _

from backoffice.history.putting import Meanwhile, Putter, Wanted, nothing, register
from backoffice.history.recording import Snapshot
from catalog.urls.claims import settle
from catalog.urls.models import Url

_SHARED = """
    SELECT min(u.path) FROM urls_url u LEFT JOIN urls_url t ON t.id = u.target_id
    WHERE u.folded = ANY(%s) GROUP BY u.folded
    HAVING count(DISTINCT (coalesce(t.owner_type, u.owner_type), coalesce(t.owner_id, u.owner_id))) > 1
"""


@register(Url)
class UrlPutter(Putter):
    """Keeps the two rules that more than one row can break: one first row per path, one owner per path."""

    def write(self, wanted: Wanted, meanwhile: Meanwhile = nothing) -> None:
        before = {record.folded for record, _state in wanted}
        for record, _state in wanted:
            record.is_first = False
        super().write(wanted, meanwhile)
        _check_and_settle(before | {record.folded for record, _state in wanted})

    def make(self, wanted: Sequence[tuple[int, Snapshot]]) -> list[models.Model]:
        made = super().make(wanted)
        _check_and_settle({record.folded for record in made})
        return made

    def remove(self, records: Sequence[models.Model]) -> None:
        super().remove(records)
        settle({record.folded for record in records})


def _check_and_settle(folded: set[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_SHARED, [list(folded)])
        taken = [path for (path,) in cursor]
    if taken:
        raise ValidationError(
            _("Another page has the address %(path)s."), code="taken", params={"path": taken[0]}
        )
    settle(folded)
