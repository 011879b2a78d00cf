from babel import Locale
from django.db import migrations


def add_countries(apps, schema_editor):
    """All countries of ISO 3166 are built in (import-export 2.18)."""
    country = apps.get_model("stores", "Country")
    names = Locale("en").territories
    codes = [code for code in names if len(code) == 2 and code.isalpha() and code not in NO_COUNTRY]
    country.objects.bulk_create(
        [country(iso2_code=code, name=names[code]) for code in sorted(codes)], ignore_conflicts=True
    )


NO_COUNTRY = {"EU", "EZ", "UN", "ZZ", "QO", "XA", "XB", "AC", "CP", "CQ", "DG", "EA", "IC", "TA", "XK"}


class Migration(migrations.Migration):
    dependencies = [("stores", "0001_initial")]
    operations = [migrations.RunPython(add_countries, migrations.RunPython.noop)]
