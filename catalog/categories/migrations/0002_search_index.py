from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("categories", "0001_initial")]
    operations = [trigram_index("categories", "category", "search")]
