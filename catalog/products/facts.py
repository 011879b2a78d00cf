"""Facts of products that rooms above may follow (``backoffice.reactions``). A verb reports each once, with the ids
that changed, after it wrote and in the same transaction."""

CREATED = "products.created"
"""Products that were made, with their variants: product ids."""

VARIANTS = "products.variants"
"""Products to which variants came, from which they went: product ids."""

STATUS = "products.status"
"""Variants whose switch, window, discontinue period or components changed, so that they may be live or not
any more: variant ids, bundles that contain them included."""

COMPOSITION = "products.composition"
"""Bundles whose components changed: variant ids."""

STORES = "products.stores"
"""Products that came into a store or went: product ids."""

CATEGORIES = "products.categories"
"""Products that came into a category, went, or changed their order there: product ids."""

TEXTS = "products.texts"
"""Products whose own name or texts, or those of their variants, changed: product ids."""

ATTRIBUTES = "products.attributes"
"""Products whose attributes, or those of their variants, changed: product ids."""

TAX_SET = "products.tax_set"
"""Products with another tax set: product ids."""

APPROVAL = "products.approval"
"""Products in another state of approval: product ids."""

IMAGES = "products.images"
"""Products whose pictures, or those of their variants, changed: product ids."""

URLS = "products.urls"
"""Products whose addresses changed: product ids."""

ALTERNATIVES = "products.alternatives"
"""Variants to which alternatives came, from which they went: variant ids."""

GROUPS = "products.groups"
"""Products that came into a group, went, or changed their place there: product ids."""
