"""Attribute keys, their declarations and predefined values (spec: attributes 2)."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import functions
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.fields import LocalizedField
from backoffice.records import RIGHTS, Record
from backoffice.texts import SearchField
from backoffice.transfer.staging.copying import literal
from catalog.stores.glossary import GlossaryNames, shown_name

GLOSSARY_PREFIX = "product.attribute."
SCREEN_KEY = r"^[a-z\-0-9_:]+$"
"""What a key typed on the screen may hold; files bring others (attributes 3.2, 6.3)."""


class AttributeKeyQuerySet(models.QuerySet["AttributeKey"]):
    def undeclared(self) -> "AttributeKeyQuerySet":
        """Keys without a declaration: they came by file only (2.6)."""
        return self.filter(attribute__isnull=True)

    def super_among(self, keys: Iterable[str]) -> set[str]:
        """Those of some thousand keys that tell variants apart."""
        rows = self.filter(is_super=True).extra(where=["key = ANY(%s::text[])"], params=[literal(keys)])
        return set(rows.values_list("key", flat=True))


class AttributeKey(Record):
    """The name by which products hold a fact. A super key tells the variants of a product apart."""

    key = models.CharField(_("key"), max_length=255)
    is_super = models.BooleanField(_("super attribute"), default=False)
    search = SearchField(sources=("key",))

    objects = AttributeKeyQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        verbose_name = _("attribute key")
        verbose_name_plural = _("attribute keys")
        ordering = ("key",)
        indexes = [
            models.Index(fields=["key"], condition=models.Q(is_super=True), name="attributes_key_super"),
        ]
        constraints = [
            UniqueRule(
                fields=["key"],
                name="attributes_key_unique",
                column="key",
                code="taken",
                message=_("This key exists already."),
            ),
            CheckRule(
                condition=~models.Q(key=""),
                name="attributes_key_given",
                column="key",
                code="required",
                message=_("Type a key."),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class PredefinedValue(NamedTuple):
    """A value as people and files state it; ``translations`` is ``{locale: text}`` without empty texts."""

    value: str
    translations: dict[str, str]


class AttributeQuerySet(GlossaryNames, models.QuerySet["Attribute"]):
    key_path = "key__key"
    glossary_prefix = GLOSSARY_PREFIX

    def with_value_count(self) -> "AttributeQuerySet":
        """Adds ``value_count``, for the rows shown only."""
        counted = (
            AttributeValue.objects.filter(attribute=models.OuterRef("pk"))
            .order_by()
            .values("attribute")
            .annotate(number=models.Count("pk"))
            .values("number")
        )
        return self.annotate(value_count=functions.Coalesce(models.Subquery(counted), 0))


class Attribute(Record):
    """The declaration of a key: how it is typed, where a shop shows it, which values it offers."""

    class InputType(models.TextChoices):
        TEXT = "text", _("Text")
        TEXTAREA = "textarea", _("Long text")
        NUMBER = "number", _("Number")
        FLOAT = "float", _("Decimal number")
        DATE = "date", _("Date")
        TIME = "time", _("Time")
        DATETIME = "datetime", _("Date and time")
        SELECT = "select", _("Choice")
        MULTISELECT = "multiselect", _("Several choices")

    class Place(models.TextChoices):
        """Where a shop shows the attribute (5.7)."""

        PDP = "PDP", _("Product page")
        PLP = "PLP", _("Product list")
        CART = "Cart", _("Cart")

    key = models.OneToOneField(AttributeKey, models.PROTECT, related_name="attribute", verbose_name=_("key"))
    input_type = models.CharField(_("type"), max_length=16, choices=InputType.choices)
    allow_input = models.BooleanField(_("allow other values"), default=False)
    is_multiple = models.BooleanField(_("multiple"), null=True, blank=True, editable=False)
    visibility = ArrayField(
        models.CharField(max_length=4), default=list, blank=True, verbose_name=_("display at")
    )
    name = LocalizedField(_("name"))
    search = SearchField(sources=("key", "name", "input_type"))

    objects = AttributeQuerySet.as_manager()

    class Meta:
        default_permissions = (*RIGHTS, "translate")
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["input_type", "id"], name="attributes_attribute_type"),
            models.Index(fields=["updated_at", "id"], name="attributes_attribute_changed"),
        ]
        constraints = [
            CheckRule(
                condition=models.Q(
                    input_type__in=[
                        "text",
                        "textarea",
                        "number",
                        "float",
                        "date",
                        "time",
                        "datetime",
                        "select",
                        "multiselect",
                    ]
                ),
                name="attributes_attribute_type_known",
                column="input_type",
                code="bad_choice",
                message=_("Choose one of the nine types."),
            ),
            CheckRule(
                condition=models.Q(visibility__contained_by=["PDP", "PLP", "Cart"]),
                name="attributes_attribute_places_known",
                column="visibility",
                code="bad_choice",
                message=_("Display at knows PDP, PLP and Cart."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    def name_in(self, locale: str = "") -> str:
        """The name that a user with this content locale reads."""
        return shown_name(self.key.key, self.name, locale, prefix=GLOSSARY_PREFIX)

    def predefined(self) -> list[PredefinedValue]:
        """The predefined values in order."""
        return [PredefinedValue(v.value, v.translations) for v in self.values.all()]


class AttributeValue(models.Model):
    """A predefined value. Products keep the text they hold when it goes."""

    attribute = models.ForeignKey(Attribute, models.CASCADE, related_name="values", db_index=False)
    value = models.TextField(_("value"))
    translations = LocalizedField(_("translations"), max_length=None)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        default_permissions = ()
        verbose_name = _("predefined value")
        verbose_name_plural = _("predefined values")
        ordering = ("position", "pk")
        indexes = [
            # The values of one attribute come in their order without being sorted.
            models.Index(fields=["attribute", "position", "id"], name="attributes_value_order"),
        ]
        constraints = [
            models.UniqueConstraint("attribute", functions.MD5("value"), name="attributes_value_once"),
            CheckRule(
                condition=~models.Q(value__regex=r"^\s*$"),
                name="attributes_value_given",
                column="values",
                code="required",
                message=_("A predefined value is not empty."),
            ),
        ]

    def __str__(self) -> str:
        return self.value


def in_order(places: Any) -> list[str]:
    """The places in their fixed order, each once."""
    wanted = set(places or ())
    return [place for place in Attribute.Place.values if place in wanted]
