"""The files of packaging types (spec: import-export 4.7.4)."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.resources import FileResource
from backoffice.transfer.declaring.widgets import Code, Text
from backoffice.transfer.planning.batches import Batch
from backoffice.transfer.planning.cleaning import Planned
from backoffice.transfer.problems import INFO
from backoffice.transfer.staging.keys import JOIN
from catalog.packaging.models import PackagingType
from catalog.stores.glossary import glossary_texts


@register
class PackagingTypeFile(FileResource):
    """One row makes or names a packaging type."""

    key = Column(
        "key",
        "name",
        Code(255),
        required=KEY,
        help=_(
            "The key of the type, such as packaging_unit_type.carton.name. A type that is missing is made."
        ),
        samples=tuple(f"packaging_unit_type.{word}.name" for word in ("crate", "drum", "sachet")),
    )
    text = Column(
        "name",
        "name",
        Text(255),
        localized=True,
        extra=True,
        help=_("The shown name. Where it is missing the glossary's text is shown."),
        samples={"en_US": ("Crate", "Drum", "Sachet"), "de_DE": ("Kiste", "Fass", "Beutel")},
    )

    class Meta:
        model = PackagingType
        file = "product_packaging_unit_type"
        similar_keys = True

    def review(self, batch: Batch) -> None:
        """Tell which types have no text in a content locale, neither here nor in the glossary."""
        name = batch.position("name")
        wanted = [
            (row, locale)
            for row in batch.rows
            if row.record and not row.is_bad
            for locale in batch.run.locales
            if not (row.record[name] or {}).get(locale)
        ]
        if not wanted:
            return
        stored = glossary_texts({row.key for row, _locale in wanted})
        missing = [(row, locale) for row, locale in wanted if not stored.get(row.key, {}).get(locale)]
        for row, locales in _grouped(batch, missing):
            row.tell(INFO, "text_missing", "name", locales=", ".join(locales))


def _grouped(batch: Batch, missing: list[tuple[Planned, str]]) -> Iterator[tuple[Planned, list[str]]]:
    """The locales of each row, without those whose text comes with the glossary of the same run."""
    keys = {JOIN.join((row.key, locale)) for row, locale in missing}
    brought = batch.run.keys.find("glossary", keys) if keys else {}
    found: dict[Planned, list[str]] = {}
    for row, locale in missing:
        if JOIN.join((row.key, locale)) not in brought:
            found.setdefault(row, []).append(locale)
    yield from found.items()
