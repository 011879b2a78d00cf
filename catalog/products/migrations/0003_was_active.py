from django.db import migrations

KEEP = """
CREATE FUNCTION products_variant_was_active() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    NEW.was_active := NEW.is_active OR (TG_OP = 'UPDATE' AND OLD.was_active) OR NEW.was_active;
    RETURN NEW;
END
$body$;
CREATE TRIGGER products_variant_was_active BEFORE INSERT OR UPDATE OF is_active, was_active ON products_variant
    FOR EACH ROW EXECUTE FUNCTION products_variant_was_active();
"""
DROP = """
DROP TRIGGER products_variant_was_active ON products_variant;
DROP FUNCTION products_variant_was_active();
"""


class Migration(migrations.Migration):
    dependencies = [("products", "0002_search_indexes")]
    operations = [migrations.RunSQL(KEEP, DROP)]
