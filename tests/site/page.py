"""What a page is made of, and what must not be in it."""

import re
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNLABELLED_TYPES = {"hidden", "submit", "button", "reset", "image"}


class Page(HTMLParser):
    """The tags of a page with their attributes and the text inside."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[dict[str, Any]] = []
        self._open: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.feed(text)
        self.faults += [
            f"<{tag['tag']}> is not closed" for tag in self._open if tag["tag"] not in {"p", "li"}
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {"tag": tag, "attrs": dict(attrs), "text": "", "within": [*self._open]}
        if len(dict(attrs)) != len(attrs):
            self.faults.append(f"<{tag}> names an attribute twice")
        self.tags.append(found)
        if tag not in VOID:
            self._open.append(found)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append({"tag": tag, "attrs": dict(attrs), "text": "", "within": [*self._open]})

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            if self._open[place]["tag"] == tag:
                del self._open[place:]
                return
        self.faults.append(f"</{tag}> closes nothing")

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            tag["text"] += data

    def all(self, *names: str) -> list[dict[str, Any]]:
        return [tag for tag in self.tags if tag["tag"] in names]

    def problems(self) -> list[str]:
        """Everything that a page of ours must not have, as sentences."""
        return [
            *self.faults,
            *self._inline(),
            *self._unlabelled(),
            *self._headings(),
            *self._forms(),
            *self._doubles(),
        ]

    def _inline(self) -> list[str]:
        found = [f"inline <{tag['tag']}>" for tag in self.all("style")]
        found += ["inline <script>" for tag in self.all("script") if "src" not in tag["attrs"]]
        for tag in self.tags:
            for name, value in tag["attrs"].items():
                if name == "style" or name.startswith("on"):
                    found.append(f"<{tag['tag']} {name}>")
                if name in {"href", "src", "action"} and (value or "").strip().lower().startswith(
                    "javascript:"
                ):
                    found.append(f"<{tag['tag']} {name}=javascript:>")
        return found

    def _unlabelled(self) -> list[str]:
        labelled = {tag["attrs"].get("for") for tag in self.all("label")}
        found = []
        for tag in self.all("input", "select", "textarea"):
            attrs = tag["attrs"]
            if tag["tag"] == "input" and attrs.get("type") in UNLABELLED_TYPES:
                continue
            wrapped = any(outer["tag"] == "label" for outer in tag["within"])
            if not (wrapped or attrs.get("id") in labelled or named(attrs)):
                found.append(f"<{tag['tag']} name={attrs.get('name')}> has no label")
        for tag in self.all("button", "a", "summary"):
            picture = [i for i in self.all("img") if tag in i["within"] and i["attrs"].get("alt")]
            if not (tag["text"].strip() or named(tag["attrs"]) or picture):
                found.append(f"<{tag['tag']} {tag['attrs']}> has no words")
        found += [
            f"<img src={tag['attrs'].get('src')}> has no alt"
            for tag in self.all("img")
            if "alt" not in tag["attrs"]
        ]
        return found

    def _headings(self) -> list[str]:
        headings = self.all("h1")
        found = [] if len(headings) == 1 else [f"{len(headings)} h1"]
        found += ["an empty heading" for tag in self.all("h1", "h2", "h3") if not tag["text"].strip()]
        found += ["no <main>"] if len(self.all("main")) != 1 else []
        found += ["no language"] if not all(tag["attrs"].get("lang") for tag in self.all("html")) else []
        return found

    def _forms(self) -> list[str]:
        tokens = [t for t in self.all("input") if t["attrs"].get("name") == "csrfmiddlewaretoken"]
        return [
            f"<form action={form['attrs'].get('action')}> has no token"
            for form in self.all("form")
            if (form["attrs"].get("method") or "get").lower() == "post"
            and not any(form in token["within"] for token in tokens)
        ]

    def _doubles(self) -> list[str]:
        names = [tag["attrs"]["id"] for tag in self.tags if tag["attrs"].get("id")]
        return [f"the id {name} is used twice" for name in sorted({n for n in names if names.count(n) > 1})]


def named(attrs: dict[str, Any]) -> bool:
    return bool(attrs.get("aria-label") or attrs.get("aria-labelledby") or attrs.get("title"))


def compact(response: HttpResponse) -> str:
    """The HTML without line breaks and indentation: single spaces, and none beside a tag."""
    text = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r" ?(<[^>]*?) ?(/?>) ?", r"\1\2", text)
