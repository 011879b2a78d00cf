"""The verbs of the tree: save, move, re-sort, delete, and the upkeep of the paths (spec: products 19).

Screens, files and undo all end in :func:`arrange`, the one writer of ``path``, ``depth`` and ``numchild``. What
happened is reported as :mod:`catalog.categories.facts`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.history.recording import Recorder, Snapshot
from backoffice.reactions import report
from catalog.categories import addresses, store_links
from catalog.categories.facts import ACTIVE, MOVED, NAMED, STORES
from catalog.categories.models import Category
from catalog.categories.store_links import states_of
from catalog.urls import claims

STEP = 10
_ALPHABET = Category.alphabet
_LOCK = 19_001


def lock() -> None:
    """Let one transaction at a time change the tree; taken before any row is locked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _step_sql(number: str) -> str:
    """A place among siblings as one step of a treebeard path: 1 is ``0001``, 36 is ``0010``."""
    base = len(_ALPHABET)
    digits = [
        f"substr('{_ALPHABET}', (({number} / {base**power}) % {base})::int + 1, 1)"
        for power in reversed(range(Category.steplen))
    ]
    return " || ".join(digits)


_ARRANGED = f"""
    WITH RECURSIVE placed AS (
        SELECT id, parent_id,
               row_number() OVER (PARTITION BY parent_id ORDER BY node_order, key COLLATE "C", id) AS place
          FROM categories_category),
    counted AS (SELECT parent_id, count(*) AS number FROM categories_category GROUP BY parent_id),
    tree AS (
        SELECT id, {_step_sql("place")} AS path, 1 AS depth FROM placed WHERE parent_id IS NULL
        UNION ALL
        SELECT p.id, t.path || {_step_sql("p.place")}, t.depth + 1
          FROM placed p JOIN tree t ON p.parent_id = t.id),
    wanted AS (
        SELECT t.id, t.path, t.depth, coalesce(k.number, 0) AS numchild
          FROM tree t LEFT JOIN counted k ON k.parent_id = t.id)
"""  # noqa: S608 - our own names
_DIFFERS = '(c.path, c.depth, c.numchild) IS DISTINCT FROM (w.path COLLATE "C", w.depth, w.numchild)'


def arrange() -> int:
    """Derive the paths of the whole tree from parents and order. One statement; gives how many rows were off."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ARRANGED} UPDATE categories_category c SET path = w.path, depth = w.depth, "  # noqa: S608
            f"numchild = w.numchild FROM wanted w WHERE c.id = w.id AND {_DIFFERS}"
        )
        return cursor.rowcount


def misplaced() -> list[str]:
    """The keys of categories whose path, depth or number of children is not what parents and order say."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ARRANGED} SELECT c.key FROM categories_category c "  # noqa: S608
            f"LEFT JOIN wanted w ON w.id = c.id WHERE w.id IS NULL OR {_DIFFERS} ORDER BY 1"
        )
        return [key for (key,) in cursor]


def circles() -> bool:
    """Whether some categories hang on each other instead of on the root."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_ARRANGED} SELECT EXISTS (SELECT 1 FROM categories_category c "  # noqa: S608
            "LEFT JOIN wanted w ON w.id = c.id WHERE w.id IS NULL)"
        )
        return cursor.fetchone()[0]


def report_all(ids: Iterable[int]) -> None:
    """Tell that anything about these categories may be other than before."""
    touched = list(_below(ids))
    for fact in (MOVED, ACTIVE, NAMED, STORES):
        report(fact, touched)


# --- one category ------------------------------------------------------------------------------------


def refuse_below_itself(category: Category, parent: Category | None) -> None:
    """Raise ValidationError where ``parent`` is the category or lies below it."""
    if parent and category.pk and parent.path.startswith(category.path):
        raise ValidationError(
            _("“%(parent)s” lies below this category. Choose a parent outside of it."),
            code="cycle",
            params={"parent": parent},
        )


def save(category: Category, *, stores: Iterable[int], recorder: Recorder) -> Category:
    """Write a category and its store links; what is below follows. The history of the category itself is the
    caller's."""
    lock()
    before = Category.objects.filter(pk=category.pk).first()
    is_placed = before is not None and before.parent_id == category.parent_id
    if not is_placed:
        category.is_root = category.parent_id is None
        category.node_order = _last_number(category.parent_id) + STEP
    category.save()
    if not is_placed:
        arrange()
        category.refresh_from_db(fields=["path", "depth", "numchild"])
    touched = [] if before is None else list(_below([category.pk]))
    stores, linked = set(stores), set()
    if not is_placed or stores != store_links.ids_of(category):
        with recorded(touched, recorder, skip={category.pk}):
            linked = store_links.assign(category, stores) | store_links.trim([category.pk])
    if not is_placed or before.name != category.name:
        addresses.follow(touched or [category.pk], recorder)
    report(STORES, linked)
    if before is not None:
        report(MOVED, [] if is_placed else touched)
        report(ACTIVE, [category.pk] if before.is_active != category.is_active else [])
        report(NAMED, [category.pk] if before.name != category.name else [])
    return category


def follow(
    recorder: Recorder,
    *,
    new: Collection[int],
    moved: Collection[int],
    renamed: Collection[int],
    switched: Collection[int],
    locales: Sequence[str],
) -> None:
    """Bring in line what follows from rows that a file wrote: paths, store links, addresses, reactions. An address
    that is taken in this moment stays with its owner."""
    arrange()
    below = list(_below(moved))
    linked = store_links.inherit(new)
    with recorded(below, recorder):
        linked |= store_links.trim(below)
    addresses.claim({*new, *below, *_below(renamed)}, recorder, locales)
    report(STORES, linked)
    report(MOVED, {*new, *below})
    report(ACTIVE, switched)
    report(NAMED, renamed)


def delete(category: Category, recorder: Recorder) -> None:
    """Delete a category without sub-categories, with its addresses; its siblings close ranks. The history of the
    category itself is the caller's."""
    lock()
    claims.free(addresses.OWNER, [category.pk], recorder)
    category.delete()
    arrange()


def _last_number(parent_id: int | None) -> int:
    rows = Category.objects.filter(parent_id=parent_id).order_by("-node_order")
    return rows.values_list("node_order", flat=True).first() or 0


# --- several at once ---------------------------------------------------------------------------------


def rearrange(
    parent: Category, *, order: Sequence[int], moves: Mapping[int, Category], recorder: Recorder
) -> list[Category]:
    """Re-sort the children of ``parent`` and move some of them below another category, where they come last.

    ``order`` and ``moves`` hold children by id. Those that neither names keep their places, and those of
    ``order`` share the places they held. Gives the moved categories. Raises ValidationError when somebody else
    changed the children meanwhile, a move leads below itself or an address is taken; the caller rolls back.
    """
    lock()
    children = list(Category.objects.filter(parent=parent).select_for_update(of=("self",)))
    held = {child.pk: child for child in children}
    if not {*order, *moves} <= held.keys():
        raise ValidationError(
            _("The sub-categories changed meanwhile. Look at them again, then save."), code="stale"
        )
    touched = list(_below(moves))
    moved = [held[pk] for pk in held if pk in moves]
    for child in moved:
        refuse_below_itself(child, moves[child.pk])
    stay = [child for child in children if child.pk not in moves]
    with recorded({*held, *touched}, recorder):
        changed = _renumber(_permuted(stay, order))
        for child in moved:
            child.parent = moves[child.pk]
            child.node_order = _last_number(child.parent_id) + STEP
            Category.objects.bulk_update([child], ["parent", "node_order"])
        Category.objects.bulk_update(changed, ["node_order"], batch_size=1_000)
        if moved or changed:
            arrange()
        linked = store_links.trim(touched) if moved else set()
    if moved:
        addresses.follow(touched, recorder)
    report(STORES, linked)
    report(MOVED, touched)
    return moved


def _permuted(children: Sequence[Category], order: Sequence[int]) -> list[Category]:
    """The children with those that ``order`` names exchanged among their own places."""
    named = {child.pk: child for child in children if child.pk in set(order)}
    following = iter([named[pk] for pk in order if pk in named])
    return [next(following) if child.pk in named else child for child in children]


def _renumber(children: Sequence[Category]) -> list[Category]:
    """Give the children rising numbers in this order, the ones they hold where these differ. Gives the changed."""
    numbers = sorted(child.node_order for child in children)
    if len(set(numbers)) < len(numbers):
        held = [child.node_order for child in children]
        numbers = numbers if held == numbers and _stands(children) else _fresh(len(children))
    changed = []
    for child, number in zip(children, numbers, strict=True):
        if child.node_order != number:
            child.node_order = number
            changed.append(child)
    return changed


def _stands(children: Sequence[Category]) -> bool:
    """Whether equal numbers already give this order, by the keys."""
    places = [(child.node_order, child.key, child.pk) for child in children]
    return places == sorted(places)


def _fresh(count: int) -> list[int]:
    return [STEP * place for place in range(1, count + 1)]


def _below(ids: Iterable[int]) -> Iterator[int]:
    """These categories and all below them, by id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT b.id FROM ({store_links.BELOW}) AS b",  # noqa: S608
            [list(ids)],
        )
        yield from [pk for (pk,) in cursor]


@contextmanager
def recorded(ids: Iterable[int], recorder: Recorder, *, skip: Iterable[int] = ()) -> Iterator[None]:
    """Write down how these categories change inside the block; those that do get a higher version."""
    wanted = set(ids) - set(skip)
    before: dict[int, Snapshot] = states_of(wanted) if wanted else {}
    yield
    if not before:
        return
    after = states_of(before)
    rows = Category.objects.filter(pk__in=[pk for pk in before if before[pk] != after[pk]])
    for category in rows.order_by("pk"):
        recorder.changed(category, before[category.pk], after[category.pk])
    rows.update(version=F("version") + 1, updated_at=timezone.now())
