"""Every address of the site, as the URL resolver knows it, and how to call it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from backoffice.accounts.models import User
from backoffice.console.rights import Asked
from backoffice.console.site import site
from tests.site.rows import row

MISSING = {"pk": 999_999_999, "token": "no-such-row"}
OTHER_PARTS = {"uidb64": "MQ", "token": "no-token", "name": "aa/none.png"}
"""Parts of an address that are not the key of a row."""


class Address(NamedTuple):
    """``model`` is the model whose screen the address belongs to, None for addresses of the site."""

    name: str
    pattern: URLPattern
    model: type[Model] | None

    @property
    def right(self) -> Asked | None:
        return getattr(self.pattern.callback, "right", None)

    @property
    def parts(self) -> set[str]:
        return set(self.pattern.pattern.converters)

    @property
    def has_row(self) -> bool:
        return self.model is not None and bool(self.parts & set(MISSING))

    def url(self, **keys: Any) -> str:
        return reverse(
            f"admin:{self.name}", kwargs={part: {**OTHER_PARTS, **keys}[part] for part in self.parts}
        )

    def url_of(self, record: Any) -> str:
        return self.url(**{part: getattr(record, part) for part in self.parts & set(MISSING)})

    def url_of_row(self, user: User | None) -> str:
        """The address for a row made for it; addresses without a row are themselves."""
        return self.url_of(row(self.model, user)) if self.has_row else self.url()

    def url_of_missing_row(self) -> str:
        return self.url(**MISSING)


def every_address() -> list[Address]:
    owners = {
        address.name: model for model, screen in site._registry.items() for address in screen.addresses()
    }
    return [Address(p.name, p, owners.get(p.name)) for p in flat(get_resolver().url_patterns)]


def flat(patterns: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from flat(pattern.url_patterns)
        else:
            yield pattern


ADDRESSES = every_address()
NAMES = [address.name for address in ADDRESSES]
LISTS = [address for address in ADDRESSES if address.name.endswith("_changelist")]
