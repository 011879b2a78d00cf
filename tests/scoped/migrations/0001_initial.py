import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def grants(name, holder, to):
    return migrations.CreateModel(
        name=name,
        fields=[
            ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
            (
                "permission",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
            ),
            (holder, models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=to)),
            (
                "content_object",
                models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="scoped.hall"),
            ),
        ],
        options={
            "abstract": False,
            "default_permissions": (),
            "unique_together": {(holder, "permission", "content_object")},
        },
    )


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=50)),
            ],
            options={"permissions": (("in_scope", "In scope"),)},
        ),
        migrations.CreateModel(
            name="Shelf",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=50)),
                (
                    "hall",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="shelves", to="scoped.hall"
                    ),
                ),
            ],
            options={
                "permissions": (("edit_stock_shelf", "Edit stock"),),
                "default_permissions": ("view",),
            },
        ),
        grants("HallGroupGrant", "group", "auth.group"),
        grants("HallUserGrant", "user", settings.AUTH_USER_MODEL),
    ]
