"""Rich text: one allow-list for everything that is typed or shown (users-and-roles 10.3).

Form input is cleaned when it is saved, every text when it is shown; imported text is stored as it came.
"""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

import nh3

TAGS = {
    *("p", "br", "hr", "div", "span", "blockquote", "pre", "code"),
    *("b", "strong", "i", "em", "u", "s", "small", "sub", "sup"),
    *("h2", "h3", "h4", "h5", "h6"),
    *("ul", "ol", "li", "dl", "dt", "dd"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("a", "img"),
}
ATTRIBUTES = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "th": {"colspan", "rowspan", "scope"},
    "td": {"colspan", "rowspan"},
    "ol": {"start"},
}
_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_PICTURE = re.compile(r"(https?:)?//[^/]|/(?!/)", re.IGNORECASE)
_DROPPED_WITH_CONTENT = {
    "script",
    "style",
    "template",
    "noscript",
    "iframe",
    "object",
    "svg",
    "math",
    "title",
}


def _address(tag: str, name: str, value: str) -> str | None:
    """Links lead to http, https and mailto; pictures come from http, https, ``//host`` and absolute paths."""
    if (tag, name) == ("a", "href"):
        return value if _LINK.match(value.strip()) else None
    if (tag, name) == ("img", "src"):
        return value if _PICTURE.match(value.strip()) and "\\" not in value else None
    return value


_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes=ATTRIBUTES,
    attribute_filter=_address,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
_stripper = nh3.Cleaner(tags=set(), attributes={}, clean_content_tags=_DROPPED_WITH_CONTENT, link_rel=None)


_OTHERS = r'(?:\s+(?!{}=)[\w-]+="[^"]*")*\s*'
_EMPTY_PICTURE = re.compile(rf"<img{_OTHERS.format('src')}>")
_EMPTY_LINK = re.compile(rf"<a{_OTHERS.format('href')}>(.*?)</a>", re.DOTALL)
"""A picture without a source and a link that leads nowhere, as the cleaner writes them: the one goes, of the other its
text stays."""


def clean(text: str) -> str:
    """``text`` with nothing but what the allow-list knows. Cleaning twice gives the same as once."""
    if not any(sign in text for sign in "<>&"):
        return text
    return _EMPTY_LINK.sub(r"\1", _EMPTY_PICTURE.sub("", _cleaner.clean(text)))


def plain_text(text: str) -> str:
    """``text`` without tags and without ``&nbsp;``, for search engines and previews; to be escaped by who prints it."""
    if "<" not in text and "&" not in text:
        return text
    spaced = re.sub(r"(<(br|/p|/li|/h[1-6]|/div|/td|/th)\b)", r" \1", text, flags=re.IGNORECASE)
    return " ".join(unescape(_stripper.clean(spaced)).replace("\xa0", " ").split())


_KEPT_ANYWHERE = TAGS - {"a", "img", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
_bare = re.compile(rf"</?(?:{'|'.join(sorted(_KEPT_ANYWHERE))})\s*/?>", re.IGNORECASE)


class _Names(HTMLParser):
    """The tags and attributes of a text, as often as they occur."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: Counter[str] = Counter()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[f"<{tag}>"] += 1
        for name, value in attrs:
            # The address itself counts: another one in its place is a removal, too.
            shown = f" {name}={value}" if name in {"href", "src"} else f" {name}"
            self.found[f"<{tag}{shown}>"] += 1

    def handle_comment(self, data: str) -> None:
        self.found["<!-- -->"] += 1


def what_cleaning_removes(text: str) -> list[str]:
    """Tags and attributes that :func:`clean` would take away, such as ``<script>`` and ``<p onclick>``, each once.
    A tag that goes is named without its attributes."""
    if "<" not in text or "<" not in _bare.sub("", text):
        return []
    before, after = _Names(text).found, _Names(_cleaner.clean(text)).found
    gone = [name for name in before if before[name] > after[name] and not name.startswith("<a rel")]
    tags = {name for name in gone if " " not in name}
    return [name for name in gone if name in tags or name.partition(" ")[0] + ">" not in tags]
