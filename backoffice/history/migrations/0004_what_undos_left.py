import django.db.models.deletion
from django.db import migrations, models

from backoffice.append_only import append_only, purge_function

PURGE = "history_purge_change_sets"
EXPIRED = "change_set_id IN (SELECT id FROM history_changeset WHERE at < cutoff)"
SETS = (
    "at < cutoff AND NOT EXISTS (SELECT 1 FROM history_changeset later "
    "WHERE later.undoes_id = history_changeset.id AND later.at >= cutoff)"
)

class Migration(migrations.Migration):

    dependencies = [
        ('history', '0003_search_index'),
    ]

    operations = [
        migrations.CreateModel(
            name='Left',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(choices=[('restored', 'restored'), ('left', 'left alone'), ('cannot', 'cannot be restored')], max_length=8)),
                ('object_type', models.CharField(max_length=100)),
                ('object_id', models.BigIntegerField()),
                ('label', models.CharField(max_length=300)),
                ('action', models.CharField(choices=[('add', 'added'), ('change', 'changed'), ('delete', 'deleted')], max_length=8)),
                ('reason', models.TextField(blank=True)),
                ('fields', models.JSONField(default=list)),
                ('parent_type', models.CharField(blank=True, default='', max_length=100)),
                ('parent_id', models.BigIntegerField(blank=True, null=True)),
                ('change_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='left', to='history.changeset')),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(fields=['change_set', 'outcome', 'id'], name='history_left_set')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['restored', 'left', 'cannot'])), name='history_left_outcome_known'), models.CheckConstraint(condition=models.Q(('action__in', ['add', 'change', 'delete'])), name='history_left_action_known')],
            },
        ),
        *append_only("history_left", purge=PURGE),
        migrations.RunSQL(
            purge_function(
                PURGE,
                [("history_left", EXPIRED), ("history_change", EXPIRED), ("history_changeset", SETS)],
                minimum_days=30,
            ).sql,
            purge_function(
                PURGE, [("history_change", EXPIRED), ("history_changeset", SETS)], minimum_days=30
            ).sql,
        ),
    ]
