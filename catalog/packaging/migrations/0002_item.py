from django.db import migrations


def add_item(apps, schema_editor):
    """The type *item* is always present (packaging-and-units 2.1)."""
    key = "packaging_unit_type.item.name"
    apps.get_model("packaging", "PackagingType").objects.get_or_create(key=key, defaults={"search": key})


class Migration(migrations.Migration):
    dependencies = [("packaging", "0001_initial")]
    operations = [migrations.RunPython(add_item, migrations.RunPython.noop)]
