"""Facts of stores that rooms above may follow (``backoffice.reactions``): each with the ids of the stores."""

LOCALES = "stores.locales"
"""Languages came to the store or went from it."""
