import django.contrib.postgres.indexes
from django.db import migrations

import catalog.products.models.keys

# The cost is what the function takes, in the planner's units: without it whole tables would be read instead of the
# index wherever a limit is asked for.
MAKE = """
CREATE FUNCTION products_held_keys(held jsonb, localized jsonb) RETURNS text[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 5000 AS $body$
    SELECT ARRAY(
        SELECT jsonb_object_keys(held)
        UNION ALL SELECT jsonb_object_keys(each.value) FROM jsonb_each(localized) each
    )
$body$;
"""
DROP = "DROP FUNCTION products_held_keys(jsonb, jsonb)"


class Migration(migrations.Migration):
    dependencies = [("products", "0003_was_active")]
    operations = [
        migrations.RunSQL(MAKE, DROP),
        migrations.AddIndex(
            model_name="product",
            index=django.contrib.postgres.indexes.GinIndex(
                catalog.products.models.keys.HeldKeys("attributes", "attributes_localized"),
                name="products_product_keys",
            ),
        ),
        migrations.AddIndex(
            model_name="variant",
            index=django.contrib.postgres.indexes.GinIndex(
                catalog.products.models.keys.HeldKeys("attributes", "attributes_localized"),
                name="products_variant_keys",
            ),
        ),
    ]
