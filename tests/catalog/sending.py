"""What a browser sends of a form that nobody touched: the values of the page's main form."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class _Form(HTMLParser):
    """Reads the form that is guarded against leaving; boxes that belong to another form are none of it."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.is_inside = False
        self.area: str | None = None
        self.select: str | None = None
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.is_inside = "data-guard" in given
        if not self.is_inside or "form" in given or "disabled" in given:
            return
        name = given.get("name")
        if tag == "input" and name and given.get("type") not in {"submit", "file", "button"}:
            if given.get("type") not in {"checkbox", "radio"} or "checked" in given:
                self.put(name, given.get("value") or ("on" if given.get("type") == "checkbox" else ""))
        elif tag == "textarea":
            self.area, self.text = name, []
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in given:
            self.put(self.select, given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_inside = False
        elif tag == "textarea" and self.area:
            self.put(self.area, "".join(self.text).removeprefix("\n"))
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text.append(data)

    def put(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


def untouched(client: Client, url: str) -> dict[str, Any]:
    """The values of the form at ``url``, with the button *Save and stay*."""
    response = client.get(url)
    assert response.status_code == 200
    reader = _Form()
    reader.feed(response.content.decode())
    return {**reader.values, "_stay": "1"}
