from django.db import migrations

from backoffice.database import trigram_index


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_security_log_append_only")]
    operations = [trigram_index("accounts", "securityevent", "search")]
