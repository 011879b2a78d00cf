"""How an address is spelled: slugs of names, generated paths, and the form in which two paths are compared.

Slugs are made here and nowhere else, so that a form, a file and a script give the same address.
"""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from django.conf import settings
from django.utils.translation import gettext_lazy

LONGEST = 255
_SHAPE = re.compile(r"/[^/\s\\?#<>\"\x00-\x1f\x7f][^\s\\?#<>\"\x00-\x1f\x7f]*\Z")
_FOREIGN = re.compile(r"[\s\\/?#<>\"\x00-\x1f\x7f]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
RULE = gettext_lazy(
    "an address begins with one / and goes on behind it; it has no blanks, no backslashes, none of ? # < > and no "
    "quotes, and no part of it is . or .."
)
"""What :func:`is_path` asks for, as the second half of a sentence."""

_SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "œ": "oe", "ø": "oe", "å": "aa"}
)
_SPELLED |= str.maketrans({"đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "&": " ", "'": "", "’": ""})


def slug(name: str) -> str:
    """``"Höhe 1,5 m & mehr"`` becomes ``"hoehe-1-5-m-mehr"``. Letters of other scripts stay."""
    plain = unicodedata.normalize("NFC", name).lower().translate(_SPELLED)
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return "-".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain)))


def prefix(locale: str) -> str:
    """What addresses of a locale begin with: ``/en``, or by setting ``/en-us``."""
    code = locale.replace("_", "-").lower()
    return "/" + (code if settings.URLS_WITH_FULL_LOCALE else code[:2])


def generated(locale: str, name: str, number: int) -> str:
    """The path of a record by its name and id: ``/en/lamp-arc-17`` (18.2)."""
    tail = f"-{number}"
    room = LONGEST - len(prefix(locale)) - 1 - len(tail)
    return f"{prefix(locale)}/{slug(name)[:room].strip('-')}{tail}".replace("/-", "/")


def is_path(path: str) -> bool:
    """Whether a page may have this path: one that browsers and caches neither cut nor rewrite, spelled as it is or
    with percent signs (18.1, 25)."""
    meant = unquote(path)
    return bool(_SHAPE.match(path)) and not _CONTROL.search(meant) and not _climbs(meant)


def _climbs(path: str) -> bool:
    return any(part in {".", ".."} for part in re.split(r"[/\\]", path))


def nested(locale: str, names: Iterable[str]) -> str:
    """The path of a category: the names below the root, blanks to ``-``, lower case (19.1)."""
    return joined(locale, map(part, names))


def part(name: str) -> str:
    """What a name adds to the path of a category; nothing where it would leave it."""
    found = "-".join(_FOREIGN.sub(" ", name).split()).lower()
    return "" if _climbs(unquote(found)) else found


def joined(locale: str, parts: Iterable[str]) -> str:
    """The path of the parts of its names."""
    return "/".join([prefix(locale), *filter(None, parts)])


def fold(path: str) -> str:
    """A path as it is compared: without regard to case and query string (18.1)."""
    return unicodedata.normalize("NFC", path.partition("?")[0]).lower()
