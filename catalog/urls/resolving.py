"""What answers a path, and the addresses of records for forms and files."""

from collections.abc import Iterable
from typing import NamedTuple

from catalog.urls import owners
from catalog.urls.models import Url
from catalog.urls.slugs import fold


class Found(NamedTuple):
    """The page that a path leads to. ``redirect_to`` is its present path where the asked one is a former one; a shop
    answers with 301. It answers nothing where the owner is not ``is_served``; the path stays reserved (18.4)."""

    owner_type: str
    owner_id: int
    locale: str
    path: str
    redirect_to: str
    is_served: bool


def resolve(path: str, locale: str = "") -> Found | None:
    """The page at ``path``, whatever its case and query string; in ``locale`` where several share it."""
    rows = list(Url.objects.at([fold(path)]).order_by("pk"))
    if not rows:
        return None
    url = min(rows, key=lambda row: (row.locale != locale, row.is_redirect, row.locale))
    page = url.page
    return Found(
        page.owner_type,
        page.owner_id,
        page.locale,
        page.path,
        page.path if url.is_redirect else "",
        owners.is_served(page.owner_type, page.owner_id),
    )


def addresses(owner_type: str, ids: Iterable[int]) -> dict[int, dict[str, Url]]:
    """The pages of these owners: ``{id: {locale: url}}``; one query."""
    found: dict[int, dict[str, Url]] = {}
    for url in Url.objects.of(owner_type, ids).order_by("locale"):
        found.setdefault(url.owner_id, {})[url.locale] = url
    return found


def redirects(owner_type: str, ids: Iterable[int]) -> dict[int, list[Url]]:
    """The former paths that lead to these owners, by id; one query."""
    found: dict[int, list[Url]] = {}
    rows = Url.objects.redirects().filter(target__owner_type=owner_type, target__owner_id__in=ids)
    for url in rows.select_related("target").order_by("path", "locale"):
        found.setdefault(url.page.owner_id, []).append(url)
    return found
