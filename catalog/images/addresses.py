"""Addresses of pictures elsewhere: which are accepted, and from where a preview may load (17.2, import-export 2.17)."""

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from catalog.images.files import ADDRESS

LONGEST = 2048
_NUMBERS = re.compile(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}\.?", re.IGNORECASE)
_INNER_NAMES = (".localhost", ".local", ".internal")


def check(text: str) -> None:
    """Raise ValidationError (``required``, ``too_long``, ``bad_url``) unless a picture may have this address."""
    if not text:
        raise ValidationError(_("Type an address."), code="required")
    if len(text) > LONGEST:
        raise ValidationError(
            _("An address has at most %(limit)d characters, this one has %(length)d.")
            % {"limit": LONGEST, "length": len(text)},
            code="too_long",
        )
    if not _is_address(text):
        raise ValidationError(
            _("“%(address)s” is no address of a picture. Write https://…, //host/… or /path.")
            % {"address": text[:80]},
            code="bad_url",
        )


def _is_address(text: str) -> bool:
    if "\\" in text or not all(c.isprintable() for c in text) or text != text.strip():
        return False
    if text.startswith("/") and not text.startswith("//"):
        return True
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises for a port that is none
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} and not text.startswith("//"):
        return False
    return bool(host) and " " not in parts.netloc and not _is_inner(host)


def _is_inner(host: str) -> bool:
    """Whether a host is literally this machine or a private network, however it is written."""
    host = host.lower().rstrip(".")
    if host == "localhost" or host.endswith(_INNER_NAMES):
        return True
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        # Browsers read 127.1 and 0x7f000001 as numbers, too; nobody writes the address of a shop like that.
        return bool(_NUMBERS.fullmatch(host))
    mapped = getattr(number, "ipv4_mapped", None) or number
    return not mapped.is_global or mapped.is_multicast


def preview(text: str) -> str:
    """Where a page of ours loads the picture from; empty where it may not: the page then shows the address."""
    if text.startswith("/") and not text.startswith("//"):
        own = text.startswith(ADDRESS) or not settings.IMAGE_BASE_URL
        return iri_to_uri(text if own else settings.IMAGE_BASE_URL.rstrip("/") + text)
    return iri_to_uri(text) if any(_allows(source, text) for source in settings.IMAGE_HOSTS) else ""


def _allows(source: str, text: str) -> bool:
    """Whether an entry of ``IMAGE_HOSTS``, a source of the Content-Security-Policy, covers the address."""
    scheme, found, rest = source.partition("://")
    wanted, parts = urlsplit(f"//{rest if found else source}"), urlsplit(text)
    if found and parts.scheme and parts.scheme != scheme:
        return False
    try:
        if wanted.port != parts.port and (wanted.port or parts.port not in {None, 80, 443}):
            return False
    except ValueError:
        return False
    host, pattern = (parts.hostname or "").lower(), (wanted.hostname or "").lower()
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else bool(host) and host == pattern
