from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("attributes", "0001_initial")]
    operations = [
        trigram_index("attributes", "attribute", "search"),
        trigram_index("attributes", "attributekey", "search"),
    ]
