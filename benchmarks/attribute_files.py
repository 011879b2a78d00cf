"""Declarations of attributes with three translated values each."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAME = "product_management_attribute.csv"
TITLE = "attributes"
TARGETS = {"unchanged": 0.2, "undone": 1}
WRITTEN = {
    "attributes_attribute": "",
    "attributes_attributevalue": "",
    "history_change": "WHERE object_type = 'attributes.attribute' AND action = 'add'",
}
PREPARE = """
INSERT INTO stores_store (created_at, updated_at, version, name, time_zone, search)
VALUES (now(), now(), 1, 'DE', 'UTC', 'de');
INSERT INTO stores_storelocale (created_at, updated_at, version, store_id, locale, is_default)
SELECT now(), now(), 1, id, locale, locale = 'en_US'
FROM stores_store, unnest(ARRAY['en_US', 'de_DE']) AS locale;
INSERT INTO attributes_attributekey (created_at, updated_at, version, key, is_super, search)
SELECT now(), now(), 1, key, false, key
FROM (SELECT 'attribute_' || lpad(n::text, 7, '0') AS key FROM generate_series(1, :rows) AS n) AS made;
"""
HEADER = (
    "key,input_type,allow_input,is_multiple,values,key_translation.en_US,key_translation.de_DE,"
    "value_translations.de_DE\n"
)


def write_file(folder: Path, rows: int, word: str) -> Path:
    """Declarations with three translated values each; ``word`` makes the rows of two files differ."""
    path = folder / NAME
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for n in range(1, rows + 1):
            file.write(
                f'attribute_{n:07},select,{"no" if n % 3 else "yes"},,"small {n},medium,{word} {n}",'
                f'{word} {n},Größe {n},"klein {n},mittel,groß"\n'
            )
    return path


def stock_import(rows: int, word: str) -> Callable[[], Any]:
    """What the default resource of import-export does for the fields alone: no values, no history."""
    import tablib
    from import_export.resources import modelresource_factory

    from catalog.attributes.models import Attribute, AttributeKey

    stock = modelresource_factory(
        Attribute,
        meta_options={
            "fields": ("key", "input_type", "allow_input", "is_multiple", "name"),
            "import_id_fields": ("key",),
        },
    )()
    ids = AttributeKey.objects.order_by("key").values_list("pk", flat=True)[:rows]
    data = tablib.Dataset(headers=["key", "input_type", "allow_input", "is_multiple", "name"])
    for n, pk in enumerate(ids, 1):
        data.append(
            [pk, "select", int(not n % 3), "", json.dumps({"en_US": f"{word} {n}", "de_DE": f"Größe {n}"})]
        )
    return lambda: stock.import_data(data, raise_errors=True, use_transactions=True)
