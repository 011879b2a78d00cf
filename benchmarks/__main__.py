"""``make bench``: a line per figure, ending with ``holds`` or ``short``; see BENCH_ROWS, BENCH_ROUNDS and
BENCH_IMPORT_ROWS."""

import os
import re
import secrets
import subprocess
import sys
from html import unescape
from typing import NamedTuple

from benchmarks import imports, measure, store

LIST = "/packaging/packagingtype/"
TITLE = ("what", "ours", "peer", "floor", "ratio", "target")
OURS = {
    "first page": "",
    "last page": "?last=1",
    "sorted by key, descending": "?o=-key",
    "sorted by id": "?o=id",
    "searched, all rows match": "?q=packaging",
    "searched, 111 rows match": "?q=99999",
    "searched, no row matches": "?q=nothing+such",
    "filtered, a tenth matches": "?missing=de_DE",
}
MAKE_USER = """
from backoffice.accounts.models import User
User.objects.filter(email="{email}").delete()
User.objects.create_superuser("{email}", "{password}", first_name="Bench", last_name="Mark",
    content_locale="en_US", settings={{"page_size": 100}})
"""


class Figure(NamedTuple):
    what: str
    ours: float
    peer: float | None
    floor: float | None
    ratio: float
    target: float

    def line(self) -> str:
        times = [f"{ms:.1f} ms" if ms else "-" for ms in (self.ours, self.peer, self.floor)]
        verdict = "holds" if self.ratio <= self.target else "short"
        return row(self.what, *times, f"{self.ratio:.2f}", f"<= {self.target:g}") + verdict


def row(*cells: str) -> str:
    first, *rest = cells
    return f"{first:<58}" + "".join(f"{cell:>11}" for cell in rest) + "  "


def main() -> None:
    rows = int(os.environ.get("BENCH_ROWS", "1000000"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "25"))
    url, server = store.prepare(rows)
    environment = store.environment(url)
    email, password = "bench@example.com", secrets.token_urlsafe(16)
    make_user = MAKE_USER.format(email=email, password=password)
    shell = [sys.executable, "manage.py", "shell", "-v", "0", "-c", make_user]
    subprocess.run(shell, cwd=store.ROOT, env=environment, check=True)
    peer_environment = {**environment, "DJANGO_SETTINGS_MODULE": "benchmarks.peer_settings"}
    with (
        measure.served("backoffice.wsgi", environment) as ours,
        measure.served("benchmarks.peer", peer_environment) as peer,
    ):
        ours.sign_in(email, password)
        peer.cookies = dict(ours.cookies)
        pages = {name: (ours, LIST + query) for name, query in OURS.items()}
        pages["some pages on"] = (ours, LIST + page_after(ours, 3))
        pages["plain"] = (peer, "/plain/")
        pages["stock"] = (peer, "/stock" + LIST)
        taken = measure.medians(pages, rounds)
    report(taken, f"100 rows out of {rows:,}", f"{server}, medians of {rounds} rounds")
    report_imports(int(os.environ.get("BENCH_IMPORT_ROWS", "100000")))


def page_after(site: measure.Site, steps: int) -> str:
    """The address of a later page, found by following *next*."""
    query = ""
    for _step in range(steps):
        _status, page = site.request("GET", LIST + query)
        query = unescape(re.search(r'href="[^"?]*(\?[^"]*after=[^"]+)"', page)[1])
    return query


def report(taken: dict[str, float], what: str, how: str) -> None:
    first, plain, stock = taken["first page"], taken.pop("plain"), taken.pop("stock")
    figures = [
        Figure(f"list, {what}: against a plain view", first, None, plain, first / plain, 4),
        Figure(f"list, {what}: against a stock ModelAdmin", first, stock, None, first / stock, 1),
    ]
    figures += [
        Figure(f"list, {name}: against the first page", ms, None, first, ms / first, 1.5)
        for name, ms in taken.items()
        if name != "first page"
    ]
    print(how)
    print(row(*TITLE))
    for figure in figures:
        print(figure.line())


def report_imports(rows: int) -> None:
    found = imports.measured(rows)
    ms = {name: value * 1000 for name, value in found.items()}
    new, changed, same = ms["new"], ms["changed"], ms["unchanged"]
    undone, restored = ms["undo new"], ms["undo changed"]
    what = f"import of {rows:,} attributes"
    figures = [
        Figure(f"{what}, new: against a bare COPY", new, None, ms["copy"], new / ms["copy"], 2),
        Figure(f"{what}, new: against import-export", new, ms["peer new"], None, new / ms["peer new"], 0.05),
        Figure(
            f"{what}, changed: against import-export",
            changed,
            ms["peer changed"],
            None,
            changed / ms["peer changed"],
            0.05,
        ),
        Figure(f"{what}, unchanged: against changed", same, None, changed, same / changed, 0.2),
        Figure(f"{what}, undone: against the import", undone, None, new, undone / new, 1),
        Figure(f"{what}, changes undone: against the import", restored, None, changed, restored / changed, 1),
    ]
    print(row(*TITLE))
    for figure in figures:
        print(figure.line())
    sizes = {"memory": (rows // 10, rows * 10), "workbook": (rows // 10, rows)}
    for name, (few, many) in sizes.items():
        small, large = found[f"{name} small"], found[f"{name} large"]
        verdict = "holds" if large < 300 and large < 1.5 * small else "short"
        said = "memory of an import" if name == "memory" else "memory of the check of a workbook"
        print(
            f"{said}, {few:,} and {many:,} rows: {small:.0f} MB and {large:.0f} MB, < 300 MB, flat  {verdict}"
        )


if __name__ == "__main__":
    main()
