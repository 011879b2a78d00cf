"""Variants with four attributes each, five to a product."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAME = "product_concrete.csv"
TITLE = "variants"
TARGETS: dict[str, float] = {}
WRITTEN = {
    "products_variant": "",
    "products_readinesscodes": "",
    "history_change": "WHERE object_type = 'products.variant' AND action = 'add'",
}
PREPARE = """
INSERT INTO stores_store (created_at, updated_at, version, name, time_zone, search)
VALUES (now(), now(), 1, 'DE', 'UTC', 'de');
INSERT INTO stores_storelocale (created_at, updated_at, version, store_id, locale, is_default)
SELECT now(), now(), 1, id, locale, locale = 'en_US'
FROM stores_store, unnest(ARRAY['en_US', 'de_DE']) AS locale;
INSERT INTO attributes_attributekey (created_at, updated_at, version, key, is_super, search)
SELECT now(), now(), 1, 'fact_' || n, n <= 2, 'fact_' || n FROM generate_series(1, 4) AS n;
INSERT INTO attributes_attribute (created_at, updated_at, version, key_id, input_type, allow_input, visibility,
    name, search)
SELECT now(), now(), 1, id, 'text', true, '{PDP}', '{}', key FROM attributes_attributekey;
INSERT INTO products_product (created_at, updated_at, version, sku, name, description, meta_title, meta_keywords,
    meta_description, attributes, attributes_localized, approval_status, color_code, search)
SELECT now(), now(), 1, 'P' || lpad(n::text, 7, '0'), '{"en_US": "Product", "de_DE": "Produkt"}', '{}', '{}', '{}',
    '{}', '{}', '{}', '', '', 'p' || lpad(n::text, 7, '0') || ' product produkt'
FROM generate_series(1, :rows / 5 + 1) AS n;
INSERT INTO products_productstore (created_at, updated_at, version, product_id, store_id)
SELECT now(), now(), 1, p.id, s.id FROM products_product p, stores_store s;
INSERT INTO urls_url (created_at, updated_at, version, path, folded, locale, owner_type, owner_id, is_custom, is_first)
SELECT now(), now(), 1, path, path, locale, 'product', id, false, true
FROM products_product, unnest(ARRAY['en_US', 'de_DE']) AS locale,
    LATERAL (SELECT '/' || left(locale, 2) || '/product-' || id AS path) AS made;
"""
HEADER = (
    "abstract_sku,concrete_sku,name.en_US,name.de_DE,is_searchable.en_US,is_searchable.de_DE,"
    "is_quantity_splittable,attribute_key_1,value_1,attribute_key_2,value_2,attribute_key_3,value_3,"
    "attribute_key_1.de_DE,value_1.de_DE\n"
)


def write_file(folder: Path, rows: int, word: str) -> Path:
    """``word`` makes the rows of two files differ."""
    path = folder / NAME
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for n in range(rows):
            file.write(
                f"P{n // 5 + 1:07},P{n // 5 + 1:07}-{n % 5},Variant {n} {word},Variante {n},1,1,1,"
                f"fact_1,Colour {n % 5},fact_2,Size {n % 7},fact_3,{word} {n},fact_4,Farbe {n % 5}\n"
            )
    return path


def stock_import(rows: int, word: str) -> Callable[[], Any]:
    """What the default resource of import-export does for the fields alone: no rules, no history."""
    import tablib
    from import_export.resources import modelresource_factory

    from catalog.products.models import Product, Variant

    fields = ("sku", "product", "name", "attributes", "is_quantity_splittable", "is_active")
    stock = modelresource_factory(Variant, meta_options={"fields": fields, "import_id_fields": ("sku",)})()
    ids = list(Product.objects.order_by("pk").values_list("pk", flat=True)[: rows // 5 + 1])
    data = tablib.Dataset(headers=list(fields))
    for n in range(rows):
        names = json.dumps({"en_US": f"Variant {n} {word}", "de_DE": f"Variante {n}"})
        facts = json.dumps({"fact_1": f"Colour {n % 5}", "fact_2": f"Size {n % 7}", "fact_3": f"{word} {n}"})
        data.append([f"P{n // 5 + 1:07}-{n % 5}", ids[n // 5], names, facts, 1, 1])
    return lambda: stock.import_data(data, raise_errors=True, use_transactions=True)
