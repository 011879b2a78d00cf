from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("buyers", "0001_initial")]
    operations = [
        trigram_index("buyers", model, "search")
        for model in ("merchant", "company", "businessunit", "buyerrelation", "customer")
    ]
