from django.db import migrations

from backoffice.append_only import append_only, purge_function

PURGE = "accounts_purge_security_log"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        *append_only("accounts_securityevent", purge=PURGE),
        purge_function(PURGE, [("accounts_securityevent", "at < cutoff")], minimum_days=30),
    ]
