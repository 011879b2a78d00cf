from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("taxes", "0001_initial")]
    operations = [
        trigram_index("taxes", "taxrate", "search"),
        trigram_index("taxes", "taxset", "search"),
    ]
