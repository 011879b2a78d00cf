from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("products", "0001_initial")]
    operations = [
        trigram_index("products", "product", "search"),
        trigram_index("products", "variant", "search"),
    ]
