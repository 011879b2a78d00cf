"""Packaging types (spec: packaging-and-units 2.1, 2.8)."""

from django.db import models
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.fields import LocalizedField
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField, normalise
from catalog.stores.glossary import GlossaryNames, shown_name

ITEM_KEY = "packaging_unit_type.item.name"


def key_for(name: str) -> str:
    """The key of a type made on the screen: ``"Pack of ten"`` gives ``packaging_unit_type.pack_of_ten.name``."""
    slug = slugify(normalise(name)).replace("-", "_")[:200]
    return f"packaging_unit_type.{slug}.name"


class PackagingTypeQuerySet(GlossaryNames, models.QuerySet["PackagingType"]):
    pass


class PackagingType(Record):
    """A kind of package: item, carton, coil. Its key doubles as the key of its glossary text."""

    key = models.CharField(_("key"), max_length=255)
    name = LocalizedField(_("name"))
    search = SearchField(sources=("key", "name"))

    objects = PackagingTypeQuerySet.as_manager()

    class Meta:
        default_permissions = RIGHTS
        verbose_name = _("packaging type")
        verbose_name_plural = _("packaging types")
        ordering = ("key",)
        indexes = [models.Index(fields=["updated_at", "id"], name="packaging_type_changed")]
        constraints = [
            UniqueRule(
                fields=["key"],
                name="packaging_packagingtype_key_unique",
                column="key",
                code="taken",
                message=_("A packaging type with this key exists. Choose another name."),
            ),
            CheckRule(
                condition=~models.Q(key=""),
                name="packaging_packagingtype_key_given",
                column="key",
                code="required",
                message=_("A packaging type needs a key."),
            ),
        ]

    def __str__(self) -> str:
        return self.key

    def name_in(self, locale: str = "") -> str:
        """The name that a user with this content locale reads (spec 2.8)."""
        return shown_name(self.key, self.name, locale)

    @property
    def is_system(self) -> bool:
        """The type *item* is always present and cannot be deleted."""
        return self.key == ITEM_KEY
