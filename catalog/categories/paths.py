"""Reading the tree: full names such as "Garden › Furniture › Benches", and what a type-ahead offers."""

from collections.abc import Iterable

from django.db.models import QuerySet

from catalog.categories.models import Category

BETWEEN = " › "


def trails(categories: Iterable[Category], locale: str = "") -> dict[int, list[Category]]:
    """The ancestors of each category, root first, with their shown names; one query."""
    categories = list(categories)
    wanted = {path for category in categories for path in category.paths_above}
    rows = Category.objects.filter(path__in=wanted).with_name(locale) if wanted else []
    by_path = {row.path: row for row in rows}
    return {
        category.pk: [by_path[path] for path in category.paths_above if path in by_path]
        for category in categories
    }


def full_names(categories: Iterable[Category], locale: str = "") -> dict[int, str]:
    """The names from below the root down to the category itself; the root has its own name."""
    categories = list(categories)
    above = trails(categories, locale)
    return {
        category.pk: BETWEEN.join(
            [*(row.shown_name for row in above[category.pk][1:]), category.name_in(locale)]
        )
        for category in categories
    }


def suggestions(
    rows: QuerySet[Category], text: str, locale: str = "", limit: int = 20
) -> list[tuple[str, str]]:
    """(key, full name) of categories found by key or name, exact keys and short paths first."""
    found = list(rows.named_like(text).order_by("depth", "path")[:limit])
    found.sort(key=lambda row: not row.key.startswith(text))
    names = full_names(found, locale)
    return [(row.key, names[row.pk]) for row in found]
