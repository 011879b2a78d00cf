"""What the start page tells those who look after products: what waits, and what keeps products from being sold."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice import actor
from backoffice.console import start
from backoffice.console.paging import Count
from backoffice.console.site import site
from backoffice.console.start import Panel, Tile
from catalog.products import approval, finding
from catalog.products.admin.product_list import check_choices
from catalog.products.models import Product, Variant
from catalog.products.readiness import counting
from catalog.products.readiness.counting import Figure, Spread

ANY, PICTURE, PLACE = "any", ("no_image",), ("no_category", "no_tax_set")
NEARLY = 2
"""So many failing checks at most count as nearly ready."""
WIDTH, LEFT, FLOOR = 800, 44, 150
"""The chart: its width, where the bars begin and where they stand."""


class Known(NamedTuple):
    """What tiles and panels of one request tell; ``labels`` names the checks that are shown."""

    labels: dict[str, str]
    failing: dict[str, Figure]
    spread: Spread


def looks_after(request: HttpRequest) -> bool:
    """Whether the user can mend what these figures tell: they are work, not news."""
    return site._registry[Product].may(request, "change")


def known(request: HttpRequest) -> Known:
    """The figures, asked once per request."""
    return actor.remembered("products.start", lambda: _known(request))


def _known(request: HttpRequest) -> Known:
    labels = dict(check_choices(request))
    products = site._registry[Product].list_rows(request)
    groups = {ANY: [*labels], "place": [*PLACE], **{code: [code] for code in labels}}
    return Known(labels, counting.failing(products, groups), counting.spread(products, [*labels]))


def link(codes: Sequence[str]) -> str:
    """The list of products that fail one of these checks."""
    return f"{site._registry[Product].list_url}?{urlencode({'blocked': list(codes)}, doseq=True)}"


def printed(figure: Figure | Count) -> str:
    return intcomma(figure.number) + ("+" if figure.is_capped else "")


def tiles(request: HttpRequest) -> list[Tile]:
    """The queues of a product manager. Each leads to the list it counts."""
    if not looks_after(request):
        return []
    failing = known(request).failing
    lacking = (
        (
            _("Not ready to sell"),
            "circle-alert",
            failing[ANY],
            _share(known(request)),
            [*known(request).labels],
        ),
        (_("Without a picture"), "image", failing[PICTURE[0]], _("no customer sees what they buy"), PICTURE),
        (
            _("No category or tax set"),
            "folder-tree",
            failing["place"],
            _("nobody finds or can buy them"),
            PLACE,
        ),
    )
    found = [
        Tile(label, icon, printed(figure), words, link(codes), _colour(figure))
        for label, icon, figure, words, codes in lacking
    ]
    return [*_waiting(request), *found, *_ending(request)]


def _colour(figure: Figure | Count) -> str:
    return "bo-warn" if figure.number else "bo-ok"


def _share(told: Known) -> str:
    """What part of the catalogue a figure is, where both are known."""
    failing, spread = told.failing[ANY], told.spread
    if failing.is_capped or spread.is_part or not spread.total:
        return _("at least one check fails")
    part = number_format(round(100 * failing.number / spread.total, 1), decimal_pos=1)
    total = intcomma(spread.total)
    return ngettext("%(part)s %% of %(total)s product", "%(part)s %% of %(total)s products", spread.total) % {
        "part": part,
        "total": total,
    }


def _waiting(request: HttpRequest) -> list[Tile]:
    """Products waiting for approval, while it is on and for those who may approve."""
    screen = site._registry[Product]
    if not (approval.is_on() and screen.may(request, "approve")):
        return []
    count = Count.of(finding.of_approval(screen.list_rows(request), [Product.Approval.WAITING]))
    url = f"{screen.list_url}?{urlencode({'approval': Product.Approval.WAITING.value})}"
    return [
        Tile(
            _("Waiting for approval"),
            "clock",
            printed(count),
            _("approve or deny them"),
            url,
            _colour(count),
        )
    ]


def _ending(request: HttpRequest) -> list[Tile]:
    """Variants that go off sale within a week."""
    screen = site._registry[Variant]
    count = Count.of(finding.ending(screen.list_rows(request), [finding.WEEK]))
    url = f"{screen.list_url}?{urlencode({'ends': finding.WEEK})}"
    return [
        Tile(_("Going off sale in 7 days"), "calendar", printed(count), _("variants"), url, _colour(count))
    ]


# --- panels --------------------------------------------------------------------------------------


def missing(request: HttpRequest) -> Panel | None:
    """Which checks fail, most frequent first, each with its list."""
    if not looks_after(request):
        return None
    told = known(request)
    found = sorted(
        ((figure, told.labels[code], code) for code, figure in told.failing.items() if code in told.labels),
        key=lambda each: -each[0].number,
    )
    lines = [
        {"label": label, "figure": printed(figure), "number": str(figure.number), "url": link([code])}
        for figure, label, code in found
        if figure.number
    ]
    most = max((figure.number for figure, _label, _code in found), default=0)
    return Panel("products/start_missing.html", {"lines": lines, "most": str(most)})


class Bar(NamedTuple):
    """One bar of the chart; places are texts, so that no language puts its own decimal sign into them."""

    css: str
    x: str
    y: str
    width: str
    height: str
    middle: str
    passed: int


def readiness(request: HttpRequest) -> Panel | None:
    """How many checks the products pass."""
    if not looks_after(request):
        return None
    told = known(request)
    spread, checks = told.spread, len(told.labels)
    if not spread.total:
        return None
    groups = [0, 0, 0]
    for failing, number in spread.failing.items():
        groups[_group(failing)] += number
    context = {
        "bars": _bars(spread, checks),
        "lines": _lines(max(spread.failing.values())),
        "ready": intcomma(groups[0]),
        "nearly": intcomma(groups[1]),
        "far": intcomma(groups[2]),
        "checks": checks,
        "newest": intcomma(counting.NEWEST) if spread.is_part else "",
        "words": "; ".join(
            ngettext("%(number)s product passes %(passed)s", "%(number)s products pass %(passed)s", number)
            % {"number": intcomma(number), "passed": checks - failing}
            for failing, number in spread.failing.items()
        ),
        "url": site._registry[Product].list_url,
    }
    return Panel("products/start_readiness.html", context, is_wide=True)


def _group(failing: int) -> int:
    return 0 if not failing else 1 if failing <= NEARLY else 2


def _top(most: int) -> int:
    """The end of the scale: the next round number that three steps divide."""
    step = 1
    while 3 * step < most:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return 3 * step


def _bars(spread: Spread, checks: int) -> list[Bar]:
    first = max(0, min(checks - max(spread.failing), checks - 5))
    room = (WIDTH - LEFT) / (checks - first + 1)
    top, width = _top(max(spread.failing.values())), min(room * 0.64, 64)
    found = []
    for passed in range(first, checks + 1):
        number = spread.failing.get(checks - passed, 0)
        high = max(number / top * (FLOOR - 12), 1.5) if number else 0
        middle = LEFT + (passed - first + 0.5) * room
        css = ("f2", "f1", "f3")[_group(checks - passed)]
        places = (middle - width / 2, FLOOR - high, width, high, middle)
        found.append(Bar(css, *(f"{place:.1f}" for place in places), passed))
    return found


def _lines(most: int) -> list[tuple[str, str]]:
    """The height and the number of each line of the scale."""
    top = _top(most)
    return [(f"{FLOOR - (FLOOR - 12) * i / 3:.1f}", intcomma(top * i // 3)) for i in range(4)]


start.tiles.append(tiles)
start.panels += [readiness, missing]
