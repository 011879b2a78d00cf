"""The one verb that writes addresses: owners claim paths, many at once, from forms, files and scripts (18.2 to 18.6).

    claims = [Claim(product.pk, "en_US", generated=slugs.generated("en_US", name, product.pk), typed=typed)]
    for refusal in check("product", claims): ...        # before a save: nothing is written
    outcome = claim("product", claims, recorder)        # inside the transaction of the save

A batch costs a constant number of statements.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from backoffice.history.recording import Recorder
from catalog.urls import loading, owners
from catalog.urls.models import Url
from catalog.urls.planning import Claim, Plan, Refusal, is_clear

__all__ = ["Claim", "Outcome", "Refusal", "check", "claim", "free"]

_CHANGED = ("path", "folded", "is_custom", "is_first", "version", "updated_at")
AT_ONCE = 500
"""More addresses than these are copied with a compact history, and nothing of it stays in memory."""


class Outcome(NamedTuple):
    """``removed`` are redirects of other pages that had to go (reported, 18.6)."""

    written: Sequence[Url]
    refused: Sequence[Refusal]
    removed: Sequence[Url]

    @property
    def notes(self) -> list[str]:
        """What the user is told about redirects that went."""
        return [
            _("The old redirect %(path)s was removed; the address belongs to this page.") % {"path": url.path}
            for url in self.removed
        ]


def check(owner_type: str, claims: Iterable[Claim], *, distinct: bool = False) -> Sequence[Refusal]:
    """What would be refused; writes nothing. Owners that do not exist yet have negative ids, each its own.

    ``distinct`` refuses one new path in two locales of the same owner, as files and sets ask for.
    """
    wanted = list(claims)
    if not distinct and is_clear(owner_type, wanted):
        return []
    return foresee(owner_type, wanted, distinct=distinct).refused


def foresee(owner_type: str, claims: Iterable[Claim], *, distinct: bool = False) -> Outcome:
    """What would be refused, and which redirects of other pages would go; writes nothing."""
    plan = Plan(owner_type, claims, distinct=distinct)
    return Outcome((), plan.refused, plan.robbed)


def claim(
    owner_type: str, claims: Iterable[Claim], recorder: Recorder | None, *, distinct: bool = False
) -> Outcome:
    """Give the owners the paths they claim; refused ones keep what they have. Former paths become redirects.

    ``recorder`` None keeps no history: for owners whose own history holds their addresses.
    """
    wanted = list(claims)
    for is_last in (False, True):
        plan = Plan(owner_type, wanted, distinct=distinct, locks=True)
        try:
            with transaction.atomic():
                _write(plan)
        except IntegrityError:
            # Somebody else took a path between our look and our write: look again.
            if is_last:
                raise
            continue
        break
    if recorder:
        _remember(plan, recorder)
    return Outcome([*plan.changed, *plan.added], plan.refused, plan.robbed)


def free(
    owner_type: str, ids: Collection[int], recorder: Recorder | None, *, locales: Collection[str] = ()
) -> int:
    """Take the addresses of these owners away, in all locales or some, with the redirects that lead to them."""
    pages = Url.objects.of(owner_type, ids)
    pages = list((pages.filter(locale__in=locales) if locales else pages).select_for_update().order_by("pk"))
    gone = [*Url.objects.filter(target__in=pages).select_related("target").order_by("pk"), *pages]
    for url in gone if recorder else ():
        recorder.deleted(url, parent=owners.kind_of(owner_type).parent(url.page.owner_id))
    Url.objects.filter(pk__in=[url.pk for url in gone]).delete()
    settle({url.folded for url in gone})
    return len(pages)


def settle(folded: Collection[str]) -> None:
    """Let exactly one row of each path be the first one; the database then refuses a second owner of a path that
    another transaction gives away in another locale at the same time."""
    with connection.cursor() as cursor:
        for flag, sign in (("false", "<>"), ("true", "=")) if folded else ():
            cursor.execute(
                f"UPDATE urls_url u SET is_first = {flag} "  # noqa: S608 - our own words
                "FROM (SELECT min(id) AS id, folded FROM urls_url WHERE folded = ANY(%s) GROUP BY folded) f "
                f"WHERE u.folded = f.folded AND u.is_first <> {flag} AND u.id {sign} f.id",
                [list(folded)],
            )


def _write(plan: Plan) -> None:
    if plan.removed:
        Url.objects.filter(pk__in=[url.pk for url in plan.removed]).delete()
    if plan.changed:
        _change(plan.changed)
    if len(plan.added) > AT_ONCE:
        loading.load(plan.added)
    else:
        _add([url for url in plan.added if not url.is_redirect])
        # After the pages: redirects refer to them.
        _add([url for url in plan.added if url.is_redirect])
    settle(plan.unsettled)


def _add(rows: Sequence[Url]) -> None:
    for url in rows:
        url.target = url.target
    Url.objects.bulk_create(rows)


def _change(rows: Sequence[Url]) -> None:
    """Two statements for any number of rows. They are parked first: one may take the path that another gives up."""
    ids = [url.pk for url in rows]
    columns = [[getattr(url, name) for url in rows] for name in _CHANGED]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE urls_url SET folded = '?' || id, is_first = false WHERE id = ANY(%s)",
            [ids],
        )
        cursor.execute(
            "UPDATE urls_url u SET path = v.path, folded = v.folded, is_custom = v.is_custom, "
            "is_first = v.is_first, version = v.version, updated_at = v.updated_at "
            "FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bool[], %s::bool[], %s::int[], %s::timestamptz[]) "
            "AS v(id, path, folded, is_custom, is_first, version, updated_at) WHERE u.id = v.id",
            [ids, *columns],
        )


def _remember(plan: Plan, recorder: Recorder) -> None:
    kind = owners.kind_of(plan.owner_type)
    parents = {pk: kind.parent(pk) for pk in {url.page.owner_id for url in (*plan.changed, *plan.added)}}
    for url in plan.removed:
        page = url.page
        recorder.deleted(url, parent=owners.kind_of(page.owner_type).parent(page.owner_id))
    for url in plan.changed:
        recorder.changed(url, plan.before[url.pk], parent=parents[url.owner_id])
    if len(plan.added) > AT_ONCE:
        loading.remember(recorder.change_set, plan.added, kind.model._meta.label_lower)
    else:
        for url in plan.added:
            recorder.added(url, parent=parents[url.page.owner_id])
    if len(plan.changed) > AT_ONCE:
        recorder.flush()
