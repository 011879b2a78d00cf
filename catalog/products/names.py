"""Names of products and variants where a translation may be missing: no row disappears for it (products 0.2)."""

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from backoffice.texts import preferred_locales
from catalog.stores.glossary import own_text


class CatalogueNames(models.QuerySet):
    """For models with a ``sku`` and a localized ``name``."""

    def with_name(self, locale: str = "") -> Self:
        """Adds ``shown_name``: the name in ``locale``, else in another content locale, else the SKU."""
        texts = [own_text(code) for code in preferred_locales(locale)]
        return self.annotate(shown_name=Coalesce(*texts, F("sku"), output_field=models.TextField()))

    def without_name_in(self, locales: Iterable[str]) -> Self:
        """Rows that have no name in at least one of ``locales``."""
        missing = Q()
        for code in locales:
            missing |= ~Q(name__has_key=code)
        return self.filter(missing)
