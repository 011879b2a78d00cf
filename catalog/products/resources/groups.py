"""Which products stand in which group (spec: import-export 4.5.5): a group is made when a row first names it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.transfer.declaring.columns import KEY, Column
from backoffice.transfer.declaring.formats import register
from backoffice.transfer.declaring.numbers import Int
from backoffice.transfer.declaring.references import Ref
from backoffice.transfer.declaring.resources import FileResource
from catalog.products.models import GroupMember, ProductGroup
from catalog.products.resources.references import product_ref


def _made_by_name(key: str) -> dict[str, Any]:
    """Any key is a group: nothing else has to be known of it."""
    return {}


@register
class GroupFile(FileResource):
    group = Column(
        "group",
        "group_key",
        Ref(ProductGroup, "key", built_in=_made_by_name),
        required=KEY,
        help=_("The key of the group, at most 32 signs. A missing group is made."),
        samples=("sample-group", "sample-group", "sample-group"),
    )
    product = Column(
        "product", "abstract_sku", product_ref(), required=KEY, samples=("T1001", "T1002", "T1003")
    )
    position = Column("position", widget=Int(0), default=0, help=_("Lower first."), samples=("0", "1", "2"))

    class Meta:
        model = GroupMember
        content = _("Product groups")
        screen = ProductGroup
        file = "product_group"
