"""Names of products and variants where a translation may be missing: no row disappears for it (products 0.2)."""

from typing import Self

from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Coalesce, Lower

from backoffice.texts import preferred_locales
from catalog.stores.glossary import own_text
from catalog.stores.names import OwnNames

_ACCENTED = "àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ"
_PLAIN = "aaaaaaceeeeiiiinoooooouuuuyy"


class SortName(models.Func):
    """What a list sorts by: the name in one locale, else the SKU, without regard to case and common accents.

    An index per content locale has the same expression (``catalog.stores.locale_indexes``)."""

    function = "translate"
    output_field = models.TextField()
    is_never_null = True

    @classmethod
    def of(cls, locale: str) -> "SortName":
        own = Coalesce(own_text(locale), Cast("sku", models.TextField()), output_field=models.TextField())
        return cls(Lower(own), Value(_ACCENTED), Value(_PLAIN))


class CatalogueNames(OwnNames):
    """For models with a ``sku`` and a localized ``name``."""

    key_path = "sku"

    def with_sort_name(self, locale: str = "") -> Self:
        """Adds ``sort_name``, the name by which a user with this content locale sorts."""
        return self.annotate(sort_name=SortName.of(preferred_locales(locale)[0]))
