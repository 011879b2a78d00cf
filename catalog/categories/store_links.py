"""In which stores a category is shown. What a category gains or loses its whole sub-tree gains or loses, and no
category is in a store that its parent is not in (spec: products 19.1, 22.15)."""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from backoffice.history.recording import Snapshot, snapshot
from catalog.categories.models import Category, CategoryStore
from catalog.stores.models import Store

BELOW = (
    "SELECT c.id FROM categories_category t JOIN categories_category c "
    "ON c.path >= t.path AND c.path <= t.path || '~' WHERE t.id = ANY(%s)"
)
"""Categories given by id and all below them, as a range that the index of the paths answers: no step of a path holds
a sign as high as the last one."""


def refuse_beyond_parent(parent: Category | None, stores: Iterable[Store]) -> None:
    """Raise ValidationError for stores that the parent is not in."""
    if parent is None:
        return
    allowed = set(parent.store_links.values_list("store", flat=True))
    beyond = [store.name for store in stores if store.pk not in allowed]
    if beyond:
        raise ValidationError(
            _("The parent “%(parent)s” is not in %(stores)s. Add the store there first."),
            code="conflict",
            params={"parent": parent, "stores": ", ".join(sorted(beyond))},
        )


def ids_of(category: Category) -> set[int]:
    """The ids of the stores of a category."""
    return set(CategoryStore.objects.filter(category=category).values_list("store", flat=True))


def assign(category: Category, stores: set[int]) -> set[int]:
    """Make ``stores`` (ids) the stores of a category. Gives the ids of all categories whose links changed."""
    held = ids_of(category)
    return link([category.pk], stores - held) | unlink([category.pk], held - stores)


def link(ids: Iterable[int], stores: Iterable[int]) -> set[int]:
    """Show categories and all below them in more stores."""
    stores = list(stores)
    if not stores:
        return set()
    return _changed(
        "INSERT INTO categories_categorystore (category_id, store_id) "  # noqa: S608
        f"SELECT b.id, s.id FROM ({BELOW}) b CROSS JOIN unnest(%s::bigint[]) AS s(id) "
        "GROUP BY b.id, s.id ORDER BY b.id, s.id "
        "ON CONFLICT (category_id, store_id) DO NOTHING RETURNING category_id",
        [list(ids), stores],
    )


def unlink(ids: Iterable[int], stores: Iterable[int]) -> set[int]:
    """Take categories and all below them out of stores."""
    stores = list(stores)
    if not stores:
        return set()
    return _changed(
        f"DELETE FROM categories_categorystore WHERE category_id IN ({BELOW}) "  # noqa: S608
        "AND store_id = ANY(%s) RETURNING category_id",
        [list(ids), stores],
    )


def trim(ids: Iterable[int]) -> set[int]:
    """Take categories and all below them out of stores that one of their ancestors is not in."""
    return _changed(
        "DELETE FROM categories_categorystore WHERE id IN ("  # noqa: S608 - our own words
        f"  SELECT l.id FROM ({BELOW}) b JOIN categories_category c ON c.id = b.id"
        "  JOIN categories_categorystore l ON l.category_id = c.id"
        "  CROSS JOIN LATERAL generate_series(1, c.depth - 1) AS up(depth)"
        "  JOIN categories_category a ON a.path = left(c.path, up.depth * %s)"
        "  LEFT JOIN categories_categorystore h ON h.category_id = a.id AND h.store_id = l.store_id"
        "  WHERE h.id IS NULL) RETURNING category_id",
        [list(ids), Category.steplen],
    )


def inherit(ids: Iterable[int]) -> set[int]:
    """Give new categories the stores of the nearest category above them that is not new."""
    ids = list(ids)
    return _changed(
        "INSERT INTO categories_categorystore (category_id, store_id) "
        "SELECT c.id, l.store_id FROM categories_category c CROSS JOIN LATERAL ("
        "  SELECT a.id FROM generate_series(1, c.depth - 1) AS up(depth)"
        "  JOIN categories_category a ON a.path = left(c.path, up.depth * %s)"
        "  WHERE a.id <> ALL(%s) ORDER BY up.depth DESC LIMIT 1) AS above "
        "JOIN categories_categorystore l ON l.category_id = above.id WHERE c.id = ANY(%s) "
        "ON CONFLICT (category_id, store_id) DO NOTHING RETURNING category_id",
        [Category.steplen, ids, ids],
    )


def write(added: Iterable[tuple[str, str]], removed: Iterable[tuple[str, str]]) -> set[int]:
    """Make and take away links given as (category key, store name). Gives the ids of the categories."""
    pairs = "unnest(%s::text[], %s::text[]) AS w(key, name) JOIN categories_category c ON c.key = w.key "
    pairs += "JOIN stores_store s ON s.name = w.name"
    gone = _changed(
        f"DELETE FROM categories_categorystore l USING {pairs} "  # noqa: S608
        "WHERE l.category_id = c.id AND l.store_id = s.id RETURNING l.category_id",
        _columns(removed),
    )
    return gone | _changed(
        f"INSERT INTO categories_categorystore (category_id, store_id) SELECT c.id, s.id FROM {pairs} "  # noqa: S608
        "ON CONFLICT (category_id, store_id) DO NOTHING RETURNING category_id",
        _columns(added),
    )


def _columns(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    pairs = list(pairs)
    return [[key for key, _name in pairs], [name for _key, name in pairs]]


def beyond_parent(ids: Iterable[int]) -> list[tuple[str, str]]:
    """(category, store) of links, among these categories and their children, that the parent does not have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.key, s.name FROM categories_categorystore l "
            "JOIN categories_category c ON c.id = l.category_id JOIN stores_store s ON s.id = l.store_id "
            "WHERE c.parent_id IS NOT NULL AND (c.id = ANY(%s) OR c.parent_id = ANY(%s)) AND NOT EXISTS ("
            "  SELECT 1 FROM categories_categorystore h"
            "   WHERE h.category_id = c.parent_id AND h.store_id = l.store_id) ORDER BY 1, 2",
            [list(ids), list(ids)],
        )
        return cursor.fetchall()


def _changed(query: str, params: list) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return {pk for (pk,) in cursor}


# --- history -----------------------------------------------------------------------------------------


def names_of(ids: Iterable[int]) -> dict[int, list[str]]:
    """The names of the stores of each category, in order."""
    found: dict[int, list[str]] = {pk: [] for pk in ids}
    links = CategoryStore.objects.filter(category__in=list(found)).order_by("store__name")
    for pk, name in links.values_list("category", "store__name"):
        found[pk].append(name)
    return found


def state_of(category: Category, stores: Iterable[str]) -> Snapshot:
    """What history records of a category: its fields and the names of its stores."""
    names = list(stores)
    return snapshot(category, {"stores": names} if names else {})


def states_of(ids: Iterable[int] | Mapping[int, Snapshot]) -> dict[int, Snapshot]:
    """The recorded states of stored categories, two queries whatever their number."""
    names = names_of(ids)
    rows = Category.objects.filter(pk__in=list(names)).select_related("parent")
    return {category.pk: state_of(category, names[category.pk]) for category in rows}
