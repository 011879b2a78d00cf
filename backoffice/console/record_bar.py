"""The bar that all pages of a record share: overview, the tabs of its form, further pages, history, in one order; and
the way that leads to a page of a record."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.console.forms import BoundTab


class TabLink(NamedTuple):
    """An entry of the bar. ``is_here`` marks a tab of the form that the page shows itself."""

    label: Any
    url: str
    is_current: bool = False
    is_here: bool = False
    problems: int = 0


def links(
    request: HttpRequest, screen: Any, record: Any, head: dict[str, Any], bound: Sequence[BoundTab] = ()
) -> list[TabLink]:
    """The entries for this user. ``bound`` are the tabs that the page shows as a form; a second form of the record
    stands under the entry that leads to it."""
    problems = {tab.key: len(tab.problems) for tab in bound}
    found = [TabLink(_("Overview"), head["view_url"], head["current"] == "view")]
    labels = {str(_("History"))} if head["history_url"] else set()
    for tab in (screen.owner or screen).form_tabs(request, record) if head["change_url"] else ():
        labels.add(str(tab.label))
        if tab.key not in problems:
            found.append(TabLink(tab.label, f"{head['change_url']}#{tab.key}"))
        else:
            is_whole = screen.owner is None
            url = f"#{tab.key}" if is_whole else request.path
            found.append(TabLink(tab.label, url, not is_whole, is_whole, problems[tab.key]))
    for label, url in head["pages"]:
        if str(label) not in labels:
            is_current = url == request.path
            found.append(TabLink(label, url, is_current, problems=is_current and sum(problems.values())))
    if head["history_url"]:
        found.append(TabLink(_("History"), head["history_url"], head["current"] == "history"))
    return found


def crumbs(request: HttpRequest, screen: Any, record: Any, list_url: str = "") -> list[tuple[str, str]]:
    """What stands before the name of a page of a record: its list, and the record."""
    name = screen.title_of(request, record)
    return [
        (capfirst(str(screen.tab_label)), list_url or screen.list_url),
        (name, screen.url("view", pk=record.pk)),
    ]
