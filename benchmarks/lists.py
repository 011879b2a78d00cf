"""Lists and forms against a plain view, a stock ModelAdmin and, for products, the same page of a small catalogue."""

import contextlib
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from html import unescape

from benchmarks import catalogue, measure, store
from benchmarks.figures import Figure, against, beside, show

EMAIL = "bench@example.com"
PRODUCTS, SMALL = 200_000, 10_000
PACKAGING = "/packaging/packagingtype/"
PAGES = {
    PACKAGING: {
        "first page": "",
        "last page": "?last=1",
        "sorted by key, descending": "?o=-key",
        "sorted by id": "?o=id",
        "searched, all rows match": "?q=packaging",
        "searched, 111 rows match": "?q=99999",
        "searched, no row matches": "?q=nothing+such",
        "filtered, a tenth matches": "?missing=de_DE",
    },
    "/products/product/": {
        "first page": "",
        "last page": "?last=1",
        "sorted by name": "?o=shown_name",
        "sorted by SKU": "?o=sku",
        "sorted by tax set": "?o=tax_set",
        "searched, a seventh matches": "?q=hammer",
        "searched by a variant's SKU": "?q=p0000123-2",
        "searched by GTIN": "?q=2000000000123",
        "searched, no row matches": "?q=nothing+such",
        "with a variant switched off": "?status=deactivated",
        "in a store": "?store={store}",
        "in a category": "?category={category}",
        "blocked by no picture": "?blocked=no_image",
        "bundles": "?type=bundle",
    },
    "/products/variant/": {
        "first page": "",
        "last page": "?last=1",
        "sorted by name": "?o=shown_name",
        "searched, a seventh matches": "?q=hammer",
        "searched by SKU": "?q=p0000123-2",
        "searched, no row matches": "?q=nothing+such",
        "switched off": "?status=deactivated",
    },
}
MAKE_USER = """
from backoffice.accounts.models import User
User.objects.filter(email="{email}").delete()
User.objects.create_superuser("{email}", "{password}", first_name="Bench", last_name="Mark",
    content_locale="en_US", settings={{"page_size": 100}})
"""


@contextlib.contextmanager
def served(url: str) -> Iterator[tuple[measure.Site, measure.Site]]:
    """Our program and the peer on one database, with a signed-in client of each."""
    environment, password = store.environment(url), secrets.token_urlsafe(16)
    make_user = MAKE_USER.format(email=EMAIL, password=password)
    shell = [sys.executable, "manage.py", "shell", "-v", "0", "-c", make_user]
    subprocess.run(shell, cwd=store.ROOT, env=environment, check=True)
    peer_environment = {**environment, "DJANGO_SETTINGS_MODULE": "benchmarks.peer_settings"}
    with (
        measure.served("backoffice.wsgi", environment) as ours,
        measure.served("benchmarks.peer", peer_environment) as peer,
    ):
        ours.sign_in(EMAIL, password)
        peer.cookies = dict(ours.cookies)
        yield ours, peer


def packaging(rows: int, rounds: int) -> None:
    """One list of a million plain rows."""
    url, server = store.prepare(rows)
    with served(url) as (ours, peer):
        pages = {name: (ours, PACKAGING + query) for name, query in PAGES[PACKAGING].items()}
        pages["some pages on"] = (ours, PACKAGING + page_after(ours, PACKAGING, 3))
        pages |= {"plain": (peer, "/plain" + PACKAGING), "stock": (peer, "/stock" + PACKAGING)}
        taken = measure.medians(pages, rounds)
    first, plain, stock = taken["first page"], taken.pop("plain"), taken.pop("stock")
    figures = [
        against(f"list, 100 rows out of {rows:,}: against a plain view", first, plain, 4),
        beside(f"list, 100 rows out of {rows:,}: against a stock ModelAdmin", first, stock, 1),
    ]
    figures += [
        against(f"list, {name}: against the first page", ms, first, 1.5)
        for name, ms in taken.items()
        if name != "first page"
    ]
    show(f"{server}, medians of {rounds} rounds", figures)


def products(rounds: int) -> None:
    """The lists and forms of a large catalogue."""
    url, server = store.prepare(PRODUCTS, catalogue.FILL, "catalogue")
    small_url, _server = store.prepare(SMALL, catalogue.FILL, "catalogue")
    with served(small_url) as (small, _peer), served(url) as (ours, peer):
        for path in ("/products/product/", "/products/variant/"):
            figures = _list(path, ours, peer, small, rounds)
            show(f"{path}, {PRODUCTS:,} products, {server}, medians of {rounds} rounds", figures)
        show("forms of products, against the plain list", _forms(ours, peer, rounds))


def _list(
    path: str, ours: measure.Site, peer: measure.Site, small: measure.Site, rounds: int
) -> list[Figure]:
    """Every page against the plain view and the same page of the small catalogue, the first against a ModelAdmin."""
    queries = {name: query.format(**_ids(ours)) for name, query in PAGES[path].items()}
    few = {name: query.format(**_ids(small)) for name, query in PAGES[path].items()}
    pages = {}
    for name, query in queries.items():
        # Side by side: what disturbs a moment disturbs both.
        pages |= {name: (ours, path + query), f"small: {name}": (small, path + few[name])}
    pages |= {"plain": (peer, "/plain" + path), "stock": (peer, "/stock" + path)}
    taken = measure.medians(pages, rounds)
    plain, stock = taken["plain"], taken["stock"]
    figures = [beside("first page: against a stock ModelAdmin", taken["first page"], stock, 1)]
    for name in queries:
        figures.append(against(f"{name}: against a plain view", taken[name], plain, 4))
        figures.append(
            against(f"{name}: against {SMALL:,} products", taken[name], taken[f"small: {name}"], 1.5)
        )
    return figures


def _ids(site: measure.Site) -> Mapping[str, str]:
    """A store and a category, read off the filters of the list."""
    _status, page = site.request("GET", "/products/product/")
    store_id = re.search(r'name="store"[^>]*value="(\d+)"', page)
    return {"store": store_id[1] if store_id else "1", "category": "100"}


def _forms(ours: measure.Site, peer: measure.Site, rounds: int) -> list[Figure]:
    _status, page = ours.request("GET", "/products/product/?q=P0000077")
    large = re.search(r"/products/product/(\d+)/", page)[1]
    pages = {
        "plain": (peer, "/plain/products/product/"),
        "form of a product with 1,000 variants": (ours, f"/products/product/{large}/change/"),
        "page of a product with 1,000 variants": (ours, f"/products/product/{large}/"),
        "form of a product with five variants": (ours, "/products/product/1000/change/"),
        "readiness of a product with 1,000 variants": (ours, f"/products/product/{large}/readiness/"),
    }
    taken = measure.medians(pages, rounds)
    plain = taken.pop("plain")
    return [against(name, ms, plain, 4) for name, ms in taken.items()]


def page_after(site: measure.Site, path: str, steps: int) -> str:
    """The address of a later page, found by following *next*."""
    query = ""
    for _step in range(steps):
        _status, page = site.request("GET", path + query)
        query = unescape(re.search(r'href="[^"?]*(\?[^"]*after=[^"]+)"', page)[1])
    return query
