"""Facts of categories that rooms above may follow (``backoffice.reactions``): each with the ids of the categories."""

MOVED = "categories.moved"
"""Other ancestors: the moved categories and all below them."""

ACTIVE = "categories.active"
"""Switched on or off."""

NAMED = "categories.named"
"""Another name in some locale."""

STORES = "categories.stores"
"""Another set of stores."""
