from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("packaging", "0002_item")]
    operations = [trigram_index("packaging", "packagingtype", "search")]
