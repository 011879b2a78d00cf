"""A catalogue to measure on: five variants, fifty of a thousand attributes and one or two of four thousand categories
per product, the shape of Akeneo's published "large" catalogue. ``:rows`` is the number of products."""

STORES = """
INSERT INTO stores_store (created_at, updated_at, version, name, time_zone, search)
SELECT now(), now(), 1, name, 'UTC', lower(name) FROM unnest(ARRAY['AT', 'DE', 'US']) AS name;
INSERT INTO stores_storelocale (created_at, updated_at, version, store_id, locale, is_default)
SELECT now(), now(), 1, id, locale, locale = 'en_US'
FROM stores_store, unnest(ARRAY['en_US', 'de_DE']) AS locale;
INSERT INTO taxes_taxset (created_at, updated_at, version, name, search)
SELECT now(), now(), 1, name, lower(name) FROM unnest(ARRAY['Standard rate', 'Reduced rate', 'Exempt']) AS name;
"""

CATEGORIES = """
CREATE TEMP TABLE places AS
SELECT 1 AS id, NULL::bigint AS parent, '0001' AS path, 1 AS depth, 40 AS children, 0 AS place
UNION ALL
SELECT 1 + d, 1, '0001' || lpad(d::text, 4, '0'), 2, 99, d FROM generate_series(1, 40) AS d
UNION ALL
SELECT 41 + (d - 1) * 99 + c, 1 + d, '0001' || lpad(d::text, 4, '0') || lpad(c::text, 4, '0'), 3, 0, c
FROM generate_series(1, 40) AS d, generate_series(1, 99) AS c;
INSERT INTO categories_category (id, created_at, updated_at, version, key, parent_id, name, meta_title,
    meta_description, meta_keywords, is_active, is_in_menu, is_clickable, is_searchable, is_root, is_main,
    node_order, template_name, search, path, depth, numchild)
SELECT id, now(), now(), 1, 'category-' || id, parent,
    jsonb_build_object('en_US', 'Category ' || id, 'de_DE', 'Kategorie ' || id), '{}', '{}', '{}',
    true, true, true, true, parent IS NULL, true, place, '', 'category-' || id, path, depth, children
FROM places ORDER BY id;
SELECT setval(pg_get_serial_sequence('categories_category', 'id'), max(id)) FROM categories_category;
INSERT INTO categories_categorystore (category_id, store_id)
SELECT c.id, s.id FROM categories_category c, stores_store s;
"""

ATTRIBUTES = """
INSERT INTO attributes_attributekey (created_at, updated_at, version, key, is_super, search)
SELECT now(), now(), 1, 'fact_' || n, n <= 2, 'fact_' || n FROM generate_series(1, 1000) AS n ORDER BY n;
INSERT INTO attributes_attribute (created_at, updated_at, version, key_id, input_type, allow_input, visibility,
    name, search)
SELECT now(), now(), 1, id, 'text', true, '{PDP}', jsonb_build_object('en_US', 'Fact ' || id), key || ' text'
FROM attributes_attributekey ORDER BY id;
CREATE TEMP TABLE families AS
SELECT family, jsonb_object_agg('fact_' || (3 + (family * 37 + n * 19) % 998), 'Value ' || (family * n) % 500) AS facts
FROM generate_series(0, 1999) AS family, generate_series(1, 50) AS n GROUP BY family;
"""

PRODUCTS = """
INSERT INTO products_product (created_at, updated_at, version, sku, name, description, meta_title, meta_keywords,
    meta_description, attributes, attributes_localized, tax_set_id, approval_status, color_code, new_from, search)
SELECT now() - n * interval '1 second', now() - n * interval '1 second', 1, 'P' || lpad(n::text, 7, '0'),
    jsonb_build_object('en_US', kind || ' ' || n)
        || CASE WHEN n % 10 = 0 THEN '{}' ELSE jsonb_build_object('de_DE', 'Artikel ' || n) END,
    jsonb_build_object('en_US', '<p>' || repeat(kind || ' for every day. ', 12) || '</p>'), '{}', '{}', '{}',
    facts, jsonb_build_object('de_DE', jsonb_build_object('fact_3', 'Wert ' || n % 100)),
    (SELECT min(id) FROM taxes_taxset) + CASE WHEN n % 20 = 0 THEN 1 WHEN n % 50 = 1 THEN 2 ELSE 0 END,
    CASE n % 25 WHEN 0 THEN 'denied' WHEN 1 THEN 'waiting_for_approval' WHEN 2 THEN '' ELSE 'approved' END,
    '', CASE WHEN n % 100 = 7 THEN now() - interval '3 days' END,
    lower('P' || lpad(n::text, 7, '0') || ' ' || kind || ' ' || n)
        || CASE WHEN n % 10 = 0 THEN '' ELSE ' artikel ' || n END
FROM (
    SELECT n, (ARRAY['Hammer', 'Ladder', 'Lamp', 'Desk', 'Tent', 'Drill', 'Chair'])[1 + n % 7] AS kind
    FROM generate_series(1, :rows) AS n
) AS made JOIN families ON family = n % 2000 ORDER BY n;
INSERT INTO products_productstore (created_at, updated_at, version, product_id, store_id)
SELECT now(), now(), 1, p.id, s.id FROM products_product p JOIN stores_store s
ON s.name = 'DE' OR (s.name = 'AT' AND p.id % 5 < 3) OR (s.name = 'US' AND p.id % 10 < 3) ORDER BY p.id, s.id;
INSERT INTO products_categoryproduct (product_id, category_id, product_order)
SELECT id, 42 + id % 3960, 0 FROM products_product
UNION ALL
SELECT id, 42 + (id * 7 + 1) % 3960, 0 FROM products_product WHERE id % 3 = 0;
"""

VARIANTS = """
INSERT INTO products_variant (created_at, updated_at, version, sku, product_id, is_active, was_active, name,
    description,
    attributes, attributes_localized, is_searchable, is_complete, is_quantity_splittable, gtin, valid_from, valid_to,
    search)
SELECT p.created_at, p.updated_at, 1, p.sku || '-' || v, p.id, p.id % 20 <> 3 AND (p.id % 20 <> 4 OR v > 1), true,
    p.name, '{}', jsonb_build_object('fact_1', 'Colour ' || v, 'fact_2', 'Size ' || v), '{}',
    '{"en_US": true, "de_DE": true}', '{}', true,
    CASE WHEN v = 1 THEN '20' || lpad(p.id::text, 11, '0') END,
    CASE WHEN p.id % 200 = 5 THEN now() + interval '30 days' END,
    CASE WHEN p.id % 200 = 6 THEN now() - interval '1 day' END,
    p.search || '-' || v
FROM products_product p, generate_series(1, 5) AS v ORDER BY p.id, v;
INSERT INTO products_bundleitem (bundle_id, item_id, quantity)
SELECT v.id, i.id, 1 + i.id % 3 FROM products_variant v
JOIN products_variant i ON i.product_id BETWEEN v.product_id + 1 AND v.product_id + 2 AND i.sku LIKE '%-1'
WHERE v.product_id % 100 = 50 AND v.sku LIKE '%-1';
INSERT INTO products_discontinued (created_at, updated_at, version, variant_id, active_until, note)
SELECT now(), now(), 1, id, CURRENT_DATE + CASE WHEN id % 2 = 0 THEN 90 ELSE -1 END, '{}'
FROM products_variant WHERE product_id % 100 = 11 AND sku LIKE '%-2';
INSERT INTO products_readinesscodes (product_id, store_id, codes)
SELECT l.product_id, l.store_id, array_remove(ARRAY[
    CASE WHEN l.product_id % 5 = 0 THEN 'no_image' END,
    CASE WHEN l.product_id % 10 = 0 THEN 'no_name' END,
    CASE WHEN l.product_id % 20 = 3 THEN 'not_active' END,
    CASE WHEN l.product_id % 1000 = 9 THEN 'no_tax_set' END], NULL)
FROM products_productstore l;
"""

ADDRESSES = """
INSERT INTO urls_url (created_at, updated_at, version, path, folded, locale, owner_type, owner_id, is_custom, is_first)
SELECT now(), now(), 1, path, path, locale, 'product', id, false, true
FROM products_product, unnest(ARRAY['en_US', 'de_DE']) AS locale,
    LATERAL (SELECT '/' || left(locale, 2) || '/product-' || id AS path) AS made ORDER BY id;
"""

LARGE_FAMILY = """
INSERT INTO products_variant (created_at, updated_at, version, sku, product_id, is_active, was_active, name,
    description,
    attributes, attributes_localized, is_searchable, is_complete, is_quantity_splittable, search)
SELECT p.created_at, p.updated_at, 1, p.sku || '-L' || v, p.id, true, true, p.name, '{}',
    jsonb_build_object('fact_1', 'Colour L' || v), '{}', '{}', '{}', true, lower(p.sku) || '-l' || v
FROM products_product p, generate_series(1, 995) AS v WHERE p.sku = 'P0000077';
"""

FILL = STORES + CATEGORIES + ATTRIBUTES + PRODUCTS + VARIANTS + ADDRESSES + LARGE_FAMILY
