"""Products, variants, bundles."""
