"""The list of products (spec: products 2)."""

from tests import make


def test_builders_make_products_with_variants(db):
    product = make.product("jacket", variants=2, is_active=True)
    kit = make.bundle("kit", components={product.variants.first(): 2})
    assert [v.sku for v in product.variants.all()] == ["jacket-1", "jacket-2"]
    assert kit.product.sku == "kit"
