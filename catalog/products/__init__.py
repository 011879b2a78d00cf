"""Products, variants, bundles. Imports attributes, categories, taxes, buyers, addresses, images and the stores."""
