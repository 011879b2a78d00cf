"""The attribute keys that a product or a variant holds, as default or in any locale, for an index over them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class HeldKeys(models.Func):
    """``products_held_keys(attributes, attributes_localized)``: a key in several maps stands in it several times."""

    function = "products_held_keys"
    output_field = ArrayField(models.TextField())
    arity = 2


HELD_KEYS = HeldKeys("attributes", "attributes_localized")
