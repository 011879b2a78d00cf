from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("history", "0002_append_only")]
    operations = [trigram_index("history", "changeset", "search")]
