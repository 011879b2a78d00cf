"""The addresses of category pages: language, then the names from below the root down (spec: products 19.1).

The root has none. They follow by themselves whatever changes a name or a place; nobody types them.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.history.recording import Recorder
from backoffice.texts import content_locales, preferred_locales
from catalog.categories.models import Category
from catalog.stores.names import first_name
from catalog.urls import claims, owners, slugs
from catalog.urls.claims import Claim, Outcome, Refusal

OWNER = "category"
UNSAVED = -1
"""The id of a category that is about to be made."""


def follow(ids: Collection[int], recorder: Recorder) -> Outcome:
    """The same as :func:`claim`. Raises ValidationError when another page has one of the addresses."""
    outcome = claim(ids, recorder)
    refuse(outcome.refused)
    return outcome


def claim(ids: Collection[int], recorder: Recorder, locales: Sequence[str] = ()) -> Outcome:
    """Give these stored categories the addresses of their names and places, by default in all content locales."""
    locales = locales or content_locales()
    wanted = _with_ancestors(ids)
    for locale, nameless in _nameless(wanted, ids, locales).items():
        claims.free(OWNER, nameless, recorder, locales=[locale])
    return claims.claim(OWNER, claims_of(ids, wanted, locales), recorder)


def refuse(refused: Sequence[Refusal]) -> None:
    """Raise ValidationError with the first refusal."""
    if refused:
        raise ValidationError("%(sentence)s", code=refused[0].code, params={"sentence": refused[0].message})


def check(category: Category) -> None:
    """Raise ValidationError where saving this category, stored or not, would claim an address that is taken."""
    if category.pk and not _is_readdressed(category):
        return
    pk = category.pk or UNSAVED
    below = list(Category.objects.below(category)) if category.pk else []
    wanted = _with_ancestors([category.parent_id] if category.parent_id else [])
    wanted |= {row.pk: row for row in below} | {pk: category}
    refuse(claims.check(OWNER, claims_of([pk, *(row.pk for row in below)], wanted, content_locales())))


def _is_readdressed(category: Category) -> bool:
    stored = Category.objects.get(pk=category.pk)
    return (stored.parent_id, stored.name) != (category.parent_id, category.name)


def claims_of(ids: Iterable[int], categories: Mapping[int, Category], locales: Sequence[str]) -> list[Claim]:
    """One claim per category and locale in which it has a name; ``categories`` holds them and their ancestors."""
    found = []
    parts = {code: _Parts(code) for code in locales}
    for pk in ids:
        line = _line(pk, categories)
        if len(line) < 2:
            continue
        own = line[-1]
        for code in locales:
            if own.name.get(code):
                path = slugs.joined(code, map(parts[code].of, line[1:]))
                found.append(Claim(pk, code, path, leaves_redirect=own.is_active and pk > 0))
    return found


class _Parts:
    """What each category adds to the paths of a locale: spelled once, however many are below it."""

    def __init__(self, locale: str) -> None:
        self.order = preferred_locales(locale)
        self.known: dict[int | None, str] = {}

    def of(self, row: Category) -> str:
        if row.pk not in self.known:
            self.known[row.pk] = slugs.part(first_name(row.key, row.name, self.order))
        return self.known[row.pk]


def _line(pk: int, categories: Mapping[int, Category]) -> list[Category]:
    """From the root down to the category. One that hangs on nothing known has no line."""
    line, seen = [], set()
    at: int | None = pk
    while at is not None:
        if at in seen or at not in categories:
            return []
        seen.add(at)
        line.append(categories[at])
        at = categories[at].parent_id
    return line[::-1]


def _with_ancestors(ids: Iterable[int]) -> dict[int, Category]:
    """These categories and everything above them, two queries."""
    rows = list(Category.objects.filter(pk__in=list(ids)))
    above = {path for row in rows for path in row.paths_above}
    return {row.pk: row for row in [*Category.objects.filter(path__in=above), *rows]}


def _nameless(
    categories: Mapping[int, Category], ids: Iterable[int], locales: Sequence[str]
) -> dict[str, list[int]]:
    """Per locale the categories that have no name there, or are the root, so that they keep no address."""
    found: dict[str, list[int]] = {}
    for pk in ids:
        row = categories[pk]
        for code in locales:
            if row.parent_id is None or not row.name.get(code):
                found.setdefault(code, []).append(pk)
    return found


# --- what the table of addresses asks ----------------------------------------------------------------


def named(ids: Collection[int]) -> dict[int, owners.Owner]:
    return {
        row.pk: owners.Owner(
            _("category “%(name)s”") % {"name": row.name_in()},
            reverse("admin:categories_category_view", kwargs={"pk": row.pk}),
        )
        for row in Category.objects.filter(pk__in=list(ids))
    }


def served(ids: Collection[int]) -> set[int]:
    """Active categories; a store shows those that are linked to it."""
    return set(Category.objects.active().filter(pk__in=list(ids)).values_list("pk", flat=True))


def register() -> None:
    """Called when the apps are ready."""
    owners.register(owners.Kind(OWNER, Category, named, served))
