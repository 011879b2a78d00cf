from django.db import migrations

from backoffice.append_only import append_only, purge_function

PURGE = "history_purge_change_sets"


class Migration(migrations.Migration):
    dependencies = [("history", "0001_initial")]

    operations = [
        *append_only("history_changeset", purge=PURGE),
        *append_only("history_change", purge=PURGE),
        purge_function(
            PURGE,
            [
                (
                    "history_change",
                    "change_set_id IN (SELECT id FROM history_changeset WHERE at < cutoff)",
                ),
                (
                    "history_changeset",
                    "at < cutoff AND NOT EXISTS (SELECT 1 FROM history_changeset later "
                    "WHERE later.undoes_id = history_changeset.id AND later.at >= cutoff)",
                ),
            ],
            minimum_days=30,
        ),
    ]
