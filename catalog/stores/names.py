"""Names of a record's own where a translation may be missing: no row disappears for it (spec: products 0.2).

Where the glossary stands in for missing texts, :mod:`catalog.stores.glossary` says how.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from backoffice.texts import preferred_locales
from catalog.stores.glossary import own_text


class OwnNames(models.QuerySet):
    """For models with a localized ``name`` and a key, the field ``key_path``."""

    key_path = "key"

    def with_name(self, locale: str = "") -> Self:
        """Adds ``shown_name``: the text in ``locale``, else in the other content locales in order, else the key."""
        texts = [own_text(code) for code in preferred_locales(locale)]
        return self.annotate(shown_name=Coalesce(*texts, F(self.key_path), output_field=models.TextField()))

    def without_name_in(self, locales: Iterable[str]) -> Self:
        """Rows that have no name in at least one of ``locales``."""
        missing = Q()
        for code in locales:
            missing |= ~Q(name__has_key=code)
        return self.filter(missing)


def shown_name(key: str, name: Mapping[str, Any], locale: str = "") -> str:
    """What :meth:`OwnNames.with_name` says, for one record at hand."""
    return first_name(key, name, preferred_locales(locale))


def first_name(key: str, name: Mapping[str, Any], locales: Iterable[str]) -> str:
    """The name in the first of these locales that has one, else the key."""
    return next((name[code] for code in locales if name.get(code)), key)
