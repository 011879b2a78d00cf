"""Products that are shown together, such as the same one in several colours (spec: products 20)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.constraints import CheckRule, UniqueRule
from backoffice.records import Record
from backoffice.texts import SearchField
from catalog.products.models.products import Product

GROUP_RIGHTS = ("view", "add", "change", "delete", "import", "export")


class ProductGroup(Record):
    """A group of products under one key. A product may be in several."""

    key = models.CharField(_("key"), max_length=32)
    search = SearchField(sources=("key",))

    class Meta:
        default_permissions = GROUP_RIGHTS
        verbose_name = _("product group")
        verbose_name_plural = _("product groups")
        ordering = ("key",)
        constraints = [
            UniqueRule(
                fields=["key"],
                name="products_group_key_unique",
                column="key",
                code="taken",
                message=_("Another group has this key."),
            ),
            CheckRule(
                condition=~Q(key=""),
                name="products_group_key_given",
                column="key",
                code="required",
                message=_("Type a key."),
            ),
        ]

    def __str__(self) -> str:
        return self.key


class GroupMember(Record):
    """A product in a group; lower ``position`` first, ties by id."""

    group = models.ForeignKey(
        ProductGroup, models.CASCADE, related_name="members", verbose_name=_("product group")
    )
    product = models.ForeignKey(
        Product, models.CASCADE, related_name="group_links", verbose_name=_("product")
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    history_parent = "group"

    class Meta:
        default_permissions = ()
        verbose_name = _("product of a group")
        verbose_name_plural = _("places in a group")
        ordering = ("position", "pk")
        constraints = [
            UniqueRule(
                fields=["group", "product"],
                name="products_groupmember_once",
                column="abstract_sku",
                code="taken",
                message=_("The product is in this group already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.group} {self.product}"
