from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("stores", "0002_countries")]
    operations = [trigram_index("stores", "glossarytext", "search")]
