"""The boxes of a page's form, as a browser without scripts would send them."""

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


class Boxes(HTMLParser):
    """The boxes of all forms that are sent to the page itself, by name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.depth = 0
        self.area: str | None = None
        self.choice: tuple[str, list[str]] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "form":
            self.depth = 1 if facts.get("method") == "post" and not facts.get("action") else 0
        name = facts.get("name")
        if tag == "option" and self.choice and "selected" in facts:
            self.choice[1].append(facts.get("value") or "")
        if not self.depth or not name or "disabled" in facts:
            return
        if tag == "input" and facts.get("type") not in {"submit", "file"}:
            is_tick = facts.get("type") in {"checkbox", "radio"}
            if not is_tick or "checked" in facts:
                self.found.setdefault(name, []).append(facts.get("value", "on" if is_tick else "") or "")
        elif tag == "textarea":
            self.found.setdefault(name, []).append("")
            self.area = name
        elif tag == "select":
            self.choice = (name, self.found.setdefault(name, []))

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area][-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.depth = 0
        elif tag == "textarea" and self.area:
            self.found[self.area][-1] = self.found[self.area][-1].removeprefix("\n")
            self.area = None
        elif tag == "select":
            self.choice = None


def boxes(page: HttpResponse) -> dict[str, list[str]]:
    return Boxes(page.content.decode()).found


def send(
    client: Client, page: HttpResponse, press: str = "_save", value: str = "1", **changes: Any
) -> HttpResponse:
    """Press a button of ``page`` after changing some boxes: a text, several texts, or None for none."""
    data: dict[str, Any] = {**boxes(page), press: [value]}
    for name, typed in changes.items():
        data.pop(name, None)
        if typed is not None:
            data[name] = (
                list(typed) if isinstance(typed, Iterable) and not isinstance(typed, str) else [typed]
            )
    return client.post(page.wsgi_request.get_full_path(), data)
